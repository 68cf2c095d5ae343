//! `sslmode` and `sslrootcert`, as libpq means them.
//!
//! In: a connection string. Out: the string without those two, which tokio-postgres knows only in part, and how to
//! check the server's certificate. Refuses modes that libpq does not have.

use std::{path::PathBuf, sync::Arc};

use percent_encoding::percent_decode_str;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _};
use tokio_postgres::config::{Config, Host, SslMode};

use super::connect::{ConnectionStringError, Tls};

/// What a connection string says about TLS.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parameters {
    mode: Option<String>,
    root_certificate: Option<PathBuf>,
}

/// How much of the server's certificate is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Checked {
    Nothing,
    Authority,
    AuthorityAndName,
}

/// Takes `sslmode` and `sslrootcert` out of a connection string.
pub(super) fn take_parameters(text: &str) -> (String, Parameters) {
    let mut parameters = Parameters::default();
    let is_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
    let rest = if is_url {
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let kept: Vec<_> =
            query.split('&').filter(|pair| !pair.is_empty() && !parameters.takes(pair, decoded)).collect();
        if kept.is_empty() { address.to_owned() } else { format!("{address}?{}", kept.join("&")) }
    } else {
        // Neither value may hold a blank here, as neither ever does; quoted ones stay for tokio-postgres to refuse.
        let kept: Vec<_> = text.split(' ').filter(|pair| !parameters.takes(pair, str::to_owned)).collect();
        kept.join(" ")
    };
    (rest, parameters)
}

/// A value of a URL's query.
fn decoded(value: &str) -> String {
    percent_decode_str(value).decode_utf8_lossy().into_owned()
}

impl Parameters {
    fn takes(&mut self, pair: &str, decode: impl Fn(&str) -> String) -> bool {
        match pair.split_once('=') {
            Some(("sslmode" | "ssl-mode", value)) => self.mode = Some(decode(value)),
            Some(("sslrootcert" | "ssl-root-cert", value)) => self.root_certificate = Some(decode(value).into()),
            _ => return false,
        }
        true
    }

    /// The mode that tokio-postgres is to use, and rustls' configuration.
    pub(super) fn client_config(&self, config: &Config) -> Result<Tls, ConnectionStringError> {
        let (mode, checked) = self.mode()?;
        // As in libpq, a Unix socket is never encrypted. Several hosts are of one kind in practice.
        let is_local = config.get_hosts().iter().any(|host| matches!(host, Host::Unix(_)));
        if is_local || mode == SslMode::Disable {
            return Ok((SslMode::Disable, unchecked()));
        }
        let config = match checked {
            Checked::Nothing => unchecked(),
            Checked::Authority => with_verifier(AuthorityOnly(self.verifier()?)),
            Checked::AuthorityAndName => ClientConfig::builder_with_provider(provider())
                .with_safe_default_protocol_versions()
                .expect("ring knows TLS 1.2 and 1.3")
                .with_webpki_verifier(self.verifier()?)
                .with_no_client_auth(),
        };
        Ok((mode, config))
    }

    /// libpq's modes (libpq-ssl). `require` with a root certificate behaves like `verify-ca`, for old installations.
    fn mode(&self) -> Result<(SslMode, Checked), ConnectionStringError> {
        let has_root = self.root_certificate.is_some();
        match self.mode.as_deref() {
            Some("disable") => Ok((SslMode::Disable, Checked::Nothing)),
            None | Some("allow" | "prefer") => Ok((SslMode::Prefer, Checked::Nothing)),
            Some("require") if !has_root => Ok((SslMode::Require, Checked::Nothing)),
            Some("require" | "verify-ca") => Ok((SslMode::Require, Checked::Authority)),
            Some("verify-full") => Ok((SslMode::Require, Checked::AuthorityAndName)),
            Some(other) => Err(ConnectionStringError::SslMode(other.to_owned())),
        }
    }

    fn verifier(&self) -> Result<Arc<WebPkiServerVerifier>, ConnectionStringError> {
        let roots = match &self.root_certificate {
            Some(path) if path.as_os_str() != "system" => of_file(path)?,
            _ => of_platform()?,
        };
        WebPkiServerVerifier::builder_with_provider(roots.into(), provider())
            .build()
            .map_err(|error| ConnectionStringError::NoAuthorities(error.to_string()))
    }
}

fn of_file(path: &PathBuf) -> Result<RootCertStore, ConnectionStringError> {
    let fault = |reason: String| ConnectionStringError::RootCertificate { path: path.clone(), reason };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| fault(error.to_string()))? {
        let certificate = certificate.map_err(|error| fault(error.to_string()))?;
        roots.add(certificate).map_err(|error| fault(error.to_string()))?;
    }
    if roots.is_empty() { Err(fault("no certificate in it".to_owned())) } else { Ok(roots) }
}

fn of_platform() -> Result<RootCertStore, ConnectionStringError> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let reason = found.errors.first().map_or_else(|| "the platform has none".to_owned(), ToString::to_string);
        return Err(ConnectionStringError::NoAuthorities(reason));
    }
    Ok(roots)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn unchecked() -> ClientConfig {
    with_verifier(Unchecked(provider()))
}

fn with_verifier(verifier: impl ServerCertVerifier + 'static) -> ClientConfig {
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("ring knows TLS 1.2 and 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth()
}

/// `prefer`, `require`: encryption alone.
#[derive(Debug)]
struct Unchecked(Arc<CryptoProvider>);

/// `verify-ca`: the certificate is of a known authority, whatever name it bears.
#[derive(Debug)]
struct AuthorityOnly(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

impl ServerCertVerifier for AuthorityOnly {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.0.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            answer => answer,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_parameters_are_taken_out_of_a_url() {
        let (rest, parameters) = take_parameters(
            "postgres://u:p@h/db?connect_timeout=3&sslmode=verify-full&sslrootcert=%2Fetc%2Fca%20file.pem",
        );
        assert_eq!(rest, "postgres://u:p@h/db?connect_timeout=3");
        assert_eq!(parameters.mode.as_deref(), Some("verify-full"));
        assert_eq!(parameters.root_certificate, Some("/etc/ca file.pem".into()));
        assert_eq!(take_parameters("postgresql://h/db?sslmode=require").0, "postgresql://h/db");
    }

    #[test]
    fn tls_parameters_are_taken_out_of_a_key_value_string() {
        let (rest, parameters) = take_parameters("host=h sslmode=disable user=u");
        assert_eq!((rest.as_str(), parameters.mode.as_deref()), ("host=h user=u", Some("disable")));
    }

    #[test]
    fn modes_mean_what_libpq_means() {
        let mode = |mode: Option<&str>, root: Option<&str>| {
            Parameters { mode: mode.map(str::to_owned), root_certificate: root.map(PathBuf::from) }.mode()
        };
        assert_eq!(mode(None, None).unwrap(), (SslMode::Prefer, Checked::Nothing));
        assert_eq!(mode(Some("disable"), None).unwrap(), (SslMode::Disable, Checked::Nothing));
        assert_eq!(mode(Some("require"), None).unwrap(), (SslMode::Require, Checked::Nothing));
        assert_eq!(mode(Some("require"), Some("ca.pem")).unwrap(), (SslMode::Require, Checked::Authority));
        assert_eq!(mode(Some("verify-ca"), None).unwrap(), (SslMode::Require, Checked::Authority));
        assert_eq!(mode(Some("verify-full"), None).unwrap(), (SslMode::Require, Checked::AuthorityAndName));
        assert!(mode(Some("on"), None).is_err());
    }
}
