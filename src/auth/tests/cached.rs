//! Verified tokens are remembered, within bounds.

use std::sync::Arc;

use serde_json::json;

use super::{NOW, SECRET, Service, config, token, with_claim};
use crate::{auth::AuthError, config::AuthConfig};

#[tokio::test]
async fn a_known_token_gives_the_same_identity_without_waiting() {
    let service = Service::new(&config());
    let token = token(r#"{"role":"crm_app"}"#);
    let first = service.call(&token).await.unwrap();
    let header = format!("Bearer {token}");
    let mut second = std::pin::pin!(service.auth.identify(Some(header.as_bytes())));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(second) = second.as_mut().poll(&mut context) else { panic!("it waits") };
    assert!(Arc::ptr_eq(&first, &second.unwrap()));
}

#[tokio::test]
async fn a_known_token_expires() {
    let service = Service::new(&config());
    let token = with_claim("exp", json!(NOW + 10));
    assert!(service.call(&token).await.is_ok());
    service.wait(40);
    assert!(service.call(&token).await.is_ok());
    service.wait(1);
    assert_eq!(service.call(&token).await.unwrap_err(), AuthError::Expired);
}

#[tokio::test]
async fn a_refused_token_is_not_remembered() {
    let service = Service::new(&config());
    let early = with_claim("nbf", json!(NOW + 60));
    assert_eq!(service.call(&early).await.unwrap_err(), AuthError::NotYetValid);
    assert_eq!(service.auth.cache.len(), 0);
    service.wait(30);
    assert!(service.call(&early).await.is_ok());
}

#[tokio::test]
async fn the_cache_is_bounded_in_number_and_bytes() {
    let service = Service::new(&AuthConfig { cache_size: 50, ..config() });
    for number in 0..500 {
        service.call(&with_claim("sub", json!(number.to_string()))).await.unwrap();
    }
    assert!((1..=50).contains(&service.auth.cache.len()), "{}", service.auth.cache.len());
    let service = Service::new(&AuthConfig { cache_size: 50, ..config() });
    for number in 0..500 {
        service.call(&with_claim("sub", json!(format!("{number:06000}")))).await.unwrap();
    }
    assert!(service.auth.cache.len() <= 10, "{}", service.auth.cache.len());
}

#[tokio::test]
async fn the_cache_can_be_off() {
    let service = Service::new(&AuthConfig { cache_size: 0, ..config() });
    let token = token(r#"{"role":"crm_app"}"#);
    let first = service.call(&token).await.unwrap();
    let second = service.call(&token).await.unwrap();
    assert!(first == second && !Arc::ptr_eq(&first, &second));
    assert!(!format!("{:?}", service.auth).contains(SECRET));
}

#[tokio::test]
async fn hits_and_misses_are_counted() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let service = Service::new(&config());
    for _ in 0..3 {
        service.call(&token(r#"{"role":"crm_app"}"#)).await.unwrap();
    }
    let text = recorder.handle().render();
    assert!(text.contains("jwt_cache_hits_total 2") && text.contains("jwt_cache_misses_total 1"), "{text}");
}
