//! POST, PATCH, PUT and DELETE of a relation.

use axum::{
    body::Body,
    http::{Response, header},
};
use bytes::Bytes;

use super::{Request, Rows, more::More};
use crate::{
    catalog::Relation,
    db::{Access, Check, Outcome},
    error::Problem,
    http::{
        request,
        respond::{self, Answer},
        timing::{Clock, Stage},
    },
    name::QualifiedName,
    plan::{self, Format, Mutation, Returning, Select, Shape, WriteRequest},
    query::{
        Kind, Payload, Range,
        media::MediaType,
        preferences::{ConflictKey, Missing, Representation, Resolution},
    },
    sql,
};

impl Request<'_> {
    pub(super) async fn write(
        &self,
        mutation: Mutation,
        name: &QualifiedName,
        body: Body,
        mut clock: Clock,
    ) -> Result<Response<Body>, Problem> {
        let kind = kind(mutation);
        let query = self.query(kind)?;
        let payload = match mutation {
            Mutation::Delete => Payload::None,
            _ => self.payload(kind, &query, body).await?,
        };
        clock.lap(Stage::Parse);
        let relation = self.find_relation(name)?;
        let wanted = self.negotiate(&query, &relation.name)?;
        let wanted = if self.returning(mutation) == Returning::Rows { wanted } else { wanted.without_body() };
        let (body, keys, is_object) = match payload {
            Payload::Json { raw, keys, is_object } => (raw, keys, is_object),
            _ => (Bytes::new(), Vec::new(), true),
        };
        let request = WriteRequest {
            mutation,
            query: &query,
            body,
            keys,
            is_object,
            merge_duplicates: self.preferences.resolution.map(|resolution| resolution == Resolution::MergeDuplicates),
            missing_default: self.preferences.missing == Some(Missing::Default),
            returning: self.returning(mutation),
        };
        let plan = plan::write(&self.context(&wanted, None), relation, &request)?;
        let mut transaction = self.transaction(Access::ReadWrite, sql::write(&plan), None);
        transaction.reads_response_settings |= relation.has_triggers || plan.counts_inserted();
        let shows_functions = plan.select.as_ref().is_some_and(Select::calls_functions);
        transaction.resets_session |= relation.has_triggers || relation.runs_code() || shows_functions;
        if wanted.explain.is_some() {
            return self.explain(transaction, wanted, clock).await;
        }
        transaction.check = self.write_check(mutation, wanted.format);
        transaction.absent = self.absent(&plan.ahead);
        let is_conditional = self.require(&mut transaction, relation, &query, &wanted)?;
        clock.lap(Stage::Plan);
        let outcome = self.run(transaction).await;
        let mut outcome = outcome.map_err(|problem| match problem.code.as_str() {
            "22P02" if plan.is_bulk_update() && problem.message.contains(sql::DUPLICATE_KEY) => {
                Problem::duplicate_key()
            }
            // Somebody has written the row since it was looked at.
            "40001" if is_conditional => Problem::precondition_failed(),
            _ => problem,
        })?;
        // What was looked at is one row; were more written, somebody has not seen them.
        if outcome.precondition_failed || is_conditional && outcome.check_failed {
            return Err(Problem::precondition_failed());
        }
        clock.lap(Stage::Transaction);
        let more = More::of(self, &plan.ahead, Range::default(), &mut outcome)?;
        self.refuse_failed(&outcome, mutation == Mutation::Upsert, &wanted)?;
        let answer = self.written(mutation, relation, &plan, &wanted.media, &outcome)?;
        let answer = more.tell_lists(answer);
        self.finish(answer.overridden(&outcome)?, &query, clock)
    }

    /// Status and headers of a write. PostgREST: references/api/tables_views, and its `Response`.
    fn written(
        &self,
        mutation: Mutation,
        relation: &Relation,
        plan: &plan::WritePlan<'_>,
        media: &MediaType,
        outcome: &Outcome,
    ) -> Result<Answer, Problem> {
        let affected = i64::try_from(super::shown(&plan.shape, outcome)).unwrap_or(i64::MAX);
        let total = self.counts().then_some(affected);
        let shows = self.returning(mutation) == Returning::Rows;
        let inserted = outcome.inserted.unwrap_or(affected);
        let status = match mutation {
            Mutation::Insert if inserted <= 0 && self.preferences.resolution == Some(Resolution::MergeDuplicates) => {
                200
            }
            Mutation::Insert => 201,
            _ if !shows => 204,
            Mutation::Upsert if inserted > 0 => 201,
            _ => 200,
        };
        let mut answer = Answer::new(status);
        if self.returning(mutation) == Returning::Key
            && let [row] = outcome.rows.as_slice()
            && let Shape::Text(keys) = &plan.shape
        {
            let values = keys.iter().enumerate().map(|(index, key)| (key.as_str(), row.get(index)));
            answer = answer.header(header::LOCATION, row_location(&self.target.base, &relation.name, values));
        }
        answer = match mutation {
            Mutation::Insert | Mutation::Delete => {
                answer.header(header::CONTENT_RANGE, respond::content_range(1, 0, total))
            }
            Mutation::Update => answer.header(header::CONTENT_RANGE, respond::content_range(0, affected - 1, total)),
            Mutation::Upsert => answer,
        };
        if shows {
            let rows = Rows { rows: &outcome.rows, shape: &plan.shape, layout: plan.layout, format: plan.format };
            answer = self.body(answer, rows)?.content(media, self.profile());
            // Of related rows, a write shows what was there before it; and of a deleted row there is nothing to match.
            if mutation == Mutation::Delete || plan.select.as_ref().is_some_and(|select| !select.embeds.is_empty()) {
                answer.tag = None;
            }
        } else if mutation == Mutation::Insert {
            answer = answer.body(Vec::new());
        }
        let key = match !relation.primary_key.is_empty() || plan.has_conflict_target() {
            true => ConflictKey::Present,
            false => ConflictKey::Absent,
        };
        Ok(answer.applied(self.preferences.applied(kind(mutation), key)))
    }

    fn returning(&self, mutation: Mutation) -> Returning {
        match self.preferences.representation {
            Some(Representation::Full) => Returning::Rows,
            Some(Representation::HeadersOnly) if mutation == Mutation::Insert => Returning::Key,
            _ => Returning::Nothing,
        }
    }

    fn write_check(&self, mutation: Mutation, format: Format<'_>) -> Check {
        match (mutation, self.strict_max_affected()) {
            (Mutation::Upsert, _) => Check::One,
            _ if format.is_singular() => Check::One,
            (Mutation::Update | Mutation::Delete, Some(max)) => Check::AtMost(max),
            _ => Check::None,
        }
    }
}

fn kind(mutation: Mutation) -> Kind {
    match mutation {
        Mutation::Insert => Kind::Insert,
        Mutation::Update => Kind::Update,
        Mutation::Upsert => Kind::Upsert,
        Mutation::Delete => Kind::Delete,
    }
}

/// `Location` of an inserted row: a filter on its key.
fn row_location<'v>(
    base: &str,
    name: &QualifiedName,
    values: impl Iterator<Item = (&'v str, Option<&'v [u8]>)>,
) -> String {
    let filters = values.map(|(key, value)| {
        let value =
            value.map_or_else(|| "is.null".to_owned(), |value| format!("eq.{}", String::from_utf8_lossy(value)));
        format!("{}={}", request::encode(key), request::encode(&value))
    });
    format!("{base}/{}?{}", request::encode(name.name.as_str()), filters.collect::<Vec<_>>().join("&"))
}
