//! The API's root: its description, or a function's answer. PostgREST: references/api/openapi.

use axum::{
    body::Body,
    http::{Method, Response},
};

use super::{Request, options};
use crate::{
    config::{OpenApiMode, Surface},
    db::Access,
    error::Problem,
    http::{
        forwarded::Origin,
        openapi::View,
        respond::Answer,
        swagger::{self, Place},
        system::Peer,
        timing::{Clock, Stage},
    },
    name::{QualifiedName, RoleName},
    query::{MediaType, Query},
    sql,
};

impl Request<'_> {
    pub(super) async fn root(&self, body: Body, mut clock: Clock) -> Result<Response<Body>, Problem> {
        let api = &self.app.config.api;
        if api.openapi_mode == OpenApiMode::Disabled {
            return Err(Problem::no_description());
        }
        if let Some(function) = &api.root_function {
            let schema = function.schema.as_ref().unwrap_or(&self.target.schema);
            return self.routine(&QualifiedName::new(schema.clone(), function.name.clone()), body, clock).await;
        }
        clock.lap(Stage::Parse);
        match self.parts.method {
            Method::GET | Method::HEAD => {}
            Method::OPTIONS => return self.finish(options::allow("OPTIONS,GET,HEAD"), &Query::default(), clock),
            ref method => return Err(Problem::unsupported_method(method.as_str())),
        }
        let makes = [MediaType::OpenApi, MediaType::Json, MediaType::Any];
        if !self.accept.iter().any(|media| makes.contains(media)) {
            return Err(Problem::not_acceptable(&self.accept.iter().map(MediaType::mime).collect::<Vec<_>>()));
        }
        clock.lap(Stage::Plan);
        let role = self.effective_role().await?;
        clock.lap(Stage::Transaction);
        let view = View {
            catalog: &self.catalog,
            role: (api.openapi_mode == OpenApiMode::FollowPrivileges).then_some(&role),
            schema: Some(&self.target.schema),
        };
        let document = swagger::document(&view, &self.place(), api.openapi_security);
        let answer = Answer::new(200).content(&MediaType::OpenApi, self.profile());
        let answer = match self.parts.method {
            Method::HEAD => answer,
            _ => answer.body(document.to_string().into_bytes()),
        };
        self.finish(answer, &Query::default(), clock)
    }

    /// The role whose rights count: a function that is called before every request may change it, or refuse.
    async fn effective_role(&self) -> Result<RoleName, Problem> {
        let outcome = self.run(self.transaction(Access::ReadOnly, sql::current_user(), None)).await?;
        let name = outcome.rows.first().and_then(|row| row.get(0)).map(String::from_utf8_lossy);
        Ok(name.map_or_else(|| self.identity.role.clone(), |name| RoleName::from(name.into_owned())))
    }

    fn place(&self) -> Place {
        let path = match &self.app.config.server.surface {
            Surface::Whole { rest } => rest,
            Surface::PostgrestAlone => "",
        };
        let server = &self.app.config.server;
        let peer = self.parts.extensions.get().map(|Peer(peer)| peer.ip());
        let origin = peer.map(|peer| Origin::find(peer, &self.parts.headers, &server.trusted_proxies));
        Place::new(self.app.config.api.public_url.as_deref(), origin.unwrap_or_default(), server, path)
    }
}
