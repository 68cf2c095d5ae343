//! The server process and its guard.

use std::{
    fs,
    io::Write as _,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{Connection as _, PgConnection};

use super::{
    Keep, LocalError,
    folder::Folder,
    installation::{Installation, said},
};

/// Recovery after a crash may take its time.
const START_TIMEOUT: Duration = Duration::from_secs(300);
const STOP_TIMEOUT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// Waits until its input ends, because whoever held the other end is gone, and stops the server.
const GUARD: &str = r#"read -r _; "$0" stop -D "$1" -m fast -w >/dev/null 2>&1; [ -z "$2" ] || rm -rf "$2""#;

const SETTINGS: [(&str, &str); 9] = [
    ("listen_addresses", ""),
    ("port", "5432"),
    ("unix_socket_permissions", "0700"),
    ("max_connections", "100"),
    ("shared_buffers", "64MB"),
    ("jit", "off"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("log_line_prefix", "%m [%p] "),
];

/// What makes tests quick and data unsafe.
const CARELESS: [(&str, &str); 3] = [("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off")];

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    postmaster: Child,
    guard: Child,
    /// Closed, or gone with this process, it lets the guard act.
    lifeline: Option<ChildStdin>,
}

/// Stops a server that a killed service left behind, and clears the way where there is none any more.
pub(super) fn stop_left_behind(folder: &Folder, found: &Installation) -> Result<(), LocalError> {
    let pid_file = folder.cluster.join("postmaster.pid");
    if let Ok(text) = fs::read_to_string(&pid_file) {
        let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
        if first.trim().parse().is_ok_and(|pid| command_line(pid).contains(&*folder.cluster.to_string_lossy())) {
            tracing::info!("stopping the PostgreSQL that an earlier run left behind");
            stop(folder, found, &pid_file)?;
        } else {
            // The number may be another program's by now, which PostgreSQL can't tell: it would refuse to start. It
            // knows its parent's number, though. The rest of the file stays: by it, PostgreSQL finds out whether
            // processes of the dead server are still at work.
            let text = format!("{}\n{rest}", std::process::id());
            fs::write(&pid_file, text).map_err(|source| LocalError::Folder { path: pid_file, source })?;
        }
    }
    for name in [".s.PGSQL.5432", ".s.PGSQL.5432.lock"] {
        // Most of the time there is none.
        let _ = fs::remove_file(folder.socket.join(name));
    }
    Ok(())
}

fn stop(folder: &Folder, found: &Installation, pid_file: &Path) -> Result<(), LocalError> {
    let stop = |mode| {
        let mut command = folder.account.command(found.bin.join("pg_ctl"));
        said(command.arg("stop").arg("-D").arg(&folder.cluster).args(["-w", "-t", "30", "-m", mode])).map(drop)
    };
    // Its guard may have stopped it meanwhile.
    let is_gone = |reason| if pid_file.exists() { Err(reason) } else { Ok(()) };
    stop("fast").or_else(is_gone).or_else(|_| stop("immediate")).or_else(is_gone).map_err(LocalError::Stop)
}

/// How a process was started; empty where there is none.
fn command_line(pid: i32) -> String {
    fs::read(format!("/proc/{pid}/cmdline")).map_or_else(
        |_| said(Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()])).unwrap_or_default(),
        |line| String::from_utf8_lossy(&line).replace('\0', " "),
    )
}

/// Makes the cluster, whole or not at all.
pub(super) fn init(folder: &Folder, found: &Installation) -> Result<(), LocalError> {
    let unfinished = folder.cluster.with_extension("new");
    let fault = |source| LocalError::Folder { path: unfinished.clone(), source };
    // Text sorts by its bytes, which every index can use, and letters beyond ASCII still have their upper case. Where
    // the platform lacks that locale, they don't.
    let locales: [&[&str]; 2] = [&["--lc-collate=C", "--lc-ctype=C.UTF-8", "--locale=C"], &["--no-locale"]];
    let mut reason = String::new();
    for locale in locales {
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(fault)?;
        }
        folder.account.private_folder(&unfinished).map_err(fault)?;
        let mut command = folder.account.command(found.bin.join("initdb"));
        command
            .arg("-D")
            .arg(&unfinished)
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
            .args(locale);
        match said(&mut command) {
            Ok(_) => return fs::rename(&unfinished, &folder.cluster).map_err(fault),
            Err(said) => reason = said,
        }
    }
    Err(LocalError::Initdb(reason))
}

