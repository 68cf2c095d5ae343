//! The catalog of documents that are written by hand, and of the Tekup database.

mod links;
mod lookup;
mod tekup;

use serde_json::{Value, json};

use super::{Catalog, Link};
use crate::name::QualifiedName;

/// A document in the making: relations of the schemas `api` (exposed) and `private` (not), whose columns are integers.
struct Database {
    relations: Vec<Value>,
    keys: Vec<Value>,
    views: Vec<Value>,
    computed: Vec<Value>,
    routines: Vec<Value>,
    /// Relations with their columns; a place in here is an OID less one.
    known: Vec<(&'static str, &'static [&'static str])>,
}

impl Database {
    fn new() -> Self {
        Self { relations: vec![], keys: vec![], views: vec![], computed: vec![], routines: vec![], known: vec![] }
    }

    /// A table, whose first columns, as many as `key` says, are its primary key.
    fn table(mut self, name: &'static str, columns: &'static [&'static str], key: usize) -> Self {
        self = self.relation(name, columns, "r");
        if key > 0 {
            self.keys.push(self.side(name, &columns[..key], format!("{}_pkey", own(name))));
        }
        self
    }

    /// A view, each of whose columns shows one of a table: (its name, the table, the column there).
    fn view(
        mut self,
        name: &'static str,
        columns: &'static [&'static str],
        shows: &[(&'static str, &'static str)],
    ) -> Self {
        let targets: String = (1..)
            .zip(shows)
            .map(|(number, (table, column))| {
                format!("{{{{}}~{number}~{}~{}}}", self.oid(table), self.number(table, column))
            })
            .collect();
        self = self.relation(name, columns, "v");
        let numbered: Vec<_> = (1..).zip(columns).collect::<Vec<(i32, _)>>();
        self.views.push(json!({
            "oid": self.oid(name),
            "relation": split(name),
            "columns": numbered,
            "tree": format!("{{{targets}}}"),
        }));
        self
    }

    fn foreign_key(self, name: &str, from: (&str, &[&str]), to: (&str, &[&str])) -> Self {
        self.foreign(name, from, to, false)
    }

    fn unique_foreign_key(self, name: &str, from: (&str, &[&str]), to: (&str, &[&str])) -> Self {
        self.foreign(name, from, to, true)
    }

    fn foreign(mut self, name: &str, from: (&str, &[&str]), to: (&str, &[&str]), unique: bool) -> Self {
        let mut key = self.side(from.0, from.1, name.to_owned());
        key["foreign"] = self.side(to.0, to.1, String::new());
        key["foreign"]["unique"] = json!(unique);
        self.keys.push(key);
        self
    }

    fn computed(mut self, function: &str, from: &str, to: &str, to_one: bool) -> Self {
        let [function, from, to] = [function, from, to].map(split);
        self.computed.push(json!({"function": function, "from": from, "to": to, "to_one": to_one}));
        self
    }

    /// A function: its parameters are (name, type, required).
    fn routine(mut self, name: &str, parameters: &[(&str, &str, bool)]) -> Self {
        let ty = |name: &str| json!({"name": name, "base": name, "oid": 23, "kind": "b"});
        let parameters: Vec<_> = parameters
            .iter()
            .map(|(name, kind, required)| {
                json!({"name": name, "type": ty(kind), "full_type": kind, "required": required, "variadic": false})
            })
            .collect();
        self.routines.push(json!({
            "schema": "api", "name": name, "parameters": parameters, "volatility": "v", "variadic": false,
            "owner": "owner", "returns": {
                "schema": "pg_catalog", "name": "int4", "type": ty("integer"),
                "set": false, "composite": false, "composite_alias": false,
            },
        }));
        self
    }

    fn catalog(self) -> Catalog {
        let document = json!({
            "server": {"version_num": 160000, "version": "16.0", "time_zone": "UTC"},
            "schemas": [{"name": "api", "owner": "owner"}],
            "relations": self.relations, "routines": self.routines, "keys": self.keys, "views": self.views,
            "computed": self.computed, "computed_fields": [], "representations": [], "media_handlers": [], "roles": [],
        });
        Catalog::from_json(&document.to_string()).expect("the document is whole")
    }

    fn relation(mut self, name: &'static str, columns: &'static [&'static str], kind: &str) -> Self {
        self.known.push((name, columns));
        let [schema, own] = split(name);
        let columns: Vec<_> = columns
            .iter()
            .map(|column| {
                let ty = json!({"name": "integer", "base": "integer", "oid": 23, "kind": "b"});
                json!({"name": column, "nullable": false, "type": ty, "generated": false})
            })
            .collect();
        if schema == "api" {
            self.relations.push(json!({
                "schema": schema, "name": own, "kind": kind, "columns": columns, "insertable": true,
                "updatable": true, "deletable": true, "has_triggers": false, "owner": "owner",
            }));
        }
        self
    }

    fn side(&self, relation: &str, columns: &[&str], name: String) -> Value {
        let columns: Vec<_> = columns.iter().map(|column| (self.number(relation, column), column)).collect();
        json!({"name": name, "relation": split(relation), "oid": self.oid(relation), "columns": columns})
    }

    fn oid(&self, relation: &str) -> usize {
        self.known.iter().position(|(known, _)| *known == relation).expect("a known relation") + 1
    }

    fn number(&self, relation: &str, column: &str) -> usize {
        let (_, columns) = self.known[self.oid(relation) - 1];
        columns.iter().position(|known| *known == column).expect("a known column") + 1
    }
}

fn split(name: &str) -> [&str; 2] {
    name.split_once('.').map_or(["api", name], |(schema, name)| [schema, name])
}

fn own(name: &str) -> &str {
    split(name)[1]
}

fn named(name: &str) -> QualifiedName {
    let [schema, name] = split(name);
    QualifiedName::new(schema, name)
}

fn links<'c>(catalog: &'c Catalog, from: &str) -> Vec<&'c Link> {
    catalog.links_from(&named(from)).iter().collect()
}
