//! HTTPS: what handshakes are made with, and its replacement.
//!
//! In: a certificate and its key, as files (PEM). Out: an acceptor of handshakes for TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1.
//! The files are looked at every few seconds; where they have changed, the handshakes to come are made with what is in them.
//! Refuses what is no certificate, no key, or not the key of the certificate; what is in force then stays so. No message has
//! anything of the key.

use std::{
    fs, io,
    path::PathBuf,
    sync::{Arc, Weak},
    time::Duration,
};

use arc_swap::ArcSwap;
use rustls::{
    Error, InconsistentKeys, ServerConfig,
    crypto::ring,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject as _},
    },
};
use sha2::{Digest as _, Sha256};
use tokio_rustls::TlsAcceptor;
use zeroize::Zeroizing;

use crate::config::TlsFiles;

/// How often the files are looked at.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What handshakes are made with; a clone is the same.
#[derive(Clone)]
pub struct Tls(Arc<Inner>);

struct Inner {
    files: TlsFiles,
    current: ArcSwap<ServerConfig>,
}

/// Why HTTPS can't be spoken with these files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate is not there, or is none.
    #[error("TLS_CERT_FILE {}: {reason}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The key is not there, or is none.
    #[error("TLS_KEY_FILE {}: {reason}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Each is one, but not of the other.
    #[error(
        "TLS_KEY_FILE {} is not the key of the first certificate in TLS_CERT_FILE {}",
        .0.key.display(), .0.certificate.display()
    )]
    Mismatch(TlsFiles),
    /// The TLS library does not take them.
    #[error("TLS_CERT_FILE and TLS_KEY_FILE can't be used: {0}")]
    Unusable(Error),
}

impl Tls {
    /// Reads the files, and from then on looks at them as often as that. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn open(files: &TlsFiles, every: Duration) -> Result<Self, TlsError> {
        let read = Pair::read(files);
        let seen = fingerprint(&read);
        let current = ArcSwap::from_pointee(read?.config(files)?);
        let tls = Arc::new(Inner { files: files.clone(), current });
        tokio::spawn(follow(Arc::downgrade(&tls), every, seen));
        Ok(Self(tls))
    }

    /// What the next handshake is made with.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.0.current.load_full().into()
    }
}

/// Takes over what changes, until nobody needs it any more. What can't be used is told once.
async fn follow(tls: Weak<Inner>, every: Duration, mut seen: [u8; 32]) {
    loop {
        tokio::time::sleep(every).await;
        let Some(tls) = tls.upgrade() else { return };
        let files = tls.files.clone();
        let Ok(read) = tokio::task::spawn_blocking(move || Pair::read(&files)).await else { continue };
        if std::mem::replace(&mut seen, fingerprint(&read)) == seen {
            continue;
        }
        match read.and_then(|pair| pair.config(&tls.files)) {
            Ok(config) => {
                tls.current.store(Arc::new(config));
                tracing::info!("TLS_CERT_FILE and TLS_KEY_FILE have changed: new connections get the new certificate");
            }
            Err(error) => tracing::error!(%error, "the certificate could not be reloaded; the old one stays"),
        }
    }
}

/// What the files hold.
struct Pair {
    certificate: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
}

impl Pair {
    fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        let certificate = fs::read(&files.certificate).map_err(|error| certificate(files, unread(&error)))?;
        let key = fs::read(&files.key).map_err(|error| key(files, unread(&error)))?;
        Ok(Self { certificate, key: Zeroizing::new(key) })
    }

    fn config(&self, files: &TlsFiles) -> Result<ServerConfig, TlsError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.certificate).collect();
        let chain = chain.map_err(|_| certificate(files, "is no valid PEM"))?;
        if chain.is_empty() {
            return Err(certificate(files, "has no certificate in it (PEM, -----BEGIN CERTIFICATE-----)"));
        }
        let private_key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|error| key(files, self.no_key(&error)))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Unusable)?
            .with_no_client_auth()
            .with_single_cert(chain, private_key);
        let mut config = config.map_err(|error| match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => TlsError::Mismatch(files.clone()),
            error => TlsError::Unusable(error),
        })?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    /// The library's own words may quote the file.
    fn no_key(&self, error: &pem::Error) -> &'static str {
        let is_encrypted = self.key.windows(9).any(|word| word == b"ENCRYPTED");
        match error {
            _ if is_encrypted => "holds an encrypted key; the service can't ask for its password: store it decrypted",
            pem::Error::NoItemsFound => "has no private key in it (PEM, PKCS#8, PKCS#1 or SEC1)",
            _ => "is no valid PEM",
        }
    }
}

/// Tells what was read from what was read before, failures too.
fn fingerprint(read: &Result<Pair, TlsError>) -> [u8; 32] {
    let mut digest = Sha256::new();
    match read {
        Ok(pair) => {
            digest.update((pair.certificate.len() as u64).to_be_bytes());
            digest.update(&pair.certificate);
            digest.update(&*pair.key);
        }
        Err(error) => digest.update(error.to_string()),
    }
    digest.finalize().into()
}

fn unread(error: &io::Error) -> String {
    format!("can't be read: {error}")
}

fn certificate(files: &TlsFiles, reason: impl Into<String>) -> TlsError {
    TlsError::Certificate { path: files.certificate.clone(), reason: reason.into() }
}

fn key(files: &TlsFiles, reason: impl Into<String>) -> TlsError {
    TlsError::Key { path: files.key.clone(), reason: reason.into() }
}
