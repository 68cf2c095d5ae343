//! Backups: what comes back is what there was, row by row, with who may do what; and what does not come to its end leaves
//! things as they were.

mod faults;
mod interrupted;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tekup_db::{
    config::Secret,
    db::{
        backup::{self, BackupError, BackupOptions, Destination, Made, RestoreError, RestoreOptions, Restored},
        migrate,
    },
};

use crate::support::{self, TestDb, demo_database, empty};

/// A folder for backups, deleted in the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("tekup-backup-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn back_up_as(url: &Secret, schemas: &[&str], file: &Path) -> Result<Made, BackupError> {
    let options = BackupOptions {
        schemas: schemas.iter().map(|schema| (*schema).to_owned()).collect(),
        out: Destination::File(file.to_owned()),
        keep: None,
        bin: None,
    };
    backup::run(url, &options, |_| {}).await
}

async fn back_up(db: &TestDb, file: &Path) -> Made {
    back_up_as(&db.owner_url(), &[], file).await.unwrap_or_else(|error| panic!("{error}"))
}

fn of(file: &Path) -> RestoreOptions {
    RestoreOptions { file: file.to_owned(), schemas: Vec::new(), clean: false, bin: None }
}

async fn restore(db: &TestDb, options: &RestoreOptions) -> Result<Restored, RestoreError> {
    backup::restore(&db.owner_url(), options, |_| {}).await
}

