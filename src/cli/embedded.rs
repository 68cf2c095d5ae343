//! The PostgreSQL that `serve` starts for itself, its secret, and the tokens that it prints.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use super::{Failure, progress, rotate_encryption_key::resealed};
use crate::{
    auth::{Grant, mint},
    config::{AuthConfig, Config, DatabaseConfig, EncryptionConfig, Secret},
    db::{
        local::{Keep, Local, LocalOptions},
        migrate,
        reseal::{self, Resealed},
        seed::{self, Organisation},
    },
    domain::Sealer,
};

/// What the sample data's secrets are sealed with: public, so no key of anybody's.
const SAMPLE: &str = "development-only";
const DAY: u64 = 24 * 60 * 60;

/// A running PostgreSQL of the service's own.
pub struct Embedded {
    local: Local,
    /// Where no keys are configured.
    secret: Option<Secret>,
    /// Where none is configured.
    encryption: Option<EncryptionConfig>,
    organisations: Vec<Organisation>,
}

/// How the service gets to it, and what it verifies tokens with.
#[derive(Clone)]
pub struct Access {
    url: Secret,
    secret: Option<Secret>,
    encryption: Option<EncryptionConfig>,
}

impl Access {
    /// Puts it into a configuration. Keys that are configured stay.
    pub fn put_into(&self, config: &mut Config) {
        config.database.url = Some(self.url.clone());
        if !has_keys(&config.auth) {
            config.auth.secret.clone_from(&self.secret);
        }
        if config.encryption.is_none() {
            config.encryption.clone_from(&self.encryption);
        }
    }
}

fn has_keys(auth: &AuthConfig) -> bool {
    auth.secret.is_some() || auth.jwks_file.is_some() || auth.jwks_url.is_some()
}

impl Embedded {
    /// Starts it, brings it up to date, and fills it where it is empty.
    ///
    /// # Errors
    /// No installation is found, or the data can't be used.
    pub async fn start(config: &Config) -> Result<Self, Failure> {
        let secret = match has_keys(&config.auth) {
            true => None,
            false => Some(secret(&config.database.data_dir)?),
        };
        let own = match &config.encryption {
            Some(_) => None,
            None => Some(encryption(&config.database.data_dir)?),
        };
        let local = Local::start(&options(&config.database)).await?;
        let owner = local.owner_url();
        migrate::run(&owner, &migrate::Scope::All, None).await?;
        if seed::is_empty(&owner).await? {
            let demo = seed::Data::Demo { anchor: None, seed: None };
            progress::shown("loading the sample company", async |report| seed::run(&owner, &demo, report).await)
                .await?;
        }
        if let Some(encryption) = config.encryption.as_ref().or(own.as_ref()) {
            seal_samples(&owner, encryption).await?;
        }
        Ok(Self { organisations: seed::organisations(&owner).await?, local, secret, encryption: own })
    }

    /// How the service gets to it.
    pub fn access(&self) -> Access {
        Access { url: self.local.login_url(), secret: self.secret.clone(), encryption: self.encryption.clone() }
    }

    /// Stops it.
    ///
    /// # Errors
    /// It did not stop.
    pub async fn stop(self) -> Result<(), Failure> {
        Ok(self.local.stop().await?)
    }
}

/// Where the embedded PostgreSQL is and what becomes of it.
pub fn options(config: &DatabaseConfig) -> LocalOptions {
    LocalOptions { data_dir: config.data_dir.clone(), bin: config.postgres_bin.clone(), keep: Keep::Data }
}

/// The URL to administer with: the configured one, or the embedded PostgreSQL's, which is started for as long as the
/// returned handle lives where no service has it running.
///
/// # Errors
/// No installation is found.
pub async fn owner_url(config: &Config) -> Result<(Secret, Option<Local>), Failure> {
    match &config.database.url {
        Some(url) => Ok((url.clone(), None)),
        None => {
            let local = Local::reach(&options(&config.database)).await?;
            Ok((local.owner_url(), Some(local)))
        }
    }
}

/// The secret that tokens of the embedded service are signed with: made once, kept in the data folder, readable by
/// its owner alone.
///
/// # Errors
/// The folder can't be written to.
pub fn secret(data_dir: &Path) -> Result<Secret, Failure> {
    kept(data_dir, "jwt_secret")
}

/// What the embedded service encrypts secrets with, made and kept in the same way.
fn encryption(data_dir: &Path) -> Result<EncryptionConfig, Failure> {
    Ok(EncryptionConfig { key: kept(data_dir, "encryption_key")?, salt: kept(data_dir, "encryption_salt")? })
}

/// Secrets of the sample data are under a public key until they are sealed with the service's own.
async fn seal_samples(owner: &Secret, encryption: &EncryptionConfig) -> Result<(), Failure> {
    let own = Sealer::new(encryption.key.expose(), encryption.salt.expose());
    let sample = Sealer::new(SAMPLE, SAMPLE);
    let reseal = |sealed: &str| match seed::holds(sealed) {
        true => resealed(&sample, &own, sealed),
        false => Resealed::Already,
    };
    reseal::run(owner, reseal, |_| {}).await?;
    Ok(())
}

fn kept(data_dir: &Path, name: &str) -> Result<Secret, Failure> {
    let path = data_dir.join(name);
    match fs::read_to_string(&path) {
        Ok(text) => return Ok(Secret::new(text.trim())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(format!("{}: {error}", path.display()).into()),
    }
    fs::create_dir_all(data_dir)?;
    let mut bytes = [0; 48];
    io::Read::read_exact(&mut fs::File::open("/dev/urandom")?, &mut bytes)?;
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    file.write_all(text.as_bytes())?;
    Ok(Secret::new(text))
}

/// A ready-made token.
pub struct DemoToken {
    /// Its role.
    pub role: String,
    /// Role and organisation, to print.
    pub about: String,
    /// The token.
    pub text: String,
}

impl Embedded {
    /// A token per role and organisation.
    ///
    /// # Errors
    /// No shared secret is configured.
    pub fn tokens(&self, auth: &AuthConfig) -> Result<Vec<DemoToken>, Failure> {
        let organisations = &self.organisations;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let mut tokens = Vec::new();
        for (role, schema) in [
            ("service_role", None),
            ("authenticated", Some("crm")),
            ("vault_app", None),
            ("billy_app", Some("billy")),
            ("renos_app", Some("crm")),
            ("crm_app", Some("crm")),
            ("flow_app", Some("crm")),
        ] {
            let of_role = organisations.iter().filter(|organisation| Some(organisation.schema.as_str()) == schema);
            let of_role: Vec<_> = of_role.map(Some).collect();
            for organisation in if of_role.is_empty() { vec![None] } else { of_role } {
                let id = organisation.map(|organisation| organisation.id.as_str());
                let grant =
                    Grant { role, organisation: id, person: Some("demo"), lifetime: Some(DAY), ..Grant::default() };
                let about = match organisation {
                    Some(organisation) => format!("{role}, {}", organisation.name),
                    None => role.to_owned(),
                };
                tokens.push(DemoToken { role: role.to_owned(), about, text: mint(auth, grant, now)? });
            }
        }
        Ok(tokens)
    }
}
