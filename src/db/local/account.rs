//! The account that PostgreSQL runs as: our own, or, since it refuses to run as root, an unprivileged one.

use std::{
    ffi::OsStr,
    fs,
    hash::{DefaultHasher, Hash, Hasher as _},
    io,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::Command,
};

use nix::unistd::{Gid, Uid, User, chown};

use super::LocalError;

/// Accounts to run as instead of root, the preferred first.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// Where what all accounts must reach is kept, if it can't be where it belongs.
pub(super) const SHARED: &str = "/var/lib/tekup-db";

/// An account of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    /// `None` is the account we run as.
    other: Option<(Uid, Gid, String)>,
}

impl Account {
    /// The account we run as.
    pub(super) fn ours() -> Self {
        Self { other: None }
    }

    /// The account to run PostgreSQL as.
    pub(super) fn unprivileged() -> Result<Self, LocalError> {
        if !Uid::effective().is_root() {
            return Ok(Self { other: None });
        }
        let user = UNPRIVILEGED.into_iter().find_map(|name| User::from_name(name).ok().flatten());
        let user = user.ok_or(LocalError::NoAccount)?;
        Ok(Self { other: Some((user.uid, user.gid, user.name)) })
    }

    /// Its name, where it is not ours.
    pub(super) fn name(&self) -> Option<&str> {
        self.other.as_ref().map(|(_, _, name)| name.as_str())
    }

    pub(super) fn uid(&self) -> Uid {
        self.other.as_ref().map_or_else(Uid::effective, |(uid, ..)| *uid)
    }

    /// A program that will run as the account.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        if let Some((uid, gid, _)) = &self.other {
            command.uid(uid.as_raw()).gid(gid.as_raw()).env_remove("HOME");
        }
        // Ours may be a folder that the account can't enter.
        command.current_dir("/");
        command
    }

    /// Makes a folder that only the account can enter.
    pub(super) fn private_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)?;
        self.own(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))
    }

    /// Gives a file or folder to the account.
    pub(super) fn own(&self, path: &Path) -> io::Result<()> {
        if let Some((uid, gid, _)) = &self.other {
            chown(path, Some(*uid), Some(*gid))?;
        }
        Ok(())
    }

    /// Whether the account can enter a folder, whoever owns those above it.
    pub(super) fn can_enter(&self, folder: &Path) -> bool {
        let Some(_) = self.other else { return true };
        self.command("/bin/sh")
            .args(["-c", "cd \"$0\""])
            .arg(folder)
            .output()
            .is_ok_and(|output| output.status.success())
    }
}

/// The folder for what all accounts must reach.
pub(super) fn shared_folder() -> io::Result<&'static Path> {
    let folder = Path::new(SHARED);
    fs::create_dir_all(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    Ok(folder)
}

/// A short name for something, the same each time.
pub(super) fn hash(thing: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    thing.hash(&mut hasher);
    hasher.finish()
}

/// Copies a folder with its links and permissions.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target: PathBuf = to.join(entry.file_name());
        match entry.file_type()? {
            kind if kind.is_dir() => copy(&entry.path(), &target)?,
            kind if kind.is_symlink() => std::os::unix::fs::symlink(fs::read_link(entry.path())?, &target)?,
            _ => fs::copy(entry.path(), &target).map(drop)?,
        }
    }
    Ok(())
}
