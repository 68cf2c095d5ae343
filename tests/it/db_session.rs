//! What a statement leaves behind in its session does not meet the next caller.

use tekup_db::db::{Database, Transaction};

use crate::support::{self, TestDb, identity, read, statement, text, write};

/// One connection, so that the next caller surely gets it.
fn single(db: &TestDb) -> Database {
    db.database_with(|config| config.pool_size = 1)
}

/// Leaves five kinds of state behind, and more.
const LITTER: &str = "
    create function litter() returns int language plpgsql as $$
    begin
        perform set_config('app.left_behind', 'custom setting', false);
        perform set_config('timezone', 'Asia/Tokyo', false);
        create temporary table left_behind (x int) on commit preserve rows;
        perform pg_advisory_lock(4711);
        execute 'prepare left_behind as select 1';
        execute 'prepare \"Left; \"\" Behind\" as select 1';
        execute 'listen left_behind';
        execute 'declare left_behind cursor with hold for select 1';
        perform set_config('role', 'authenticated', false);
        perform set_config('search_path', 'pg_temp', false);
        return 1;
    end $$; grant execute on function litter to anon;";

const LOOK: &str = "
    select coalesce(nullif(current_setting('app.left_behind', true), ''), '-') || ' '
        || current_setting('timezone') || ' '
        || coalesce(to_regclass('pg_temp.left_behind')::text, '-') || ' '
        || (select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) || ' '
        || (select count(*) from pg_prepared_statements where from_sql) || ' '
        || (select count(*) from pg_cursors where is_holdable) || ' '
        || (select count(*) from pg_listening_channels()) || ' '
        || current_user || ' ' || current_setting('search_path')";

fn littering() -> Transaction {
    let mut asked = write("select public.litter()");
    asked.resets_session = true;
    asked
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_clean_for_the_next_caller() {
    let db = support::empty().await;
    db.execute(LITTER).await;
    let database = single(&db);
    let clean = "- UTC - 0 0 0 0 anon \"$user\", public";
    for _ in 0..2 {
        let before = database.run(&identity("anon"), read(LOOK)).await.unwrap();
        assert_eq!(text(&before.rows[0], 0), Some(clean));
        database.run(&identity("anon"), littering()).await.unwrap();
        let after = database.run(&identity("anon"), read(LOOK)).await.unwrap();
        assert_eq!(text(&after.rows[0], 0), Some(clean));
    }
    assert_eq!(database.pool_status().size, 1, "and it is the same session");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_clean_after_a_failure_too() {
    let db = support::empty().await;
    db.execute(LITTER).await;
    let database = single(&db);
    let mut asked = littering();
    asked.main = statement("select public.litter(), 1 / (public.litter() - 1)", &[]);
    database.run(&identity("anon"), asked).await.unwrap_err();
    let after = database.run(&identity("anon"), read(LOOK)).await.unwrap();
    assert_eq!(text(&after.rows[0], 0), Some("- UTC - 0 0 0 0 anon \"$user\", public"));
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_prepared_statements_survive_a_reset() {
    let db = support::empty().await;
    db.execute(LITTER).await;
    let database = single(&db);
    let count = read("select count(*)::text from pg_prepared_statements where not from_sql");
    let mut counted = Vec::new();
    for _ in 0..3 {
        database.run(&identity("anon"), littering()).await.unwrap();
        let outcome = database.run(&identity("anon"), count.clone()).await.unwrap();
        counted.push(text(&outcome.rows[0], 0).unwrap().to_owned());
    }
    assert_eq!(counted, ["4", "4", "4"], "the settings, the function, the reset, the count");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_of_several_statements_commits_or_not() {
    let db = support::empty().await;
    db.execute("create table t (x int); grant all on t to authenticated").await;
    let database = single(&db);
    let who = identity("authenticated");
    let insert = |x: &str| {
        let mut asked = write("");
        asked.main = statement("insert into public.t values ($1) returning x", &[x]);
        asked
    };

    let mut session = database.begin(&who, None).await.unwrap();
    assert_eq!(session.run(&who, &insert("1")).await.unwrap().rows[0].get(0), Some(&1_i32.to_be_bytes()[..]));
    session.run(&who, &insert("2")).await.unwrap();
    session.commit().await.unwrap();

    let mut session = database.begin(&who, None).await.unwrap();
    session.run(&who, &insert("3")).await.unwrap();
    session.rollback().await.unwrap();

    let mut session = database.begin(&who, None).await.unwrap();
    session.run(&who, &insert("4")).await.unwrap();
    drop(session);

    let mut session = database.begin(&who, None).await.unwrap();
    session.run(&who, &insert("no number")).await.unwrap_err();
    session.run(&who, &insert("5")).await.unwrap_err();
    session.rollback().await.unwrap();

    let mut session = database.begin(&who, None).await.unwrap();
    assert_eq!(session.run(&identity("postgres"), &read("select 1")).await.unwrap_err().code(), "42501");
    session.rollback().await.unwrap();
    database.run(&who, read("select 1")).await.unwrap();
    assert_eq!(db.text("select string_agg(x::text, ',' order by x) from t").await, "1,2");
    assert_eq!(database.pool_status().size, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_in_a_transaction_of_several_is_as_if_it_were_alone() {
    let db = support::empty().await;
    db.execute(LITTER).await;
    db.execute("create table t (x int); grant all on t to authenticated").await;
    let database = single(&db);
    let who = identity("authenticated");
    let mut session = database.begin(&who, None).await.unwrap();
    let mut zoned = write("insert into public.t values (1)");
    zoned.settings = vec![("timezone".to_owned(), "Asia/Tokyo".to_owned()), ("app.mine".to_owned(), "x".to_owned())];
    session.run(&who, &zoned).await.unwrap();
    session.run(&who, &littering()).await.unwrap();

    // Another role, and nothing left of the settings; what was written is there.
    let seen =
        "select concat_ws(' ', current_user, current_setting('timezone'), current_setting('transaction_read_only'),
        nullif(current_setting('app.mine', true), ''), nullif(current_setting('app.left_behind', true), ''))";
    let anonymous = session.run(&identity("anon"), &read(seen)).await.unwrap();
    assert_eq!(text(&anonymous.rows[0], 0), Some("anon UTC on"));
    let mine = session.run(&who, &write(seen)).await.unwrap();
    assert_eq!(text(&mine.rows[0], 0), Some("authenticated UTC off"), "a write after a read may write");
    let counted = session.run(&who, &read("select count(*)::text from public.t")).await.unwrap();
    assert_eq!(text(&counted.rows[0], 0), Some("1"));
    let refused = session.run(&who, &read("insert into public.t values (2)")).await.unwrap_err();
    assert_eq!(refused.code(), "25006");
    session.rollback().await.unwrap();
    let after = database.run(&identity("anon"), read(LOOK)).await.unwrap();
    assert_eq!(text(&after.rows[0], 0), Some("- UTC - 0 0 0 0 anon \"$user\", public"));
}
