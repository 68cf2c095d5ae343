//! From a configuration to a service that can answer, at the start and when the configuration is reloaded.

use std::sync::Arc;

use super::{
    App, Parts, Service, background, figures::Figures, keys::Known, limit::Limiter, openapi::Documents, system::Health,
};
use crate::{
    auth::{AuthConfigError, Authenticator},
    config::{AuthConfig, Config, ConfigErrors, DatabaseConfig, DatabaseSetting, EncryptionConfig, FunctionName},
    db::{
        Catalogs, ConnectionStringError, Control, ControlError, Database, DbError, Exposure, LoginRole, OverBudget,
        ReloadError, ReplicaError, Replicas, UnsafeLogin,
    },
    domain::{self, Sealer},
    name::QualifiedName,
    plan::Mark,
    telemetry::Telemetry,
};

/// Reads the configuration: the environment's, and over it settings of the database.
pub type ReadConfig = Box<dyn Fn(&[DatabaseSetting]) -> Result<Config, ConfigErrors> + Send + Sync>;

/// Why the service does not start, or stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration, of the environment or of the database, is refused.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// No database is named.
    #[error("DATABASE_URL is not set")]
    NoDatabase,
    /// Its URL can't be used.
    #[error("DATABASE_URL: {0}")]
    Url(#[from] ConnectionStringError),
    /// A replica's URL can't be used.
    #[error("DATABASE_REPLICA_URLS: {0}")]
    Replica(#[from] ReplicaError),
    /// It can't be reached.
    #[error("the database can't be reached: {0}")]
    Control(#[from] ControlError),
    /// It has too few connections.
    #[error("{0}")]
    Budget(#[from] OverBudget),
    /// It can't be asked for its settings.
    #[error("DB_CONFIG: the database can't be asked for settings: {}", .0.reason())]
    Settings(DbError),
    /// The function that sets some fails.
    #[error("DB_PRE_CONFIG: the function {function} failed: {}", .error.reason())]
    Function {
        /// The function.
        function: FunctionName,
        /// Why.
        error: DbError,
    },
    /// Its catalog can't be read.
    #[error("the database's catalog can't be read: {0}")]
    Catalog(#[from] ReloadError),
    /// The login role is not one to serve with.
    #[error(transparent)]
    Login(#[from] UnsafeLogin),
    /// Tokens can't be verified as configured.
    #[error(transparent)]
    Auth(#[from] AuthConfigError),
    /// One of the above, about a value that was found by another name.
    #[error("{error}; the value of {variable} is that of {origin}")]
    Elsewhere {
        /// What is wrong.
        error: Box<Self>,
        /// The variable.
        variable: &'static str,
        /// The other name.
        origin: String,
    },
    /// A relation has the path of an operation.
    #[error("the operation {operation} has the path {path}, which is a relation's too; rename the relation")]
    Collision {
        /// Its name.
        operation: &'static str,
        /// Its path under the schema.
        path: &'static str,
    },
    /// Signals can't be had.
    #[error("the process can't listen for signals: {0}")]
    Signal(#[from] std::io::Error),
}

impl StartError {
    /// Trying again may help.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Control(_) | Self::Catalog(_) => true,
            Self::Settings(error) | Self::Function { error, .. } | Self::Login(UnsafeLogin::Database(error)) => {
                error.retry_after().is_some()
            }
            _ => false,
        }
    }

    fn variable(&self) -> Option<&'static str> {
        Some(match self {
            Self::Auth(AuthConfigError::Secret(_) | AuthConfigError::SecretNotBase64) => "JWT_SECRET",
            Self::Auth(AuthConfigError::RoleClaim { .. }) => "JWT_ROLE_CLAIM",
            Self::Login(UnsafeLogin::NoAnonymousRole(_) | UnsafeLogin::NotGranted { .. }) => "DB_ANON_ROLE",
            _ => return None,
        })
    }

    /// Says by which name the value that it is about was found, where that is not the variable's.
    fn located(self, config: &Config) -> Self {
        match self.variable().and_then(|variable| Some((variable, config.origins.get(variable)?))) {
            Some((variable, origin)) => Self::Elsewhere { error: Box::new(self), variable, origin: origin.clone() },
            None => self,
        }
    }
}

/// Starts what answers: connects, proves that the role switch restricts, loads the catalog, and sets the background
/// tasks going. They end with the runtime.
///
/// # Errors
/// [`StartError`]: a service that can't prove it is safe does not start.
pub async fn start(read: ReadConfig, telemetry: Arc<Telemetry>) -> Result<Service, StartError> {
    let of_environment = read(&[])?;
    let url = of_environment.database.url.clone().ok_or(StartError::NoDatabase)?;
    let control = Control::new(&url, of_environment.database.connect_timeout)?;
    let DatabaseConfig { pool_size, instances, .. } = of_environment.database;
    control.budget(pool_size, instances).await??;
    let database = Database::new(&url, &of_environment.database, of_environment.telemetry.slow_query)?;
    let config = configuration(&read, &database).await?;
    for unheeded in &config.unheeded {
        tracing::warn!("{unheeded}");
    }
    database.set_statement_cache(config.database.statement_cache);
    let login = database.verify(config.auth.anon_role.as_ref()).await;
    let login = login.map_err(|error| StartError::from(error).located(&config))?;
    database.set_role_settings(control.role_settings(login.name.as_str()).await?);
    let replicas = Replicas::new(&config.database, &database)?;
    replicas.watch(&control, config.auth.anon_role.as_ref());
    let catalogs = catalogs(&control, exposure(&config), &login).await?;
    let authenticator = authenticator(&config.auth, &login).await.map_err(|error| error.located(&config))?;
    let (health, figures, keys) =
        (Arc::new(Health::default()), Arc::new(Figures::default()), Arc::new(Known::default()));
    let mark = Mark::random();
    let sealer = sealer(config.encryption.as_ref());
    let app = Parts {
        config,
        database,
        replicas,
        control,
        login,
        catalogs,
        authenticator,
        telemetry,
        health,
        figures,
        keys,
        documents: Documents::default(),
        limiter: Arc::new(Limiter::default()),
        sealer,
        mark,
    };
    let app = App::from(app);
    let service = Service::new(app, read);
    background::follow(&service)?;
    Ok(service)
}

impl Service {
    /// Reads the configuration anew and puts it in force for the requests to come. What it does not change stays: the
    /// catalog, verified tokens, fetched keys.
    ///
    /// # Errors
    /// [`StartError`]; the old configuration stays in force.
    pub(super) async fn reload_configuration(&self) -> Result<(), StartError> {
        let old = self.app();
        let config = configuration(self.read(), &old.database).await?;
        let app = remake(&old, &config).await.map_err(|error| error.located(&config))?;
        for unheeded in config.unheeded.iter().filter(|unheeded| !old.config.unheeded.contains(unheeded)) {
            tracing::warn!("{unheeded}");
        }
        self.replace(app);
        tracing::info!("configuration reloaded");
        Ok(())
    }
}

/// The configuration of the environment, and of the database where it is asked.
async fn configuration(read: &ReadConfig, database: &Database) -> Result<Config, StartError> {
    let config = read(&[])?;
    if !config.in_database.is_read {
        return Ok(config);
    }
    let mut settings = database.settings_of_login().await.map_err(StartError::Settings)?;
    let config = read(&settings)?;
    let Some(function) = &config.in_database.function else { return Ok(config) };
    let asked = database.settings_of_function(function, &Config::database_settings()).await;
    let mut of_function = asked.map_err(|error| StartError::Function { function: function.clone(), error })?;
    of_function.retain(|setting| !settings.iter().any(|own| own.name.eq_ignore_ascii_case(&setting.name)));
    settings.extend(of_function);
    Ok(read(&settings)?)
}

async fn remake(old: &App, config: &Config) -> Result<App, StartError> {
    if config.auth.anon_role != old.config.auth.anon_role {
        old.database.verify(config.auth.anon_role.as_ref()).await?;
    }
    let catalogs = match exposure(config) {
        same if same == *old.catalogs.exposure() => old.catalogs.clone(),
        other => catalogs(&old.control, other, &old.login).await?,
    };
    // The file may have changed although its name did not.
    let authenticator = match config.auth == old.config.auth && config.auth.jwks_file.is_none() {
        true => old.authenticator.clone(),
        false => authenticator(&config.auth, &old.login).await?,
    };
    let sealer = match config.encryption == old.config.encryption {
        true => old.sealer.clone(),
        false => sealer(config.encryption.as_ref()),
    };
    old.database.set_statement_cache(config.database.statement_cache);
    old.replicas.set_statement_cache(config.database.statement_cache);
    Ok(App::from(Parts {
        config: config.clone(),
        database: old.database.clone(),
        replicas: old.replicas.clone(),
        control: old.control.clone(),
        login: old.login.clone(),
        catalogs,
        authenticator,
        telemetry: old.telemetry.clone(),
        health: old.health.clone(),
        figures: old.figures.clone(),
        keys: old.keys.clone(),
        documents: Documents::default(),
        limiter: old.limiter.clone(),
        sealer,
        mark: old.mark.clone(),
    }))
}

fn exposure(config: &Config) -> Exposure {
    Exposure {
        schemas: config.api.schemas.clone(),
        extra_search_path: config.api.extra_search_path.clone(),
        hoisted_settings: config.api.hoisted_settings.clone(),
    }
}

async fn catalogs(control: &Control, exposure: Exposure, login: &LoginRole) -> Result<Arc<Catalogs>, StartError> {
    let catalogs = Catalogs::new(control.clone(), exposure, login.time_zone.clone());
    catalogs.reload().await?;
    if let Some(catalog) = catalogs.current() {
        let mut exposed = catalog.schemas.iter().flat_map(|schema| domain::of(schema.name.as_str()));
        let taken = exposed.find(|operation| {
            let name = QualifiedName::new(operation.schema, operation.path.trim_start_matches('/'));
            catalog.relation(&name).is_some()
        });
        if let Some(operation) = taken {
            return Err(StartError::Collision { operation: operation.id, path: operation.path });
        }
    }
    Ok(Arc::new(catalogs))
}

/// What seals secrets, one for all requests.
fn sealer(config: Option<&EncryptionConfig>) -> Option<Arc<Sealer>> {
    config.map(|config| Arc::new(Sealer::new(config.key.expose(), config.salt.expose())))
}

async fn authenticator(config: &AuthConfig, login: &LoginRole) -> Result<Arc<Authenticator>, StartError> {
    let operators = domain::SCHEMAS.map(|schema| domain::operator(schema).as_str().into());
    let authenticator = Authenticator::new(config)?.with_login_role(login.name.clone()).with_reserved_roles(operators);
    authenticator.refresh_keys().await;
    Ok(Arc::new(authenticator))
}
