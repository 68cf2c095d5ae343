//! What the source is asked about a table before it is copied.
//!
//! In: a table of the plan, and what both databases have. Out: [`Question`]s, each a condition on rows, and statements of
//! their own for what needs more than one row: keys that are there twice, and keys that refer to nothing. What the source
//! guarantees by a constraint of its own is not asked. Refuses nothing.

use super::{
    catalog::{ForeignKey, Relation, TableName, Unique, identifier},
    plan::{Column, Plan, Table},
};

/// Which rows a condition is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    /// Those of the source, as `s`.
    Source,
    /// Those that the target gets, by bare names.
    Target,
}

/// What follows where rows fulfil a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// They can't be copied, or not without a loss.
    Fault,
    /// Worth knowing.
    Note,
    /// Nothing: it is asked to see whether all values can be cast.
    None,
}

/// A condition on rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) rows: Rows,
    pub(super) condition: String,
    pub(super) verdict: Verdict,
    /// What the number of rows is followed by.
    pub(super) text: String,
}

/// A statement that gives a number and an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) sql: String,
    pub(super) text: String,
}

/// What is asked of each row.
pub(super) fn of_rows(table: &Table, to: &Relation) -> Vec<Question> {
    let mut questions = Vec::new();
    let mut ask = |rows, condition, verdict, text| questions.push(Question { rows, condition, verdict, text });
    for column in &table.columns {
        of_column(column, &mut ask);
    }
    for name in &table.left {
        let text = format!("have a {name} that goes nowhere: map it, or list it under \"ignore\"");
        ask(Rows::Source, format!("s.{} IS NOT NULL", identifier(name)), Verdict::Fault, text);
    }
    for check in &to.checks {
        let text = format!("break the rule {}: {}", check.name, check.expression);
        ask(Rows::Target, format!("({}) IS FALSE", check.expression), Verdict::Fault, text);
    }
    questions
}

fn of_column(column: &Column, ask: &mut impl FnMut(Rows, String, Verdict, String)) {
    let name = &column.name;
    if column.may_lack {
        let (verdict, text) = match &column.instead {
            None => (Verdict::Fault, format!("have no {name}, which must not be null")),
            Some(default) => (Verdict::Note, format!("have no {name} and get {default}")),
        };
        ask(Rows::Source, format!("({}) IS NULL", column.bare), verdict, text);
    } else if column.plain.is_none() {
        ask(Rows::Source, format!("({}) IS NOT NULL", column.sql), Verdict::None, format!("have a {name}"));
    }
    if let Some(change) = &column.change {
        let (verdict, text) = match change.is_loss {
            true => (Verdict::Fault, format!("have a {name} that does not fit, and would be cut")),
            false => (Verdict::Note, format!("have a {name} that is rounded")),
        };
        ask(Rows::Source, change.condition.clone(), verdict, text);
    }
}

/// One statement for many questions: the number of rows, and for each question how many fulfil it and one of them.
pub(super) fn statement(table: &Table, to: &Relation, rows: Rows, questions: &[&Question]) -> String {
    let from = match rows {
        Rows::Source => format!("{} AS s", table.from.sql()),
        Rows::Target => format!("({}) AS t", table.rows()),
    };
    let key = example(table, to, rows);
    let asked: Vec<_> = questions
        .iter()
        .map(|question| {
            let condition = &question.condition;
            match question.verdict {
                Verdict::None => format!("count(*) FILTER (WHERE {condition})::text, NULL"),
                _ => format!("count(*) FILTER (WHERE {condition})::text, min({key}) FILTER (WHERE {condition})"),
            }
        })
        .collect();
    let asked: String = asked.iter().map(|asked| format!(", {asked}")).collect();
    format!("SELECT ARRAY[count(*)::text{asked}] FROM {from}")
}

/// The primary key of a row as text.
fn example(table: &Table, to: &Relation, rows: Rows) -> String {
    let parts: Vec<_> = to
        .key
        .iter()
        .filter_map(|name| table.column(name))
        .map(|column| match rows {
            Rows::Source => format!("({})::text", column.bare),
            Rows::Target => format!("{}::text", identifier(&column.name)),
        })
        .collect();
    if parts.is_empty() { "NULL::text".to_owned() } else { format!("concat_ws(' ', {})", parts.join(", ")) }
}

/// Keys of the target that several rows of the source would have.
pub(super) fn duplicates(table: &Table, to: &Relation, from: &Relation) -> Vec<Query> {
    to.uniques.iter().filter_map(|unique| duplicate(table, unique, from)).collect()
}

