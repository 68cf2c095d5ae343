//! Headers, tokens and claims that are refused, and how; the pinned answers are PostgREST's.

use proptest::prelude::*;
use serde_json::json;

use super::{NOW, SECRET, Service, config, signed, token, with_claim};
use crate::{
    auth::AuthError,
    config::{AuthConfig, Secret},
};

/// Code, message and `WWW-Authenticate` of a refusal.
fn answer(error: &AuthError) -> (&'static str, String, Option<String>) {
    (error.code(), error.message(), error.www_authenticate())
}

#[tokio::test]
async fn no_header_is_an_anonymous_caller() {
    let identity = Service::new(&config()).auth.identify(None).await.unwrap();
    assert_eq!((&identity.role, &*identity.claims), (&"anon".into(), r#"{"role":"anon"}"#));
    assert!(!identity.authenticated && identity.organisation.is_empty() && identity.person.is_empty());
}

#[tokio::test]
async fn without_an_anonymous_role_a_token_with_a_role_is_required() {
    let service = Service::new(&AuthConfig { anon_role: None, ..config() });
    for error in [service.auth.identify(None).await.unwrap_err(), service.call(&token("{}")).await.unwrap_err()] {
        assert_eq!(answer(&error), ("PGRST302", "Anonymous access is disabled".into(), Some("Bearer".into())));
        assert_eq!(error.status(), 401);
    }
}

#[tokio::test]
async fn without_keys_a_token_is_a_fault_of_the_server() {
    let service = Service::new(&AuthConfig { secret: None, ..config() });
    for text in [token("{}").as_str(), ""] {
        let error = service.call(text).await.unwrap_err();
        assert_eq!(answer(&error), ("PGRST300", "Server lacks JWT secret".into(), None));
        assert_eq!((error.status(), error.hint(), error.details()), (500, None, None));
    }
    assert!(service.auth.identify(None).await.is_ok());
}

#[tokio::test]
async fn the_scheme_is_bearer_in_any_case() {
    let service = Service::new(&config());
    let token = token(r#"{"role":"crm_app"}"#);
    for header in [format!("Bearer {token}"), format!("bearer {token}"), format!("BEARER \t {token} ")] {
        assert_eq!(service.auth.identify(Some(header.as_bytes())).await.unwrap().role, "crm_app");
    }
}

#[tokio::test]
async fn a_header_that_is_no_bearer_token_is_never_anonymous() {
    let service = Service::new(&config());
    for header in ["", " ", "Basic dTpw", &token("{}"), "Bearer\u{a0}x", "Token x", "Bearer,x"] {
        let error = service.auth.identify(Some(header.as_bytes())).await.unwrap_err();
        assert_eq!((error.code(), error.status()), ("auth.malformed_header", 401), "{header:?}");
        assert!(error.www_authenticate().unwrap().starts_with(r#"Bearer error="invalid_request""#));
    }
    assert!(service.auth.identify(Some(b"\xff\xfe")).await.is_err());
}

#[tokio::test]
async fn malformed_tokens_are_refused_as_postgrest_does() {
    let service = Service::new(&config());
    let undecodable = "JWT cryptographic operation failed";
    for (text, message) in [
        ("", "Empty JWT is sent in Authorization header"),
        ("abc", "Expected 3 parts in JWT; got 1"),
        ("a.b", "Expected 3 parts in JWT; got 2"),
        ("a.b.c.d", "Expected 3 parts in JWT; got 4"),
        ("..", undecodable),
        ("!.!.!", undecodable),
        (&signed("no json", b"{}", SECRET.as_bytes()), undecodable),
        (&signed(r#"{"typ":"JWT"}"#, b"{}", SECRET.as_bytes()), undecodable),
        (&signed(r#"{"alg":"HS256","alg":"HS256"}"#, b"{}", SECRET.as_bytes()), undecodable),
        (&signed(r#"{"alg":"HS256","kid":1}"#, b"{}", SECRET.as_bytes()), undecodable),
        (&signed(r#"{"alg":"HS257"}"#, b"{}", SECRET.as_bytes()), undecodable),
        (&format!("{}=", token("{}")), undecodable),
        (&format!("{} x", token("{}")), undecodable),
    ] {
        let error = service.call(text).await.unwrap_err();
        let challenge = format!(r#"Bearer error="invalid_token", error_description="{message}""#);
        assert_eq!(answer(&error), ("PGRST301", message.to_owned(), Some(challenge)), "{text}");
        assert_eq!((error.status(), error.details(), error.hint()), (401, None, None));
    }
}

#[tokio::test]
async fn a_token_of_100_kilobytes_is_refused_unread() {
    let service = Service::new(&config());
    let error = service.call(&with_claim("text", json!("x".repeat(100_000)))).await.unwrap_err();
    assert_eq!((error.code(), error.status()), ("auth.token_too_long", 401));
    assert!(service.call(&with_claim("text", json!("x".repeat(10_000)))).await.is_ok());
}

#[tokio::test]
async fn an_extension_that_must_be_understood_is_refused() {
    let service = Service::new(&config());
    for crit in [r#"["b64"]"#, "[]", "null", "1"] {
        let header = format!(r#"{{"alg":"HS256","b64":true,"crit":{crit}}}"#);
        let error = service.call(&signed(&header, br#"{"role":"crm_app"}"#, SECRET.as_bytes())).await.unwrap_err();
        assert_eq!((error.code(), error.status()), ("auth.critical_extension", 401));
    }
}

#[tokio::test]
async fn times_are_checked_with_thirty_seconds_of_leeway() {
    let service = Service::new(&config());
    for (name, good, bad, message) in [
        ("exp", json!(NOW - 30), json!(NOW - 31), "JWT expired"),
        ("nbf", json!(NOW + 30), json!(NOW + 31), "JWT not yet valid"),
        ("iat", json!(NOW + 30), json!(NOW + 31), "JWT issued at future"),
        ("exp", json!(NOW as f64 - 29.5), json!(NOW as f64 - 30.5), "JWT expired"),
        ("exp", json!(1e300), json!(0), "JWT expired"),
        ("exp", json!(u64::MAX), json!(-1e300), "JWT expired"),
        ("nbf", json!(-5), json!(u64::MAX), "JWT not yet valid"),
        ("nbf", json!(NOW as f64 + 29.5), json!(1e300), "JWT not yet valid"),
        ("iat", json!(0.5), json!(i64::MAX), "JWT issued at future"),
    ] {
        assert!(service.call(&with_claim(name, good.clone())).await.is_ok(), "{name} {good}");
        let error = service.call(&with_claim(name, bad.clone())).await.unwrap_err();
        let challenge = format!(r#"Bearer error="invalid_token", error_description="{message}""#);
        assert_eq!(answer(&error), ("PGRST303", message.to_owned(), Some(challenge)), "{name} {bad}");
        assert_eq!((error.status(), error.details()), (401, None));
    }
}

#[tokio::test]
async fn times_of_another_type_are_refused() {
    let service = Service::new(&config());
    for name in ["exp", "nbf", "iat"] {
        for value in [json!(null), json!("1800000000"), json!(true), json!([NOW]), json!({ "t": NOW })] {
            let error = service.call(&with_claim(name, value)).await.unwrap_err();
            let message = format!("The JWT '{name}' claim must be a number");
            assert_eq!((error.code(), error.message()), ("PGRST303", message));
        }
    }
}

#[tokio::test]
async fn the_audience_is_checked_as_postgrest_does() {
    let ours = Service::new(&AuthConfig { audience: Some("tekup".to_owned()), ..config() });
    let any = Service::new(&config());
    for audience in [json!("tekup"), json!(["tekup"]), json!(["other", "tekup"]), json!([]), json!(null)] {
        assert!(ours.call(&with_claim("aud", audience.clone())).await.is_ok(), "{audience}");
        assert!(any.call(&with_claim("aud", audience)).await.is_ok());
    }
    assert!(ours.call(&token(r#"{"role":"crm_app"}"#)).await.is_ok());
    for audience in [json!("other"), json!(""), json!("tekup "), json!(["other"]), json!([""])] {
        assert!(any.call(&with_claim("aud", audience.clone())).await.is_ok());
        let error = ours.call(&with_claim("aud", audience)).await.unwrap_err();
        assert_eq!((error.code(), error.message()), ("PGRST303", "JWT not in audience".to_owned()));
    }
    for audience in [json!(1), json!({ "a": "tekup" }), json!(["tekup", 1]), json!([["tekup"]]), json!(true)] {
        for service in [&ours, &any] {
            let error = service.call(&with_claim("aud", audience.clone())).await.unwrap_err();
            let message = "The JWT 'aud' claim must be a string or an array of strings";
            assert_eq!((error.code(), error.message().as_str()), ("PGRST303", message), "{audience}");
        }
    }
}

#[tokio::test]
async fn claims_that_are_no_object_are_refused() {
    let service = Service::new(&config());
    for claims in [&b"[]"[..], b"", b"{", b"\"role\"", b"{}{}", b"\xff", b"{\"role\":\"\xff\"}", b"{\"a\":\"\\ud800\"}"]
    {
        let error = service.call(&signed(r#"{"alg":"HS256"}"#, claims, SECRET.as_bytes())).await.unwrap_err();
        assert_eq!((error.code(), error.message().as_str()), ("PGRST303", "Parsing claims failed"));
        assert_eq!(error.details(), None, "{claims:?}");
    }
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(5000), "]".repeat(5000));
    assert_eq!(service.call(&token(&deep)).await.unwrap_err().code(), "PGRST303");
}

#[tokio::test]
async fn a_claim_given_twice_is_refused() {
    let service = Service::new(&config());
    for claims in [
        r#"{"role":"crm_app","exp":1,"exp":9999999999}"#,
        r#"{"role":"crm_app","role":"service_role"}"#,
        r#"{"role":"crm_app","r\u006fle":"service_role"}"#,
        r#"{"role":"crm_app","a":[{"b":1,"b":2}]}"#,
    ] {
        let error = service.call(&token(claims)).await.unwrap_err();
        assert_eq!((error.code(), error.message().as_str()), ("PGRST303", "Parsing claims failed"));
        assert!(error.details().unwrap().contains("is given twice"), "{claims}");
    }
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let service = Service::new(&AuthConfig { secret: Some(Secret::new(SECRET.to_uppercase())), ..config() });
    let error = service.call(&token(r#"{"role":"crm_app"}"#)).await.unwrap_err();
    assert_eq!((error.code(), error.message().as_str()), ("PGRST301", "No suitable key or wrong key type"));
    assert_eq!(error.details().unwrap(), "None of the keys was able to decode the JWT");
}

proptest! {
    #[test]
    fn what_is_no_signed_token_never_authenticates(header in prop::collection::vec(any::<u8>(), 0..200)) {
        let service = Service::new(&config());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        prop_assert!(runtime.block_on(service.auth.identify(Some(&header))).is_err());
        let bearer = [b"Bearer ", header.as_slice()].concat();
        prop_assert!(runtime.block_on(service.auth.identify(Some(&bearer))).is_err());
    }

    #[test]
    fn a_changed_token_never_authenticates(place in any::<prop::sample::Index>(), other in "[A-Za-z0-9_.-]") {
        let service = Service::new(&config());
        let mut token = token(r#"{"role":"crm_app","sub":"p1"}"#);
        let place = place.index(token.len());
        prop_assume!(token[place..=place] != other);
        token.replace_range(place..=place, &other);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        prop_assert!(runtime.block_on(service.call(&token)).is_err());
    }

    #[test]
    fn any_signed_claims_do_not_panic(
        header in r#"\{"alg":"(HS256|none|RS256)"(,"(kid|crit|typ|x")":[a-z0-9"\[\]]{0,4})?\}"#,
        claims in r#"\{("(role|exp|nbf|iat|aud|sub|org_id)":("?[-+.eE0-9a-z]{0,12}"?|\[\]|\{\}|null),?){0,4}\}"#,
    ) {
        let service = Service::new(&config());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _ = runtime.block_on(service.call(&signed(&header, claims.as_bytes(), SECRET.as_bytes())));
    }
}
