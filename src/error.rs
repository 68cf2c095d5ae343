//! Every failure described.
//!
//! In: a stage's error. Out: a [`Problem`]: status, code, message, details, hint and headers, as PostgREST would give
//! them (references/errors). A conversion has no side effects; what only operators may see rides in `internal` and is
//! logged once, where the response is made.

use serde_json::Value;

use crate::{
    auth::AuthError,
    db::{
        DbError,
        sqlstate::{self, RaiseFault, Raised},
    },
    plan::PlanError,
    query::{PayloadError, QueryError, RangeError},
    render::RenderError,
};

/// A failure, described for the caller.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// `PGRSTnnn`, an SQLSTATE, or a code of ours.
    pub code: String,
    /// What went wrong.
    pub message: String,
    /// Where, or with what.
    pub details: Option<Value>,
    /// What would be right.
    pub hint: Option<String>,
    /// Headers that belong to it, such as `WWW-Authenticate`.
    pub headers: Vec<(String, String)>,
    /// For the log alone.
    pub internal: Option<String>,
}

impl Problem {
    /// A failure with a code and a message.
    pub fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            details: None,
            hint: None,
            headers: Vec::new(),
            internal: None,
        }
    }

    /// Adds details.
    #[must_use]
    pub fn details(mut self, details: impl Into<Value>) -> Self {
        self.details = Some(details.into());
        self
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The body: PostgREST's four members, in its order.
    pub fn body(&self) -> Vec<u8> {
        let body = serde_json::json!({
            "code": self.code,
            "details": self.details,
            "hint": self.hint,
            "message": self.message,
        });
        body.to_string().into_bytes()
    }

    /// The body without details and hint. PostgREST: `client-error-verbosity`.
    pub fn brief_body(&self) -> Vec<u8> {
        serde_json::json!({ "code": self.code, "message": self.message }).to_string().into_bytes()
    }

    /// PGRST117
    pub fn unsupported_method(method: &str) -> Self {
        Self::new(405, "PGRST117", format!("Unsupported HTTP method: {method}"))
    }

    /// PGRST101
    pub fn unsupported_routine_method(method: &str) -> Self {
        Self::new(405, "PGRST101", format!("Cannot use the {method} method on RPC"))
    }

    /// PGRST125
    pub fn invalid_path() -> Self {
        Self::new(404, "PGRST125", "Invalid path specified in request URL")
    }

    /// PGRST126
    pub fn no_description() -> Self {
        Self::new(404, "PGRST126", "Root endpoint metadata is disabled")
    }

    /// PGRST106
    pub fn unacceptable_schema(schema: &str, exposed: &[impl AsRef<str>]) -> Self {
        let exposed: Vec<_> = exposed.iter().map(AsRef::as_ref).collect();
        Self::new(406, "PGRST106", format!("Invalid schema: {schema}"))
            .hint(format!("Only the following schemas are exposed: {}", exposed.join(", ")))
    }

    /// PGRST107
    pub fn not_acceptable(accepted: &[String]) -> Self {
        Self::new(406, "PGRST107", format!("None of these media types are available: {}", accepted.join(", ")))
    }

    /// PGRST116: one object was asked for, and there were none or several.
    pub fn not_singular(rows: u64) -> Self {
        Self::new(406, "PGRST116", "Cannot coerce the result to a single JSON object")
            .details(format!("The result contains {rows} rows"))
    }

    /// PGRST115
    pub fn put_does_not_match() -> Self {
        Self::new(400, "PGRST115", "Payload values do not match URL in primary key column(s)")
    }

    /// PGRST124
    pub fn max_affected(rows: u64) -> Self {
        Self::new(400, "PGRST124", "Query result exceeds max-affected preference constraint")
            .details(format!("The query affects {rows} rows"))
    }

    /// `If-Match` or `If-None-Match` does not hold (RFC 9110, 15.5.13).
    pub fn precondition_failed() -> Self {
        Self::new(412, "request.precondition_failed", "The row is not the one that the request is about")
            .details("It was changed or is not there, against If-Match; or it is there, against If-None-Match")
            .hint("Read it again and decide anew")
    }

    /// A cut can't be an error where it is not seen before what a function wrote stays.
    pub fn cuts_unseen(media: &str) -> Self {
        Self::new(
            400,
            "query.max_rows",
            format!("max-rows=fail is not possible for {media} of a function that may write"),
        )
        .hint("Ask for application/json, or leave out max-rows=fail")
    }

    /// Two objects of an update in bulk are for the same row.
    pub fn duplicate_key() -> Self {
        Self::new(400, "query.duplicate_key", "Two objects of the array have the same key")
            .hint("Send one object for each row")
    }

    /// Lists have more rows than the service gives at once, and that is not to be passed over.
    pub fn rows_cut(lists: &str) -> Self {
        Self::new(400, "query.max_rows", "The result has more rows than the service gives at once")
            .details(format!("There are more rows of: {lists} (. is the request's own resource)"))
            .hint("Ask for fewer with filters, page through with limit and offset, or leave out max-rows=fail")
    }

    /// PGRST122
    pub fn invalid_preferences(invalid: &[String]) -> Self {
        Self::new(400, "PGRST122", "Invalid preferences given with handling=strict")
            .details(format!("Invalid preferences: {}", invalid.join(", ")))
    }

    /// PGRST103 for an offset beyond the last row.
    pub fn out_of_bounds(offset: u64, total: i64) -> Self {
        Self::new(416, "PGRST103", "Requested range not satisfiable")
            .details(format!("An offset of {offset} was requested, but there are only {total} rows."))
    }

    /// PGRST002
    pub fn no_catalog() -> Self {
        Self::new(503, "PGRST002", "Could not query the database for the schema cache. Retrying.")
            .header("retry-after", "1")
    }

    /// A body larger than it may be.
    pub fn body_too_large(limit: usize) -> Self {
        Self::new(413, "request.body_too_large", format!("The request body is larger than {limit} bytes"))
            .hint("Send it in parts, or raise MAX_BODY_BYTES")
    }

    /// A failure of our own; what happened is for the log.
    pub fn internal(internal: impl Into<String>) -> Self {
        let mut problem = Self::new(500, "internal", "The service failed to answer; the log says why");
        problem.internal = Some(internal.into());
        problem
    }
}