fn duplicate(table: &Table, unique: &Unique, from: &Relation) -> Option<Query> {
    // A column that takes its default is made anew for each row, and then keeps rows apart, or is the same in all, as a tenant is.
    let is_default = |key: &String| table.defaults.iter().any(|default| is_column(key, &default.name));
    let keys: Vec<_> = unique.keys.iter().filter(|key| !is_default(key)).cloned().collect();
    if keys.is_empty() || is_unique_already(table, from, &keys, unique.nulls_are_equal) {
        return None;
    }
    let keys: Vec<_> = keys.iter().map(|key| format!("({key})")).collect();
    let list = keys.join(", ");
    let mut conditions: Vec<_> = unique.predicate.iter().map(|predicate| format!("({predicate})")).collect();
    if !unique.nulls_are_equal {
        conditions.extend(keys.iter().map(|key| format!("{key} IS NOT NULL")));
    }
    let conditions = if conditions.is_empty() { "true".to_owned() } else { conditions.join(" AND ") };
    let sql = format!(
        "SELECT ARRAY[count(*)::text, min(example)] FROM (SELECT concat_ws(' ', {list}) AS example FROM ({}) AS t \
         WHERE {conditions} GROUP BY {list} HAVING count(*) > 1) AS twice",
        table.rows()
    );
    Some(Query { sql, text: format!("keys are there more than once, and {} wants them once", unique.name) })
}

/// Whether a key of an index is the column of that name.
fn is_column(key: &str, name: &str) -> bool {
    key == name || key == identifier(name)
}

/// Whether the source has a unique index on the very columns, which are copied as they are.
fn is_unique_already(table: &Table, from: &Relation, keys: &[String], nulls_are_equal: bool) -> bool {
    let origin = |key: &String| {
        let column = table.columns.iter().find(|column| is_column(key, &column.name))?;
        column.plain.clone()
    };
    let Some(mut origins) = keys.iter().map(origin).collect::<Option<Vec<_>>>() else { return false };
    origins.sort();
    from.uniques.iter().any(|unique| {
        let mut plain: Vec<_> = unique.keys.iter().map(|key| key.trim_matches('"').replace("\"\"", "\"")).collect();
        plain.sort();
        unique.predicate.is_none() && plain == origins && (unique.nulls_are_equal || !nulls_are_equal)
    })
}

/// Keys of the source's rows that refer to no row of the source, of a table that is copied too.
pub(super) fn orphans(table: &Table, to: &Relation, from: &Relation, plan: &Plan) -> Vec<Query> {
    let query = |key: &ForeignKey| {
        let parent = plan.tables.iter().find(|table| table.name == key.parent())?;
        let are_copied = key.columns.iter().all(|name| table.column(name).is_some())
            && key.referenced.iter().all(|name| parent.column(name).is_some());
        if !are_copied || is_kept_already(table, parent, key, from) {
            return None;
        }
        let pairs = key.columns.iter().zip(&key.referenced);
        let is_same: Vec<_> =
            pairs.map(|(child, parent)| format!("p.{} = c.{}", identifier(parent), identifier(child))).collect();
        let is_there: Vec<_> = key.columns.iter().map(|name| format!("c.{} IS NOT NULL", identifier(name))).collect();
        let example: Vec<_> = key.columns.iter().map(|name| format!("c.{}::text", identifier(name))).collect();
        let sql = format!(
            "SELECT ARRAY[count(*)::text, min(concat_ws(' ', {}))] FROM ({}) AS c WHERE {} AND NOT EXISTS (SELECT FROM ({}) AS p WHERE {})",
            example.join(", "),
            table.select(),
            is_there.join(" AND "),
            parent.select(),
            is_same.join(" AND ")
        );
        let text = format!("rows have a {} that is in no row of {}", key.columns.join(", "), parent.from);
        Some(Query { sql, text })
    };
    to.foreign_keys.iter().filter_map(query).collect()
}

/// Whether the source has a foreign key of its own on the very columns.
fn is_kept_already(table: &Table, parent: &Table, key: &ForeignKey, from: &Relation) -> bool {
    let origin = |table: &Table, name: &String| table.column(name).and_then(|column| column.plain.clone());
    let origins =
        |table: &Table, names: &[String]| names.iter().map(|name| origin(table, name)).collect::<Option<Vec<_>>>();
    let (Some(columns), Some(referenced)) = (origins(table, &key.columns), origins(parent, &key.referenced)) else {
        return false;
    };
    let is_same = |own: &ForeignKey| {
        own.is_valid && own.parent() == parent.from && own.columns == columns && own.referenced == referenced
    };
    from.foreign_keys.iter().any(is_same)
}

/// A foreign key to a table that is not copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OuterKey {
    /// Asks the source for all keys, as texts.
    pub(super) keys: String,
    /// Asks the target how many of the keys `$1` it lacks, and for one of them.
    pub(super) missing: String,
    /// What the number is followed by.
    pub(super) text: String,
}

