//! How many rows tables have, and a checksum of them.
//!
//! In: a connection in a transaction that has the settings of [`super::contents`]. Out: a [`Table`] each. The checksum is the sum
//! of a hash of each row as text: it takes one scan and no order. Columns that the database computes are left out.

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
}

impl Relation {
    async fn figures(self, connection: &mut PgConnection) -> sqlx::Result<Table> {
        let Self { schema, name, relation, columns, access } = self;
        let select = format!(
            "SELECT count(*), coalesce(sum(hashtextextended(ROW({columns})::text COLLATE \"C\", 0)::numeric), 0)::text \
             FROM ONLY {relation} t"
        );
        let (rows, checksum) = sqlx::query_as(AssertSqlSafe(select)).persistent(false).fetch_one(connection).await?;
        Ok(Table { schema, name, rows, checksum, access })
    }
}

/// The figures of all tables in these schemas. `progress` is called before each.
pub(super) async fn tables(
    connection: &mut PgConnection,
    schemas: &[String],
    mut progress: impl FnMut(Step<'_>),
) -> sqlx::Result<Vec<Table>> {
    let rows: Vec<(String, String, String, String, String)> =
        sqlx::query_as(include_str!("sql/tables.sql")).bind(schemas).fetch_all(&mut *connection).await?;
    let total = rows.len() as u64;
    let mut tables = Vec::with_capacity(rows.len());
    for (done, (schema, name, relation, columns, access)) in rows.into_iter().enumerate() {
        progress(Step { what: &relation, done: done as u64, total });
        let relation = Relation { schema, name, relation, columns, access };
        tables.push(relation.figures(&mut *connection).await?);
    }
    Ok(tables)
}