impl Problem {
    /// A failure of the database. `is_authenticated` tells a caller who is known (403) from one who is not (401).
    pub fn database(error: &DbError, is_authenticated: bool) -> Self {
        if let Some(raised) = error.sql().and_then(sqlstate::raised) {
            return Self::raised(raised);
        }
        let mut problem = Self::new(error.status(is_authenticated), error.code(), error.to_string());
        if let Some(sql) = error.sql() {
            problem.details = sql.details.clone().map(Value::from);
            problem.hint = sql.hint.clone();
        }
        match error {
            DbError::Unavailable { reason, .. } => problem.internal = Some(reason.clone()),
            DbError::Protocol(reason) => problem = Self::internal(reason.clone()),
            DbError::Busy { .. } | DbError::RoleRefused { .. } | DbError::Sql(_) => {}
        }
        if let Some(after) = error.retry_after() {
            problem = problem.header("retry-after", after.as_secs().max(1).to_string());
        }
        match problem.status {
            401 => problem.header("www-authenticate", "Bearer"),
            _ => problem,
        }
    }

    /// What a function asked for with `RAISE SQLSTATE 'PGRST'`.
    fn raised(raised: Result<Raised, RaiseFault>) -> Self {
        match raised {
            Ok(Raised { head, .. }) if head.headers.iter().any(|(name, value)| !is_sound_header(name, value)) => {
                Self::new(500, "PGRST121", "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error")
                    .details("A header of DETAIL has no valid name or value, or frames the answer")
                    .hint("Leave Content-Length, Transfer-Encoding, Connection and Upgrade to the service")
            }
            Ok(Raised { body, head }) => Self {
                details: body.details.map(Value::from),
                hint: body.hint,
                headers: head.headers.into_iter().collect(),
                ..Self::new(head.status, body.code, body.message)
            },
            Err(fault) => Self::new(500, "PGRST121", "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error")
                .details(fault.to_string())
                .hint(fault.hint()),
        }
    }
}