/// Foreign keys to tables that are not copied, but for those of defaults.
pub(super) fn outer_keys(table: &Table, to: &Relation, plan: &Plan) -> Vec<OuterKey> {
    let of = |key: &ForeignKey| {
        let parent = key.parent();
        let is_copied =
            |name: &String| table.column(name).is_some() && table.defaults.iter().all(|default| default.name != *name);
        if plan.tables.iter().any(|table| table.name == parent) || !key.columns.iter().all(is_copied) {
            return None;
        }
        let is_there: Vec<_> = key.columns.iter().map(|name| format!("c.{} IS NOT NULL", identifier(name))).collect();
        let row = |of: &str, names: &[String]| {
            let columns: Vec<_> = names.iter().map(|name| format!("{of}.{}", identifier(name))).collect();
            format!("ROW({})::text", columns.join(", "))
        };
        let keys = format!(
            "SELECT coalesce(array_agg(DISTINCT {}), '{{}}') FROM ({}) AS c WHERE {}",
            row("c", &key.columns),
            table.select(),
            is_there.join(" AND ")
        );
        let missing = format!(
            "SELECT ARRAY[count(*)::text, min(key)] FROM (SELECT unnest($1::text[]) EXCEPT SELECT {} FROM {} AS p) AS missing (key)",
            row("p", &key.referenced),
            parent.sql()
        );
        let columns = key.columns.join(", ");
        let text =
            format!("values of {columns} are in no row of {parent}, which is not copied: copy or add those rows first");
        Some(OuterKey { keys, missing, text })
    };
    to.foreign_keys.iter().filter_map(of).collect()
}

/// A column of a foreign key that takes its default, and refers to a table that is not copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DefaultKey<'t> {
    pub(super) column: &'t str,
    /// As SQL of the target.
    pub(super) default: &'t str,
    pub(super) parent: TableName,
    /// Asks for the default's value, and how many rows it refers to.
    pub(super) sql: String,
}

/// Columns of foreign keys that take their default.
pub(super) fn default_keys<'t>(table: &'t Table, to: &'t Relation, plan: &Plan) -> Vec<DefaultKey<'t>> {
    let of = |key: &'t ForeignKey| {
        let ([column], [referenced]) = (key.columns.as_slice(), key.referenced.as_slice()) else { return None };
        let default = table.defaults.iter().find(|default| default.name == *column)?.sql.as_deref()?;
        if plan.tables.iter().any(|table| table.name == key.parent()) {
            return None;
        }
        let (parent, referenced) = (key.parent(), identifier(referenced));
        let sql = format!(
            "SELECT ARRAY[({default})::text, (SELECT count(*) FROM {} WHERE {referenced} = ({default}))::text]",
            parent.sql()
        );
        Some(DefaultKey { column, default, parent, sql })
    };
    to.foreign_keys.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::copy::{catalog, map::Map, plan};

    fn relation(schema: &str, columns: &[&str], uniques: Vec<Unique>) -> Relation {
        let column = |name: &&str| catalog::Column {
            name: (*name).to_owned(),
            type_name: "text".to_owned(),
            type_text: "text".to_owned(),
            is_builtin: true,
            ..Default::default()
        };
        let columns = columns.iter().map(column).collect();
        Relation { schema: schema.to_owned(), name: "t".to_owned(), columns, uniques, ..Default::default() }
    }

    fn unique(name: &str, keys: &[&str]) -> Unique {
        Unique { name: name.to_owned(), keys: keys.iter().map(|key| (*key).to_owned()).collect(), ..Unique::default() }
    }

    fn asked(from: &Relation, to: &Relation) -> (Table, Vec<Query>) {
        let name = |relation: &Relation| TableName::new(&relation.schema, &relation.name);
        let relations = |relation: &Relation| catalog::Relations::from([(name(relation), relation.clone())]);
        let map = Map::default().overridden(r#"{"new.t": {"from": "old.t", "columns": {"key": "theKey"}}}"#).unwrap();
        let (plan, _) = plan::plan(&map, &relations(from), &relations(to), &Default::default());
        let table = plan.tables[0].clone();
        let queries = duplicates(&table, to, from);
        (table, queries)
    }

    #[test]
    fn what_the_source_guarantees_is_not_asked() {
        let to = relation(
            "new",
            &["key", "tenant"],
            vec![unique("of_key", &["key"]), unique("of_both", &["tenant", "key"])],
        );
        let kept = relation("old", &["theKey"], vec![unique("own", &["\"theKey\""])]);
        assert_eq!(asked(&kept, &to).1, []);
        let (_, queries) = asked(&relation("old", &["theKey"], vec![]), &to);
        assert_eq!(queries.len(), 2);
        assert!(queries[1].sql.contains("GROUP BY (key) HAVING"), "{}", queries[1].sql);
    }

    #[test]
    fn questions_of_one_kind_are_one_statement() {
        let to = Relation {
            key: vec!["key".to_owned()],
            checks: vec![catalog::Check { name: "short".to_owned(), expression: "(length(key) < 3)".to_owned() }],
            ..relation("new", &["key"], vec![])
        };
        let from = relation("old", &["theKey", "fax"], vec![]);
        let (table, _) = asked(&from, &to);
        let questions = of_rows(&table, &to);
        let of = |rows| {
            let questions: Vec<_> = questions.iter().filter(|question| question.rows == rows).collect();
            statement(&table, &to, rows, &questions)
        };
        assert_eq!(
            of(Rows::Source),
            r#"SELECT ARRAY[count(*)::text, count(*) FILTER (WHERE s."fax" IS NOT NULL)::text, min(concat_ws(' ', (s."theKey")::text)) FILTER (WHERE s."fax" IS NOT NULL)] FROM "old"."t" AS s"#
        );
        assert!(of(Rows::Target).contains("WHERE ((length(key) < 3)) IS FALSE"), "{}", of(Rows::Target));
    }
}
