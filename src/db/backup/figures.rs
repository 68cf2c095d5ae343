//! How many rows tables have, and a checksum of them.
//!
//! In: a connection in a transaction that has the settings of [`super::contents`]. Out: a [`Table`] each. The checksum is the sum
//! of a hash of each row as text: it takes one scan and no order. Columns that the database computes are left out.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, PgConnection};

use super::{Step, manifest::Table};

/// A table, and how its rows are read.
#[derive(Clone, Debug)]
struct Relation {
    schema: String,
    name: String,
    /// Quoted.
    relation: String,
    /// Quoted, of `t`.
    columns: String,
    access: String,
    owner: String,
    grants: BTreeMap<String, Vec<String>>,
}

/// A row of `tables.sql`.
type Row = (String, String, String, String, String, String, Vec<String>, Vec<String>);

impl From<Row> for Relation {
    fn from((schema, name, relation, columns, access, owner, roles, privileges): Row) -> Self {
        let mut grants: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (role, privilege) in roles.into_iter().zip(privileges) {
            grants.entry(role).or_default().push(privilege);
        }
        Self { schema, name, relation, columns, access, owner, grants }
    }
}

impl Relation {
    async fn figures(self, connection: &mut PgConnection) -> sqlx::Result<Table> {
        let Self { schema, name, relation, columns, access, owner, grants } = self;
        let select = format!(
            "SELECT count(*), coalesce(sum(hashtextextended(ROW({columns})::text COLLATE \"C\", 0)::numeric), 0)::text \
             FROM ONLY {relation} t"
        );
        let (rows, checksum) = sqlx::query_as(AssertSqlSafe(select)).persistent(false).fetch_one(connection).await?;
        Ok(Table { schema, name, rows, checksum, access, owner, grants })
    }
}

/// The figures of all tables in these schemas. `progress` is called before each.
pub(super) async fn tables(
    connection: &mut PgConnection,
    schemas: &[String],
    mut progress: impl FnMut(Step<'_>),
) -> sqlx::Result<Vec<Table>> {
    let rows: Vec<Row> =
        sqlx::query_as(include_str!("sql/tables.sql")).bind(schemas).fetch_all(&mut *connection).await?;
    let total = rows.len() as u64;
    let mut tables = Vec::with_capacity(rows.len());
    for (done, row) in rows.into_iter().enumerate() {
        let relation = Relation::from(row);
        progress(Step { what: &relation.relation, done: done as u64, total });
        tables.push(relation.figures(&mut *connection).await?);
    }
    Ok(tables)
}
