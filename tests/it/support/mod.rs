//! stand-in
mod api;
mod people;
pub use api::{Api, shapes, tekup, tekup_with, token};
pub use people::Person;
pub struct TestDb { name: String }
impl TestDb {
    pub fn owner_url(&self) -> String { format!("postgresql://postgres@127.0.0.1:5500/{}", self.name) }
    pub fn login_url(&self) -> String { format!("postgresql://authenticator@127.0.0.1:5500/{}", self.name) }
}
async fn clone(template: &str) -> TestDb {
    static N: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    static LOCK: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let name = format!("it_{}_{}", std::process::id(), N.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    let _l = LOCK.lock().await;
    let (client, connection) = tokio_postgres::connect("postgresql://postgres@127.0.0.1:5500/postgres", tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(&format!("create database {name} template {template}")).await.unwrap();
    TestDb { name }
}
pub async fn database() -> TestDb { clone("tmpl").await }
pub async fn demo_database() -> TestDb { clone("tmpl_demo").await }
