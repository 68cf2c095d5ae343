//! Fields, casts and outputs.

use super::Sql;
use crate::{
    catalog::Wire,
    plan::{AggregateRef, Alias, Cast, FieldRef, Output, Spread, Target},
    query::{Aggregate, Arrow, JsonOperand},
};

/// How the values of a select leave Postgres.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cells {
    /// As they are: an outer select makes JSON of the row.
    Native,
    /// To be rendered by the service: types that it does not know are JSON already.
    Wire,
    /// As text, for CSV.
    Text,
}

impl Sql {
    /// `t0`
    pub(super) fn alias(&mut self, alias: Alias) -> &mut Self {
        self.raw("t").number(alias.0.into())
    }

    /// `t0."name"`
    pub(super) fn of(&mut self, alias: Alias, name: &str) -> &mut Self {
        self.alias(alias).raw(".").ident(name)
    }

    /// The column or computed field that a target is, of a row source.
    pub(super) fn target(&mut self, alias: Alias, target: &Target<'_>) -> &mut Self {
        match target {
            Target::Column(column) => self.of(alias, column.name.as_str()),
            Target::Computed(name) => self.of(alias, name),
            Target::Scalar => self.of(alias, "pgrst_scalar"),
            Target::Key(key) => self.of(alias, key),
        }
    }

    /// A field with its path. An arrow on json or jsonb stands on the column itself, so that an index can serve it.
    pub(super) fn field(&mut self, alias: Alias, field: &FieldRef<'_>) -> &mut Self {
        if field.path.is_empty() || field.is_json() {
            self.target(alias, &field.target);
        } else {
            self.raw("to_jsonb(").target(alias, &field.target).raw(")");
        }
        for step in &field.path {
            self.raw(match step.arrow {
                Arrow::Json => "->",
                Arrow::Text => "->>",
            });
            match &step.operand {
                JsonOperand::Key(key) => self.bind(key.clone()),
                JsonOperand::Index(index) => self.bind(index.clone()).raw("::int"),
            };
        }
        self
    }

    /// Writes a cast around what `inner` writes.
    fn cast(&mut self, cast: Option<&Cast>, inner: impl FnOnce(&mut Self)) {
        let Some(cast) = cast else { return inner(self) };
        self.raw("cast(");
        inner(self);
        self.raw(" as ");
        match cast {
            Cast::Standard(name, _) => self.raw(name),
            Cast::Named(name) => self.ident(name),
        };
        self.raw(")");
    }

    /// Writes a call of an aggregate around what `inner` writes.
    fn aggregated(&mut self, aggregate: Option<Aggregate>, inner: impl FnOnce(&mut Self)) {
        let Some(Aggregate { function, distinct }) = aggregate else { return inner(self) };
        self.raw(function.name()).raw(if distinct { "(distinct " } else { "(" });
        inner(self);
        self.raw(")");
    }

    /// An aggregate of a condition or an order.
    pub(super) fn aggregate(&mut self, alias: Alias, aggregate: &AggregateRef<'_>) {
        self.aggregated(Some(aggregate.aggregate), |sql| match &aggregate.field {
            None => {
                sql.raw("*");
            }
            Some(field) => sql.cast(aggregate.cast.as_ref(), |sql| {
                sql.field(alias, field);
            }),
        });
    }

    /// The expression of an output.
    fn expression(&mut self, alias: Alias, output: &Output<'_>) {
        self.cast(output.aggregate_cast.as_ref(), |sql| {
            sql.aggregated(output.aggregate, |sql| match &output.field {
                None if output.aggregate.is_some() => {
                    sql.raw("*");
                }
                // The row itself, for an aggregate further up to count.
                None => {
                    sql.alias(alias);
                }
                Some(field) => sql.cast(output.cast.as_ref(), |sql| {
                    if let Some(function) = output.representation {
                        sql.qualified(function).raw("(");
                    }
                    sql.field(alias, field);
                    if output.representation.is_some() {
                        sql.raw(")");
                    }
                }),
            });
        });
    }

    /// A column that is spread into the parent.
    pub(super) fn spread(&mut self, alias: Alias, spread: &Spread) {
        self.cast(spread.cast.as_ref(), |sql| {
            sql.aggregated(spread.aggregate, |sql| {
                sql.of(alias, &spread.column);
            });
        });
    }

    /// An output under its key.
    pub(super) fn output(&mut self, alias: Alias, output: &Output<'_>, cells: Cells) {
        let wraps_json = cells == Cells::Wire && output.wire == Wire::Other;
        if wraps_json {
            self.raw("to_json(");
        }
        match cells {
            Cells::Text => self.text(|sql| sql.expression(alias, output)),
            Cells::Native | Cells::Wire => self.expression(alias, output),
        }
        if wraps_json {
            self.raw(")");
        }
        self.raw(" as ").ident(&output.key);
    }

    /// A value as its type's output function writes it: a cast to text differs from that for some types (boolean,
    /// inet, character).
    pub(super) fn text(&mut self, value: impl Fn(&mut Self)) {
        self.raw("case when num_nulls(");
        value(self);
        self.raw(") = 0 then concat(");
        value(self);
        self.raw(") end");
    }
}
