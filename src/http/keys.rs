//! Who a request is, by its token or by its key.
//!
//! In: the headers. Out: an identity. A key (`X-API-Key`) is looked up by its hash; what is known of it holds for ten seconds,
//! so that a request costs no trip of its own. Refuses a key that nobody has made, that was revoked or has expired, one that
//! only reads where something is written, and an organisation that it may not name.

use std::{
    num::NonZeroUsize,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, Method, header};
use lru::LruCache;
use serde::Deserialize;
use serde_json::json;

use super::{App, once::keeping, request};
use crate::{auth::Identity, config::Surface, db::Transaction, domain, error::Problem, sql::Statement};

const KEY: &str = "x-api-key";
const ORGANISATION: &str = "x-organization-id";
/// How long what is known of a key holds.
const FRESH: Duration = Duration::from_secs(10);
/// Keys that something is known of.
const KNOWN: usize = 1000;

/// Finds a key by the hash `$1`, and notes that it was used, to the minute.
static FIND: LazyLock<Arc<str>> = LazyLock::new(|| {
    "with found as (
         select id, role, organizations, person, read_only,
             revoked_at is null and coalesce(expires_at > now(), true) as is_good, last_used_at
         from shared.api_keys
         where key_hash = $1
     ),
     used as (
         update shared.api_keys k set last_used_at = now()
         from found f
         where k.id = f.id and f.is_good and coalesce(f.last_used_at < now() - interval '1 minute', true)
     )
     select json_build_object('id', id, 'role', role, 'organizations', organizations, 'person', person,
         'read_only', read_only)
     from found
     where is_good"
        .into()
});

/// What a key stands for.
#[derive(Clone, Debug, Deserialize)]
struct Grant {
    id: String,
    role: String,
    organizations: Vec<String>,
    person: Option<String>,
    read_only: bool,
}

/// What is known of keys that were sent lately, by their hashes; of some that they are none.
pub struct Known(Mutex<LruCache<String, (Instant, Option<Grant>)>>);

impl Default for Known {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(NonZeroUsize::new(KNOWN).unwrap_or(NonZeroUsize::MIN))))
    }
}

impl Known {
    fn get(&self, hash: &str) -> Option<Option<Grant>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(hash).filter(|(at, _)| at.elapsed() < FRESH).map(|(_, grant)| grant.clone())
    }

    fn put(&self, hash: String, grant: Option<Grant>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(hash, (Instant::now(), grant));
    }
}

/// Who a request is. In PostgREST's surface alone a key means nothing.
///
/// # Errors
/// The token or the key is not good, or not good for this.
pub(super) async fn identify(app: &App, method: &Method, headers: &HeaderMap) -> Result<Arc<Identity>, Problem> {
    let authorization = request::single(headers, &header::AUTHORIZATION)?;
    let key = match app.config.server.surface {
        Surface::PostgrestAlone => None,
        Surface::Whole { .. } => request::text(headers, KEY)?,
    };
    let Some(key) = key else { return Ok(app.authenticator.identify(authorization).await?) };
    if authorization.is_some() {
        return Err(Problem::new(400, "auth.two_credentials", "The request has a token and a key")
            .hint("Send Authorization or X-API-Key, not both"));
    }
    let grant = find(app, domain::hash_of_key(key)).await?.ok_or_else(|| {
        Problem::new(401, "auth.key", "The key is none, was revoked, or has expired")
            .header("www-authenticate", "Bearer")
    })?;
    let is_read = method.is_safe() || request::is_query(method);
    if grant.read_only && !is_read {
        return Err(Problem::new(403, "auth.read_only", "The key is for reading only"));
    }
    identity(&grant, request::text(headers, ORGANISATION)?)
}

async fn find(app: &App, hash: String) -> Result<Option<Grant>, Problem> {
    if let Some(known) = app.keys.get(&hash) {
        return Ok(known);
    }
    let main = Statement { text: FIND.clone(), parameters: vec![Some(hash.clone().into())] };
    let settings = vec![("app.api_key_hash".to_owned(), hash.clone())];
    let asked = Transaction { settings, ..keeping(main) };
    // Nobody yet: row security goes by the hash alone.
    let nobody = Identity {
        role: "anon".into(),
        claims: "{}".into(),
        organisation: "".into(),
        person: "".into(),
        authenticated: false,
    };
    let found = app.database.run(&nobody, asked).await.map_err(|error| Problem::database(&error, true))?;
    let grant = found.rows.first().and_then(|row| row.get(0)).and_then(|json| serde_json::from_slice(json).ok());
    app.keys.put(hash, grant.clone());
    Ok(grant)
}

fn identity(grant: &Grant, named: Option<&str>) -> Result<Arc<Identity>, Problem> {
    let organisation = match (named, grant.organizations.as_slice()) {
        (None, [only]) => only.as_str(),
        (None, _) => "",
        (Some(named), allowed) if allowed.iter().any(|one| one == named) => named,
        (Some(_), _) => {
            return Err(Problem::new(403, "auth.organization", "The key is not for this organisation"));
        }
    };
    let person = grant.person.as_deref().unwrap_or_default();
    let claims = json!({
        "role": grant.role, "org_id": organisation, "sub": person, "api_key_id": grant.id,
    });
    Ok(Arc::new(Identity {
        role: grant.role.as_str().into(),
        claims: claims.to_string().into(),
        organisation: organisation.into(),
        person: person.into(),
        authenticated: true,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organisation_is_one_of_the_keys() {
        let grant = |organizations: &[&str]| Grant {
            id: "k".to_owned(),
            role: "crm_app".to_owned(),
            organizations: organizations.iter().map(|one| (*one).to_owned()).collect(),
            person: None,
            read_only: false,
        };
        let of = |organizations: &[&str], named| {
            identity(&grant(organizations), named)
                .map(|identity| identity.organisation.to_string())
                .map_err(|p| p.status)
        };
        assert_eq!(of(&["a"], None), Ok("a".to_owned()));
        assert_eq!(of(&["a", "b"], None), Ok(String::new()));
        assert_eq!(of(&["a", "b"], Some("b")), Ok("b".to_owned()));
        assert_eq!(of(&["a"], Some("b")), Err(403));
        assert_eq!(of(&[], Some("b")), Err(403));
        assert_eq!(of(&[], None), Ok(String::new()));
    }

    #[test]
    fn what_is_known_of_a_key_is_forgotten() {
        let known = Known::default();
        assert!(known.get("a").is_none());
        known.put("a".to_owned(), None);
        assert!(matches!(known.get("a"), Some(None)));
        let long_ago = Instant::now().checked_sub(FRESH).unwrap();
        known.0.lock().unwrap().put("a".to_owned(), (long_ago, None));
        assert!(known.get("a").is_none());
    }
}
