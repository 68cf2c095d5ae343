//! The embedded PostgreSQL: started, stopped, left behind, beside another.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use sqlx::{Connection as _, PgConnection};
use tekup_db::{
    config::Secret,
    db::local::{Keep, Local, LocalError, LocalOptions},
};

/// A data folder that is deleted in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("tekup-local-{}-{name}", std::process::id())))
    }

    fn options(&self) -> LocalOptions {
        LocalOptions { data_dir: self.0.clone(), bin: None, keep: Keep::Data }
    }

    fn postmaster(&self) -> String {
        let text = fs::read_to_string(self.0.join("cluster/postmaster.pid")).unwrap();
        text.lines().next().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn number(url: &Secret, sql: &'static str) -> i64 {
    let mut connection = PgConnection::connect(url.expose()).await.unwrap();
    sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
}

fn is_running(pid: &str) -> bool {
    Command::new("kill").args(["-0", pid]).output().unwrap().status.success()
}

fn kill(signal: &str, pid: &str) {
    assert!(Command::new("kill").args([signal, pid]).status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn data_stays_and_the_folder_is_for_one_service() {
    let folder = Folder::new("with blank");
    let local = Local::start(&folder.options()).await.unwrap();
    let settings = "select case when current_setting('listen_addresses') = '' and current_setting('fsync') = 'on' \
        and current_setting('timezone') = 'UTC' and upper('æ') = 'Æ' then 1::bigint else 0 end";
    assert_eq!(number(&local.owner_url(), settings).await, 1);
    number(&local.owner_url(), "with t as (select set_config('a.b', '1', false)) select count(*) from t").await;
    let mut owner = PgConnection::connect(local.owner_url().expose()).await.unwrap();
    sqlx::raw_sql("create table kept (x int); insert into kept values (1)").execute(&mut owner).await.unwrap();

    let error = Local::start(&folder.options()).await.unwrap_err();
    assert!(matches!(&error, LocalError::InUse(_)), "{error:?}");
    let beside = Local::reach(&folder.options()).await.unwrap();
    assert_eq!(number(&beside.owner_url(), "select count(*) from kept").await, 1);
    beside.stop().await.unwrap();

    let pid = folder.postmaster();
    local.stop().await.unwrap();
    assert!(!is_running(&pid));
    let local = Local::start(&folder.options()).await.unwrap();
    assert_eq!(number(&local.owner_url(), "select count(*) from kept").await, 1);
    local.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_folders_run_beside_each_other() {
    let (one, two) = (Folder::new("one"), Folder::new("two"));
    let (one_options, two_options) = (one.options(), two.options());
    let (one, two) = tokio::join!(Local::start(&one_options), Local::start(&two_options));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_ne!(one.owner_url(), two.owner_url());
    number(&one.owner_url(), "select 1::bigint").await;
    one.stop().await.unwrap();
    number(&two.owner_url(), "select 1::bigint").await;
    two.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_crashed_is_followed_by_another() {
    let folder = Folder::new("crashed");
    let local = Local::start(&folder.options()).await.unwrap();
    kill("-9", &folder.postmaster());
    drop(local);
    // Its number may be another program's by now.
    let mut other = Command::new("sleep").arg("60").spawn().unwrap();
    let pid_file = folder.0.join("cluster/postmaster.pid");
    let text = fs::read_to_string(&pid_file).unwrap();
    let (_, rest) = text.split_once('\n').unwrap();
    fs::write(&pid_file, format!("{}\n{rest}", other.id())).unwrap();
    let local = Local::start(&folder.options()).await.unwrap();
    number(&local.owner_url(), "select 1::bigint").await;
    local.stop().await.unwrap();
    other.kill().unwrap();
    other.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_goes_when_its_service_goes() {
    let folder = Folder::new("gone");
    let local = Local::start(&folder.options()).await.unwrap();
    let pid = folder.postmaster();
    // As when the service is killed: nobody stops the server, but its guard.
    drop(local);
    for _ in 0..500 {
        if !folder.0.join("cluster/postmaster.pid").exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(!folder.0.join("cluster/postmaster.pid").exists(), "{pid} is still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_left_behind_is_stopped() {
    let folder = Folder::new("left");
    let local = Local::start(&folder.options()).await.unwrap();
    let pid = folder.postmaster();
    // The guard dies as well, as in a container that is killed and goes on.
    let guards =
        Command::new("pgrep").args(["-f", &format!("stop -D.*{}/cluster", folder.0.display())]).output().unwrap();
    for guard in String::from_utf8(guards.stdout).unwrap().lines() {
        kill("-9", guard);
    }
    drop(local);
    let next = Local::start(&folder.options()).await.unwrap();
    assert_ne!(folder.postmaster(), pid);
    number(&next.owner_url(), "select 1::bigint").await;
    next.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_that_will_not_do_is_named() {
    let folder = Folder::new("none");
    let options = LocalOptions { bin: Some("/bin".into()), ..folder.options() };
    let error = Local::start(&options).await.unwrap_err().to_string();
    assert!(error.contains("/bin: ") && error.contains("make postgres"), "{error}");
}
