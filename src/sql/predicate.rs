//! Conditions.

use super::Sql;
use crate::{
    name::QualifiedName,
    plan::{AggregateRef, Alias, FieldRef, Predicate},
    query::{FullText, IsValue, Logic, Operation, QuantifiedOperator, Quantifier, SimpleOperator},
};

/// Where conditions are written: what they speak of, and how to ask whether an embed has rows.
pub(super) trait EmbedTest {
    /// Writes the condition that the embed of that position has no rows, or has some.
    fn embed(&self, sql: &mut Sql, index: usize, is_null: bool);
}

/// No embeds, so no condition can speak of one.
pub(super) struct NoEmbeds;

impl EmbedTest for NoEmbeds {
    fn embed(&self, sql: &mut Sql, _: usize, is_null: bool) {
        sql.raw(if is_null { "true" } else { "false" });
    }
}

/// The left side of a comparison.
pub(super) trait Operand {
    /// Writes it.
    fn write(&self, sql: &mut Sql, alias: Alias);

    /// It is a tsvector already.
    fn is_tsvector(&self) -> bool;
}

impl Operand for FieldRef<'_> {
    fn write(&self, sql: &mut Sql, alias: Alias) {
        sql.field(alias, self);
    }

    fn is_tsvector(&self) -> bool {
        self.path.is_empty() && self.base_type_name() == Some("tsvector")
    }
}

impl Operand for AggregateRef<'_> {
    fn write(&self, sql: &mut Sql, alias: Alias) {
        sql.aggregate(alias, self);
    }

    fn is_tsvector(&self) -> bool {
        false
    }
}

