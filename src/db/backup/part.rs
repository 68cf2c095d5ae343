//! A file that is not there until it is whole.
//!
//! In: a path. Out: `PATH.part`, which is written to and then renamed, and removed where nothing came of it. It is locked while
//! it is written, so that the next run can tell what a killed one left from what another is at.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use nix::fcntl::{Flock, FlockArg};

/// An unfinished file. Dropped, it is removed.
#[derive(Debug)]
pub(super) struct Part {
    path: PathBuf,
    target: PathBuf,
    file: Flock<File>,
    is_kept: bool,
}

impl Part {
    /// Makes `target.part`, for us alone to read. What a killed run left under that name is removed; what another run is at is
    /// an error, and so is a target that is there.
    pub(super) fn create(target: &Path) -> io::Result<Self> {
        if target.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let path = beside(target);
        if path.symlink_metadata().is_ok() && !sweep(&path)? {
            return Err(io::Error::new(io::ErrorKind::WouldBlock, "another backup is being written there"));
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let file = Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, errno)| io::Error::from(errno))?;
        Ok(Self { path, target: target.to_owned(), file, is_kept: false })
    }

    /// Where it is written to.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its content, all at once.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        io::Write::write_all(&mut &*self.file, bytes)
    }

    /// Gives it its name, with its content safe on the disk.
    pub(super) fn keep(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        if self.target.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        fs::rename(&self.path, &self.target)?;
        self.is_kept = true;
        let synced = File::open(folder(&self.target)).and_then(|folder| folder.sync_all());
        // Either it is safe, or it is not there.
        synced.inspect_err(|_| drop(fs::remove_file(&self.target)))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.is_kept {
            // Where that fails, the next run does it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The folder that a file is in.
pub(super) fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Removes what a killed run left, and says whether it did: nobody has it locked then.
pub(super) fn sweep(path: &Path) -> io::Result<bool> {
    let file = OpenOptions::new().write(true).open(path)?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(_lock) => fs::remove_file(path).map(|()| true),
        Err(_) => Ok(false),
    }
}

fn beside(target: &Path) -> PathBuf {
    let mut path = OsString::from(target);
    path.push(".part");
    path.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that is deleted in the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("tekup-part-{}-{name}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn names(&self) -> Vec<String> {
            fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_file_is_there_when_it_is_whole() {
        let folder = Folder::new("whole");
        let target = folder.0.join("file");
        let mut part = Part::create(&target).unwrap();
        part.write(b"text").unwrap();
        assert_eq!(folder.names(), ["file.part"]);
        part.keep().unwrap();
        assert_eq!((folder.names(), fs::read(&target).unwrap()), (vec!["file".to_owned()], b"text".to_vec()));
        assert_eq!(Part::create(&target).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn nothing_is_left_of_what_came_to_nothing() {
        let folder = Folder::new("nothing");
        drop(Part::create(&folder.0.join("file")).unwrap());
        assert!(folder.names().is_empty());
    }

    #[test]
    fn what_was_left_goes_and_what_is_written_stays() {
        let folder = Folder::new("left");
        let target = folder.0.join("file");
        fs::write(beside(&target), "half").unwrap();
        let part = Part::create(&target).unwrap();
        assert!(fs::read(part.path()).unwrap().is_empty());
        assert_eq!(Part::create(&target).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        assert!(!sweep(part.path()).unwrap());
        // Somebody else's file of that name is not overwritten in the end either.
        fs::write(&target, "other").unwrap();
        assert_eq!(part.keep().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(folder.names(), ["file"]);
    }
}
