//! Documents that were made already.
//!
//! In: a catalog, a role and perhaps a schema. Out: the document's bytes, made once for as long as that catalog is in use. Making
//! one takes a hundred times what sending it takes, in time and in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use bytes::Bytes;

use super::View;
use crate::{
    catalog::Catalog,
    error::Problem,
    name::{RoleName, SchemaName},
};

/// Bytes of all that are kept; what goes beyond is made anew each time.
const MOST_BYTES: usize = 16 << 20;

/// The documents of the catalog in use.
#[derive(Default)]
pub struct Documents(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    catalog: Weak<Catalog>,
    documents: HashMap<(RoleName, Option<SchemaName>), Bytes>,
}

impl Documents {
    /// The document for a role, which `make` makes where it is not there. Whoever asks meanwhile waits.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn get(
        &self,
        catalog: &Arc<Catalog>,
        role: RoleName,
        schema: Option<SchemaName>,
        make: impl FnOnce(&View<'_>) -> Result<Vec<u8>, Problem>,
    ) -> Result<Bytes, Problem> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let current = Arc::downgrade(catalog);
        if !kept.catalog.ptr_eq(&current) {
            *kept = Kept { catalog: current, documents: HashMap::new() };
        }
        let key = (role, schema);
        if let Some(document) = kept.documents.get(&key) {
            return Ok(document.clone());
        }
        let view = View { catalog, role: Some(&key.0), schema: key.1.as_ref() };
        let document = Bytes::from(make(&view)?);
        let size: usize = kept.documents.values().map(Bytes::len).sum();
        if size + document.len() <= MOST_BYTES {
            kept.documents.insert(key, document.clone());
        }
        Ok(document)
    }
}
