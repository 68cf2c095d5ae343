//! Typed operations: what plain table access does not cover.
//!
//! In: an input, checked against the schema that documents it. Out: what one static statement made of it, which runs as
//! the schema's operator role under the caller's claims. Refuses an input with all its faults at once. An operation is a
//! type that says what it is ([`Operation`]) and its SQL beside it; being mounted, decoded, documented and answered is
//! written once, for all of them.
//!
//! The statement has one parameter, the input as `jsonb`, and gives one row: `outcome` (text) and `body` (json). What each
//! outcome is over HTTP stands at [`Outcome`]. A statement that refuses writes nothing.

mod billy;
mod check;
mod crm;
mod flow;
mod renos;
mod seal;
mod shared;
mod state;
#[cfg(test)]
mod tests;
mod vault;

use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema},
};

pub use check::Fault;
pub use seal::{Judge, Look, Open, SealError, Sealer};
pub use shared::hash_of_key;
use state::step;
pub use state::{States, Transition};

/// HTTP methods of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// It only reads.
    Get,
    /// Anything else.
    Post,
    /// It puts something at the path, whatever was there.
    Put,
    /// It changes what is at the path, as far as it is told.
    Patch,
    /// It takes away what is at the path; its input is in the URL.
    Delete,
}

impl Method {
    /// Its input comes in the query string, not in a body (RFC 9110, 9.3: the body of these means nothing).
    pub fn has_query(self) -> bool {
        matches!(self, Self::Get | Self::Delete)
    }
}

/// Adds to an input what follows of it, before it is the statement's parameter.
pub type Complete = fn(&mut Map<String, Value>) -> Result<(), SealError>;

/// Nothing.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// What an operation answers with.
#[derive(Clone, Copy)]
pub enum Output {
    /// A row of that table of the schema, all columns that are no secret.
    Row(&'static str),
    /// A value of its own, by its JSON Schema without references.
    Value(fn() -> Value),
}

impl Output {
    /// A value of that type.
    pub const fn of<T: ToSchema>() -> Self {
        Self::Value(schema_of::<T>)
    }

    /// What in an answer is not as documented. Rows are documented by the catalog, so nothing is known of them here.
    pub fn faults(&self, answer: &Value) -> Vec<Fault> {
        match self {
            Self::Row(_) => Vec::new(),
            Self::Value(schema) => check::faults(&schema(), answer),
        }
    }
}

/// A typed operation.
pub trait Operation {
    /// Its name, unique and never changed: `renos_start_timer`.
    const ID: &'static str;
    /// The schema whose operator role it runs as, and whose path it is under.
    const SCHEMA: &'static str;
    /// How it is called.
    const METHOD: Method = Method::Post;
    /// Its path under the schema: `/bookings/{id}/start_timer`. What stands in braces is a field of the input.
    const PATH: &'static str;
    /// What it does, in a few words.
    const SUMMARY: &'static str;
    /// What a caller should know besides.
    const DESCRIPTION: &'static str;
    /// Roles of callers that may use it.
    const CALLERS: &'static [&'static str];
    /// The step of a state machine that it is, whose states the statement finds in its parameter, under `allowed` and `to`.
    const TRANSITION: Option<Transition> = None;
    /// It has to be as if it were alone: run SERIALIZABLE, and again where that failed.
    const IS_SERIALIZABLE: bool = false;
    /// It may make something, which is 201 then.
    const CREATES: bool = false;
    /// It may leave nothing behind that could be shown, which is 204 then.
    const DELETES: bool = false;
    /// It writes nothing, although it is no GET: its input is too large for a URL.
    const ONLY_READS: bool = false;
    /// It leaves an entry in a trail, although it only reads.
    const LEAVES_TRAIL: bool = false;
    /// What is added to its input.
    const COMPLETE: Option<Complete> = None;
    /// Fields of its input that are secrets: the statement gets them sealed, as text, and never in clear.
    const SEALS: &'static [&'static str] = &[];
    /// Fields of its answer that the caller gets in clear where the statement gives them as `{"sealed": text}`.
    const OPENS: &'static [Open] = &[];
    /// It answers with a secret that is shown once: no key keeps the answer, and it is no step of a batch.
    const ANSWERS_SECRET: bool = false;
    /// A field of its input that has to be true for that; always unless given.
    const OPENS_WHEN: Option<&'static str> = None;
    /// Calls a minute that an address has whose caller nobody knows; no bound unless given.
    const ANONYMOUS_PER_MINUTE: Option<u32> = None;
    /// What has to be looked at before.
    const LOOK: Option<Look> = None;
    /// What it answers with.
    const OUTPUT: Output;
    /// Its input, as JSON, for the documentation; what the path holds is left out.
    const EXAMPLE: &'static str;
    /// The statement.
    const SQL: &'static str;
    /// What it takes: fields of the path, and of the query string or the body.
    type Input: Serialize + DeserializeOwned + ToSchema;
}

