//! The embedded PostgreSQL.
//!
//! In: a data folder. Out: a private server on a Unix socket, with a database `tekup`, for as long as [`Local`] lives.
//! Refuses to share its folder with another process. A server that was left behind by a service that was killed is
//! stopped before the next one starts; and a guard process stops the server when the service dies.

mod account;
mod folder;
mod installation;
mod server;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use crate::config::{DatabaseConfig, Secret};
use folder::Folder;
pub(super) use installation::{folders_with, said, version};
use server::Server;

/// Why there is no embedded PostgreSQL.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// No installation will do.
    #[error("{}", not_found(*major, reasons))]
    NotFound {
        /// The version that the data folder needs.
        major: Option<u32>,
        /// What was looked at, and why it won't do.
        reasons: Vec<String>,
    },
    /// There is nobody to run as.
    #[error("PostgreSQL refuses to run as root, and there is neither an account `postgres` nor `nobody`")]
    NoAccount,
    /// The data folder belongs to a running service.
    #[error("{} is in use by another tekup-db; choose another DATA_DIR, or stop it", .0.display())]
    InUse(PathBuf),
    /// A file or folder can't be made or read.
    #[error("{}: {source}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// `initdb` failed.
    #[error("initdb failed: {0}")]
    Initdb(String),
    /// The server did not start.
    #[error("PostgreSQL did not start: {0}")]
    Start(String),
    /// The server did not stop.
    #[error("PostgreSQL did not stop: {0}")]
    Stop(String),
}

fn not_found(major: Option<u32>, reasons: &[String]) -> String {
    let wanted = major.map_or_else(
        || "no PostgreSQL 15 or later with pgvector was found".to_owned(),
        |major| {
            format!("the data folder was made by PostgreSQL {major}, and no PostgreSQL {major} with pgvector was found")
        },
    );
    let looked = if reasons.is_empty() { String::new() } else { format!(" (looked at {})", reasons.join("; ")) };
    format!("{wanted}{looked}: run `make postgres` to fetch one, set POSTGRES_BIN, or set DATABASE_URL")
}

/// How long processes of a server that was killed may outlive it, and what PostgreSQL says about them.
const ORPHANS: Duration = Duration::from_secs(20);
const SHARED_MEMORY: &str = "pre-existing shared memory block";

/// What becomes of the data when the server has stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// It stays.
    #[default]
    Data,
    /// It is deleted, and may be lost in a crash: for tests.
    Nothing,
}

/// What an embedded server is made from.
#[derive(Clone, Debug)]
pub struct LocalOptions {
    /// `DATA_DIR`.
    pub data_dir: PathBuf,
    /// `POSTGRES_BIN`.
    pub bin: Option<PathBuf>,
    /// Whether the data stays.
    pub keep: Keep,
}

impl From<&DatabaseConfig> for LocalOptions {
    fn from(config: &DatabaseConfig) -> Self {
        Self { data_dir: config.data_dir.clone(), bin: config.postgres_bin.clone(), keep: Keep::Data }
    }
}

/// A running embedded PostgreSQL. Dropped, it is stopped by its guard, if it was ours.
#[derive(Debug)]
pub struct Local {
    folder: Folder,
    /// `None` is that of another process.
    server: Option<Server>,
}

impl Local {
    /// Starts PostgreSQL in the data folder, making a cluster and the database `tekup` where there is none. A server
    /// that a killed service left behind is stopped first.
    ///
    /// # Errors
    /// [`LocalError`].
    pub async fn start(options: &LocalOptions) -> Result<Self, LocalError> {
        let folder = Folder::open(&options.data_dir)?;
        if options.keep == Keep::Nothing {
            folder.give_away()?;
        }
        let found = installation::find(options.bin.as_deref(), &folder.account, folder.major())?;
        tracing::debug!(bin = %found.bin.display(), major = found.major, "embedded PostgreSQL");
        server::stop_left_behind(&folder, &found)?;
        if folder.major().is_none() {
            server::init(&folder, &found)?;
        }
        let started = Instant::now();
        loop {
            match Server::start(&folder, &found, options.keep).await {
                // Processes of a server that was killed end a moment after it.
                Err(LocalError::Start(reason)) if reason.contains(SHARED_MEMORY) && started.elapsed() < ORPHANS => {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                server => return Ok(Self { folder, server: Some(server?) }),
            }
        }
    }

    /// Starts PostgreSQL, or uses that of the service that has the data folder: for commands beside a service.
    ///
    /// # Errors
    /// [`LocalError`].
    pub async fn reach(options: &LocalOptions) -> Result<Self, LocalError> {
        match Self::start(options).await {
            Err(LocalError::InUse(_)) => Ok(Self { folder: Folder::of_another(&options.data_dir)?, server: None }),
            started => started,
        }
    }

    /// URL of the superuser, who migrates and seeds: for the control plane.
    pub fn owner_url(&self) -> Secret {
        self.folder.url("postgres", "tekup")
    }

    /// URL of the role that requests log in as.
    pub fn login_url(&self) -> Secret {
        self.folder.url("authenticator", "tekup")
    }

    /// URL of a role in a database of the server.
    pub fn url(&self, role: &str, database: &str) -> Secret {
        self.folder.url(role, database)
    }

    /// Stops the server, if it is ours: transactions in progress are rolled back, clients are disconnected.
    ///
    /// # Errors
    /// [`LocalError::Stop`].
    pub async fn stop(self) -> Result<(), LocalError> {
        let Some(server) = self.server else { return Ok(()) };
        server.stop().await?;
        self.folder.tidy();
        Ok(())
    }
}
