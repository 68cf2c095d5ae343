//! stub
use super::*;
use crate::plan::PlanError;
impl Catalog {
    /// stub
    pub fn resolve_embed(
        &self,
        _from: &QualifiedName,
        _schema: &SchemaName,
        _target: &str,
        _hint: Option<&str>,
    ) -> Result<&Link, PlanError> {
        unimplemented!()
    }
    /// stub
    pub fn computed_field<'c>(&'c self, _relation: &'c Relation, _name: &str) -> Option<&'c str> {
        None
    }
}
