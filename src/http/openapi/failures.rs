//! What requests are refused with: a component for each status, all in the form that every failure has.

use utoipa::openapi::{
    ComponentsBuilder, Content, Header, HeaderBuilder, Ref, RefOr,
    path::OperationBuilder,
    response::{Response, ResponseBuilder},
    schema::{ObjectBuilder, Schema, SchemaType, Type},
};

/// Each status that a request may be refused with, and why.
const STATUSES: [(&str, &str); 16] = [
    (
        "300",
        "A relation is related to the embedded one in several ways; `details` lists them, `hint` says how to choose",
    ),
    ("400", "The request is not understood, or its values don't fit: `details` and `hint` say what would"),
    ("401", "No token or key, or one that is not accepted"),
    ("403", "The caller's role may not do this"),
    ("404", "There is no such row, function or operator; rows of other organisations are not there either"),
    ("405", "The resource does not take this"),
    ("406", "No media type of `Accept` can be given; of a single object, there isn't exactly one row"),
    (
        "409",
        "Something else is in the way: a key that is taken, a row that is referred to, a state that does not allow it",
    ),
    ("412", "The row is not the one that `If-Match` names"),
    ("413", "The body is too large"),
    ("414", "The URL is too long"),
    ("415", "The body is of a media type that is not taken"),
    ("416", "There are no rows there, or the range is none"),
    ("422", "What is referred to is missing, a rule does not hold, or the key of the call was used for another one"),
    ("429", "Too many calls; `Retry-After` says when the next may be made"),
    ("4XX", "The function refuses, with a status of its own"),
];

/// Of reading a relation.
pub(super) const OF_READ: &[&str] = &["300", "400", "401", "403", "404", "406", "414", "416"];
/// Of writing to a relation.
pub(super) const OF_WRITE: &[&str] =
    &["300", "400", "401", "403", "404", "405", "406", "409", "412", "413", "414", "415", "422"];
/// Of calling a function.
pub(super) const OF_CALL: &[&str] =
    &["300", "400", "401", "403", "404", "405", "406", "409", "413", "414", "415", "416", "422", "4XX"];
/// Of an operation whose input is in its URL.
pub(super) const OF_ASKING: &[&str] = &["400", "401", "403", "404", "409", "414", "422", "429"];
/// Of an operation whose input is a body.
pub(super) const OF_DOING: &[&str] = &["400", "401", "403", "404", "409", "413", "414", "415", "422", "429"];

/// Adds the form of a failure, PostgREST's four members, and the statuses that have it.
pub(super) fn components(components: ComponentsBuilder) -> ComponentsBuilder {
    let problem = ObjectBuilder::new()
        .description(Some("A failure: what, where, and what would be right"))
        .property("code", of(&[Type::String]))
        .property("message", of(&[Type::String]))
        .property("details", ObjectBuilder::new().schema_type(SchemaType::AnyValue).build())
        .property("hint", of(&[Type::String, Type::Null]))
        .required("code")
        .required("message")
        .required("details")
        .required("hint")
        .build();
    let components = components.schema("Problem", Schema::Object(problem));
    let components = components.response("Problem", refusal("Refused or failed"));
    STATUSES.iter().fold(components, |components, (status, why)| {
        let refusal = refusal(why);
        let refusal = match *status {
            "401" => refusal.header("WWW-Authenticate", header("What is wrong with the token")),
            "429" => refusal.header("Retry-After", header("Seconds to wait")),
            _ => refusal,
        };
        components.response(*status, refusal)
    })
}

fn refusal(why: &str) -> ResponseBuilder {
    let problem = || Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new()
        .description(why)
        .content("application/json", problem())
        .content("application/problem+json", problem())
}

fn of(types: &[Type]) -> Schema {
    Schema::Object(ObjectBuilder::new().schema_type(SchemaType::Array(types.to_vec())).build())
}

fn header(about: &str) -> Header {
    let text = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).build();
    HeaderBuilder::new().schema(Some(text)).description(Some(about)).build()
}

/// Adds the statuses to an operation; any may fail.
pub(super) fn refuse(builder: OperationBuilder, statuses: &[&str]) -> OperationBuilder {
    let builder = statuses.iter().fold(builder, |builder, status| builder.response(*status, response(status)));
    builder.response("5XX", response("Problem"))
}

/// A reference to a response that is a component.
pub(super) fn response(name: &str) -> RefOr<Response> {
    RefOr::Ref(Ref::from_response_name(name))
}
