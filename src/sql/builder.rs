//! Four verbs to write SQL with, and none that takes text from outside.

use std::{fmt::Write as _, sync::Arc};

use bytes::Bytes;

use crate::{
    catalog::Type,
    name::{ColumnName, QualifiedName},
};

/// SQL text and its parameters. A parameter travels as text and Postgres infers its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The text, with `$1`, `$2`, …
    pub text: Arc<str>,
    /// The values; `None` is NULL.
    pub parameters: Vec<Option<Bytes>>,
}

/// A statement in the making.
#[derive(Debug, Default)]
pub struct Sql {
    text: String,
    parameters: Vec<Option<Bytes>>,
}

impl Sql {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Literal SQL of the program's own.
    pub fn raw(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// A number of the program's own making, such as an alias' ordinal.
    pub fn number(&mut self, number: u64) -> &mut Self {
        let _ = write!(self.text, "{number}");
        self
    }

    /// A quoted identifier.
    pub fn ident(&mut self, name: &str) -> &mut Self {
        self.text.push('"');
        for c in name.chars().filter(|c| *c != '\0') {
            if c == '"' {
                self.text.push('"');
            }
            self.text.push(c);
        }
        self.text.push('"');
        self
    }

    /// A quoted column.
    pub fn column(&mut self, name: &ColumnName) -> &mut Self {
        self.ident(name.as_str())
    }

    /// A relation or routine with its schema, both quoted.
    pub fn qualified(&mut self, name: &QualifiedName) -> &mut Self {
        self.ident(name.schema.as_str()).raw(".").ident(name.name.as_str())
    }

    /// A type, as the catalog names it.
    pub fn ty(&mut self, ty: &Type) -> &mut Self {
        self.text.push_str(&ty.name);
        self
    }

    /// An SQL expression of the database's own: a column's default, a parameter's full type.
    pub fn catalog_expression(&mut self, expression: &str) -> &mut Self {
        self.text.push_str(expression);
        self
    }

    /// A bound value.
    pub fn bind(&mut self, value: impl Into<Bytes>) -> &mut Self {
        self.bind_option(Some(value.into()))
    }

    /// A bound value or NULL.
    pub fn bind_option(&mut self, value: Option<Bytes>) -> &mut Self {
        self.parameters.push(value);
        let _ = write!(self.text, "${}", self.parameters.len());
        self
    }

    /// Writes each item with a separator between.
    pub fn list<T>(
        &mut self,
        separator: &'static str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.raw(separator);
            }
            write(self, item);
        }
        self
    }

    /// A statement, put first among those that have parameters.
    pub(super) fn statement(&mut self, statement: Statement) -> &mut Self {
        debug_assert!(self.parameters.is_empty(), "its parameters are numbered from 1");
        self.text.push_str(&statement.text);
        self.parameters = statement.parameters;
        self
    }

    /// The statement.
    pub fn finish(self) -> Statement {
        Statement { text: self.text.into(), parameters: self.parameters }
    }
}