impl Sql {
    /// Conditions on the payload's row `b` instead of a relation's, joined by AND: the filters of a PUT.
    pub(super) fn payload_conditions(&mut self, predicates: &[Predicate<'_>]) -> &mut Self {
        self.list(" and ", predicates, |sql, predicate| {
            if let Predicate::Compare { field, operation: Operation::Quantified(_, _, value), parser, .. } = predicate {
                sql.raw("b.").ident(field.name()).raw(" = ").parsed(*parser, value);
            }
        })
    }

    /// Conditions joined by AND.
    pub(super) fn all<F: Operand>(
        &mut self,
        alias: Alias,
        predicates: &[Predicate<'_, F>],
        embeds: &impl EmbedTest,
    ) -> &mut Self {
        self.list(" and ", predicates, |sql, predicate| sql.predicate(alias, predicate, embeds))
    }

    fn predicate<F: Operand>(&mut self, alias: Alias, predicate: &Predicate<'_, F>, embeds: &impl EmbedTest) {
        match predicate {
            Predicate::Group { negated, logic, members } => {
                self.raw(if *negated { "not (" } else { "(" });
                let separator = match logic {
                    Logic::And => " and ",
                    Logic::Or => " or ",
                };
                self.list(separator, members, |sql, member| sql.predicate(alias, member, embeds)).raw(")");
            }
            Predicate::Embed { index, is_null } => embeds.embed(self, *index, *is_null),
            Predicate::Compare { field, negated, operation, parser } => {
                if *negated {
                    self.raw("not ");
                }
                self.compare(alias, field, operation, *parser);
            }
        }
    }

    fn operand(&mut self, alias: Alias, operand: &impl Operand) -> &mut Self {
        operand.write(self, alias);
        self
    }

    fn compare(&mut self, alias: Alias, operand: &impl Operand, operation: &Operation, parser: Option<&QualifiedName>) {
        match operation {
            Operation::Simple(operator, value) => {
                self.operand(alias, operand).raw(simple(*operator)).parsed(parser, value);
            }
            Operation::Quantified(operator, quantifier, value) => {
                self.operand(alias, operand).raw(quantified(*operator));
                self.raw(match quantifier {
                    Some(Quantifier::Any) => "any (",
                    Some(Quantifier::All) => "all (",
                    None => "",
                });
                match operator {
                    QuantifiedOperator::Like | QuantifiedOperator::ILike => self.bind(value.replace('*', "%")),
                    _ => self.parsed(parser, value),
                };
                if quantifier.is_some() {
                    self.raw(")");
                }
            }
            Operation::In(values) => self.any_of(alias, operand, values, parser),
            Operation::Is(value) => {
                self.operand(alias, operand).raw(match value {
                    IsValue::Null => " is null",
                    IsValue::NotNull => " is not null",
                    IsValue::True => " is true",
                    IsValue::False => " is false",
                    IsValue::Unknown => " is unknown",
                });
            }
            Operation::IsDistinct(value) => {
                self.operand(alias, operand).raw(" is distinct from ").bind(value.clone());
            }
            Operation::FullText(kind, language, query) => {
                self.full_text(alias, operand, *kind, language.as_deref(), query)
            }
        }
    }

    /// A bound value, read by the domain's own function where it has one.
    fn parsed(&mut self, parser: Option<&QualifiedName>, value: &str) -> &mut Self {
        match parser {
            Some(function) => self.qualified(function).raw("(").bind(value.to_owned()).raw(")"),
            None => self.bind(value.to_owned()),
        }
    }

    /// `= any` with one array: the statement's text does not depend on how many values there are, and none is allowed.
    fn any_of(&mut self, alias: Alias, operand: &impl Operand, values: &[String], parser: Option<&QualifiedName>) {
        let array = match values {
            [only] if only.is_empty() => "{}".to_owned(),
            values => array_literal(values),
        };
        self.operand(alias, operand).raw(" = any (");
        match parser {
            Some(function) => {
                self.raw("select ").qualified(function).raw("(unnest(").bind(array).raw("::text[]))");
            }
            None => {
                self.bind(array);
            }
        }
        self.raw(")");
    }

    fn full_text(&mut self, alias: Alias, operand: &impl Operand, kind: FullText, language: Option<&str>, query: &str) {
        let language = |sql: &mut Self| {
            if let Some(language) = language {
                sql.bind(language.to_owned()).raw(", ");
            }
        };
        if operand.is_tsvector() {
            self.operand(alias, operand);
        } else {
            self.raw("to_tsvector(");
            language(self);
            self.operand(alias, operand).raw(")");
        }
        self.raw(match kind {
            FullText::Plain => " @@ to_tsquery(",
            FullText::Words => " @@ plainto_tsquery(",
            FullText::Phrase => " @@ phraseto_tsquery(",
            FullText::Web => " @@ websearch_to_tsquery(",
        });
        language(self);
        self.bind(query.to_owned()).raw(")");
    }
}

fn simple(operator: SimpleOperator) -> &'static str {
    match operator {
        SimpleOperator::NotEqual => " <> ",
        SimpleOperator::Contains => " @> ",
        SimpleOperator::Contained => " <@ ",
        SimpleOperator::Overlap => " && ",
        SimpleOperator::StrictlyLeft => " << ",
        SimpleOperator::StrictlyRight => " >> ",
        SimpleOperator::NotExtendsRight => " &< ",
        SimpleOperator::NotExtendsLeft => " &> ",
        SimpleOperator::Adjacent => " -|- ",
    }
}

fn quantified(operator: QuantifiedOperator) -> &'static str {
    match operator {
        QuantifiedOperator::Equal => " = ",
        QuantifiedOperator::GreaterThanEqual => " >= ",
        QuantifiedOperator::GreaterThan => " > ",
        QuantifiedOperator::LessThanEqual => " <= ",
        QuantifiedOperator::LessThan => " < ",
        QuantifiedOperator::Like => " like ",
        QuantifiedOperator::ILike => " ilike ",
        QuantifiedOperator::Match => " ~ ",
        QuantifiedOperator::IMatch => " ~* ",
    }
}

/// `{"a","b"}`; Postgres manual 8.15.6, array input syntax.
pub(super) fn array_literal(values: &[String]) -> String {
    let mut literal = String::from("{");
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            literal.push(',');
        }
        literal.push('"');
        for c in value.chars() {
            if matches!(c, '"' | '\\') {
                literal.push('\\');
            }
            literal.push(c);
        }
        literal.push('"');
    }
    literal.push('}');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_literal_escapes_quotes_and_backslashes() {
        assert_eq!(array_literal(&["a\"b".into(), "c\\d".into(), String::new()]), r#"{"a\"b","c\\d",""}"#);
    }
}
