//! What the binary holds of files: migrations (read by `sqlx::migrate!`) and sample data.

use std::{env, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=src/seed");
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    let mut list =
        String::from("/// The files of the sample data, in their order.\nconst DEMO: &[(&str, &str)] = &[\n");
    for name in sql_files(&Path::new(&root).join("src/seed/demo")) {
        // Where the checkout is is asked when it is compiled: it may have been moved since.
        let path = format!("/src/seed/demo/{name}");
        list += &format!("    ({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))),\n");
    }
    list += "];\n";
    fs::write(Path::new(&out).join("demo.rs"), list).expect("cargo's folder can be written to");
}

fn sql_files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| name.ends_with(".sql"));
    names.sort();
    names
}
