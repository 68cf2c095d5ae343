//! What is generated and committed is what would be generated now. `UPDATE_CONTRACT=1` writes it anew.

use std::{fs, path::Path, time::Duration};

use tekup_db::{
    catalog::{Catalog, INTROSPECT},
    config::Config,
    db::{
        Control,
        verify::{CHECKS, Check},
    },
    domain, erd,
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
    written_in("README.md", &[("configuration", Config::markdown_table())]);
}

#[tokio::test]
async fn the_schemas_are_drawn_as_they_are() {
    let catalog = Catalog::from_json(&introspected().await).unwrap();
    let drawn = |schema: &'static str| {
        let diagram = erd::mermaid(&catalog, &[schema.into()]);
        (format!("erd {schema}"), format!("```mermaid\n{diagram}```"))
    };
    let mut parts: Vec<_> = SCHEMAS.into_iter().map(drawn).collect();
    parts.push(("states".to_owned(), states()));
    let parts: Vec<_> = parts.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    written_in("docs/SCHEMA_DESIGN.md", &parts);
}

/// Columns that are state machines, with the operations that make steps.
fn states() -> String {
    let mut machines: Vec<(&domain::States, Vec<String>)> = Vec::new();
    for operation in domain::all() {
        let Some(transition) = &operation.transition else { continue };
        let step = format!("`{}` to {}", operation.id, transition.to);
        match machines.iter_mut().find(|(of, _)| of.column == transition.of.column) {
            Some((_, steps)) => steps.push(step),
            None => machines.push((transition.of, vec![step])),
        }
    }
    let line = |(of, steps): &(&domain::States, Vec<String>)| {
        format!("| `{}` | {} | {} |\n", of.column, of.states.join(", "), steps.join(", "))
    };
    let lines: String = machines.iter().map(line).collect();
    format!("| column | states | operations |\n|---|---|---|\n{lines}")
}

#[test]
fn the_guide_lists_every_check() {
    let line = |check: &Check| format!("| `{}` | {} | {} |\n", check.name, check.severity.as_str(), check.about);
    let lines: String = CHECKS.iter().map(line).collect();
    let table = format!("| check | severity | what it finds |\n|---|---|---|\n{lines}");
    written_in("docs/OPERATIONS.md", &[("checks", table)]);
}

/// A file whose parts between `<!-- name -->` and `<!-- /name -->` are these.
fn written_in(file: &str, parts: &[(&str, String)]) {
    let mut text = fs::read_to_string(root(file)).unwrap();
    for (name, part) in parts {
        let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
        let (before, rest) = text.split_once(&open).unwrap_or_else(|| panic!("{file} has no {open}"));
        let (_, after) = rest.split_once(&close).unwrap_or_else(|| panic!("{file} has no {close}"));
        text = format!("{before}{open}{}\n{close}{after}", part.trim_end());
    }
    same(file, &text);
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
