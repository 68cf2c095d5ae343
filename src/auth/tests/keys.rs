//! Secrets and key sets that are refused at start.

use serde_json::{Value, json};

use super::{Service, config, fixture};
use crate::{
    auth::{AuthConfigError, KeyError},
    config::{AuthConfig, Secret},
};

/// The refusal of a secret.
fn refused(secret: impl Into<String>) -> KeyError {
    match Service::try_new(&AuthConfig { secret: Some(Secret::new(secret)), ..config() }) {
        Err(AuthConfigError::Secret(error)) => error,
        other => panic!("{:?}", other.err()),
    }
}

/// A key of the test set with these members put over it; `null` takes one out.
fn changed(index: usize, changes: Value) -> String {
    let mut set: Value = serde_json::from_slice(&fixture("test-jwks.json")).unwrap();
    let key = set["keys"][index].as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            key.remove(name)
        } else {
            key.insert(name.clone(), value.clone())
        };
    }
    Value::from(key.clone()).to_string()
}

#[test]
fn a_secret_that_is_none_is_refused() {
    assert_eq!(refused("short"), KeyError::Short);
    assert_eq!(refused(String::from_utf8(fixture("test-rsa.pub.pem")).unwrap()), KeyError::Pem);
    let base64 = AuthConfig { secret: Some(Secret::new("no base64!")), secret_is_base64: true, ..config() };
    assert!(matches!(Service::try_new(&base64), Err(AuthConfigError::SecretNotBase64)));
}

#[test]
fn text_that_is_meant_as_keys_and_is_none_is_refused() {
    let set = String::from_utf8(fixture("test-jwks.json")).unwrap();
    assert!(matches!(refused(&set[..set.len() - 3]), KeyError::NotKeys { .. }));
    assert!(matches!(refused(format!("[{}]", " ".repeat(40))), KeyError::NotKeys { .. }));
    assert_eq!(refused(r#"{"keys":[]}"#), KeyError::Empty);
    assert!(matches!(refused(r#"{"keys":[1]}"#), KeyError::Unusable { place: 1, .. }));
    assert!(matches!(refused(r#"{"key":"a text that is longer than a secret"}"#), KeyError::Unusable { .. }));
    assert_eq!(refused(changed(0, json!({ "use": "enc" }))), KeyError::Empty);
    assert_eq!(refused(changed(0, json!({ "key_ops": ["encrypt"] }))), KeyError::Empty);
}

#[test]
fn private_weak_and_unknown_keys_are_refused() {
    for member in ["d", "p", "dp", "oth"] {
        assert_eq!(refused(changed(0, json!({ member: "AQAB" }))), KeyError::Private(1));
    }
    let octets = |length: usize| "A".repeat(length * 4 / 3);
    for (key, changes) in [
        (0, json!({ "n": octets(129) })),
        (0, json!({ "n": format!("_{}", octets(600)) })),
        (0, json!({ "n": null })),
        (0, json!({ "n": "*" })),
        (0, json!({ "e": "AQ" })),
        (0, json!({ "e": "Ag" })),
        (0, json!({ "e": "" })),
        (0, json!({ "alg": "HS256" })),
        (0, json!({ "alg": "RSA-OAEP" })),
        (0, json!({ "kty": "AKP" })),
        (0, json!({ "kid": 1 })),
        (1, json!({ "crv": "P-521" })),
        (1, json!({ "crv": "P-384", "alg": null })),
        (1, json!({ "alg": "ES384" })),
        (1, json!({ "x": octets(33) })),
        (1, json!({ "y": "A".repeat(43) })),
        (3, json!({ "x": "AAAA" })),
        (3, json!({ "x": octets(33) })),
        (3, json!({ "crv": "X25519" })),
        (3, json!({ "kty": "oct", "alg": null, "k": octets(30) })),
    ] {
        let error = refused(changed(key, changes.clone()));
        assert!(matches!(error, KeyError::Unusable { place: 1, .. }), "{changes}: {error}");
    }
    let twice = changed(1, json!({})).replacen('{', r#"{"kid":"other","#, 1);
    assert!(matches!(refused(twice), KeyError::Unusable { .. }));
}

#[test]
fn a_file_is_read_at_start_and_named_when_it_is_refused() {
    let file = |path: &str| AuthConfig { jwks_file: Some(path.into()), ..config() };
    let error = Service::try_new(&file("/nowhere/keys.json")).err().unwrap();
    assert!(error.to_string().starts_with(r#"JWKS_FILE "/nowhere/keys.json" can't be read"#), "{error}");
    let pem = format!("{}test-rsa.pub.pem", super::KEYS);
    let error = Service::try_new(&file(&pem)).err().unwrap();
    assert!(error.to_string().ends_with("is no JSON Web Key (set): line 1, column 2"), "{error}");
}
