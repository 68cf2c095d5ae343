//! `POST /batch`.

use serde_json::{Value, json};
use utoipa::openapi::{PathsBuilder, path::PathItem};

use crate::http::batch::{METHODS, MOST_STEPS};

/// Adds its path.
pub(super) fn path(paths: PathsBuilder) -> PathsBuilder {
    // What is written here is an item of paths; a test compares the document with the committed one.
    paths.path("/batch", serde_json::from_value::<PathItem>(item()).unwrap_or_default())
}

fn item() -> Value {
    let headers = json!({"type": "object", "additionalProperties": {"type": "string"}});
    let any = json!(["null", "boolean", "number", "string", "array", "object"]);
    let step = json!({
        "type": "object", "required": ["method", "path"], "additionalProperties": false,
        "properties": {
            "method": {"type": "string", "enum": METHODS.each_ref().map(axum::http::Method::as_str)},
            "path": {
                "type": "string", "pattern": "^/",
                "description": "Path and parameters; `$ref(0.body[0].id)` is a value of an earlier answer, percent-encoded",
            },
            "headers": headers.clone(),
            "body": {
                "type": any.clone(),
                "description": "JSON, in which `{\"$ref\": \"0.body[0].id\"}` is a value of an earlier answer and `{\"$value\": …}` is \
                    its content as it is; a string where the step's Content-Type is another one",
            },
        },
    });
    let answer = json!({
        "type": "object", "required": ["status", "headers", "body"],
        "properties": {"status": {"type": "integer"}, "headers": headers, "body": {"type": any}},
    });
    json!({"post": {
        "tags": ["system"],
        "operationId": "batch",
        "summary": "Several requests that all have their effect, or none",
        "description": "Each step is a request to a table, view, function or operation, with the rights of the caller, as if it \
            came alone; all run in one SERIALIZABLE transaction. A later step may use what an earlier one answered. The first \
            that fails ends it: its status is the answer's, `details` has its number and its answer, and nothing was done. \
            `Prefer: tx=rollback` on a step, where it may be asked for, is for the whole.",
        "parameters": [{"$ref": "#/components/parameters/idempotency_key"}],
        "requestBody": {"required": true, "content": {"application/json": {
            "schema": {"type": "array", "minItems": 1, "maxItems": MOST_STEPS, "items": step},
            "example": [
                {
                    "method": "POST", "path": "/renos/customers?select=id", "headers": {"Prefer": "return=representation"},
                    "body": {"name": "Ann Dahl", "email": "ann@dahl.example"},
                },
                {
                    "method": "POST", "path": "/renos/leads",
                    "body": {"customer_id": {"$ref": "0.body[0].id"}, "source": "phone"},
                },
                {"method": "POST", "path": "/renos/customers/$ref(0.body[0].id)/refresh_stats", "body": {}},
            ],
        }}},
        "responses": {
            "200": {"description": "The answers of all steps, in order",
                "content": {"application/json": {"schema": {"type": "array", "items": answer}}}},
            "4XX": {"$ref": "#/components/responses/Problem"},
            "5XX": {"$ref": "#/components/responses/Problem"},
        },
    }})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_can_be_documented() {
        assert!(serde_json::from_value::<PathItem>(item()).unwrap().post.is_some());
    }
}
