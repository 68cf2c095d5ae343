//! Which role, organisation and person a token gives, and what the database is told.

use serde_json::json;

use super::{Service, config, token, with_claim};
use crate::{auth::AuthConfigError, config::AuthConfig};

/// The role that `path` finds in `claims`.
async fn role(path: &str, claims: serde_json::Value) -> String {
    let service = Service::new(&AuthConfig { role_claim: path.to_owned(), ..config() });
    service.call(&token(&claims.to_string())).await.unwrap().role.to_string()
}

#[tokio::test]
async fn the_role_is_found_where_the_path_says() {
    let roles = json!({ "realm_access": { "roles": ["other", "postgrest_test_author"] } });
    let named = json!({ "https://www.example.com/roles": [{ "value": "author" }], "a": { "b-c": ["x", "y"] } });
    for (path, claims, expected) in [
        ("$.realm_access.roles[1]", &roles, "postgrest_test_author"),
        (r#"$["https://www.example.com/roles"][0].value"#, &named, "author"),
        ("$['https://www.example.com/roles'][0].value", &named, "author"),
        ("$.a['b-c'][-1]", &named, "y"),
        (r#"$.realm_access.roles[?(@ == "postgrest_test_author")]"#, &roles, "postgrest_test_author"),
        ("$.realm_access.roles[?@ != 'other']", &roles, "postgrest_test_author"),
        ("$.realm_access.roles[?search(@, '^postgrest')]", &roles, "postgrest_test_author"),
        // PostgREST's older form.
        (".realm_access.roles[1]", &roles, "postgrest_test_author"),
        (r#"."https://www.example.com/roles"[0].value"#, &named, "author"),
        (r#".a."b-c"[00]"#, &named, "x"),
        (r#".realm_access.roles[?(@ == "postgrest_test_author")]"#, &roles, "postgrest_test_author"),
        (r#".realm_access.roles[?(@ != "other")]"#, &roles, "postgrest_test_author"),
        (r#".realm_access.roles[?(@ ^== "postgrest_te")]"#, &roles, "postgrest_test_author"),
        (r#".realm_access.roles[?(@==^"st_test_author")]"#, &roles, "postgrest_test_author"),
        (r#".realm_access.roles[?(@ *== "_test_")]"#, &roles, "postgrest_test_author"),
        // Nothing there: the anonymous role.
        (".realm_access.roles[2]", &roles, "anon"),
        (r#".realm_access.roles[?(@ *== "t.st")]"#, &roles, "anon"),
        (r#".realm_access.roles[?(@ ^== "test")]"#, &roles, "anon"),
        (r#"."https://www.example.com/roles"[?(@ == "author")]"#, &named, "anon"),
        (r#"."https://www.example.com/roles"[?(@ != "author")]"#, &named, "anon"),
        ("$.role", &named, "anon"),
        (".a.b.c", &named, "anon"),
    ] {
        assert_eq!(role(path, claims.clone()).await, expected, "{path}");
    }
}

#[tokio::test]
async fn special_characters_of_older_filters_stand_for_themselves() {
    for text in ["a.b", "x<y>", "(z)", "$^", "a\\b", "[q]", "{1}", "#-~&/", "\u{e6}\u{f8}\u{e5} 1"] {
        let path = format!(r#".roles[?(@ ^== "{text}")]"#);
        assert_eq!(role(&path, json!({ "roles": ["none of it", format!("{text}!")] })).await, format!("{text}!"));
    }
}

#[test]
fn a_path_that_is_none_is_refused_with_the_position() {
    for (path, wrong) in [
        ("$.my_role;;domain", 10),
        ("@@.role.other", 1),
        ("role.other", 1),
        (".role##", 6),
        (".my_role;;domain", 9),
        (".#$$%&$%/", 1),
        ("1234", 1),
        (".role[?(@ =)]", 11),
        (r#".role[?(@ == "a")].b"#, 19),
        (".role[x]", 6),
        ("", 1),
    ] {
        let error = Service::try_new(&AuthConfig { role_claim: path.to_owned(), ..config() }).err();
        let Some(AuthConfigError::RoleClaim { position, fault, .. }) = &error else { panic!("{path}: {error:?}") };
        assert_eq!(*position, wrong, "{path}: {fault}");
        assert!(!fault.is_empty());
    }
}

#[tokio::test]
async fn a_token_without_a_role_keeps_its_claims_as_an_anonymous_caller() {
    let identity = Service::new(&config()).call(&token(r#"{"sub":"p1"}"#)).await.unwrap();
    assert_eq!((&identity.role, &*identity.claims), (&"anon".into(), r#"{"sub":"p1","role":"anon"}"#));
    assert!(identity.authenticated && &*identity.person == "p1");
}

#[tokio::test]
async fn a_role_that_is_no_text_is_its_json_as_in_postgrest() {
    for (value, expected) in [(json!(12), "12"), (json!(null), "null"), (json!(["a"]), r#"["a"]"#)] {
        assert_eq!(role("$.role", json!({ "role": value })).await, expected);
    }
}

#[tokio::test]
async fn roles_that_no_token_may_take_are_refused() {
    let service = Service::new(&config());
    let auth = service.auth.with_login_role("tekup_login".into());
    for role in ["authenticator", "none", "", "tekup_login"] {
        let header = format!("Bearer {}", token(&json!({ "role": role }).to_string()));
        let error = auth.identify(Some(header.as_bytes())).await.unwrap_err();
        assert_eq!((error.code(), error.status()), ("auth.forbidden_role", 403), "{role}");
        assert_eq!(error.www_authenticate(), None);
    }
}

#[tokio::test]
async fn the_database_is_told_the_claims_as_they_were_written() {
    let service = Service::new(&AuthConfig { role_claim: "$.app.role".to_owned(), ..config() });
    let claims = r#" { "z" : 12345678901234567890123 , "role":"ignored", "app":{"role": "crm_app"},"a\"":"\u00e6" } "#;
    let identity = service.call(&token(claims)).await.unwrap();
    let told = r#"{"z":12345678901234567890123,"role":"crm_app","app":{"role": "crm_app"},"a\"":"\u00e6"}"#;
    assert_eq!(&*identity.claims, told);
}

#[tokio::test]
async fn organisation_and_person_are_texts_of_the_claims() {
    let service = Service::new(&config());
    for (claims, organisation, person) in [
        (json!({ "org_id": "a", "organization_id": "b", "tenant_id": "c", "sub": "p" }), "a", "p"),
        (json!({ "org_id": 7, "organization_id": "b", "sub": 7 }), "b", ""),
        (json!({ "org_id": "", "tenant_id": "c" }), "c", ""),
        (json!({ "role": "crm_app" }), "", ""),
    ] {
        let identity = service.call(&token(&claims.to_string())).await.unwrap();
        assert_eq!((&*identity.organisation, &*identity.person), (organisation, person), "{claims}");
    }
    for name in ["role", "sub", "org_id", "tenant_id"] {
        let error = service.call(&with_claim(name, json!("a\0b"))).await.unwrap_err();
        assert_eq!(error.code(), "PGRST303", "{name}");
    }
}
