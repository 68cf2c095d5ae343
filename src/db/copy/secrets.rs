//! Secrets that the old database kept in clear.
//!
//! In: a table that was just filled. Out: the number of secrets that were sealed, in the same transaction. Which columns hold
//! secrets is as in [`crate::db::reseal`]; what has the form of a sealed text is one, under the key that was used so far.

use super::{
    CopyError, Sealing,
    catalog::TableName,
    plan::Table,
    questions::{Question, Rows, Verdict},
    session::Session,
};

/// Rows of a batch.
const BATCH: i64 = 100;

/// A column that secrets are kept in.
struct Place {
    schema: &'static str,
    table: &'static str,
    /// The rows whose secret is in clear, by bare names.
    is_clear: &'static str,
    /// The secret as text.
    value: &'static str,
    /// Puts `$2` in its place.
    set: &'static str,
}

/// What a sealed text looks like.
macro_rules! form {
    () => {
        "'^[0-9a-f]{32}:[0-9a-f]{32}:([0-9a-f]{2})*$'"
    };
}

const PLACES: [Place; 4] = [
    Place {
        schema: "billy",
        table: "organizations",
        is_clear: concat!("billy_api_key !~ ", form!()),
        value: "billy_api_key",
        set: "billy_api_key = $2",
    },
    Place {
        schema: "flow",
        table: "webhooks",
        is_clear: concat!("secret !~ ", form!()),
        value: "secret",
        set: "secret = $2",
    },
    Place {
        schema: "flow",
        table: "integrations",
        is_clear: concat!(
            "coalesce(CASE WHEN config ? 'enc' THEN config ->> 'enc' WHEN jsonb_typeof(config) = 'string' THEN config #>> '{}' END, '') !~ ",
            form!()
        ),
        value: "CASE WHEN jsonb_typeof(config) = 'string' THEN config #>> '{}' ELSE config::text END",
        set: "config = jsonb_build_object('enc', $2::text)",
    },
    Place {
        schema: "flow",
        table: "variables",
        is_clear: concat!("is_secret AND value !~ ", form!()),
        value: "value",
        set: "value = $2, encrypted = true",
    },
];

fn place(name: &TableName) -> Option<&'static Place> {
    PLACES.iter().find(|place| place.schema == name.schema && place.table == name.table)
}

/// What to ask of the source about a table's secrets.
pub(super) fn question(table: &Table, has_key: bool) -> Option<Question> {
    let (verdict, text) = match has_key {
        true => (Verdict::Note, "have a secret in clear, which is sealed on the way"),
        false => (
            Verdict::Fault,
            "have a secret in clear: set ENCRYPTION_KEY and ENCRYPTION_SALT, so that it is sealed on the way",
        ),
    };
    let condition = place(&table.name)?.is_clear.to_owned();
    Some(Question { rows: Rows::Target, condition, verdict, text: text.to_owned() })
}

/// Seals what is in clear.
///
/// # Errors
/// [`CopyError`].
pub(super) async fn seal(target: &Session, table: &Table, sealing: &Sealing<'_>) -> Result<u64, CopyError> {
    let Some(Place { is_clear, value, set, .. }) = place(&table.name) else { return Ok(0) };
    let name = table.name.sql();
    let select = format!("SELECT id::text, {value} FROM {name} WHERE {is_clear} LIMIT {BATCH}");
    let update = format!("UPDATE {name} SET {set} WHERE id::text = $1");
    let doing = || target.fault(format!("sealing secrets of {}", table.name));
    let mut sealed = 0;
    loop {
        let rows = target.client.query(&select, &[]).await.map_err(doing())?;
        if rows.is_empty() {
            return Ok(sealed);
        }
        for row in rows {
            let (id, clear): (String, String) = (row.get(0), row.get(1));
            let text = sealing(&clear).ok_or_else(|| CopyError::Unsealed(table.name.clone(), id.clone()))?;
            let changed = target.client.execute(&update, &[&id, &text]).await.map_err(doing())?;
            if changed != 1 {
                return Err(CopyError::Unsealed(table.name.clone(), id));
            }
            sealed += 1;
        }
    }
}
