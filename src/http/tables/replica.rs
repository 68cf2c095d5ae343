//! Reads that may be answered by a replica.
//!
//! In: a read, and what its request prefers. Out: rows, of a replica where the request or the configuration says so and one
//! will do, else of the primary. Refuses a marker that is none.

use super::Request;
use crate::{
    db::{Database, DbError, Isolation, Outcome, Replica, Rest, Streamed, Transaction},
    error::Problem,
    http::replicas,
    name::QualifiedName,
    query::{
        Kind,
        preferences::{ConflictKey, Preferences, Source},
    },
};

impl Request<'_> {
    /// Runs a read of that relation or function.
    pub(super) async fn fetch(&self, name: &QualifiedName, transaction: Transaction) -> Result<Outcome, Problem> {
        let Some(replica) = self.replica(name, &transaction)? else { return self.run(transaction).await };
        // In boxes: the way of few reads must not make that of all of them larger.
        match Box::pin(replica.answer(replica.database().run(&self.identity, transaction.clone()))).await {
            Some(answer) => answer.map(of_replica).map_err(|error| self.failed(&error)),
            None => Box::pin(self.run(transaction)).await,
        }
    }

    /// Runs a read whose rows are sent while they come. Where they are few, the rest is none.
    pub(super) async fn stream(
        &self,
        name: &QualifiedName,
        transaction: Transaction,
    ) -> Result<(Outcome, Option<Rest>), Problem> {
        let answered = match self.replica(name, &transaction)? {
            Some(replica) => Box::pin(replica.answer(self.stream_from(replica.database(), transaction.clone()))).await,
            None => None,
        };
        let (is_replicas, streamed) = match answered {
            Some(streamed) => (true, streamed),
            None => (false, self.stream_from(&self.app.database, transaction).await),
        };
        let mark = |outcome| if is_replicas { of_replica(outcome) } else { outcome };
        match streamed.map_err(|error| self.failed(&error))? {
            Streamed::Whole(outcome) => Ok((mark(outcome), None)),
            Streamed::Begun(outcome, rest) => Ok((mark(outcome), Some(rest))),
        }
    }

    async fn stream_from(&self, database: &Database, read: Transaction) -> Result<Streamed, DbError> {
        database.stream(self.identity.clone(), read, self.app.config.server.request_timeout).await
    }

    /// The replica that may answer, if one is wanted and will do.
    fn replica(&self, name: &QualifiedName, read: &Transaction) -> Result<Option<&Replica>, Problem> {
        if self.app.replicas.are_none() {
            return Ok(None);
        }
        let is_wanted = match self.preferences.source {
            Some(source) => source == Source::Replica,
            None => self.app.config.database.replica_reads.iter().any(|mark| names(mark, name)),
        };
        // A unit of work is the primary's, and a standby has no serializable snapshots.
        let may = self.unit.is_none() && read.isolation != Some(Isolation::Serializable);
        if !is_wanted || !may {
            return Ok(None);
        }
        let after = replicas::marker(&self.parts.headers)?;
        Ok(self.app.replicas.choose(&self.identity, after))
    }

    fn failed(&self, error: &DbError) -> Problem {
        Problem::database(error, self.is_known())
    }

    /// `Preference-Applied` of a read: where it was answered is what may be otherwise than preferred.
    pub(super) fn applied(&self, kind: Kind, outcome: &Outcome) -> Option<String> {
        match self.preferences.source {
            Some(source) if (source == Source::Replica) != outcome.is_replicas => {
                let rest = Preferences { source: None, ..self.preferences.clone() };
                rest.applied(kind, ConflictKey::Absent)
            }
            _ => self.preferences.applied(kind, ConflictKey::Absent),
        }
    }
}

fn of_replica(outcome: Outcome) -> Outcome {
    Outcome { is_replicas: true, ..outcome }
}

/// Whether a mark of `DB_REPLICA_READS` is of that relation or function.
fn names(mark: &str, name: &QualifiedName) -> bool {
    match mark.split_once('.') {
        Some((schema, of)) => name.schema == schema && name.name == of,
        None => mark == "*" || name.schema == mark,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_of_all_of_a_schema_or_of_one_thing() {
        let leads = QualifiedName::new("renos", "leads");
        for (mark, is_of) in [
            ("*", true),
            ("renos", true),
            ("renos.leads", true),
            ("crm", false),
            ("crm.leads", false),
            ("renos.jobs", false),
            ("leads", false),
        ] {
            assert_eq!(names(mark, &leads), is_of, "{mark}");
        }
    }
}
