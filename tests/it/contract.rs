//! What is generated and committed is what would be generated now. `UPDATE_CONTRACT=1` writes it anew.

use std::{fs, path::Path, time::Duration};

use tekup_db::{
    catalog::{Catalog, INTROSPECT},
    config::Config,
    db::Control,
    http::openapi::{View, document},
};

use crate::support::database;

const SCHEMAS: [&str; 6] = ["vault", "billy", "renos", "crm", "flow", "shared"];

async fn introspected() -> String {
    let database = database().await;
    let control = Control::new(&database.owner_url(), Duration::from_secs(5)).unwrap();
    let schemas = SCHEMAS.map(Into::into);
    let document = control.introspect(INTROSPECT, &schemas, &["public".into()], &[]).await.unwrap();
    control.close().await;
    document
}

#[tokio::test]
async fn the_committed_openapi_document_is_that_of_the_migrated_database() {
    let catalog = Catalog::from_json(&introspected().await).unwrap();
    let view = View { catalog: &catalog, role: None, schema: None };
    let generated = serde_json::to_string_pretty(&document(&view, None)).unwrap() + "\n";
    same("openapi/openapi.json", &generated);
}

#[test]
fn the_readme_lists_every_variable() {
    let path = root("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once("<!-- configuration -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- /configuration -->").unwrap();
    let table = Config::markdown_table();
    same("README.md", &format!("{before}<!-- configuration -->\n{}\n<!-- /configuration -->{after}", table.trim_end()));
}

fn same(file: &str, generated: &str) {
    let path = root(file);
    if std::env::var_os("UPDATE_CONTRACT").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == generated, "{file} is not what would be generated now: make openapi");
}

fn root(file: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}
