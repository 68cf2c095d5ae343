//! SQLSTATE to HTTP status.
//!
//! In: an error as Postgres reported it. Out: the status PostgREST 16 answers it with (`pgErrorStatus`), and what a
//! function asked for with `RAISE SQLSTATE 'PGRST'` or `'PTnnn'` (references/errors, "RAISE errors with HTTP status
//! codes"). Total: what is not listed is the caller's mistake, 400.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::SqlError;

/// The answer that a function described with `RAISE SQLSTATE 'PGRST'`: MESSAGE and DETAIL are JSON objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raised {
    /// The body's members.
    pub body: RaisedBody,
    /// Status and headers.
    pub head: RaisedHead,
}

/// MESSAGE of such an error.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "named as in the answer's body")]
pub struct RaisedBody {
    pub code: String,
    pub message: String,
    pub details: Option<String>,
    pub hint: Option<String>,
}

/// DETAIL of such an error.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RaisedHead {
    /// HTTP status.
    pub status: u16,
    /// Reason phrase.
    pub status_text: Option<String>,
    /// Headers to add.
    pub headers: BTreeMap<String, String>,
}

/// Why a `RAISE SQLSTATE 'PGRST'` can't be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RaiseFault {
    /// MESSAGE is not the object it must be.
    #[error("Invalid JSON value for MESSAGE: '{0}'")]
    Message(String),
    /// DETAIL is not the object it must be.
    #[error("Invalid JSON value for DETAIL: '{0}'")]
    Detail(String),
    /// There is no DETAIL.
    #[error("DETAIL is missing in the RAISE statement")]
    NoDetail,
}

impl RaiseFault {
    /// What would be right.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Message(_) => {
                "MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and optional keys: 'details', 'hint'."
            }
            Self::Detail(_) | Self::NoDetail => {
                "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional key: 'status_text'."
            }
        }
    }
}

/// What a function asked for, where the error is one that asks.
pub fn raised(error: &SqlError) -> Option<Result<Raised, RaiseFault>> {
    if error.sqlstate != "PGRST" {
        return None;
    }
    let read = || {
        let body = serde_json::from_str(&error.message).map_err(|_| RaiseFault::Message(error.message.clone()))?;
        let detail = error.details.as_ref().ok_or(RaiseFault::NoDetail)?;
        let mut head: RaisedHead = serde_json::from_str(detail).map_err(|_| RaiseFault::Detail(detail.clone()))?;
        head.status = valid(head.status);
        Ok(Raised { body, head })
    };
    Some(read())
}

/// The status of an error; `is_authenticated` tells a caller who is known (403) from one who is not (401).
pub fn status(error: &SqlError, is_authenticated: bool) -> u16 {
    let state = error.sqlstate.as_str();
    match state {
        "23503" | "23505" => 409,
        "25006" => 405,
        // pg-safeupdate refuses the caller's statement; any other is a fault of a function or view.
        "21000" if error.message.ends_with("requires a WHERE clause") => 400,
        "21000" => 500,
        "22023" if is_unknown_role(error) => 401,
        "22023" => 400,
        "57P01" => 503,
        "P0001" => 400,
        "42883" if error.message.starts_with("function xmlagg(") => 406,
        "42883" | "42P01" => 404,
        "42P17" => 500,
        "42501" if is_authenticated => 403,
        "42501" => 401,
        "PGRST" => match raised(error) {
            Some(Ok(raised)) => raised.head.status,
            _ => 500,
        },
        _ => match state.as_bytes() {
            [b'P', b'T', ..] => state[2..].parse().map_or(500, valid),
            [b'0', b'8', ..] | [b'5', b'3', ..] if state != "53400" => 503,
            [b'0', b'L' | b'P', ..] | [b'2', b'8', ..] => 403,
            [b'0', b'9', ..]
            | [b'2', b'5' | b'D', ..]
            | [b'3', b'8' | b'9' | b'B', ..]
            | [b'4', b'0', ..]
            | [b'5', b'3' | b'4' | b'5' | b'7' | b'8', ..]
            | [b'F', b'0', ..]
            | [b'H', b'V', ..]
            | [b'P', b'0', ..]
            | [b'X', b'X', ..] => 500,
            _ => 400,
        },
    }
}

