//! A transaction runs as somebody, and leaves what it should behind and nothing else.

use tekup_db::db::{Access, Check, Control, DbError, End, Isolation, Transaction};

use crate::support::{self, identity, read, statement, text, write};

const THINGS: &str = "
    create schema shop; grant usage on schema shop to anon, authenticated;
    create table shop.things (id int primary key, name text not null, n int unique deferrable initially deferred);
    insert into shop.things values (1, 'one', 1), (2, 'two', 2), (3, 'three', 3);
    grant all on shop.things to authenticated; grant select on shop.things to anon;
    create type shop.mood as enum ('happy', 'sad');
    create table shop.moods (mood shop.mood); insert into shop.moods values ('happy'); grant select on shop.moods to anon;";

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
    let claims = r#"{"role":"authenticated"}"#;
    assert_eq!(row, ["authenticated", "authenticator", "org-1", "me", "authenticated", claims, "/crm/leads", "on"]);
    assert_eq!(outcome.affected, 1);
    // The next caller finds nothing of it.
    let next = database.run(&identity("anon"), read("select current_setting('request.path', true)")).await.unwrap();
    assert_eq!(text(&next.rows[0], 0), Some(""));
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_are_text_and_results_are_binary() {
    let db = support::empty().await;
    db.execute(THINGS).await;
    let text = "select $1::int + 1, $2::timestamptz > now(), $3::jsonb, $4::int[], $5::shop.mood, $6";
    let main = statement(text, &["41", "2999-01-01", r#"{"a":1}"#, "{1,2}", "sad", "plain"]);
    for cache in [64, 1, 0] {
        let database = db.database_with(|config| config.statement_cache = cache);
        for _ in 0..3 {
            let outcome =
                database.run(&identity("anon"), Transaction::new(Access::ReadOnly, main.clone())).await.unwrap();
            let row = &outcome.rows[0];
            assert_eq!(row.get(0), Some(&42_i32.to_be_bytes()[..]));
            assert_eq!(row.get(1), Some(&[1][..]));
            assert_eq!(row.get(4), Some(&b"sad"[..]));
            assert_eq!(row.get(5), Some(&b"plain"[..]));
            assert_eq!(row.get(9), None);
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
        assert_eq!(outcome.rows[0].get(0), Some(&i32::try_from(number).unwrap().to_be_bytes()[..]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_and_its_total_are_of_one_snapshot() {
    let db = support::empty().await;
    db.execute(THINGS).await;
    let database = db.database();
    let mut asked = read("select current_setting('transaction_isolation') from shop.things limit 2");
    asked.count = Some(statement("select count(*) from shop.things", &[]));
    for _ in 0..2 {
        let outcome = database.run(&identity("anon"), asked.clone()).await.unwrap();
        assert_eq!((outcome.affected, outcome.total), (2, Some(3)));
        assert_eq!(text(&outcome.rows[0], 0), Some("repeatable read"));
    }
    asked.isolation = Some(Isolation::Serializable);
    let outcome = database.run(&identity("anon"), asked).await.unwrap();
    assert_eq!(text(&outcome.rows[0], 0), Some("serializable"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pre_request_function_runs_first_and_may_shape_the_answer() {
    let db = support::empty().await;
    let database = db.database();
    let mut asked = read("select current_setting('app.seen')");
    asked.pre_request = Some(statement(
        "select set_config('app.seen', 'yes', true), set_config('response.status', '201', true), \
         set_config('response.headers', '[{\"x-a\": \"b\"}]', true)",
        &[],
    ));
    asked.reads_response_settings = true;
    let outcome = database.run(&identity("anon"), asked).await.unwrap();
    assert_eq!(text(&outcome.rows[0], 0), Some("yes"));
    assert_eq!(outcome.response_status.as_deref(), Some("201"));
    assert_eq!(outcome.response_headers.as_deref(), Some(r#"[{"x-a": "b"}]"#));
    let mut asked = read("select 1");
    asked.reads_response_settings = true;
    let outcome = database.run(&identity("anon"), asked).await.unwrap();
    assert_eq!((outcome.response_status, outcome.response_headers), (None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_cannot_write() {
    let db = support::empty().await;
    db.execute(THINGS).await;
    let main = statement("insert into shop.things values (4, 'four', 4)", &[]);
    let error =
        db.database().run(&identity("authenticated"), Transaction::new(Access::ReadOnly, main)).await.unwrap_err();
    assert_eq!((error.code(), error.status(true)), ("25006", 405));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_rolls_everything_back_and_spoils_nothing() {
    let db = support::empty().await;
    db.execute(THINGS).await;
    let database = db.database_with(|config| config.pool_size = 1);
    let who = identity("authenticated");
    for _ in 0..2 {
        let mut asked = write("insert into shop.things values (4, 'four', 4)");
        asked.count = Some(statement("select 1 / (select count(*) - count(*) from shop.things)", &[]));
        assert_eq!(database.run(&who, asked).await.unwrap_err().code(), "22012");
        let error = database.run(&who, write("insert into shop.things values (1, 'again', 9)")).await.unwrap_err();
        let sql = error.sql().unwrap();
        assert_eq!((error.code(), error.status(true)), ("23505", 409));
        assert_eq!((sql.table.as_deref(), sql.constraint.as_deref()), (Some("things"), Some("things_pkey")));
        let denied = database.run(&identity("anon"), write("delete from shop.things")).await.unwrap_err();
        assert_eq!((denied.code(), denied.status(true), denied.status(false)), ("42501", 403, 401));
        let nonsense = database.run(&who, read("select nonsense")).await.unwrap_err();
        assert_eq!((nonsense.code(), nonsense.sql().unwrap().position), ("42703", Some(8)));
    }
    // What is checked at the end is reported, too.
    let error = database.run(&who, write("insert into shop.things values (4, 'four', 1)")).await.unwrap_err();
    assert_eq!(error.code(), "23505");
    assert_eq!(db.text("select string_agg(id::text, ',' order by id) from shop.things").await, "1,2,3");
    assert_eq!(database.pool_status().size, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_fails_its_check_is_rolled_back() {
    let db = support::empty().await;
    db.execute(THINGS).await;
    let database = db.database();
    let who = identity("authenticated");
    let mut asked = write("update shop.things set name = 'x' where id < 3");
    for (check, failed) in [(Check::One, true), (Check::AtMost(1), true), (Check::AtMost(2), false)] {
        asked.check = check;
        let outcome = database.run(&who, asked.clone()).await.unwrap();
        assert_eq!((outcome.check_failed, outcome.affected), (failed, 2));
        let changed = db.text("select count(*)::text from shop.things where name = 'x'").await;
        assert_eq!(changed, if failed { "0" } else { "2" });
    }
    let mut asked = read("select 1 from shop.things");
    asked.check = Check::One;
    assert!(database.run(&who, asked).await.unwrap().check_failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_can_be_asked_for() {
    let db = support::empty().await;
    db.execute(THINGS).await;
    let mut asked = write("delete from shop.things returning id");
    asked.end = End::Rollback;
    asked.check = Check::AtMost(3);
    let outcome = db.database().run(&identity("authenticated"), asked).await.unwrap();
    assert_eq!((outcome.rows.len(), outcome.check_failed), (3, false));
    assert_eq!(db.text("select count(*)::text from shop.things").await, "3");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_cannot_be_taken_is_refused() {
    let db = support::empty().await;
    let database = db.database();
    for (role, code, status) in [("nobody-of-that-name", "22023", 401), ("postgres", "42501", 403)] {
        let error = database.run(&identity(role), read("select 1")).await.unwrap_err();
        assert!(matches!(&error, DbError::RoleRefused { role: refused, .. } if refused == role), "{error:?}");
        assert_eq!((error.code(), error.status(true)), (code, status));
    }
    database.run(&identity("anon"), read("select 1")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_a_role_are_honoured() {
    let db = support::empty().await;
    // Roles belong to the cluster: what is set for this database alone disturbs no other test.
    let name = db.name();
    db.execute(&format!(
        "alter role anon in database {name} set statement_timeout = '200ms';
         alter role anon in database {name} set default_transaction_isolation = 'serializable';
         alter role anon in database {name} set session_replication_role = 'replica';"
    ))
    .await;
    let database = db.database();
    let control = Control::new(&db.login_url(), std::time::Duration::from_secs(5)).unwrap();
    database.set_role_settings(control.role_settings("authenticator").await.unwrap());
    let show = "select current_setting('statement_timeout'), current_setting('transaction_isolation'), \
        current_setting('session_replication_role')";
    let outcome = database.run(&identity("anon"), read(show)).await.unwrap();
    let row: Vec<_> = (0..3).map(|index| text(&outcome.rows[0], index).unwrap()).collect();
    // The last may be set by superusers alone, and so it is left out.
    assert_eq!(row, ["200ms", "serializable", "origin"]);
    let error = database.run(&identity("anon"), read("select pg_sleep(5)")).await.unwrap_err();
    assert_eq!((error.code(), error.status(true)), ("57014", 500));
    let outcome = database.run(&identity("authenticated"), read(show)).await.unwrap();
    assert_eq!(text(&outcome.rows[0], 0), Some("0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prepared_statement_that_has_become_stale_is_prepared_again() {
    let db = support::empty().await;
    db.execute(THINGS).await;
    let database = db.database_with(|config| config.pool_size = 1);
    let asked = read("select * from shop.things where id = 1");
    assert_eq!(database.run(&identity("anon"), asked.clone()).await.unwrap().rows[0].len(), 3);
    db.execute("alter table shop.things add more int default 7").await;
    assert_eq!(database.run(&identity("anon"), asked).await.unwrap().rows[0].len(), 4);
    assert_eq!(database.pool_status().size, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn prepared_statements_are_bounded() {
    let db = support::empty().await;
    let database = db.database_with(|config| (config.pool_size, config.statement_cache) = (1, 8));
    for number in 0..50 {
        database.run(&identity("anon"), read(&format!("select {number}"))).await.unwrap();
    }
    let count = read("select count(*)::text from pg_prepared_statements");
    let outcome = database.run(&identity("anon"), count).await.unwrap();
    let prepared: u32 = text(&outcome.rows[0], 0).unwrap().parse().unwrap();
    assert!(prepared <= 8, "{prepared}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_prepared_for_one_role() {
    let db = support::empty().await;
    // The right to the table is everybody's, the right to its schema is not.
    db.execute("create schema hidden; create table hidden.t (); grant select on hidden.t to anon, authenticated;")
        .await;
    db.execute("grant usage on schema hidden to authenticated").await;
    let database = db.database_with(|config| config.pool_size = 1);
    database.run(&identity("authenticated"), read("select from hidden.t")).await.unwrap();
    let error = database.run(&identity("anon"), read("select from hidden.t")).await.unwrap_err();
    assert_eq!(error.code(), "42501");
}
