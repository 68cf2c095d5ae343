//! A column of the old database as a value of the new one: as SQL.
//!
//! In: both columns, and the map's rule. Out: an expression over the source's row `s` whose value has the type of the target,
//! so that what comes over the wire is what the target takes. Refuses nothing: what Postgres can't cast, the check finds.

use std::collections::BTreeMap;

use super::{
    catalog::{Column, identifier, literal},
    map::{Convert, Rule},
};

/// A value as SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) sql: String,
    /// The source's value as it is.
    pub(super) is_plain: bool,
    /// Whether the value is changed by its new type.
    pub(super) change: Option<Change>,
}

/// A condition that tells the rows whose value its new type changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) condition: String,
    /// Something is cut off that was meant; otherwise a number is rounded.
    pub(super) is_loss: bool,
}

/// Types of text.
const TEXTS: [&str; 3] = ["text", "varchar", "bpchar"];

/// Schemas of types that are not Postgres' own, by name, in the source.
pub(super) type Types = BTreeMap<String, String>;

/// A column of the source, rewritten as the rule says and cast.
pub(super) fn column(source: &Column, target: &Column, rule: &Rule, types: &Types) -> Written {
    let base = format!("s.{}", identifier(&source.name));
    let rewritten = rewritten(&base, rule);
    if let Some((sql, is_text)) = rewritten {
        let is_there = is_text && target.type_name == "text";
        let sql = if is_there { sql } else { cast(&sql, target, types) };
        return Written { sql, is_plain: false, change: None };
    }
    if target.takes(source) {
        return Written { sql: base, is_plain: true, change: None };
    }
    let names = (source.type_name.as_str(), target.type_name.as_str());
    let sql = match names {
        // What has no zone was written in UTC.
        ("timestamp", "timestamptz") | ("timestamptz", "timestamp") => format!("({base} AT TIME ZONE 'UTC')"),
        ("timestamp", "date" | "time") => cast(&base, target, types),
        _ if source.is_enum => {
            let (text, name) = if source.type_name.starts_with('_') { ("text[]", "_text") } else { ("text", "text") };
            let label = format!("{base}::{text}");
            if target.type_name == name { label } else { cast(&label, target, types) }
        }
        _ => cast(&base, target, types),
    };
    let change = change(source, target, &sql, &base);
    Written { sql, is_plain: false, change }
}

/// The same value in every row.
pub(super) fn constant(value: &str, target: &Column, types: &Types) -> String {
    cast(&literal(value), target, types)
}

/// What a rule makes of a value, and whether that is text.
fn rewritten(base: &str, rule: &Rule) -> Option<(String, bool)> {
    let converted = rule.convert.map(|convert| match convert {
        Convert::Lower => (format!("lower({base}::text)"), true),
        Convert::Email => (format!("nullif(lower(btrim({base}::text)), '')"), true),
        Convert::NullIfBlank => (format!("CASE WHEN btrim({base}::text) <> '' THEN {base}::text END"), true),
        Convert::Percent => (format!("CASE WHEN {base} <= 1 THEN {base} * 100 ELSE {base} END"), false),
    });
    if rule.values.is_empty() {
        return converted;
    }
    let text = match converted {
        Some((sql, true)) => sql,
        Some((sql, false)) => format!("({sql})::text"),
        None => format!("{base}::text"),
    };
    let cases: String =
        rule.values.iter().map(|(old, new)| format!(" WHEN {} THEN {}", literal(old), literal(new))).collect();
    Some((format!("CASE {text}{cases} ELSE {text} END"), true))
}

fn cast(sql: &str, target: &Column, types: &Types) -> String {
    let bare = || target.type_text.rsplit_once('.').map_or(&*target.type_text, |(_, bare)| bare);
    match types.get(&target.type_name) {
        Some(schema) if !target.is_builtin => format!("({sql})::{}.{}", identifier(schema), bare()),
        _ => format!("({sql})::{}", target.type_text),
    }
}

/// How to see whether a cast changed a value. Of arrays the same holds as of what is in them.
fn change(source: &Column, target: &Column, sql: &str, base: &str) -> Option<Change> {
    let names = (source.type_name.as_str(), target.type_name.as_str());
    let (from, to, array) = match (names.0.strip_prefix('_'), names.1.strip_prefix('_')) {
        (Some(from), Some(to)) => (from, to, "[]"),
        _ => (names.0, names.1, ""),
    };
    let is_text = TEXTS.contains(&from);
    let (kind, is_loss) = match to {
        "varchar" | "bpchar" if source.is_enum => ("text", true),
        "numeric" if is_text && target.type_text.contains('(') => ("numeric", false),
        "date" if is_text => ("timestamp", true),
        _ => {
            let condition = format!("({sql})::{} IS DISTINCT FROM {base}", source.type_text);
            return is_loss(from, to).map(|is_loss| Change { condition, is_loss });
        }
    };
    let condition = format!("({sql})::{kind}{array} IS DISTINCT FROM ({base})::{kind}{array}");
    Some(Change { condition, is_loss })
}

