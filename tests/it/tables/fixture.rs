//! `tests/fixtures/tables.json`, written as SQL. Postgres then says of it what it says of the migrated database, so that
//! defaults, checks and predicates are compared in one spelling.

use std::fmt::Write as _;

use serde::Deserialize;

/// The file.
pub const TEXT: &str = include_str!("../../fixtures/tables.json");

/// Functions that the fixture's defaults and triggers name; what they do is not compared.
const FUNCTIONS: &str = "
    create function shared.new_id() returns text language sql return '';
    create function shared.set_updated_at() returns trigger language plpgsql as 'begin end';
    create function shared.set_last_updated() returns trigger language plpgsql as 'begin end';
";

#[derive(Deserialize)]
pub struct Fixture {
    pub tables: Vec<Table>,
}

#[derive(Deserialize)]
pub struct Table {
    pub schema: String,
    #[serde(rename = "table")]
    pub name: String,
    pub comment: String,
    pub columns: Vec<Column>,
    primary_key: Vec<String>,
    uniques: Vec<Unique>,
    indexes: Vec<Index>,
    foreign_keys: Vec<ForeignKey>,
    checks: Vec<Check>,
    trigger_columns: Vec<String>,
}

#[derive(Deserialize)]
pub struct Column {
    pub name: String,
    pub comment: String,
    pg_type: String,
    nullable: bool,
    default: Option<String>,
    generated: Option<String>,
}

#[derive(Deserialize)]
struct Unique {
    columns: Vec<String>,
    nulls_not_distinct: bool,
}

#[derive(Deserialize)]
struct Index {
    name: String,
    columns: Vec<String>,
    unique: bool,
    method: String,
    #[serde(rename = "where")]
    predicate: Option<String>,
    redundant_prefix_of: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct ForeignKey {
    columns: Vec<String>,
    ref_schema: String,
    ref_table: String,
    ref_columns: Vec<String>,
    on_delete: String,
}

#[derive(Deserialize)]
struct Check {
    column: String,
    enforce: String,
    allowed: Option<Vec<serde_json::Value>>,
    expression: Option<String>,
}

impl Fixture {
    pub fn read() -> Self {
        serde_json::from_str(TEXT).unwrap()
    }

    /// Statements that make the six schemas as the fixture has them. An index that another serves too is optional.
    pub fn sql(&self) -> String {
        let mut sql = String::new();
        for schema in ["vault", "billy", "renos", "crm", "flow", "shared"] {
            writeln!(sql, "create schema {schema};").unwrap();
        }
        sql.push_str(FUNCTIONS);
        self.tables.iter().for_each(|table| table.write(&mut sql));
        self.tables.iter().for_each(|table| table.write_foreign_keys(&mut sql));
        sql
    }
}

impl Table {
    /// Schema and name.
    fn quoted(&self) -> String {
        format!("{}.{}", quote(&self.schema), quote(&self.name))
    }

    /// Values of a column that are no constraint, for which its comment is the place.
    pub fn known_values<'t>(&'t self, column: &'t str) -> impl Iterator<Item = &'t str> {
        let of_column = move |check: &&Check| check.column == column && check.enforce == "documented";
        let allowed = self.checks.iter().filter(of_column).filter_map(|check| check.allowed.as_ref());
        allowed.flatten().filter_map(serde_json::Value::as_str)
    }

    fn write(&self, sql: &mut String) {
        let name = self.quoted();
        let mut parts: Vec<_> = self.columns.iter().map(Column::sql).collect();
        parts.push(format!("primary key ({})", quote_all(&self.primary_key)));
        parts.extend(self.uniques.iter().map(|unique| {
            let nulls = if unique.nulls_not_distinct { " nulls not distinct" } else { "" };
            format!("unique{nulls} ({})", quote_all(&unique.columns))
        }));
        let enforced = self.checks.iter().filter(|check| check.enforce == "database");
        parts.extend(
            enforced.map(|check| format!("constraint {}_{}_check check ({})", self.name, check.column, check.sql())),
        );
        writeln!(sql, "create table {name} (\n{}\n);", parts.join(",\n")).unwrap();
        for index in self.indexes.iter().filter(|index| index.redundant_prefix_of.is_none()) {
            let unique = if index.unique { "unique " } else { "" };
            let predicate = index.predicate.as_ref().map(|predicate| format!(" where {predicate}")).unwrap_or_default();
            let columns = index.columns.join(", ");
            let Index { name: index, method, .. } = index;
            writeln!(sql, "create {unique}index {index} on {name} using {method} ({columns}){predicate};").unwrap();
        }
        for column in &self.trigger_columns {
            let Self { name: table, .. } = self;
            let run = format!("for each row execute function shared.set_{column}()");
            writeln!(sql, "create trigger {table}_set_{column} before update on {name} {run};").unwrap();
        }
    }

    fn write_foreign_keys(&self, sql: &mut String) {
        for ForeignKey { columns, ref_schema, ref_table, ref_columns, on_delete } in &self.foreign_keys {
            let target = format!("{}.{} ({})", quote(ref_schema), quote(ref_table), quote_all(ref_columns));
            let (name, columns) = (self.quoted(), quote_all(columns));
            writeln!(sql, "alter table {name} add foreign key ({columns}) references {target} on delete {on_delete};")
                .unwrap();
        }
    }
}

impl Column {
    fn sql(&self) -> String {
        let null = if self.nullable { "" } else { " not null" };
        let value = match (&self.generated, &self.default) {
            (Some(expression), _) => {
                format!(" generated always as ({}) stored", expression.strip_suffix(" stored").unwrap())
            }
            (None, Some(default)) => format!(" default {default}"),
            (None, None) => String::new(),
        };
        format!("{} {}{null}{value}", quote(&self.name), self.pg_type)
    }
}

impl Check {
    fn sql(&self) -> String {
        let values = |allowed: &Vec<serde_json::Value>| {
            let texts: Vec<_> = allowed.iter().map(|value| format!("'{}'", value.as_str().unwrap())).collect();
            format!("{} in ({})", quote(&self.column), texts.join(", "))
        };
        self.expression.clone().or_else(|| self.allowed.as_ref().map(values)).unwrap()
    }
}

fn quote(name: &str) -> String {
    format!("\"{name}\"")
}

fn quote_all(names: &[String]) -> String {
    names.iter().map(|name| quote(name)).collect::<Vec<_>>().join(", ")
}
