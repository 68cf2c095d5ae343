//! Runs that do not come to their end: killed, stopped, out of room.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use sqlx::{Connection as _, PgConnection, Postgres, Transaction};

use super::{Folder, back_up, command, of, restore, told};
use crate::support::{TestDb, database, demo_database, empty};

/// A table that nobody gets to: whoever reads it waits.
async fn locked(connection: &mut PgConnection) -> Transaction<'_, Postgres> {
    let mut transaction = connection.begin().await.unwrap();
    sqlx::raw_sql("lock table vault.sync_status in access exclusive mode").execute(&mut *transaction).await.unwrap();
    transaction
}

/// A backup that is under way: its files are there, and it waits.
async fn waiting(db: &TestDb, folder: &Folder, file: &Path) -> Child {
    let mut command = command(db, &["backup", "--out", file.to_str().unwrap()]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let asked =
        "select count(*)::text from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    for _ in 0..3000 {
        assert!(child.try_wait().unwrap().is_none(), "{}", told(&child.wait_with_output().unwrap()));
        if folder.names().contains(&"a.dump.part".to_owned()) && db.text(asked).await != "0" {
            return child;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it does not wait: {:?}", folder.names());
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_stopped_leaves_nothing() {
    let (db, folder) = (database().await, Folder::new());
    let file = folder.file("a.dump");
    let mut connection = PgConnection::connect(db.owner_url().expose()).await.unwrap();
    let lock = locked(&mut connection).await;
    for name in ["-INT", "-TERM"] {
        let child = waiting(&db, &folder, &file).await;
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert!(
            !output.status.success() && told(&output).contains("interrupted: nothing was written"),
            "{}",
            told(&output)
        );
        assert!(folder.names().is_empty(), "{:?}", folder.names());
    }
    lock.rollback().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_backup_leaves_is_no_backup_and_goes() {
    let (db, folder) = (database().await, Folder::new());
    let (file, part) = (folder.file("a.dump"), folder.file("a.dump.part"));
    let mut connection = PgConnection::connect(db.owner_url().expose()).await.unwrap();
    let lock = locked(&mut connection).await;
    let mut child = waiting(&db, &folder, &file).await;
    // While it is at it, another keeps off.
    let output = command(&db, &["backup", "--out", file.to_str().unwrap()]).output().unwrap();
    assert!(!output.status.success() && told(&output).contains("another backup is being written"), "{}", told(&output));
    signal(&child, "-KILL");
    child.wait().unwrap();
    lock.rollback().await.unwrap();
    assert_eq!(folder.names(), ["a.dump.json.part", "a.dump.part"]);
    let error = restore(&empty().await, &of(&part)).await.unwrap_err().to_string();
    assert!(error.contains("it is no backup"), "{error}");
    back_up(&db, &file).await;
    assert_eq!(folder.names(), ["a.dump", "a.dump.json"]);
}

/// A limit on the size of files is met as a full disk is: by a write that fails midway.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_without_room_leaves_nothing() {
    let (db, folder) = (demo_database().await, Folder::new());
    let whole = folder.file("last.dump");
    back_up(&db, &whole).await;
    let limited = |blocks: u32| {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let inner = command(&db, &["backup", "--out", folder.file("a.dump").to_str().unwrap()]);
        let mut outer = Command::new("sh");
        outer.arg("-c").arg(script).arg(inner.get_program()).args(inner.get_args()).env_clear();
        outer.env("DATABASE_URL", db.owner_url().expose()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        outer.output().unwrap()
    };
    // No room for the dump.
    let output = limited(64);
    let said = told(&output);
    assert!(!output.status.success() && said.contains("has no room for it") && said.contains("--keep"), "{said}");
    assert_eq!(folder.names(), ["last.dump", "last.dump.json"]);
    restore(&empty().await, &of(&whole)).await.unwrap_or_else(|error| panic!("{error}"));
}

/// A restore that is stopped or killed leaves nothing: the server rolls back when its client is gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_is_stopped_leaves_the_target_as_it_was() {
    let (db, folder) = (database().await, Folder::new());
    let file = folder.file("a.dump");
    back_up(&db, &file).await;
    for name in ["-INT", "-KILL"] {
        let mut connection = PgConnection::connect(db.owner_url().expose()).await.unwrap();
        // Dropping a table waits for whoever reads it.
        let mut reader = connection.begin().await.unwrap();
        sqlx::raw_sql("lock table vault.sync_status in access share mode").execute(&mut *reader).await.unwrap();
        let mut command = command(&db, &["restore", file.to_str().unwrap(), "--clean", "--yes"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let asked = "select count(*)::text from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        let mut is_waiting = false;
        for _ in 0..3000 {
            is_waiting = db.text(asked).await != "0";
            if is_waiting {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(is_waiting);
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert!(!output.status.success(), "{}", told(&output));
        if name == "-INT" {
            assert!(told(&output).contains("interrupted: the target is as it was"), "{}", told(&output));
        }
        reader.rollback().await.unwrap();
        let tables = "select count(*)::text from pg_tables where schemaname = 'vault'";
        for _ in 0..3000 {
            if db.text(asked).await == "0" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(db.text(tables).await, "4");
    }
}
