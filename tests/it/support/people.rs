//! People who call the service: values with the same verbs, calling the router in force in-process.

use std::net::SocketAddr;

use axum::{
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode},
};
use serde_json::Value;
use tekup_db::http::{Service, system::Peer};
use tower::ServiceExt as _;

/// A caller.
#[derive(Clone)]
pub struct Person {
    service: Service,
    token: Option<String>,
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header as text; empty where it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header of text"))
    }

    /// Fails with the body unless the status is that.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }
}

impl Person {
    /// A caller with that token, or without one.
    pub fn new(service: Service, token: Option<String>) -> Self {
        Self { service, token }
    }

    /// Any request.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        self.request(self.build(method, path, headers, body)).await
    }

    /// Any request, over a connection from that address.
    pub async fn send_from(
        &self,
        peer: &str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = self.build(method, path, headers, body);
        request.extensions_mut().insert(Peer(SocketAddr::new(peer.parse().expect("an address"), 4711)));
        self.request(request).await
    }

    fn build(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(body.into()).expect("a request")
    }

    async fn request(&self, request: Request<Body>) -> Answer {
        let response = self.service.router().oneshot(request).await.expect("the router never fails");
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body").to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Body::empty()).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, path, headers, Body::empty()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.write(Method::POST, path, &[("prefer", "return=representation")], body).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.write(Method::PATCH, path, &[("prefer", "return=representation")], body).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.write(Method::PUT, path, &[("prefer", "return=representation")], body).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[("prefer", "return=representation")], Body::empty()).await
    }

    pub async fn write(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        let headers: Vec<_> = headers.iter().copied().chain([("content-type", "application/json")]).collect();
        self.send(method, path, &headers, body.to_string()).await
    }
}
