//! A backup's files, checked before they are used.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    super::{archive::Archive, dump::measured, manifest::Manifest, manifest_path, tools},
    RestoreError,
};

/// Checks that a backup is whole and as it was made, and that pg_restore reads it. Nothing is restored.
///
/// # Errors
/// [`RestoreError`].
pub async fn check(dump: &Path, bin: Option<&Path>) -> Result<Manifest, RestoreError> {
    let manifest = verified(dump).await?;
    archive(dump, &manifest, bin)?.list().await?;
    Ok(manifest)
}

/// The manifest of a dump that is as the manifest says.
pub(super) async fn verified(dump: &Path) -> Result<Manifest, RestoreError> {
    let manifest = read(dump)?;
    let file = |error| RestoreError::File { path: dump.to_owned(), error };
    let expected = manifest.dump.clone();
    let bytes = fs::metadata(dump).map_err(file)?.len();
    let found = measured(dump).await.map_err(file)?;
    let path = dump.to_owned();
    match () {
        () if bytes != expected.bytes => Err(RestoreError::Length { path, found, expected }),
        () if found != expected => Err(RestoreError::Changed { path, found, expected }),
        () => Ok(manifest),
    }
}

fn read(dump: &Path) -> Result<Manifest, RestoreError> {
    let path = dump.to_owned();
    let what = match dump.extension().and_then(|extension| extension.to_str()) {
        Some("json") => Some("a manifest: name the dump beside it, without .json"),
        Some("part") => Some("what an interrupted run left: it is no backup. Take another"),
        _ => None,
    };
    if let Some(what) = what {
        return Err(RestoreError::NoDump { path, what });
    }
    fs::metadata(dump).map_err(|error| RestoreError::File { path: path.clone(), error })?;
    let manifest: PathBuf = manifest_path(dump);
    match fs::read_to_string(&manifest) {
        Ok(text) => Manifest::read(&text).map_err(|error| RestoreError::Manifest { path: manifest, error }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(RestoreError::NoManifest { path, manifest }),
        Err(error) => Err(RestoreError::File { path: manifest, error }),
    }
}

/// The dump, with a pg_restore that knows it: one as new as the pg_dump that made it.
pub(super) fn archive(dump: &Path, manifest: &Manifest, bin: Option<&Path>) -> Result<Archive, RestoreError> {
    let major = manifest.pg_dump.split('.').next().and_then(|digits| digits.parse().ok());
    let tool = tools::find("pg_restore", bin, major.unwrap_or(manifest.server.major))?;
    Ok(Archive::new(tool, dump))
}
