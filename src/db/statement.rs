//! Statements on the wire: parameters as text, results in binary.

use std::{error::Error, sync::Arc};

use bytes::{BufMut as _, BytesMut};
use futures_util::TryStreamExt as _;
use tokio_postgres::{
    Client, RowStream, Statement as Prepared,
    types::{Format, FromSql, IsNull, ToSql, Type, to_sql_checked},
};

use super::{Row, cache::Statements};
use crate::{name::RoleName, sql::Statement};

/// A parameter: its text, whatever type Postgres inferred for it. Its `Debug` shows nothing, because tokio-postgres
/// logs parameters.
pub(super) struct Text<'v>(pub(super) Option<&'v [u8]>);

impl std::fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl ToSql for Text<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let Some(text) = self.0 else { return Ok(IsNull::Yes) };
        out.put_slice(text);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

/// A value as it came.
pub(super) struct Raw<'r>(pub(super) &'r [u8]);

impl<'r> FromSql<'r> for Raw<'r> {
    fn from_sql(_: &Type, raw: &'r [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A statement that is ready to be sent.
pub(super) struct Ready<'s> {
    text: &'s str,
    parameters: Vec<Text<'s>>,
    /// `None` is sent as it is, and Postgres infers the types of its parameters all the same.
    prepared: Option<Prepared>,
}

/// Rows of a statement, and the command tag's number.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) rows: Vec<Row>,
    pub(super) affected: u64,
}

impl<'s> Ready<'s> {
    /// A statement of the program's own with these texts.
    pub(super) fn of_texts(
        text: &'s str,
        values: impl IntoIterator<Item = &'s str>,
        prepared: Option<Prepared>,
    ) -> Self {
        let parameters = values.into_iter().map(|value| Text(Some(value.as_bytes()))).collect();
        Self { text, parameters, prepared }
    }

    /// Sends it with the first poll, and gathers its rows.
    pub(super) async fn run(self, client: &Client) -> Result<Answer, tokio_postgres::Error> {
        let mut stream = std::pin::pin!(self.open(client).await?);
        let mut rows = Vec::new();
        while let Some(row) = stream.try_next().await? {
            rows.push(Row::from(row));
        }
        Ok(Answer { rows, affected: stream.rows_affected().unwrap_or(0) })
    }

    /// Sends it with the first poll, and gives its rows as they come.
    pub(super) async fn open(self, client: &Client) -> Result<RowStream, tokio_postgres::Error> {
        match &self.prepared {
            Some(prepared) => client.query_raw(prepared, self.parameters).await,
            None => {
                let parameters = self.parameters.into_iter().map(|parameter| (parameter, Type::UNKNOWN));
                client.query_typed_raw(self.text, parameters).await
            }
        }
    }
}

/// A statement as it will be sent: prepared, if it is.
pub(super) fn ready<'s>(statements: &mut Statements, role: &RoleName, statement: &'s Statement) -> Ready<'s> {
    let parameters = statement.parameters.iter().map(|value| Text(value.as_deref())).collect();
    Ready { text: &statement.text, parameters, prepared: statements.get(role, &statement.text) }
}

/// Prepares what is not prepared yet. Nothing is sent where all is.
pub(super) async fn prepare(
    client: &Client,
    statements: &mut Statements,
    role: &RoleName,
    texts: &[&Arc<str>],
) -> Result<(), tokio_postgres::Error> {
    if statements.is_off() {
        return Ok(());
    }
    let missing: Vec<_> = texts.iter().filter(|text| statements.get(role, text).is_none()).collect();
    let prepared = futures_util::future::try_join_all(missing.iter().map(|text| client.prepare(text))).await?;
    for (text, prepared) in missing.into_iter().zip(prepared) {
        statements.put(role, text, prepared);
    }
    Ok(())
}
