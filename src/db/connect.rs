//! A connection string to connections.
//!
//! In: a URL or `key=value` string as libpq takes it. Out: a [`Server`], which makes connections. Refuses a string
//! that can't be read, and certificates that can't be read. `sslmode` means what libpq means by it: `prefer` and
//! `require` encrypt without looking at the certificate, `verify-ca` and `verify-full` look.

use std::{path::PathBuf, time::Duration};

use rustls::ClientConfig;
use tokio_postgres::{
    Client, Config, Socket,
    config::{Host, SslMode},
    tls::MakeTlsConnect,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    error::{DbError, chain},
    tls,
};
use crate::config::Secret;

/// The half of a connection that moves its bytes.
pub(super) type Wire = tokio_postgres::Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// Where to connect to, as whom, and how.
#[derive(Clone)]
pub struct Server {
    config: Config,
    tls: MakeRustlsConnect,
    timeout: Duration,
}

/// A connection string that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionStringError {
    /// tokio-postgres can't read it.
    #[error("the connection string is invalid: {0}")]
    Invalid(String),
    /// `sslmode` is none of libpq's.
    #[error("sslmode={0} is none of disable, allow, prefer, require, verify-ca, verify-full")]
    SslMode(String),
    /// `sslrootcert` can't be read, or holds no certificate.
    #[error("sslrootcert={}: {reason}", path.display())]
    RootCertificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The platform's certificates can't be used.
    #[error("no certificate authority to verify the database's certificate with: {0}; name one with sslrootcert=FILE")]
    NoAuthorities(String),
}

/// Who to log in as instead of the connection string's own user.
#[derive(Clone, Debug)]
pub struct Login {
    /// The role.
    pub role: String,
    /// Its password.
    pub password: Secret,
}

impl Server {
    /// Reads a connection string.
    ///
    /// # Errors
    /// See [`ConnectionStringError`]. No message holds the string or a password.
    pub fn parse(url: &Secret, login: Option<&Login>, timeout: Duration) -> Result<Self, ConnectionStringError> {
        let (text, ssl) = tls::take_parameters(url.expose());
        let mut config: Config = text.parse().map_err(|error| ConnectionStringError::Invalid(chain(&error)))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            config.host("localhost");
        }
        if let Some(login) = login {
            config.user(&login.role).password(login.password.expose());
        }
        if config.get_application_name().is_none() {
            config.application_name("tekup-db");
        }
        // A peer that has vanished without a word is noticed within a minute, not after two hours.
        if config.get_keepalives_interval().is_none() {
            config.keepalives_idle(Duration::from_secs(30));
            config.keepalives_interval(Duration::from_secs(10));
            config.keepalives_retries(3);
        }
        let (mode, tls) = ssl.client_config(&config)?;
        config.ssl_mode(mode);
        Ok(Self { config, tls: MakeRustlsConnect::new(tls), timeout })
    }

    /// Connects and logs in.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] where the server can't be reached in time, or doesn't let us in.
    pub(super) async fn connect(&self) -> Result<(Client, Wire), DbError> {
        match tokio::time::timeout(self.timeout, self.config.connect(self.tls.clone())).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(DbError::unavailable(chain(&error))),
            Err(_) => Err(DbError::unavailable(format!("no connection within {:?}", self.timeout))),
        }
    }

    /// Where the server is, and which database: no user and no password.
    pub(super) fn place(&self) -> String {
        let host = match (self.config.get_hosts().first(), self.config.get_hostaddrs().first()) {
            (Some(Host::Tcp(name)), _) => name.clone(),
            (Some(Host::Unix(path)), _) => path.display().to_string(),
            (None, address) => address.map(ToString::to_string).unwrap_or_default(),
        };
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        let database = self.config.get_dbname().or(self.config.get_user()).unwrap_or_default();
        format!("{host}:{port}/{database}")
    }

    /// How cancel requests connect.
    pub(super) fn tls(&self) -> MakeRustlsConnect {
        self.tls.clone()
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // tokio-postgres leaves the password out.
        self.config.fmt(f)
    }
}

/// What TLS needs besides tokio-postgres' own configuration.
pub(super) type Tls = (SslMode, ClientConfig);
