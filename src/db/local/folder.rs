//! The data folder: `cluster/` is PostgreSQL's, `socket/` holds the socket, `postgres.log` is its log, `lock` is held
//! by the service that uses them.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::SystemTime,
};

use nix::fcntl::{Flock, FlockArg};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    LocalError,
    account::{self, Account},
};
use crate::config::Secret;

/// A socket's path has 107 bytes at most, and `/.s.PGSQL.5432.lock` comes after the folder.
const LONGEST_SOCKET_FOLDER: usize = 107 - "/.s.PGSQL.5432.lock".len();

/// An open data folder.
#[derive(Debug)]
pub(super) struct Folder {
    /// The account that PostgreSQL runs as.
    pub(super) account: Account,
    /// PostgreSQL's own folder.
    pub(super) cluster: PathBuf,
    /// The socket's folder.
    pub(super) socket: PathBuf,
    /// PostgreSQL's log.
    pub(super) log: PathBuf,
    /// Held for as long as the folder is ours.
    _lock: Option<Flock<File>>,
}

fn fault(path: &Path) -> impl FnOnce(io::Error) -> LocalError {
    let path = path.to_owned();
    move |source| LocalError::Folder { path, source }
}

impl Folder {
    /// Makes the folder where it is missing, and takes it for this process alone.
    pub(super) fn open(data_dir: &Path) -> Result<Self, LocalError> {
        let mut folder = Self::of_another(data_dir)?;
        let lock = File::create(data_dir.join("lock")).map_err(fault(data_dir))?;
        let lock = Flock::lock(lock, FlockArg::LockExclusiveNonblock);
        folder._lock = Some(lock.map_err(|_| LocalError::InUse(data_dir.to_owned()))?);
        Ok(folder)
    }

    /// The folder of another process.
    pub(super) fn of_another(data_dir: &Path) -> Result<Self, LocalError> {
        let account = Account::unprivileged()?;
        fs::create_dir_all(data_dir).map_err(fault(data_dir))?;
        let data_dir = data_dir.canonicalize().map_err(fault(data_dir))?;
        let home = home(&data_dir, &account).map_err(fault(&data_dir))?;
        let socket = socket(&home, &account)?;
        Ok(Self { account, cluster: home.join("cluster"), socket, log: home.join("postgres.log"), _lock: None })
    }

    /// The version that made the cluster, if there is one.
    pub(super) fn major(&self) -> Option<u32> {
        fs::read_to_string(self.cluster.join("PG_VERSION")).ok()?.trim().parse().ok()
    }

    /// The log, to be written to by PostgreSQL; it starts anew with each server.
    pub(super) fn new_log(&self) -> Result<File, LocalError> {
        let log = File::create(&self.log).map_err(fault(&self.log))?;
        self.account.own(&self.log).map_err(fault(&self.log))?;
        Ok(log)
    }

    /// Removes the socket's folder where it is not in the data folder.
    pub(super) fn tidy(&self) {
        if !self.socket.starts_with(self.home()) {
            // Not empty, it is in use.
            let _ = fs::remove_dir(&self.socket);
        }
    }

    /// Lets the account delete the folder.
    pub(super) fn give_away(&self) -> Result<(), LocalError> {
        self.account.own(self.home()).map_err(fault(self.home()))
    }

    /// The last lines of the log.
    pub(super) fn log_tail(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = text.lines().rev().take(5).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join(" | ")
    }

    /// The folder that all of PostgreSQL's files are in.
    pub(super) fn home(&self) -> &Path {
        self.cluster.parent().unwrap_or(&self.cluster)
    }

    pub(super) fn url(&self, role: &str, database: &str) -> Secret {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let socket = self.socket.to_string_lossy();
        Secret::new(format!("postgres://{}@{}:5432/{}", encode(role), encode(&socket), encode(database)))
    }
}

/// Where PostgreSQL's files go: the data folder, or, if the account can't enter that, one that it can. The data folder
/// remembers which: without it, there is a new one.
fn home(data_dir: &Path, account: &Account) -> io::Result<PathBuf> {
    if account.can_enter(data_dir) {
        return Ok(data_dir.to_owned());
    }
    let pointer = data_dir.join("elsewhere");
    if let Ok(home) = fs::read_to_string(&pointer) {
        return Ok(PathBuf::from(home.trim_end()));
    }
    let home = account::shared_folder()?.join(format!("data-{:016x}", account::hash(&(data_dir, SystemTime::now()))));
    fs::create_dir_all(&home)?;
    fs::write(pointer, format!("{}\n", home.display()))?;
    tracing::info!(path = %home.display(), "{:?} can't enter the data folder: PostgreSQL keeps its files elsewhere", account.name());
    Ok(home)
}

/// The socket's folder, which only the account can enter: it is all the protection that the server has.
fn socket(home: &Path, account: &Account) -> Result<PathBuf, LocalError> {
    let beside = home.join("socket");
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
    let path = match beside.to_str() {
        Some(text) if text.len() <= LONGEST_SOCKET_FOLDER && is_plain(text) => beside,
        _ => PathBuf::from(format!("/tmp/tekup-db-{}-{:016x}", account.uid(), account::hash(&home))),
    };
    account.private_folder(&path).map_err(fault(&path))?;
    // In /tmp, somebody else may have made the folder, or a link of that name, before us.
    let made = fs::symlink_metadata(&path).map_err(fault(&path))?;
    if !made.is_dir() || made.uid() != account.uid().as_raw() {
        return Err(fault(&path)(io::Error::other("belongs to somebody else")));
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_for_one_process() {
        let path = std::env::temp_dir().join(format!("tekup-folder-{}", std::process::id()));
        let folder = Folder::open(&path).unwrap();
        assert!(matches!(Folder::open(&path), Err(LocalError::InUse(_))));
        drop(folder);
        Folder::open(&path).unwrap();
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn a_socket_folder_is_short_and_plain() {
        let account = Account::ours();
        for name in ["with blank", &"long".repeat(25)] {
            let home = std::env::temp_dir().join(format!("tekup-{name}-{}", std::process::id()));
            let path = socket(&home, &account).unwrap();
            assert!(path.starts_with("/tmp") && path.as_os_str().len() <= LONGEST_SOCKET_FOLDER, "{path:?}");
            assert_eq!(socket(&home, &account).unwrap(), path);
            fs::remove_dir_all(path).unwrap();
        }
    }
}
