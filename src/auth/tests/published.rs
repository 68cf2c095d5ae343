//! Keys behind a URL: fetched when needed, once a minute at most, one fetch at a time.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use jsonwebtoken::Algorithm::{ES256, RS256};
use serde_json::{Value, json};

use super::{SECRET, Service, config, fixture, signed_with, token};
use crate::{auth::AuthError, config::AuthConfig};

/// A server that answers every request with a document.
struct Publisher {
    url: String,
    document: Arc<Mutex<String>>,
    fetches: Arc<AtomicUsize>,
}

impl Publisher {
    fn new(document: impl Into<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/keys.json", listener.local_addr().unwrap());
        let document = Arc::new(Mutex::new(document.into()));
        let fetches = Arc::new(AtomicUsize::new(0));
        let (shown, counter) = (Arc::clone(&document), Arc::clone(&fetches));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 4096]);
                counter.fetch_add(1, Ordering::SeqCst);
                // Long enough for others to come meanwhile.
                thread::sleep(Duration::from_millis(50));
                let body = shown.lock().unwrap().clone();
                let status = if body.is_empty() { "503 Service Unavailable" } else { "200 OK" };
                let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                let _ = stream.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice());
            }
        });
        Self { url, document, fetches }
    }

    fn publish(&self, document: impl Into<String>) {
        *self.document.lock().unwrap() = document.into();
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }

    fn service(&self) -> Service {
        Service::new(&AuthConfig { jwks_url: Some(self.url.clone()), ..config() })
    }
}

/// The keys of the test set with these indices.
fn set(indices: &[usize]) -> String {
    let all: Value = serde_json::from_slice(&fixture("test-jwks.json")).unwrap();
    json!({ "keys": indices.iter().map(|index| &all["keys"][index]).collect::<Vec<_>>() }).to_string()
}

fn rsa() -> String {
    signed_with("test-rsa.pem", RS256, Some("rsa"), "crm_app")
}

fn p256() -> String {
    signed_with("test-p256.pem", ES256, Some("p256"), "crm_app")
}

#[tokio::test]
async fn an_unknown_key_is_fetched_once_a_minute_at_most() {
    let publisher = Publisher::new(set(&[0]));
    let service = publisher.service();
    assert!(service.call(&token(r#"{"role":"crm_app"}"#)).await.is_ok());
    assert_eq!(publisher.fetches(), 0, "the shared secret needs no fetch");
    assert!(service.call(&rsa()).await.is_ok());
    assert_eq!(publisher.fetches(), 1);
    publisher.publish(set(&[0, 1]));
    service.wait(59);
    assert_eq!(service.call(&p256()).await.unwrap_err().code(), "PGRST301");
    assert_eq!(publisher.fetches(), 1);
    service.wait(1);
    assert!(service.call(&p256()).await.is_ok());
    assert!(service.call(&rsa()).await.is_ok());
    assert_eq!(publisher.fetches(), 2);
    // A token that names no key gives no reason to fetch.
    service.wait(600);
    let stranger = signed_with("test-rsa-other.pem", RS256, None, "crm_app");
    assert_eq!(service.call(&stranger).await.unwrap_err().code(), "PGRST301");
    assert_eq!(publisher.fetches(), 2);
}

#[tokio::test]
async fn callers_share_one_fetch() {
    let publisher = Publisher::new(set(&[0]));
    let service = publisher.service();
    let (rsa, other) = (rsa(), signed_with("test-rsa.pem", RS256, Some("other"), "crm_app"));
    let calls = tokio::join!(service.call(&rsa), service.call(&rsa), service.call(&other), service.call(&rsa));
    assert!(calls.0.is_ok() && calls.1.is_ok() && calls.2.is_err() && calls.3.is_ok());
    assert_eq!(publisher.fetches(), 1);
}

#[tokio::test]
async fn a_caller_that_hangs_up_does_not_end_the_fetch() {
    let publisher = Publisher::new(set(&[0]));
    let service = publisher.service();
    let rsa = rsa();
    assert!(tokio::time::timeout(Duration::from_millis(10), service.call(&rsa)).await.is_err());
    assert!(service.call(&rsa).await.is_ok());
    assert_eq!(publisher.fetches(), 1);
}

#[tokio::test]
async fn a_change_of_keys_withdraws_what_the_old_ones_verified() {
    let publisher = Publisher::new(set(&[0]));
    let service = publisher.service();
    let first = service.call(&rsa()).await.unwrap();
    let token = token(r#"{"role":"crm_app"}"#);
    let secret = service.call(&token).await.unwrap();
    service.wait(60);
    service.auth.refresh_keys().await;
    assert_eq!(publisher.fetches(), 2);
    assert!(Arc::ptr_eq(&secret, &service.call(&token).await.unwrap()), "the same keys change nothing");
    publisher.publish(set(&[1]));
    service.wait(60);
    service.auth.refresh_keys().await;
    assert_eq!(service.call(&rsa()).await.unwrap_err().code(), "PGRST301");
    assert!(service.call(&p256()).await.is_ok());
    assert!(!Arc::ptr_eq(&secret, &service.call(&token).await.unwrap()), "verified again");
    drop(first);
}

#[tokio::test]
async fn keys_that_can_not_be_fetched_are_tried_again_soon() {
    let publisher = Publisher::new("");
    let service = publisher.service();
    let error = service.call(&rsa()).await.unwrap_err();
    assert_eq!((&error, error.status(), error.code()), (&AuthError::KeysUnavailable, 503, "auth.keys_unavailable"));
    assert!(service.call(&token(r#"{"role":"crm_app"}"#)).await.is_ok(), "the shared secret is here");
    publisher.publish(set(&[0]));
    service.wait(4);
    assert_eq!(service.call(&rsa()).await.unwrap_err(), AuthError::KeysUnavailable);
    service.wait(1);
    assert!(service.call(&rsa()).await.is_ok());
    assert_eq!(publisher.fetches(), 2);
}

#[tokio::test]
async fn a_bad_document_leaves_the_old_keys() {
    let publisher = Publisher::new(set(&[0]));
    let service = publisher.service();
    service.auth.refresh_keys().await;
    let secret = json!({ "keys": [{ "kty": "oct", "kid": "p256", "k": SECRET }] }).to_string();
    let private = set(&[1]).replace(r#""kty""#, r#""d":"AQAB","kty""#);
    let large = format!("{}{}", " ".repeat(1_000_001), set(&[0, 1]));
    for document in [String::new(), "<html>".to_owned(), r#"{"keys":[]}"#.to_owned(), secret, private, large] {
        publisher.publish(document);
        service.wait(60);
        assert_eq!(service.call(&p256()).await.unwrap_err().code(), "PGRST301");
        assert!(service.call(&rsa()).await.is_ok());
    }
    assert_eq!(publisher.fetches(), 7);
}

#[tokio::test]
async fn kinds_of_keys_that_we_do_not_know_are_passed_over() {
    let mut document: Value = serde_json::from_str(&set(&[0])).unwrap();
    for unknown in [
        json!({ "kty": "EC", "crv": "P-521", "x": "AA", "y": "AA", "kid": "p521" }),
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "pub": "AA" }),
        json!({ "kty": "RSA", "use": "enc", "alg": "RSA-OAEP", "n": "AA", "e": "AQAB" }),
    ] {
        document["keys"].as_array_mut().unwrap().insert(0, unknown);
    }
    let publisher = Publisher::new(document.to_string());
    assert!(publisher.service().call(&rsa()).await.is_ok());
}