/// An [`Operation`] as a value.
#[expect(missing_docs, reason = "as in the trait")]
pub struct Described {
    pub id: &'static str,
    pub schema: &'static str,
    pub method: Method,
    pub path: &'static str,
    pub summary: &'static str,
    pub description: &'static str,
    pub callers: &'static [&'static str],
    pub transition: Option<Transition>,
    pub is_serializable: bool,
    pub creates: bool,
    pub deletes: bool,
    only_reads: bool,
    leaves_trail: bool,
    complete: Option<Complete>,
    pub seals: &'static [&'static str],
    pub opens: &'static [Open],
    /// It answers with a secret that it was not given.
    pub answers_secret: bool,
    opens_when: Option<&'static str>,
    pub anonymous_per_minute: Option<u32>,
    pub look: Option<Look>,
    pub output: Output,
    pub example: &'static str,
    pub sql: Arc<str>,
    /// JSON Schema of the input, without references: made when it is first asked for.
    pub input: LazyLock<Value>,
    decode: fn(Value) -> Result<Value, serde_json::Error>,
}

/// All operations, in the order of the documentation.
pub fn all() -> impl Iterator<Item = &'static Described> {
    SCHEMAS.into_iter().flat_map(of)
}

/// The operations of a schema. They are described when they are first asked for: a service of other schemas does without.
pub fn of(schema: &str) -> &'static [Described] {
    static VAULT: LazyLock<Vec<Described>> = LazyLock::new(vault::operations);
    static BILLY: LazyLock<Vec<Described>> = LazyLock::new(billy::operations);
    static RENOS: LazyLock<Vec<Described>> = LazyLock::new(renos::operations);
    static CRM: LazyLock<Vec<Described>> = LazyLock::new(crm::operations);
    static FLOW: LazyLock<Vec<Described>> = LazyLock::new(flow::operations);
    static SHARED: LazyLock<Vec<Described>> = LazyLock::new(shared::operations);
    match schema {
        "vault" => &VAULT,
        "billy" => &BILLY,
        "renos" => &RENOS,
        "crm" => &CRM,
        "flow" => &FLOW,
        "shared" => &SHARED,
        _ => &[],
    }
}

/// Schemas that have operations.
pub const SCHEMAS: [&str; 6] = ["vault", "billy", "renos", "crm", "flow", "shared"];

/// The role that a schema's operations run as. No token may name it.
pub fn operator(schema: &str) -> String {
    format!("{schema}_operator")
}

/// An operation as a value.
fn described<O: Operation>() -> Described {
    Described {
        id: O::ID,
        schema: O::SCHEMA,
        method: O::METHOD,
        path: O::PATH,
        summary: O::SUMMARY,
        description: O::DESCRIPTION,
        callers: O::CALLERS,
        transition: O::TRANSITION,
        is_serializable: O::IS_SERIALIZABLE,
        creates: O::CREATES,
        deletes: O::DELETES,
        only_reads: O::ONLY_READS,
        leaves_trail: O::LEAVES_TRAIL,
        complete: O::COMPLETE,
        seals: O::SEALS,
        opens: O::OPENS,
        answers_secret: O::ANSWERS_SECRET || (!O::OPENS.is_empty() && O::SEALS.is_empty() && O::OPENS_WHEN.is_none()),
        opens_when: O::OPENS_WHEN,
        anonymous_per_minute: O::ANONYMOUS_PER_MINUTE,
        look: O::LOOK,
        output: O::OUTPUT,
        example: O::EXAMPLE,
        sql: O::SQL.into(),
        input: LazyLock::new(schema_of::<O::Input>),
        decode: |input| serde_json::from_value::<O::Input>(input).and_then(serde_json::to_value),
    }
}

