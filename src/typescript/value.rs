//! What JSON has of the values of a type.

use super::syntax::{Member, Presence, Syntax};
use crate::{
    catalog::{Builtin, Catalog, Column, Type, Wire},
    name::{QualifiedName, SchemaName},
};

/// Types of extensions that are text in JSON. Of others nothing is known: they may have a cast to JSON.
const TEXT_OF_EXTENSIONS: &[&str] = &["citext", "vector", "halfvec", "sparsevec", "ltree", "lquery", "ltxtquery"];

/// Which way a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Out of the database.
    Out,
    /// Into it.
    In,
}

/// Types of a catalog, as written in a module that holds some of its schemas.
pub(super) struct Values<'c> {
    pub catalog: &'c Catalog,
    pub schemas: &'c [SchemaName],
}

impl Values<'_> {
    /// A value that is not null.
    pub fn of(&self, ty: &Type) -> Syntax {
        match ty.wire() {
            Wire::Plain(builtin) => plain(builtin),
            Wire::Array(element) => plain(element).array(),
            Wire::Other => self.other(ty),
        }
    }

    /// A column's value, which a domain's casts may write as JSON of their own.
    /// PostgREST: references/api/domain_representations.
    pub fn column(&self, column: &Column, way: Way) -> Syntax {
        let [own, json] = [column.ty.name.clone(), "json".to_owned()];
        let cast = if way == Way::Out { (own, json) } else { (json, own) };
        let value = match self.catalog.representations.contains_key(&cast) {
            true => Syntax::Word("Json"),
            false => self.of(&column.ty),
        };
        if column.nullable { value.or_null() } else { value }
    }

    /// A row of these columns.
    pub fn row(&self, columns: &[Column]) -> Syntax {
        Syntax::Object(sorted(columns.iter().map(|column| self.member(column, Way::Out))))
    }

    /// A column as a member that has to be there.
    pub fn member(&self, column: &Column, way: Way) -> Member {
        Member::new(column.name.as_str(), self.column(column, way)).commented(column.comment.as_deref())
    }

    /// The path to a row of a relation, a composite type or an enum that the module holds.
    pub fn path(&self, name: &QualifiedName) -> Option<Syntax> {
        let mut rest = Vec::new();
        let section = if self.catalog.enums.contains_key(name) {
            "Enums"
        } else if self.catalog.composites.contains_key(name) {
            "CompositeTypes"
        } else {
            rest.push("Row");
            if self.catalog.relation(name)?.is_view() { "Views" } else { "Tables" }
        };
        let steps = [name.schema.as_str(), section, name.name.as_str()].into_iter().chain(rest);
        self.schemas.contains(&name.schema).then(|| Syntax::Path(steps.map(str::to_owned).collect()))
    }

    fn other(&self, ty: &Type) -> Syntax {
        if let Some(element) = ty.base.strip_suffix("[]") {
            let of_postgres = ty.element.map(|_| Syntax::Word("string"));
            return of_postgres.unwrap_or_else(|| self.named(element)).array();
        }
        match ty.kind {
            'e' => qualified(&ty.base)
                .and_then(|name| self.path(&name))
                .unwrap_or_else(|| Syntax::literals(ty.labels.iter().map(String::as_str))),
            'p' => Syntax::Word(match ty.base.as_str() {
                "void" => "undefined",
                "record" => "Record<string, unknown>",
                _ => "unknown",
            }),
            'r' | 'm' => Syntax::Word("string"),
            'b' if ty.oid != 0 => Syntax::Word("string"),
            _ => self.named(&ty.base),
        }
    }

    /// A type that is not one of Postgres' own.
    fn named(&self, name: &str) -> Syntax {
        let Some(name) = qualified(name) else { return Syntax::Word("unknown") };
        self.path(&name).unwrap_or_else(|| {
            let is_text = TEXT_OF_EXTENSIONS.contains(&name.name.as_str());
            Syntax::Word(if is_text { "string" } else { "unknown" })
        })
    }
}

/// Members by name.
pub(super) fn sorted(members: impl Iterator<Item = Member>) -> Vec<Member> {
    let mut members: Vec<_> = members.collect();
    members.sort_by(|a, b| a.key().cmp(b.key()));
    members
}

/// Optional where a flag of the catalog's says so.
pub(super) fn presence(required: bool) -> Presence {
    if required { Presence::Required } else { Presence::Optional }
}

fn plain(builtin: Builtin) -> Syntax {
    Syntax::Word(match builtin {
        Builtin::Bool => "boolean",
        Builtin::Int2
        | Builtin::Int4
        | Builtin::Int8
        | Builtin::Oid
        | Builtin::Float4
        | Builtin::Float8
        | Builtin::Numeric => "number",
        Builtin::Json | Builtin::Jsonb => "Json",
        Builtin::Text
        | Builtin::Uuid
        | Builtin::Date
        | Builtin::Time
        | Builtin::Timestamp
        | Builtin::TimestampTz
        | Builtin::Bytea => "string",
    })
}

/// Schema and name of a type as `format_type` writes it, quoted where SQL needs quotes.
pub(super) fn qualified(text: &str) -> Option<QualifiedName> {
    let (schema, rest) = identifier(text)?;
    let (name, rest) = identifier(rest.strip_prefix('.')?)?;
    rest.is_empty().then(|| QualifiedName::new(schema, name))
}

/// The identifier that a text begins with, and the rest.
fn identifier(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find('.').unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut name = String::new();
    let mut rest = quoted;
    loop {
        let (part, after) = rest.split_once('"')?;
        name.push_str(part);
        match after.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                rest = after;
            }
            None => return Some((name, after)),
        }
    }
}
