//! What the database says of the service's configuration: PostgREST's in-database configuration, its
//! Config/Database.hs.
//!
//! In: the data plane's own login. Out: settings `pgrst.*`, of its role and of a function. Each look is a connection of
//! its own: a full pool doesn't delay it, and what a function leaves behind ends with it.

use std::time::Duration;

use tokio_postgres::{Client, types::Type};

use super::{Database, DbError, cache::Statements, connection::Connection};
use crate::{
    config::{DatabaseSetting, FunctionName, Origin, Secret},
    name::RoleName,
    sql,
};

/// How long a look may take, a function's own work included.
const TIMEOUT: Duration = Duration::from_secs(10);
const BEGIN: &str = "BEGIN READ ONLY; SET LOCAL statement_timeout = '9s'";
const OF_ROLE: &str = "SELECT r.rolname::text, s.setdatabase <> 0, split_part(c.setting, '=', 1), \
    substr(c.setting, strpos(c.setting, '=') + 1) \
    FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_roles r ON r.oid = s.setrole \
    CROSS JOIN unnest(s.setconfig) AS c (setting) \
    WHERE r.rolname = current_user AND c.setting ILIKE 'pgrst.%' AND s.setdatabase IN \
    (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))";
const IN_FORCE: &str = "SELECT name, current_setting(name, true) FROM unnest($1::text[]) AS n (name) WHERE current_setting(name, true) IS NOT NULL";

impl Database {
    /// What `ALTER ROLE … SET` says of the login role, here or in every database.
    ///
    /// # Errors
    /// [`DbError`]: the database can't be reached.
    pub async fn settings_of_login(&self) -> Result<Vec<DatabaseSetting>, DbError> {
        self.look(async |client| {
            let rows = client.query_typed(OF_ROLE, &[]).await?;
            let setting = |row: &tokio_postgres::Row| {
                let role = RoleName::from(row.get::<_, String>(0));
                let origin = if row.get(1) { Origin::RoleInDatabase(role) } else { Origin::Role(role) };
                DatabaseSetting { name: row.get(2), value: Secret::new(row.get::<_, String>(3)), origin }
            };
            Ok(rows.iter().map(setting).collect())
        })
        .await
    }

    /// Which of the settings of those names are in force after a function was called. Those of the login role are in
    /// force before already, and are among them unless the function changed them.
    ///
    /// # Errors
    /// [`DbError`]: the function fails, takes too long, or may not be called; the database can't be reached.
    pub async fn settings_of_function(
        &self,
        function: &FunctionName,
        names: &[String],
    ) -> Result<Vec<DatabaseSetting>, DbError> {
        let call = sql::pre_request(function.schema.as_ref(), &function.name);
        self.look(async |client| {
            client.query_typed(&call.text, &[]).await?;
            let rows = client.query_typed(IN_FORCE, &[(&names, Type::TEXT_ARRAY)]).await?;
            let setting = |row: &tokio_postgres::Row| DatabaseSetting {
                name: row.get(0),
                value: Secret::new(row.get::<_, String>(1)),
                origin: Origin::Function(function.clone()),
            };
            Ok(rows.iter().map(setting).collect())
        })
        .await
    }

    /// Looks at something, in a transaction that changes nothing.
    async fn look<T>(&self, work: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error>) -> Result<T, DbError> {
        let mut connection = Connection::new(self.pool().server().connect().await?, Statements::new(0), 0);
        let looked = connection.drive(async |client, _| {
            client.batch_execute(BEGIN).await?;
            let looked = work(client).await?;
            client.batch_execute("ROLLBACK").await?;
            Ok::<_, tokio_postgres::Error>(looked)
        });
        match tokio::time::timeout(TIMEOUT, looked).await {
            Ok(looked) => Ok(looked?),
            Err(_) => Err(DbError::unavailable(format!("no answer within {TIMEOUT:?}"))),
        }
    }
}