/// A type's JSON Schema, without references.
fn schema_of<T: ToSchema>() -> Value {
    let mut parts = Vec::new();
    T::schemas(&mut parts);
    let parts: Map<String, Value> = parts.iter().map(|(name, schema)| (name.clone(), json(schema))).collect();
    check::without_references(json(&T::schema()), &parts)
}

fn json(schema: &RefOr<Schema>) -> Value {
    serde_json::to_value(schema).unwrap_or_default()
}

impl Described {
    /// It writes nothing.
    pub fn only_reads(&self) -> bool {
        self.only_reads || self.method == Method::Get
    }

    /// Its statement writes: an effect, or an entry in a trail.
    pub fn writes(&self) -> bool {
        self.leaves_trail || !self.only_reads()
    }

    /// Names in the path: fields of the input that stand there.
    pub fn path_fields(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
    }

    /// The statement's parameter for an input, with its secrets sealed.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn parameter(&self, input: Value, sealer: Option<&Sealer>) -> Result<Map<String, Value>, Refusal> {
        let faults = check::faults(&self.input, &input);
        if !faults.is_empty() {
            return Err(Refusal::Input(faults));
        }
        let unread = |reason: String| Refusal::Input(vec![Fault::new("", reason)]);
        let decoded = (self.decode)(input).map_err(|error| unread(error.to_string()))?;
        let Value::Object(mut input) = decoded else { return Err(unread("must be an object".to_owned())) };
        if let Some(transition) = &self.transition {
            input.insert("allowed".to_owned(), transition.from.into());
            input.insert("to".to_owned(), transition.to.into());
        }
        if let Some(complete) = self.complete {
            complete(&mut input)?;
        }
        let opens =
            !self.opens.is_empty() && self.opens_when.is_none_or(|field| input.get(field) == Some(&true.into()));
        if opens && sealer.is_none() {
            return Err(SealError::NoKey.into());
        }
        for field in self.seals {
            seal::seal_field(sealer, &mut input, field)?;
        }
        Ok(input)
    }
}

/// Why there is no parameter for an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// All that is wrong with it.
    Input(Vec<Fault>),
    /// A secret in it can't be sealed.
    Secret(SealError),
}

impl From<SealError> for Refusal {
    fn from(error: SealError) -> Self {
        Self::Secret(error)
    }
}

/// What became of an operation, by the word that its statement gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `ok`: 200.
    Done,
    /// `created`: 201.
    Created,
    /// `deleted`: 204, without a body.
    Deleted,
    /// `not_found`: 404.
    NotFound,
    /// `conflict`: 409, something else is in the way.
    Conflict,
    /// `invalid_state`: 409; the body has the `current` state and the `allowed` ones.
    InvalidState,
    /// `invalid_input`: 400; the body is a list of fields and reasons.
    InvalidInput,
    /// `unprocessable`: 422, something that is referred to is missing, or a rule fails.
    Unprocessable,
    /// `unauthenticated`: 401, what the input proves itself with is wrong. It may leave an entry in a trail.
    Unauthenticated,
    /// `forbidden`: 403, this is not the caller's to do or have. It may leave an entry in a trail.
    Forbidden,
    /// `rate_limited`: 429; the body has `retry_after_seconds`.
    RateLimited,
}

impl Outcome {
    /// It did what it is for.
    pub fn is_success(self) -> bool {
        matches!(self, Self::Done | Self::Created | Self::Deleted)
    }

    /// It refuses, and may leave an entry in a trail.
    pub fn leaves_trail(self) -> bool {
        matches!(self, Self::Unauthenticated | Self::Forbidden)
    }

    /// The outcome of that name.
    pub fn read(word: &str) -> Option<Self> {
        Some(match word {
            "ok" => Self::Done,
            "created" => Self::Created,
            "deleted" => Self::Deleted,
            "not_found" => Self::NotFound,
            "conflict" => Self::Conflict,
            "invalid_state" => Self::InvalidState,
            "invalid_input" => Self::InvalidInput,
            "unprocessable" => Self::Unprocessable,
            "unauthenticated" => Self::Unauthenticated,
            "forbidden" => Self::Forbidden,
            "rate_limited" => Self::RateLimited,
            _ => return None,
        })
    }
}