fn command(db: &TestDb, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tekup-db"));
    command.args(arguments).env_clear().env("DATABASE_URL", db.owner_url().expose());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Of a whole database, a hash of each table's rows in their order as JSON, and of all that decides who may do what: nothing
/// that the program itself compares by.
async fn picture(db: &TestDb) -> BTreeMap<String, String> {
    const SCHEMAS: &str = "('auth', 'billy', 'crm', 'flow', 'renos', 'shared', 'tekup', 'vault')";
    let mut connection = PgConnection::connect(db.owner_url().expose()).await.unwrap();
    let asked = format!(
        "select relation, 'select coalesce(md5(string_agg(line, E''\\n'' order by line)), '''') from (select to_jsonb(t)::text as line from '
                || relation || ' t) x' from (
            select format('%I.%I', schemaname, tablename) as relation from pg_tables where schemaname in {SCHEMAS}) tables
        union all select 'relations', $$select string_agg(concat_ws(' ', oid::regclass, relkind, relacl, relrowsecurity,
                relforcerowsecurity, obj_description(oid, 'pg_class')), E'\\n' order by oid::regclass::text)
            from pg_class where relnamespace::regnamespace::text in {SCHEMAS}$$
        union all select 'columns', $$select string_agg(concat_ws(' ', attrelid::regclass, attname, atttypid::regtype, attnotnull,
                attacl, attgenerated, pg_get_expr(adbin, adrelid), col_description(attrelid, attnum)), E'\\n'
                order by attrelid::regclass::text, attname)
            from pg_attribute a join pg_class c on c.oid = attrelid left join pg_attrdef d on adrelid = attrelid and adnum = attnum
            where relnamespace::regnamespace::text in {SCHEMAS} and attnum > 0 and not attisdropped$$
        union all select 'policies', $$select string_agg(p::text, E'\\n' order by p::text) from pg_policies p$$
        union all select 'indexes', $$select string_agg(i::text, E'\\n' order by i::text) from pg_indexes i
            where schemaname in {SCHEMAS}$$
        union all select 'constraints', $$select string_agg(concat_ws(' ', conrelid::regclass, conname, convalidated,
                pg_get_constraintdef(oid)), E'\\n' order by conrelid::regclass::text, conname)
            from pg_constraint where connamespace::regnamespace::text in {SCHEMAS}$$
        union all select 'triggers', $$select string_agg(concat_ws(' ', tgenabled, pg_get_triggerdef(oid)), E'\\n'
            order by pg_get_triggerdef(oid)) from pg_trigger where not tgisinternal$$
        union all select 'event triggers', $$select string_agg(concat_ws(' ', evtname, evtevent, evtfoid::regproc), E'\\n'
            order by evtname) from pg_event_trigger$$
        union all select 'functions', $$select string_agg(concat_ws(' ', proacl, prosecdef, pg_get_functiondef(oid)), E'\\n'
            order by oid::regprocedure::text) from pg_proc where pronamespace::regnamespace::text in {SCHEMAS}$$
        union all select 'rules', $$select string_agg(pg_get_ruledef(r.oid), E'\\n' order by ev_class::regclass::text, rulename)
            from pg_rewrite r join pg_class c on c.oid = ev_class where relnamespace::regnamespace::text in {SCHEMAS}$$
        union all select 'schemas', $$select string_agg(concat_ws(' ', nspname, nspacl, obj_description(oid, 'pg_namespace')), E'\\n'
            order by nspname) from pg_namespace where nspname in {SCHEMAS}$$
        union all select 'default privileges', $$select string_agg(concat_ws(' ', defaclrole::regrole, defaclnamespace,
            defaclobjtype, defaclacl), E'\\n' order by defaclobjtype) from pg_default_acl$$"
    );
    let queries: Vec<(String, String)> = sqlx::query_as(AssertSqlSafe(asked)).fetch_all(&mut connection).await.unwrap();
    let mut picture = BTreeMap::new();
    for (name, query) in queries {
        let text: Option<String> = sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(&mut connection).await.unwrap();
        picture.insert(name, text.unwrap_or_default());
    }
    assert!(picture.len() > 100 && picture["policies"].len() > 1000, "{picture:?}");
    picture
}

fn assert_same(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) {
    let names: Vec<_> = one.keys().chain(other.keys()).collect();
    for name in names {
        assert_eq!(one.get(name), other.get(name), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_is_what_there_was() {
    let (db, target, folder) = (demo_database().await, empty().await, Folder::new());
    db.execute(
        "create table renos.\"od d\"(\"n;n\" integer generated by default as identity, t text, f float8, c int generated always as (1) stored);
         insert into renos.\"od d\" (t, f) values (E'a\\tb\\\\\\n\\\\.\\nc', 0.1), (null, 'NaN'), ('', -0.0), ('\\.', 'infinity');
         alter table renos.\"od d\" add column lines text default E'a\\r\\nb';
         comment on table renos.\"od d\" is E'a\\r\\nb';
         create view renos.lines as select E'a\\r\\nb' as lines;
         create rule twice as on update to renos.lines do instead (select 1; select 2);
         create function renos.lines() returns text language sql as E'select\\r\\n''x'''",
    )
    .await;
    let file = folder.file("whole.dump");
    let made = back_up(&db, &file).await;
    assert_eq!(folder.names(), ["whole.dump", "whole.dump.json"]);
    assert_eq!(made.manifest.schema_names(), ["auth", "billy", "crm", "flow", "renos", "shared", "tekup", "vault"]);
    assert!(made.manifest.rows(&made.manifest.schema_names()) > 12_000);
    assert!(made.manifest.roles.contains(&"tekup_owner".to_owned()), "{:?}", made.manifest.roles);
    let output = command(&db, &["restore", file.to_str().unwrap(), "--check"]).output().unwrap();
    assert!(output.status.success() && told(&output).contains("is whole: auth, billy, crm"), "{}", told(&output));

    let mut last = String::new();
    let restored = backup::restore(&target.owner_url(), &of(&file), |step| last = step.what.to_owned()).await;
    let restored = restored.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((restored.tables, last.as_str()), (made.manifest.tables.len(), backup::COMMITTING));
    assert_same(&picture(&db).await, &picture(&target).await);
    assert_eq!(target.text("select nextval('renos.\"od d_n;n_seq\"')::text").await, "5");
    // It is a database to go on with: nothing to migrate, and row rules hold for those who are bound by them.
    assert_eq!(migrate::run(&target.owner_url(), &migrate::Scope::All, None).await.unwrap(), []);
    let tenant = db.text("select tenant_id::text from crm.contacts limit 1").await;
    for (database, organisation) in [(&db, tenant.as_str()), (&target, tenant.as_str()), (&target, "")] {
        let mut connection = PgConnection::connect(database.login_url().expose()).await.unwrap();
        let mut transaction = connection.begin().await.unwrap();
        let settings = format!("set local role crm_app; set local app.current_org_id = '{organisation}'");
        sqlx::raw_sql(AssertSqlSafe(settings)).execute(&mut *transaction).await.unwrap();
        let count: i64 =
            sqlx::query_scalar("select count(*) from crm.contacts").fetch_one(&mut *transaction).await.unwrap();
        assert_eq!(count > 0, !organisation.is_empty(), "{organisation}");
    }
}

/// As on a managed platform: the schemas' owner is no superuser, and row security is forced on it.
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_is_no_superuser_backs_up_and_restores() {
    let (db, target, folder) = (empty().await, empty().await, Folder::new());
    let role = format!("{}_owner", db.name());
    db.execute(&format!("create role {role} login createrole; grant tekup_owner to {role}")).await;
    for database in [&db, &target] {
        let owned = format!(
            "alter database {} owner to {role}; create extension vector; grant create on schema public to {role}",
            database.name()
        );
        database.execute(&owned).await;
    }
    migrate::run(&db.url(&role), &migrate::Scope::All, None).await.unwrap();
    let demo = tekup_db::db::seed::Data::Demo { anchor: Some("2025-10-22".to_owned()), seed: None };
    tekup_db::db::seed::run(&db.url(&role), &demo, |_| {}).await.unwrap();
    let file = folder.file("owned.dump");
    let made = back_up_as(&db.url(&role), &[], &file).await.unwrap_or_else(|error| panic!("{error}"));
    let count: i64 = db.text("select count(*)::text from renos.leads").await.parse().unwrap();
    let leads = made.manifest.tables.iter().find(|table| table.name == "leads" && table.schema == "renos").unwrap();
    assert_eq!(leads.rows, count);
    let restored = backup::restore(&target.url(&role), &of(&file), |_| {}).await;
    restored.unwrap_or_else(|error| panic!("{error}"));
    assert_same(&picture(&db).await, &picture(&target).await);

    // Without the role that row rules let through, rows would be missing: that is refused, and so is a caller's role.
    db.execute(&format!("revoke tekup_owner from {role}")).await;
    for url in [db.url(&role), db.login_url()] {
        let error = back_up_as(&url, &[], &folder.file("hidden.dump")).await.unwrap_err();
        let BackupError::Hidden { tables, .. } = &error else { panic!("{error}") };
        assert!(tables.len() > 80 && error.to_string().contains("GRANT tekup_owner TO"), "{error}");
    }
    assert_eq!(folder.names(), ["owned.dump", "owned.dump.json"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_is_backed_up_and_restored_alone() {
    let (db, target, folder) = (demo_database().await, empty().await, Folder::new());
    let file = folder.file("part.dump");
    let error = back_up_as(&db.owner_url(), &["renos", "reno"], &file).await.unwrap_err().to_string();
    assert!(error.contains("no schema reno ") && error.contains("auth, billy, crm"), "{error}");
    back_up_as(&db.owner_url(), &["crm", "flow", "shared"], &file).await.unwrap();
    // What they are built on is not there.
    let error = restore(&target, &of(&file)).await.unwrap_err().to_string();
    assert!(error.contains("can't be without auth, of which") && error.contains("tekup-db migrate"), "{error}");
    migrate::run(&target.owner_url(), &migrate::Scope::Schema("crm".to_owned()), None).await.unwrap();
    let before = picture_of(&target, "crm").await;
    let error = restore(&target, &of(&file)).await.unwrap_err().to_string();
    assert!(error.contains("crm (12 tables)") && error.contains("--clean"), "{error}");
    let crm = RestoreOptions { schemas: vec!["crm".to_owned()], clean: true, ..of(&file) };
    // Its people are in shared.
    let error = restore(&target, &crm).await.unwrap_err().to_string();
    assert!(error.contains("violates foreign key constraint \"users_shared_user_id_fkey\""), "{error}");
    assert_eq!(picture_of(&target, "crm").await, before);
    let both = RestoreOptions { schemas: vec!["shared".to_owned(), "crm".to_owned()], ..crm.clone() };
    let restored = restore(&target, &both).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(restored.schemas, ["crm", "shared"]);
    assert_ne!(picture_of(&target, "crm").await, before);
    assert_eq!(picture_of(&target, "crm").await, picture_of(&db, "crm").await);
    // In the whole database, flow is built on crm.
    db.execute("delete from crm.emails").await;
    let error = restore(&db, &crm).await.unwrap_err().to_string();
    assert!(error.contains("flow is built on crm"), "{error}");
    assert_eq!(db.text("select count(*)::text from crm.emails").await, "0");
    let both = RestoreOptions { schemas: vec!["crm".to_owned(), "flow".to_owned()], ..crm };
    restore(&db, &both).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(picture_of(&db, "crm").await, picture_of(&target, "crm").await);
    let none = RestoreOptions { schemas: vec!["renos".to_owned()], ..of(&file) };
    assert!(restore(&db, &none).await.unwrap_err().to_string().contains("it has: crm, flow, shared"));
    // A foreign table could not be brought back.
    let far = "create foreign data wrapper elsewhere; create server elsewhere foreign data wrapper elsewhere;
        create foreign table crm.far (id integer) server elsewhere";
    db.execute(far).await;
    let error = back_up_as(&db.owner_url(), &["crm"], &folder.file("far.dump")).await.unwrap_err();
    assert!(matches!(&error, BackupError::Foreign(tables) if tables == &["crm.far"]), "{error}");
}

/// Rows of contacts, as far as they go.
async fn picture_of(db: &TestDb, schema: &str) -> String {
    db.text(&format!(
        "select count(*) || coalesce(md5(string_agg(t::text, ' ' order by id)), '') from {schema}.contacts t"
    ))
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_of_one_moment_whoever_writes() {
    let (db, target, folder) = (demo_database().await, empty().await, Folder::new());
    // Each transaction moves a row from one table to another, and back.
    db.execute("create table renos.one as select 1 as n, 0 as times; create table renos.other as select * from renos.one limit 0").await;
    let (is_over, url) = (Arc::new(AtomicBool::new(false)), db.owner_url());
    let writer = tokio::spawn({
        let is_over = is_over.clone();
        async move {
            let mut connection = PgConnection::connect(url.expose()).await.unwrap();
            let mut times = 0;
            while !is_over.load(Ordering::Relaxed) {
                let (from, to) = if times % 2 == 0 { ("one", "other") } else { ("other", "one") };
                let step = format!(
                    "with moved as (delete from renos.{from} returning n, times + 1 as times)
                     insert into renos.{to} select * from moved"
                );
                sqlx::raw_sql(AssertSqlSafe(step)).execute(&mut connection).await.unwrap();
                times += 1;
            }
            times
        }
    });
    let made = back_up(&db, &folder.file("busy.dump")).await;
    is_over.store(true, Ordering::Relaxed);
    assert!(writer.await.unwrap() > 10);
    let rows = |name: &str| made.manifest.tables.iter().find(|table| table.name == name).unwrap().rows;
    assert_eq!(rows("one") + rows("other"), 1);
    // Comparing is part of it.
    restore(&target, &of(&made.file)).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        target.text("select (select count(*) from renos.one) + (select count(*) from renos.other) || ''").await,
        "1"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn older_ones_of_the_series_go() {
    let (db, folder) = (support::database().await, Folder::new());
    let path = format!("{}/", folder.file("daily").display());
    let back_up = |extra: &[&str]| {
        let output =
            command(&db, &[&["backup", "--out", &path, "--schema", "tekup"], extra].concat()).output().unwrap();
        assert!(output.status.success(), "{}", told(&output));
        told(&output)
    };
    let series = format!("{}.tekup-", db.name());
    let daily = Folder(folder.file("daily"));
    let name = |day: u32| format!("{series}2020010{day}T000000Z.dump");
    back_up(&[]);
    for (day, ends) in [(1, &["", ".json"][..]), (2, &["", ".json"]), (3, &["", ".json"]), (4, &[""])] {
        for end in ends {
            fs::write(daily.file(&(name(day) + end)), "old").unwrap();
        }
    }
    let others = ["notes.dump".to_owned(), format!("{}-20200101T000000Z.dump", db.name())];
    for other in &others {
        fs::write(daily.file(other), "other").unwrap();
    }
    // What a killed run left goes; it was locked while it was written.
    fs::write(daily.file(&(name(5) + ".part")), "half").unwrap();
    // Another second, another name.
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let said = back_up(&["--keep", "3"]);
    assert!(said.contains(&format!("removed {path}{}", name(2))) || said.contains(&name(2)), "{said}");
    let names = daily.names();
    let ours: Vec<_> = names.iter().filter(|name| name.starts_with(&series)).collect();
    // Two of today, the third that is whole, and one without a manifest that is newer than that.
    assert_eq!(ours.len(), 2 * 3 + 1, "{names:?}");
    assert!(names.contains(&name(3)) && names.contains(&(name(3) + ".json")) && names.contains(&name(4)), "{names:?}");
    assert!(others.iter().all(|other| names.contains(other)), "{names:?}");
    for (arguments, reason) in [
        (&["backup", "--keep", "0"][..], "invalid value"),
        (&["backup", "--keep", "3", "--out", "file.dump"], "--keep is about the backups of a folder"),
    ] {
        let output = command(&db, arguments).current_dir(&folder.0).output().unwrap();
        assert!(!output.status.success() && told(&output).contains(reason), "{}", told(&output));
    }
    assert_eq!(folder.names(), ["daily"]);
}