/// Whether a cast may change a value without a word, and then whether what is lost was meant.
fn is_loss(from: &str, to: &str) -> Option<bool> {
    const NUMBERS: [&str; 6] = ["int2", "int4", "int8", "numeric", "float4", "float8"];
    const TIMES: [&str; 3] = ["timestamp", "timestamptz", "date"];
    let are = |kind: &[&str]| kind.contains(&from) && kind.contains(&to);
    match () {
        () if are(&NUMBERS) => Some(false),
        () if are(&TEXTS) && to != "text" => Some(true),
        () if are(&TIMES) && to == "date" => Some(true),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(type_name: &str, type_text: &str) -> Column {
        Column {
            name: "a\"b".to_owned(),
            type_name: type_name.to_owned(),
            type_text: type_text.to_owned(),
            is_builtin: !type_text.contains('.'),
            ..Column::default()
        }
    }

    fn sql(source: &Column, target: &Column, rule: &Rule) -> String {
        column(source, target, rule, &Types::from([("vector".to_owned(), "extensions".to_owned())])).sql
    }

    #[test]
    fn values_get_the_type_of_the_target() {
        let (text, float) = (of("text", "text"), of("float8", "double precision"));
        let none = Rule::default();
        let stamp = of("timestamp", "timestamp(3) without time zone");
        let column = |target: &Column, source: &Column| sql(source, target, &none);
        assert_eq!(column(&text, &text), r#"s."a""b""#);
        assert_eq!(column(&of("timestamptz", "timestamp with time zone"), &stamp), r#"(s."a""b" AT TIME ZONE 'UTC')"#);
        assert_eq!(column(&of("numeric", "numeric(12,2)"), &float), r#"(s."a""b")::numeric(12,2)"#);
        let label = Column { is_enum: true, ..of("Status", "crm.\"Status\"") };
        assert_eq!(column(&text, &label), r#"s."a""b"::text"#);
        let labels = Column { is_enum: true, ..of("_Status", "crm.\"Status\"[]") };
        assert_eq!(column(&of("_text", "text[]"), &labels), r#"s."a""b"::text[]"#);
        assert_eq!(column(&of("vector", "public.vector(3)"), &text), r#"(s."a""b")::"extensions".vector(3)"#);
    }

    #[test]
    fn what_a_type_changes_is_asked() {
        let change = |from: &Column, to: &Column| column(from, to, &Rule::default(), &Types::new()).change;
        let (text, varchar) = (of("text", "text"), of("varchar", "character varying(3)"));
        let cut = change(&text, &varchar).unwrap();
        assert!(cut.is_loss);
        assert_eq!(cut.condition, r#"((s."a""b")::character varying(3))::text IS DISTINCT FROM s."a""b""#);
        assert_eq!(change(&varchar, &text), None);
        let rounded = change(&of("float8", "double precision"), &of("numeric", "numeric(12,2)")).unwrap();
        assert!(!rounded.is_loss);
        assert_eq!(change(&text, &of("uuid", "uuid")), None);
        let label = Column { is_enum: true, ..of("Status", "crm.\"Status\"") };
        let (texts, varchars) = (of("_text", "text[]"), of("_varchar", "character varying(3)[]"));
        assert!(change(&label, &varchar).unwrap().is_loss && change(&texts, &varchars).unwrap().is_loss);
        let day = change(&text, &of("date", "date")).unwrap();
        assert!(day.is_loss);
        assert_eq!(day.condition, r#"((s."a""b")::date)::timestamp IS DISTINCT FROM (s."a""b")::timestamp"#);
        let rounded = change(&text, &of("numeric", "numeric(12,2)")).unwrap();
        assert!(!rounded.is_loss && rounded.condition.ends_with(r#"IS DISTINCT FROM (s."a""b")::numeric"#));
        assert_eq!(change(&text, &of("numeric", "numeric")), None);
    }

    #[test]
    fn rules_rewrite_before_the_cast() {
        let (text, float, numeric) =
            (of("text", "text"), of("float8", "double precision"), of("numeric", "numeric(5,2)"));
        let convert = |convert| Rule { convert: Some(convert), ..Rule::default() };
        assert_eq!(sql(&text, &text, &convert(Convert::Email)), r#"nullif(lower(btrim(s."a""b"::text)), '')"#);
        assert_eq!(
            sql(&float, &numeric, &convert(Convert::Percent)),
            r#"(CASE WHEN s."a""b" <= 1 THEN s."a""b" * 100 ELSE s."a""b" END)::numeric(5,2)"#
        );
        let values = BTreeMap::from([("it's".to_owned(), "new".to_owned())]);
        let rule = Rule { values, convert: Some(Convert::Lower), ..Rule::default() };
        assert_eq!(
            sql(&text, &text, &rule),
            r#"CASE lower(s."a""b"::text) WHEN 'it''s' THEN 'new' ELSE lower(s."a""b"::text) END"#
        );
        assert_eq!(constant("7", &numeric, &Types::new()), "('7')::numeric(5,2)");
    }
}
