//! OpenAPI 3.1 of the exposed schemas, made from the catalog.
//!
//! In: a catalog, the schemas wanted and the caller's role. Out: a document of the relations, columns and functions
//! that the role may use, described by the database's own comments. Column types follow JSON Schema 2020-12.

mod batch;
mod documents;
mod failures;
mod operations;
mod parameters;
mod paths;
mod schema;
mod system;

pub use documents::Documents;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, Method, Response, header},
};
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, PathsBuilder, Server,
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    tag::TagBuilder,
};

use super::{App, keys, request, respond};
use crate::{
    catalog::{Catalog, Privilege, Relation, Routine},
    error::Problem,
    name::{RoleName, SchemaName},
};

/// `GET /openapi.json`
pub async fn whole(State(app): State<App>, headers: HeaderMap) -> Response<Body> {
    answer(&app, &headers, None).await
}

/// `GET /{schema}/openapi.json`
pub async fn of_schema(State(app): State<App>, headers: HeaderMap, schema: SchemaName) -> Response<Body> {
    answer(&app, &headers, Some(schema)).await
}

async fn answer(app: &App, headers: &HeaderMap, schema: Option<SchemaName>) -> Response<Body> {
    let describe = async {
        let identity = keys::identify(app, &Method::GET, headers).await?;
        let catalog = app.catalogs.current().ok_or_else(Problem::no_catalog)?;
        let document = app.documents.get(&catalog, identity.role.clone(), schema, |view| {
            let document = document(view, app.config.api.public_url.as_deref());
            serde_json::to_vec(&document).map_err(|error| Problem::internal(error.to_string()))
        })?;
        let mut response = Response::new(Body::from(document));
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        Ok::<_, Problem>(response)
    };
    describe.await.unwrap_or_else(|problem| respond::problem(&problem))
}

/// What of a catalog is described, and for whom.
#[derive(Clone, Copy)]
pub struct View<'c> {
    /// The catalog.
    pub catalog: &'c Catalog,
    /// The caller's role; `None` is everything that is exposed.
    pub role: Option<&'c RoleName>,
    /// One schema alone.
    pub schema: Option<&'c SchemaName>,
}

impl<'c> View<'c> {
    /// Relations that the role may do anything with, by name.
    pub(super) fn relations(&self) -> Vec<&'c Relation> {
        let any = [Privilege::Select, Privilege::Insert, Privilege::Update, Privilege::Delete];
        let mut relations: Vec<_> = self
            .catalog
            .relations
            .values()
            .filter(|relation| self.shows(&relation.name.schema))
            .filter(|relation| any.iter().any(|privilege| self.may(*privilege, relation)))
            .collect();
        relations.sort_by(|a, b| a.name.cmp(&b.name));
        relations
    }

    /// Functions that the role may call, by name; of overloads the first.
    pub(super) fn routines(&self) -> Vec<&'c Routine> {
        let mut routines: Vec<_> = self
            .catalog
            .routines
            .values()
            .filter_map(|overloads| overloads.iter().find(|routine| self.may_call(routine)))
            .filter(|routine| self.shows(&routine.name.schema))
            .collect();
        routines.sort_by(|a, b| a.name.cmp(&b.name));
        routines
    }

    fn shows(&self, schema: &SchemaName) -> bool {
        self.schema.is_none_or(|only| only == schema)
    }

    fn may(&self, privilege: Privilege, relation: &Relation) -> bool {
        let Some(role) = self.role else { return true };
        let roles = &self.catalog.roles;
        roles.may(role, privilege, &relation.acl)
            || relation.columns.iter().any(|column| roles.may_on_column(role, privilege, &relation.acl, &column.grants))
    }

    fn may_on(&self, privilege: Privilege, relation: &Relation, column: &crate::catalog::Column) -> bool {
        self.role.is_none_or(|role| self.catalog.roles.may_on_column(role, privilege, &relation.acl, &column.grants))
    }

    fn may_call(&self, routine: &Routine) -> bool {
        self.role.is_none_or(|role| self.catalog.roles.may(role, Privilege::Execute, &routine.acl))
    }
}

