//! Migrations that the ledgers hold, against those that the program holds.

use sqlx::PgConnection;

use super::{Finding, Severity, VerifyError};
use crate::db::migrate::{self, MigrationState};

/// The check's name.
pub(super) const CHECK: &str = "migrations";

/// How far migrations are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    UpToDate,
    /// Some are pending, or changed, or known to the ledgers alone.
    Otherwise,
}

/// How far the migrations of schemas are.
pub(super) async fn standing(connection: &mut PgConnection, schemas: &[String]) -> Result<Standing, VerifyError> {
    Ok(if find(connection, schemas).await?.is_empty() { Standing::UpToDate } else { Standing::Otherwise })
}

/// What is pending, changed, or unknown.
pub(super) async fn find(connection: &mut PgConnection, schemas: &[String]) -> Result<Vec<Finding>, VerifyError> {
    let finding = |severity, object: String, why: &str| Finding {
        severity,
        check: CHECK,
        object,
        why: why.to_owned(),
        mend: None,
    };
    let mut findings = Vec::new();
    for status in migrate::states_of(connection, schemas).await? {
        match status.state {
            MigrationState::Applied(_) => {}
            MigrationState::Pending => {
                findings.push(finding(Severity::Warning, status.file, "it is not applied: run tekup-db migrate"));
            }
            MigrationState::Changed => findings.push(finding(
                Severity::Error,
                status.file,
                "it was changed after it was applied: put it back as it was, and write the change as a new migration",
            )),
        }
    }
    for file in migrate::unknown_of(connection, schemas).await? {
        let why = "it is applied, and this program does not know it: a newer one was here, use that";
        findings.push(finding(Severity::Warning, file, why));
    }
    Ok(findings)
}
