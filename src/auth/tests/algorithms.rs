//! Which key verifies which token.

use jsonwebtoken::Algorithm::{self, *};

use super::{KEYS, SECRET, Service, config, fixture, signed, signed_with};
use crate::config::{AuthConfig, Secret};

fn with_set() -> AuthConfig {
    AuthConfig { jwks_file: Some(format!("{KEYS}test-jwks.json").into()), ..config() }
}

const PAIRS: [(&str, &str, Algorithm); 9] = [
    ("test-rsa.pem", "rsa", RS256),
    ("test-rsa.pem", "rsa", RS384),
    ("test-rsa.pem", "rsa", RS512),
    ("test-rsa.pem", "rsa", PS256),
    ("test-rsa.pem", "rsa", PS384),
    ("test-rsa.pem", "rsa", PS512),
    ("test-p256.pem", "p256", ES256),
    ("test-p384.pem", "p384", ES384),
    ("test-ed25519.pem", "ed25519", EdDSA),
];

#[tokio::test]
async fn every_algorithm_is_verified_with_and_without_a_key_id() {
    let service = Service::new(&with_set());
    for (file, id, algorithm) in PAIRS {
        for id in [Some(id), None] {
            let identity = service.call(&signed_with(file, algorithm, id, "crm_app")).await.unwrap();
            assert_eq!(identity.role, "crm_app", "{algorithm:?}");
        }
    }
    for algorithm in [HS256, HS384, HS512] {
        let key = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes());
        let claims = serde_json::json!({ "role": "crm_app" });
        let token = jsonwebtoken::encode(&jsonwebtoken::Header::new(algorithm), &claims, &key).unwrap();
        assert!(service.call(&token).await.is_ok(), "{algorithm:?}");
    }
}

#[tokio::test]
async fn a_key_that_the_token_does_not_name_does_not_verify_it() {
    let service = Service::new(&with_set());
    for (file, id, algorithm) in [
        ("test-rsa.pem", Some("unknown"), RS256),
        ("test-rsa.pem", Some("p256"), RS256),
        ("test-p256.pem", Some("p384"), ES256),
        ("test-p384.pem", Some("p256"), ES384),
        ("test-p384.pem", Some("ed25519"), ES384),
    ] {
        let error = service.call(&signed_with(file, algorithm, id, "crm_app")).await.unwrap_err();
        assert_eq!((error.code(), error.status()), ("PGRST301", 401));
        assert_eq!(error.details().unwrap(), "No suitable key was found to decode the JWT");
    }
    // The shared secret has no id, so a token that names one does not mean it (PostgREST too).
    let token = signed(r#"{"alg":"HS256","kid":"rsa"}"#, br#"{"role":"crm_app"}"#, SECRET.as_bytes());
    assert!(service.call(&token).await.is_err());
}

#[tokio::test]
async fn another_private_key_is_refused() {
    let service = Service::new(&with_set());
    for id in [Some("rsa"), None] {
        let error = service.call(&signed_with("test-rsa-other.pem", RS256, id, "crm_app")).await.unwrap_err();
        assert_eq!(error.details().unwrap(), "None of the keys was able to decode the JWT");
    }
}

#[tokio::test]
async fn unsecured_tokens_are_refused() {
    let service = Service::new(&with_set());
    for signature in ["", "AAAA"] {
        let unsecured = format!("eyJhbGciOiJub25lIn0.eyJyb2xlIjoiY3JtX2FwcCJ9.{signature}");
        let error = service.call(&unsecured).await.unwrap_err();
        let expected = ("PGRST301", "Wrong or unsupported encoding algorithm");
        assert_eq!((error.code(), error.message().as_str()), expected);
        assert_eq!(error.details().unwrap(), "JWT is unsecured but expected 'alg' was not 'none'");
    }
    for name in ["None", "NONE", "nOnE", ""] {
        let token = signed(&format!(r#"{{"alg":"{name}"}}"#), b"{}", SECRET.as_bytes());
        assert_eq!(service.call(&token).await.unwrap_err().message(), "JWT cryptographic operation failed");
    }
}

#[tokio::test]
async fn a_public_key_is_never_a_shared_secret() {
    let public = fixture("test-rsa.pub.pem");
    let set = fixture("test-jwks.json");
    for service in [Service::new(&with_set()), Service::new(&AuthConfig { secret: None, ..with_set() })] {
        for secret in [public.as_slice(), public.trim_ascii_end(), &set] {
            for header in [r#"{"alg":"HS256"}"#, r#"{"alg":"HS256","kid":"rsa"}"#, r#"{"alg":"RS256","kid":"rsa"}"#] {
                let error = service.call(&signed(header, br#"{"role":"crm_app"}"#, secret)).await.unwrap_err();
                assert_eq!(error.code(), "PGRST301");
            }
        }
    }
}

#[tokio::test]
async fn a_key_of_one_algorithm_verifies_no_other() {
    let text = String::from_utf8(fixture("test-jwks.json")).unwrap();
    let pinned = text.replace(r#""kid": "rsa","#, r#""kid": "rsa", "alg": "RS256","#);
    let service = Service::new(&AuthConfig { secret: Some(Secret::new(pinned)), ..config() });
    assert!(service.call(&signed_with("test-rsa.pem", RS256, None, "crm_app")).await.is_ok());
    for algorithm in [RS384, RS512, PS256] {
        assert!(service.call(&signed_with("test-rsa.pem", algorithm, None, "crm_app")).await.is_err());
    }
}
