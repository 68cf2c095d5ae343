//! The module map of ARCHITECTURE.md, enforced: reads the `use` lines and paths of each module.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// (module, modules of ours it may use, crates it may not).
const MAP: &[(&str, &[&str], &[&str])] = &[
    ("name", &[], &["sqlx", "tokio_postgres", "deadpool", "axum", "tokio"]),
    ("config", &["name"], &["sqlx", "tokio_postgres", "deadpool", "axum"]),
    ("auth", &["name", "config"], &["sqlx", "tokio_postgres", "deadpool"]),
    ("catalog", &["name"], &["sqlx", "tokio_postgres", "deadpool", "axum", "tokio"]),
    ("query", &["name"], &["sqlx", "tokio_postgres", "deadpool", "axum", "tokio"]),
    ("plan", &["name", "query", "catalog"], &["sqlx", "tokio_postgres", "deadpool", "axum", "tokio"]),
    ("sql", &["name", "catalog", "plan", "query"], &["sqlx", "tokio_postgres", "deadpool", "axum", "tokio"]),
    ("db", &["name", "config", "auth", "catalog", "sql"], &["axum"]),
    ("render", &["plan", "catalog", "db"], &["axum", "sqlx", "tokio_postgres", "deadpool"]),
    ("typescript", &["name", "catalog"], &["sqlx", "tokio_postgres", "deadpool", "axum", "tokio"]),
    ("erd", &["name", "catalog"], &["sqlx", "tokio_postgres", "deadpool", "axum", "tokio"]),
    ("domain", &[], &["sqlx", "tokio_postgres", "deadpool", "axum", "tokio"]),
    ("telemetry", &["config"], &["axum", "sqlx", "tokio_postgres", "deadpool"]),
    ("error", &["auth", "db", "plan", "query", "render", "catalog"], &["axum", "sqlx", "tokio_postgres", "deadpool"]),
    (
        "http",
        &["auth", "catalog", "config", "db", "domain", "error", "name", "plan", "query", "render", "sql", "telemetry"],
        &["sqlx", "tokio_postgres", "deadpool"],
    ),
];

/// Modules whose stages are pure.
const NO_ASYNC: &[&str] = &["catalog", "query", "plan", "sql", "render", "typescript", "erd", "domain"];

#[test]
fn every_module_imports_only_what_the_map_allows() {
    let modules: BTreeSet<&str> = MAP.iter().map(|(module, ..)| *module).chain(["cli"]).collect();
    let mut faults = Vec::new();
    for (module, ours, refused) in MAP {
        for file in files(module) {
            let text = code(&file);
            for other in &modules {
                if other != module && !ours.contains(other) && mentions(&text, other) {
                    faults.push(format!("{}: uses crate::{other}", file.display()));
                }
            }
            for name in *refused {
                if text.contains(&format!("{name}::")) {
                    faults.push(format!("{}: uses the crate {name}", file.display()));
                }
            }
            if NO_ASYNC.contains(module) && text.contains("async ") {
                faults.push(format!("{}: is async", file.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_module_of_the_crate_is_in_the_map() {
    let lib = fs::read_to_string(root().join("lib.rs")).expect("src/lib.rs");
    let declared: BTreeSet<_> =
        lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).map(str::to_owned).collect();
    let mapped: BTreeSet<_> = MAP.iter().map(|(module, ..)| (*module).to_owned()).chain(["cli".to_owned()]).collect();
    assert_eq!(declared, mapped);
}

fn mentions(text: &str, module: &str) -> bool {
    let path = format!("crate::{module}::");
    let grouped = text.split("use crate::{").skip(1).filter_map(|rest| rest.split("};").next());
    text.contains(&path)
        || text.contains(&format!("crate::{module};"))
        || grouped.into_iter().any(|group| top_level_names(group).contains(module))
}

/// The first segments of a `use crate::{…}` group.
fn top_level_names(group: &str) -> BTreeSet<String> {
    let mut depth = 0;
    let mut names = BTreeSet::new();
    let mut name = String::new();
    for c in group.chars().chain([',']) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.insert(name.split("::").next().unwrap_or_default().trim().to_owned());
                name.clear();
            }
            c if depth == 0 => name.push(c),
            _ => {}
        }
    }
    names
}

/// A file without its comments and its unit tests, which may reach further.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("a source file");
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn files(module: &str) -> Vec<PathBuf> {
    let single = root().join(format!("{module}.rs"));
    let mut found: Vec<_> = single.exists().then_some(single).into_iter().collect();
    let mut folders = vec![root().join(module)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() && !path.ends_with("tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "module {module} has no file");
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}