/// The document. `url` is the service's public address; without it, paths are relative to where it was fetched.
pub fn document(view: &View<'_>, url: Option<&str>) -> OpenApi {
    let mut paths = PathsBuilder::new();
    let mut components = parameters::shared(ComponentsBuilder::new());
    components = paths::shared(failures::components(components));
    components = components.security_scheme(BEARER, SecurityScheme::Http(bearer()));
    components = components.security_scheme(KEY, SecurityScheme::ApiKey(ApiKey::Header(api_key())));
    for relation in view.relations() {
        components = schema::relation(components, view, relation);
        components = parameters::filters(components, view, relation);
        components = paths::answers(components, view, relation);
        paths = paths.path(path(relation), paths::relation(view, relation));
    }
    for routine in view.routines() {
        let name = &routine.name;
        let path = format!("/{}/rpc/{}", segment(name.schema.as_str()), segment(name.name.as_str()));
        paths = paths.path(path, paths::routine(view, routine));
    }
    paths = operations::paths(paths, view);
    if view.schema.is_none() {
        paths = batch::path(system::paths(paths, view.role));
    }
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Tekup data service")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(ABOUT))
                .build(),
        )
        .servers(Some([Server::new(url.unwrap_or("/"))]))
        .tags(Some(tags(view)))
        .security(Some([BEARER, KEY].map(|scheme| SecurityRequirement::new(scheme, Vec::<String>::new()))))
        .paths(paths.build())
        .components(Some(components.build()))
        .build()
}

/// The name of the scheme by which a token is sent.
const BEARER: &str = "bearer";
/// The name of the scheme by which a key of `shared.api_keys` is sent.
const KEY: &str = "key";

const ABOUT: &str = "Tables, views and functions of one PostgreSQL as JSON, in PostgREST's query language. The same \
    resources are at `/rest/v1/{relation}` with the schema in `Accept-Profile` or `Content-Profile`, where supabase-js \
    and every PostgREST client look for them. What can be read by GET can be read by QUERY (RFC 10008) too, with the \
    parameters in a form as its body. A request that is no HTTP, too slow or too large never gets to a resource: 400, 408, \
    414 or 431.";

fn bearer() -> utoipa::openapi::security::Http {
    HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("A token whose role claim names a Postgres role"))
        .build()
}

fn api_key() -> ApiKeyValue {
    ApiKeyValue::with_description(
        "X-API-Key",
        "A key instead of a token; X-Organization-Id names one of its organisations",
    )
}

fn tags(view: &View<'_>) -> Vec<utoipa::openapi::Tag> {
    let schemas = view.catalog.schemas.iter().filter(|schema| view.shows(&schema.name));
    let mut tags: Vec<_> = schemas
        .map(|schema| TagBuilder::new().name(schema.name.as_str()).description(schema.comment.clone()).build())
        .collect();
    if view.schema.is_none() {
        tags.push(TagBuilder::new().name("system").description(Some("Health, metrics and this document")).build());
    }
    tags
}

fn path(relation: &Relation) -> String {
    format!("/{}/{}", segment(relation.name.schema.as_str()), segment(relation.name.name.as_str()))
}

fn segment(name: &str) -> String {
    request::encode(name)
}

/// The key of a component: OpenAPI allows letters, digits, `.`, `-` and `_`; others are written as their code point.
fn key(parts: &[&str]) -> String {
    let escape = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' => c.to_string(),
        other => format!("-u{:04x}-", u32::from(other)),
    };
    parts.iter().map(|part| part.chars().map(escape).collect::<String>()).collect::<Vec<_>>().join(".")
}

/// An operation's id: `get_renos_leads`.
fn operation_id(verb: &str, schema: &str, name: &str) -> String {
    key(&[&format!("{verb}_{schema}_{name}")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn component_keys_hold_only_what_openapi_allows() {
        assert_eq!(key(&["renos", "leads", "status"]), "renos.leads.status");
        assert_eq!(key(&["a b", "æ"]), "a-u0020-b.-u00e6-");
    }
}
