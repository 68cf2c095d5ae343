//! A catalog written as the TypeScript type that supabase-js takes: `createClient<Database>(…)`.
//!
//! In: a [`Catalog`] and the schemas wanted. Out: the text of a module that exports `Database` and `Json`. Refuses
//! nothing: it can't fail. Its form is what the client's types demand (`GenericSchema` of @supabase/postgrest-js); what
//! is in it is what JSON has of each value. Everything is sorted by name, so equal catalogs make equal texts.

mod relation;
mod routine;
mod syntax;
#[cfg(test)]
mod tests;
mod value;

use crate::{
    catalog::{Catalog, Composite, Enum, Relation, Schema},
    name::SchemaName,
};
use syntax::{Member, Syntax};
use value::Values;

const HEAD: &str = "\
// Written by `tekup-db types typescript` from the database.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

export type Database = ";

/// The newest PostgREST whose features the client's types tell from older ones' (`MaxAffectedEnabled`,
/// `SpreadOnManyEnabled`): any other number turns them off, that of the protocol spoken here too.
const POSTGREST_VERSION: &str = "14";

/// The module, for those of the catalog's schemas that are named.
pub fn module(catalog: &Catalog, schemas: &[SchemaName]) -> String {
    let mut wanted: Vec<_> = catalog.schemas.iter().filter(|schema| schemas.contains(&schema.name)).collect();
    wanted.sort_by(|a, b| a.name.cmp(&b.name));
    let values = Values { catalog, schemas };
    let version = Member::new("PostgrestVersion", Syntax::literal(POSTGREST_VERSION));
    let mut members = vec![Member::new("__InternalSupabase", Syntax::Object(vec![version]))];
    members.extend(wanted.into_iter().map(|schema| {
        Member::new(schema.name.as_str(), self::schema(&values, schema)).commented(schema.comment.as_deref())
    }));
    format!("{HEAD}{}\n", Syntax::Object(members))
}

fn schema(values: &Values<'_>, schema: &Schema) -> Syntax {
    let catalog = values.catalog;
    let mut relations: Vec<&Relation> =
        catalog.relations.values().filter(|relation| relation.name.schema == schema.name).collect();
    relations.sort_by(|a, b| a.name.cmp(&b.name));
    let (views, tables): (Vec<_>, Vec<_>) = relations.into_iter().partition(|relation| relation.is_view());
    let written = |relations: Vec<&Relation>| {
        Syntax::Object(relations.into_iter().map(|relation| relation::member(values, relation)).collect())
    };
    let enums = catalog.enums.values().filter(|ty| ty.name.schema == schema.name).map(r#enum);
    let composites = catalog.composites.values().filter(|ty| ty.name.schema == schema.name);
    Syntax::Object(vec![
        Member::new("Tables", written(tables)),
        Member::new("Views", written(views)),
        Member::new("Functions", Syntax::Object(routine::members(values, &schema.name))),
        Member::new("Enums", Syntax::Object(enums.collect())),
        Member::new("CompositeTypes", Syntax::Object(composites.map(|ty| composite(values, ty)).collect())),
    ])
}

fn r#enum(ty: &Enum) -> Member {
    let labels = Syntax::literals(ty.labels.iter().map(String::as_str));
    Member::new(ty.name.name.as_str(), labels).commented(ty.comment.as_deref())
}

fn composite(values: &Values<'_>, ty: &Composite) -> Member {
    Member::new(ty.name.name.as_str(), values.row(&ty.columns)).commented(ty.comment.as_deref())
}
