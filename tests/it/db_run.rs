//! A transaction runs as somebody, in one round trip, and leaves nothing behind.

use tekup_db::db::{Access, Check, DbError, End};

use crate::support::{self, identity, read, statement, text, transaction, write};

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_runs_as_the_role_with_its_settings() {
    let db = support::empty().await;
    let database = db.database();
    let mut who = identity("authenticated");
    who.organisation = "org-1".into();
    who.person = "me".into();
    let mut asked = read(
        "select current_user::text, session_user::text, current_setting('app.current_org_id'), \
         current_setting('app.current_user_id'), current_setting('app.current_role'), \
         current_setting('request.jwt.claims'), current_setting('request.path'), \
         current_setting('transaction_read_only')",
    );
    asked.settings = vec![("request.path".to_owned(), "/crm/leads".to_owned())];
    let outcome = database.run(&who, asked).await.unwrap();
    let row: Vec<_> = (0..8).map(|index| text(&outcome.rows[0], index).unwrap()).collect();
    assert_eq!(
        row,
        [
            "authenticated",
            "authenticator",
            "org-1",
            "me",
            "authenticated",
            r#"{"role":"authenticated"}"#,
            "/crm/leads",
            "on"
        ]
    );
    assert_eq!(outcome.affected, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_are_text_and_results_are_binary() {
    let db = support::empty().await;
    let main = statement(
        "select $1::int + 1, $2::timestamptz > now(), $3::jsonb, $4::int[]",
        &["41", "2999-01-01", r#"{"a":1}"#, "{1,2}"],
    );
    for cache in [64, 0] {
        let database = db.database_with(|config| config.statement_cache = cache);
        for _ in 0..3 {
            let outcome = database.run(&identity("anon"), transaction(Access::ReadOnly, main.clone())).await.unwrap();
            assert_eq!(outcome.rows[0].get(0), Some(&42_i32.to_be_bytes()[..]));
            assert_eq!(outcome.rows[0].get(1), Some(&[1][..]));
            assert_eq!(outcome.rows[0].get(9), None);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_can_be_tasks_of_their_own() {
    let db = support::empty().await;
    let database = db.database();
    let calls = (0..32).map(|number| {
        let database = database.clone();
        tokio::spawn(async move { database.run(&identity("anon"), read(&format!("select {number}"))).await })
    });
    for (number, call) in calls.collect::<Vec<_>>().into_iter().enumerate() {
        let outcome = call.await.unwrap().unwrap();
        assert_eq!(outcome.rows[0].get(0), Some(&(number as i32).to_be_bytes()[..]));
    }
}