/// The role that was to be taken does not exist. Postgres has no SQLSTATE of its own for it
/// (PostgREST/postgrest#3601).
pub fn is_unknown_role(error: &SqlError) -> bool {
    error.sqlstate == "22023" && error.message.starts_with("role") && error.message.ends_with("does not exist")
}

/// A status that HTTP can carry in a final answer.
fn valid(status: u16) -> u16 {
    if (200..=599).contains(&status) { status } else { 500 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(sqlstate: &str, message: &str, details: Option<&str>) -> SqlError {
        SqlError {
            sqlstate: sqlstate.to_owned(),
            message: message.to_owned(),
            details: details.map(str::to_owned),
            ..SqlError::default()
        }
    }

    #[test]
    fn states_have_the_status_that_postgrest_gives_them() {
        let expected = [
            ("08006", 503),
            ("09000", 500),
            ("0L000", 403),
            ("0P000", 403),
            ("23503", 409),
            ("23505", 409),
            ("23502", 400),
            ("25006", 405),
            ("25P02", 500),
            ("28000", 403),
            ("2D000", 500),
            ("38000", 500),
            ("39000", 500),
            ("3B000", 500),
            ("40001", 500),
            ("53400", 500),
            ("53300", 503),
            ("54001", 500),
            ("55P03", 500),
            ("57P01", 503),
            ("57014", 500),
            ("58030", 500),
            ("F0000", 500),
            ("HV000", 500),
            ("P0001", 400),
            ("P0002", 500),
            ("XX000", 500),
            ("42P01", 404),
            ("42P17", 500),
            ("42703", 400),
            ("22P02", 400),
            ("PT418", 418),
            ("PT4xx", 500),
            ("PT000", 500),
            ("PT999", 500),
        ];
        for (state, status_expected) in expected {
            assert_eq!(status(&error(state, "", None), true), status_expected, "{state}");
        }
    }

    #[test]
    fn a_message_decides_where_the_state_alone_does_not() {
        assert_eq!(status(&error("21000", "UPDATE requires a WHERE clause", None), true), 400);
        assert_eq!(status(&error("21000", "more than one row returned", None), true), 500);
        assert_eq!(status(&error("22023", "role \"nobody\" does not exist", None), true), 401);
        assert_eq!(status(&error("22023", "invalid value for parameter", None), true), 400);
        assert_eq!(status(&error("42883", "function xmlagg(text) does not exist", None), true), 406);
        assert_eq!(status(&error("42883", "function f() does not exist", None), true), 404);
    }

    #[test]
    fn a_refused_privilege_depends_on_who_asks() {
        assert_eq!(status(&error("42501", "permission denied", None), true), 403);
        assert_eq!(status(&error("42501", "permission denied", None), false), 401);
    }

    #[test]
    fn a_function_describes_its_own_answer() {
        let message = r#"{"code": "123", "message": "out of tea", "hint": "coffee?"}"#;
        let detail = r#"{"status": 418, "status_text": "Teapot", "headers": {"X-Tea": "none"}}"#;
        let raised = raised(&error("PGRST", message, Some(detail))).unwrap().unwrap();
        assert_eq!((raised.body.code.as_str(), raised.body.hint.as_deref()), ("123", Some("coffee?")));
        assert_eq!(raised.head.headers["X-Tea"], "none");
        assert_eq!(status(&error("PGRST", message, Some(detail)), true), 418);
    }

    #[test]
    fn an_answer_that_cannot_be_read_says_why() {
        let fault = |message, detail| raised(&error("PGRST", message, detail)).unwrap().unwrap_err();
        assert_eq!(fault("tea", None), RaiseFault::Message("tea".to_owned()));
        assert_eq!(fault(r#"{"code": "1", "message": "m"}"#, None), RaiseFault::NoDetail);
        assert_eq!(fault(r#"{"code": "1", "message": "m"}"#, Some("{}")), RaiseFault::Detail("{}".to_owned()));
        assert_eq!(status(&error("PGRST", "tea", None), true), 500);
    }
}