impl Server {
    /// Starts it and waits until it answers.
    pub(super) async fn start(folder: &Folder, found: &Installation, keep: Keep) -> Result<Self, LocalError> {
        let start = |error: std::io::Error| LocalError::Start(error.to_string());
        let log = folder.new_log()?;
        let mut command = folder.account.command(found.bin.join("postgres"));
        command.arg("-D").arg(&folder.cluster).arg("-k").arg(&folder.socket);
        let careless = if keep == Keep::Nothing { CARELESS.as_slice() } else { &[] };
        for (name, value) in SETTINGS.iter().chain(careless) {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        command.stdin(Stdio::null()).stdout(log.try_clone().map_err(start)?).stderr(log);
        // Ctrl-C is for the service, which stops the server when its requests are done.
        let postmaster = command.process_group(0).spawn().map_err(start)?;
        let mut guard = folder.account.command("/bin/sh");
        guard.arg("-c").arg(GUARD).arg(found.bin.join("pg_ctl")).arg(&folder.cluster);
        guard.arg(if keep == Keep::Nothing { folder.home() } else { Path::new("") });
        guard.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut guard = guard.process_group(0).spawn().map_err(start)?;
        let mut server = Self { postmaster, lifeline: guard.stdin.take(), guard };
        server.wait(folder).await?;
        Ok(server)
    }

    /// Waits until the server answers, and makes the database.
    async fn wait(&mut self, folder: &Folder) -> Result<(), LocalError> {
        let url = folder.url("postgres", "postgres");
        let started = Instant::now();
        let mut connection = loop {
            let reason = match PgConnection::connect(url.expose()).await {
                Ok(connection) => break connection,
                Err(error) => error.to_string(),
            };
            if let Ok(Some(status)) = self.postmaster.try_wait() {
                return Err(LocalError::Start(format!("it ended with {status}; its log says: {}", folder.log_tail())));
            }
            if started.elapsed() > START_TIMEOUT {
                return Err(LocalError::Start(format!("no answer within {START_TIMEOUT:?}: {reason}")));
            }
            tokio::time::sleep(PAUSE).await;
        };
        let start = |error: sqlx::Error| LocalError::Start(error.to_string());
        let exists = "SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = 'tekup')";
        if !sqlx::query_scalar(exists).fetch_one(&mut connection).await.map_err(start)? {
            sqlx::raw_sql("CREATE DATABASE tekup").execute(&mut connection).await.map_err(start)?;
        }
        connection.close().await.map_err(start)
    }

    /// Stops it; the guard then has nothing to do but tidy up.
    pub(super) async fn stop(mut self) -> Result<(), LocalError> {
        let pid = i32::try_from(self.postmaster.id()).unwrap_or(i32::MAX);
        // It may have ended already.
        let _ = kill(Pid::from_raw(pid), Signal::SIGINT);
        let started = Instant::now();
        while let Ok(None) = self.postmaster.try_wait() {
            if started.elapsed() > STOP_TIMEOUT {
                return Err(LocalError::Stop(format!("it is still there after {STOP_TIMEOUT:?}")));
            }
            tokio::time::sleep(PAUSE).await;
        }
        if let Some(mut lifeline) = self.lifeline.take() {
            // Its end alone is enough.
            let _ = lifeline.write_all(b"\n");
        }
        while let Ok(None) = self.guard.try_wait() {
            if started.elapsed() > STOP_TIMEOUT {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }
}
