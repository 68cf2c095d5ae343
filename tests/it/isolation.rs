//! Callers of different roles and organisations over few connections: nobody ever sees another's row.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use crate::support::{Api, tekup_with};

const CALLERS: usize = 64;
const REQUESTS: usize = 20_000;

/// What a caller may meet.
#[derive(Clone)]
enum Expected {
    /// Rows of this tenant only.
    Tenant(String),
    /// Nothing at all: it has no right to the table.
    Refused,
    /// Rows, of whatever tenant.
    All,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_callers_over_four_connections_see_their_own_rows_only() {
    let api = Arc::new(
        tekup_with(|config| {
            config.database.pool_size = 4;
            config.database.pool_max_waiting = CALLERS;
            config.database.pool_acquire_timeout = std::time::Duration::from_secs(30);
        })
        .await,
    );
    let tenants: Vec<String> =
        serde_json::from_str(&api.query::<String>("select json_agg(id order by slug)::text from crm.tenants").await)
            .expect("ids");
    let callers = Arc::new(callers(&tenants));
    let (next, rows) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let tasks: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let (api, callers, next, rows) = (api.clone(), callers.clone(), next.clone(), rows.clone());
            tokio::spawn(async move {
                while next.fetch_add(1, Ordering::Relaxed) < REQUESTS {
                    let (role, organisation, expected) = &callers[caller % callers.len()];
                    let seen = ask(&api, role, organisation.as_deref(), expected, caller).await;
                    rows.fetch_add(seen, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no caller fails");
    }
    assert!(rows.load(Ordering::Relaxed) > REQUESTS, "callers must have met rows for this to mean anything");
}

fn callers(tenants: &[String]) -> Vec<(&'static str, Option<String>, Expected)> {
    let mut callers: Vec<_> = tenants
        .iter()
        .flat_map(|tenant| {
            ["crm_app", "flow_app"].map(|role| {
                let expected = if role == "crm_app" { Expected::Tenant(tenant.clone()) } else { Expected::Refused };
                (role, Some(tenant.clone()), expected)
            })
        })
        .collect();
    callers.push(("crm_app", None, Expected::Tenant("nobody".to_owned())));
    callers.push(("crm_app", Some("not a uuid".to_owned()), Expected::Tenant("nobody".to_owned())));
    callers.push(("service_role", None, Expected::All));
    callers.push(("renos_app", Some(tenants[0].clone()), Expected::Refused));
    callers
}

/// One request; returns how many rows it met.
async fn ask(api: &Api, role: &'static str, organisation: Option<&str>, expected: &Expected, caller: usize) -> usize {
    let person = format!("caller-{caller}");
    let answer = api.person(role, organisation, &person).get("/crm/contacts?select=tenant_id&limit=5").await;
    match expected {
        Expected::Refused => {
            assert_eq!(answer.status.as_u16(), 403, "{role}: {}", answer.text());
            0
        }
        Expected::All => answer.expect(200).json().as_array().map_or(0, Vec::len),
        Expected::Tenant(tenant) => {
            let rows = answer.expect(200).json();
            let rows = rows.as_array().expect("rows");
            assert!(rows.iter().all(|row| row["tenant_id"] == tenant.as_str()), "{role} of {tenant} met {rows:?}");
            rows.len()
        }
    }
}
