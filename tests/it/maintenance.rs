//! The service's own clock, and erasures that are due.

use tekup_db::{
    db::maintain::{self, JOBS},
    http::maintenance::Clock,
};

use crate::support::{Api, tekup_with};

const OUTDATED: &str = "
    delete from renos.data_deletion_requests;
    insert into renos.users (id, email, name, password_hash) values
        ('ann', 'ann@law.example', 'Ann', 'x'), ('bo', 'bo@law.example', 'Bo', 'x');
    insert into renos.data_deletion_requests (user_id, email, scheduled_deletion_date)
    select id, email, now() + case id when 'ann' then interval '-1 hour' else interval '1 hour' end
    from renos.users where id in ('ann', 'bo');
    insert into renos.undo_actions (type, entity_id, entity_type, before, after, performed_by, performed_at, expires_at)
    values ('booking_created', 'x', 'booking', '{}', '{}', 'x', now() - interval '3 days', now() - interval '2 days')";

async fn outdated() -> Api {
    let api = tekup_with(|_| {}).await;
    api.execute(OUTDATED).await;
    api
}

const STATE: &str = "select concat_ws(' ', string_agg(status, ' ' order by user_id),
    (select string_agg(name, ' ' order by id) from renos.users where id in ('ann', 'bo')),
    (select count(*) from renos.undo_actions where entity_id = 'x')) from renos.data_deletion_requests";

#[tokio::test]
async fn the_clock_does_what_is_due_and_not_again_before_its_time() {
    let api = outdated().await;
    let mut clock = Clock::default();
    clock.look(&api.running.app()).await;
    assert_eq!(api.query::<String>(STATE).await, "completed pending Slettet bruger Bo 0");
    api.execute(
        "insert into renos.undo_actions (type, entity_id, entity_type, before, after, performed_by, performed_at, expires_at)
         values ('booking_created', 'x', 'booking', '{}', '{}', 'x', now() - interval '3 days', now() - interval '2 days')",
    )
    .await;
    clock.look(&api.running.app()).await;
    assert_eq!(api.query::<String>(STATE).await, "completed pending Slettet bruger Bo 1", "an hour is not over");
    Clock::default().look(&api.running.app()).await;
    assert_eq!(
        api.query::<String>(STATE).await,
        "completed pending Slettet bruger Bo 0",
        "another instance has its own"
    );
}

#[tokio::test]
async fn a_clock_that_is_off_does_nothing() {
    let api = tekup_with(|config| config.server.maintenance = false).await;
    api.execute(OUTDATED).await;
    Clock::default().look(&api.running.app()).await;
    assert_eq!(api.query::<String>(STATE).await, "pending pending Ann Bo 1");
}

#[tokio::test]
async fn the_owner_carries_out_erasures_too() {
    let api = outdated().await;
    let jobs = maintain::named(&["due_erasures".to_owned()]).unwrap();
    for (is_trial, state) in [(true, "pending pending Ann Bo 1"), (false, "completed pending Slettet bruger Bo 1")] {
        let mut touched = 0;
        maintain::run(&api.owner_url(), &jobs, is_trial, |done| touched = done.rows[0].1).await.unwrap();
        assert_eq!((touched, api.query::<String>(STATE).await.as_str()), (1, state));
    }
}

#[test]
fn every_job_says_what_it_does_and_how_often() {
    let of = |name: &str| JOBS.iter().find(|job| job.name == name).unwrap().to_string();
    assert_eq!(of("undo_actions"), "undo_actions: What can't be undone any more goes a day after that. Every 1 h.");
    assert!(of("expired_cache").ends_with(". Every 15 min.") && of("retention").ends_with(". Every 24 h."));
}