/// Whether code of the database's own may set a header: its name and value are such (RFC 9110, 5.1 and 5.5), and it does
/// not frame the answer.
pub fn is_sound_header(name: &str, value: &str) -> bool {
    const FRAMING: [&str; 4] = ["content-length", "transfer-encoding", "connection", "upgrade"];
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty()
        && name.bytes().all(is_token)
        && !FRAMING.iter().any(|framing| name.eq_ignore_ascii_case(framing))
        && !value.chars().any(|c| c.is_ascii_control() && c != '\t')
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        let message = error.to_string();
        match error {
            QueryError::Parse { details, .. } => Self::new(400, "PGRST100", message).details(details),
            QueryError::NotEmbedded { path, aliased } => {
                let problem = Self::new(400, "PGRST108", message);
                match aliased {
                    None => problem.hint(format!("Verify that '{path}' is included in the 'select' query parameter.")),
                    Some((name, alias)) => problem
                        .details("Target names are not allowed in filters if they have an alias")
                        .hint(format!("Change '{name}' to '{alias}' in filters, orders or limits.")),
                }
            }
            QueryError::Range(range) => Self::new(416, "PGRST103", message).details(match range {
                RangeError::NegativeLimit => "Limit should be greater than or equal to zero.",
                RangeError::LowerAboveUpper => {
                    "The lower boundary must be lower than or equal to the upper boundary in the Range header."
                }
            }),
            QueryError::PutRange => Self::new(400, "PGRST114", message),
            QueryError::Meaningless { reason, .. } => {
                Self::new(400, "query.unknown_parameter", message).details(reason)
            }
        }
    }
}

impl From<PayloadError> for Problem {
    fn from(error: PayloadError) -> Self {
        Self::new(400, "PGRST102", error.to_string())
    }
}

impl From<PlanError> for Problem {
    fn from(error: PlanError) -> Self {
        let message = error.to_string();
        match error {
            PlanError::Lookup(error) => Self {
                details: error.details.map(|details| *details),
                hint: error.hint,
                ..Self::new(error.failure.status(), error.failure.code(), message)
            },
            PlanError::UndefinedConflictColumn(_) => Self::new(400, "42703", message),
            PlanError::UndefinedColumn { hint, .. } => Self { hint, ..Self::new(400, "42703", message) },
            PlanError::NotEmbedded(path) => Self::new(400, "PGRST108", message)
                .hint(format!("Verify that '{path}' is included in the 'select' query parameter.")),
            PlanError::RelatedOrderNotToOne { origin, target } => Self::new(400, "PGRST118", message)
                .details(format!("'{origin}' and '{target}' do not form a many-to-one or one-to-one relationship")),
            PlanError::UnacceptableFilter(_) => Self::new(400, "PGRST120", message)
                .details("Only is null or not is null filters are allowed on embedded resources"),
            PlanError::AggregatesNotAllowed => Self::new(400, "PGRST123", message),
            PlanError::InvalidFilters => Self::new(405, "PGRST105", message),
            PlanError::UnfilteredWrite(_) => Self::new(400, "21000", message)
                .hint("Add a filter, such as ?id=eq.1; DB_SAFE_WRITES=off allows it without"),
            PlanError::MissingKey(_) => Self::new(400, "query.missing_key", message).hint(
                "Give every object the columns of the primary key, or name those of another key in on_conflict; to give \
                 many rows the same values, send one object and a filter",
            ),
            PlanError::MaxAffectedOnSingle => Self::new(400, "PGRST128", message),
            PlanError::NotImplemented(details) => Self::new(400, "PGRST127", message).details(details),
        }
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        let mut problem = Self::new(error.status(), error.code(), error.message());
        problem.details = error.details().map(Value::from);
        problem.hint = error.hint().map(|hint| hint.to_string());
        match error.www_authenticate() {
            Some(challenge) => problem.header("www-authenticate", challenge),
            None => problem,
        }
    }
}

impl From<RenderError> for Problem {
    fn from(error: RenderError) -> Self {
        Self::internal(error.to_string())
    }
}
