//! The tree written as a query string again: what links and documentation show.
//!
//! In: a [`Query`]. Out: a query string that [`Query::read`] turns into the same tree, with names and values quoted
//! only where they must be.

use std::fmt::{self, Display, Formatter};

use super::params::encode;
use super::*;

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut parameters: Vec<(String, String)> = Vec::new();
        let all = [SelectItem::Field(SelectField::all())];
        if self.root.select != all {
            parameters.push(("select".to_owned(), list(&self.root.select)));
        }
        node(&self.root, "", &mut parameters);
        let names = |names: &[String]| names.iter().map(|text| name(text)).collect::<Vec<_>>().join(",");
        parameters.extend(self.columns.as_deref().map(|columns| ("columns".to_owned(), names(columns))));
        parameters.extend(self.on_conflict.as_deref().map(|columns| ("on_conflict".to_owned(), names(columns))));
        parameters.extend(self.arguments.iter().map(|(argument, value)| (name(argument), value.clone())));
        for (position, (key, value)) in parameters.iter().enumerate() {
            let separator = if position == 0 { "" } else { "&" };
            write!(f, "{separator}{}={}", encode(key), encode(value))?;
        }
        Ok(())
    }
}

/// The parameters of a node and those below it; `path` is empty or ends in a dot.
fn node(node: &Node, path: &str, parameters: &mut Vec<(String, String)>) {
    parameters.extend(node.filter.iter().map(|condition| parameter(path, condition)));
    parameters.extend(node.having.iter().map(|condition| parameter(path, condition)));
    if !node.order.is_empty() {
        parameters.push((format!("{path}order"), list(&node.order)));
    }
    if let Some(limit) = node.range.limit {
        parameters.push((format!("{path}limit"), limit.to_string()));
    }
    if node.range.offset > 0 {
        parameters.push((format!("{path}offset"), node.range.offset.to_string()));
    }
    for embed in node.embeds() {
        self::node(&embed.node, &format!("{path}{}.", name(embed.key())), parameters);
    }
}

/// The key and the value of a condition.
fn parameter<F: Display>(path: &str, condition: &Condition<F>) -> (String, String) {
    match condition {
        Condition::Filter(filter) => (format!("{path}{}", filter.field), operation(filter, whole)),
        Condition::Group { negated, logic, members } => {
            let not = if *negated { "not." } else { "" };
            (format!("{path}{not}{}", logic.name()), format!("({})", list(members)))
        }
    }
}

fn list<T: Display>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(",")
}

/// A name, in quotes unless it is plain and means nothing else.
fn name(text: &str) -> String {
    const RESERVED: [&str; 10] =
        ["select", "columns", "on_conflict", "order", "limit", "offset", "and", "or", "not", "count"];
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if plain && !text.is_empty() && !RESERVED.contains(&text) { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

impl Display for Field {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&name(&self.name))?;
        for JsonStep { arrow, operand } in &self.path {
            f.write_str(match arrow {
                Arrow::Json => "->",
                Arrow::Text => "->>",
            })?;
            match operand {
                JsonOperand::Index(index) => f.write_str(index.trim_start_matches('+'))?,
                // An unquoted number would be an index.
                JsonOperand::Key(key) if key.starts_with(|c: char| c.is_ascii_digit()) => f.write_str(&quoted(key))?,
                JsonOperand::Key(key) => f.write_str(&name(key))?,
            }
        }
        Ok(())
    }
}

impl Display for SelectItem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(field) => field.fmt(f),
            Self::Embed(embed) => embed.fmt(f),
        }
    }
}

impl Display for SelectField {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if *self == Self::all() {
            return f.write_str("*");
        }
        if let Some(alias) = &self.alias {
            write!(f, "{}:", name(alias))?;
        }
        let counts_rows = self.field == Self::all().field && self.cast.is_none();
        match self.aggregate {
            Some(Aggregate::COUNT) if counts_rows => Aggregate::COUNT.fmt(f)?,
            aggregate => {
                self.field.fmt(f)?;
                cast(f, self.cast.as_deref())?;
                match aggregate {
                    Some(aggregate) => write!(f, ".{aggregate}")?,
                    None => return Ok(()),
                }
            }
        }
        cast(f, self.aggregate_cast.as_deref())
    }
}

impl Display for Aggregate {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.function.name(), if self.distinct { "distinct" } else { "" })
    }
}

impl Display for AggregateExpression {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(field) = &self.field {
            field.fmt(f)?;
            cast(f, self.cast.as_deref())?;
            f.write_str(".")?;
        }
        self.aggregate.fmt(f)
    }
}

fn cast(f: &mut Formatter<'_>, ty: Option<&str>) -> fmt::Result {
    ty.map_or(Ok(()), |ty| write!(f, "::{ty}"))
}

impl Display for Embed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match (&self.alias, self.spread) {
            (_, true) => f.write_str("...")?,
            (Some(alias), false) => write!(f, "{}:", name(alias))?,
            (None, false) => {}
        }
        f.write_str(&name(&self.target))?;
        match &self.hint {
            // The grammar would read the beginning as a join type.
            Some(hint) if hint.starts_with("left") || hint.starts_with("inner") => write!(f, "!{}", quoted(hint))?,
            Some(hint) => write!(f, "!{}", name(hint))?,
            None => {}
        }
        match self.join {
            Some(Join::Inner) => f.write_str("!inner")?,
            Some(Join::Left) => f.write_str("!left")?,
            None => {}
        }
        write!(f, "({})", list(&self.node.select))
    }
}

/// How the value of an operator is written where it stands.
type Value = fn(&str) -> String;

/// As the whole value of a parameter.
fn whole(value: &str) -> String {
    value.to_owned()
}

/// Between the delimiters of a list or a logic group.
fn delimited(value: &str) -> String {
    let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.:*%+@".contains(&b));
    if plain { value.to_owned() } else { quoted(value) }
}

/// `not.op.value`
fn operation<F>(filter: &Filter<F>, value: Value) -> String {
    let text = match &filter.operation {
        Operation::Simple(operator, operand) => format!("{}.{}", operator.name(), value(operand)),
        Operation::Quantified(operator, quantifier, operand) => {
            let quantifier = match quantifier {
                Some(Quantifier::Any) => "(any)",
                Some(Quantifier::All) => "(all)",
                None => "",
            };
            format!("{}{quantifier}.{}", operator.name(), value(operand))
        }
        Operation::In(operands) => {
            format!("in.({})", operands.iter().map(|operand| delimited(operand)).collect::<Vec<_>>().join(","))
        }
        Operation::Is(operand) => format!("is.{}", operand.name()),
        Operation::IsDistinct(operand) => format!("isdistinct.{}", value(operand)),
        Operation::FullText(operator, language, operand) => {
            let language = language.as_ref().map(|language| format!("({language})")).unwrap_or_default();
            format!("{}{language}.{}", operator.name(), value(operand))
        }
    };
    if filter.negated { format!("not.{text}") } else { text }
}

impl<F: Display> Condition<F> {
    /// The parameter that says it of the root: key and value, neither encoded.
    pub fn parameter(&self) -> (String, String) {
        parameter("", self)
    }
}

impl<F: Display> Display for Condition<F> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filter(filter) => write!(f, "{}.{}", filter.field, operation(filter, delimited)),
            Self::Group { negated, logic, members } => {
                let not = if *negated { "not." } else { "" };
                write!(f, "{not}{}({})", logic.name(), list(members))
            }
        }
    }
}

impl Display for OrderTerm {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.key {
            SortKey::Field(field) => field.fmt(f)?,
            SortKey::Related { embed, field } => write!(f, "{}({field})", name(embed))?,
            SortKey::Aggregate(expression) => expression.fmt(f)?,
        }
        if let Some(direction) = self.direction {
            write!(f, ".{}", direction.name())?;
        }
        if let Some(nulls) = self.nulls {
            write!(f, ".{}", nulls.name())?;
        }
        Ok(())
    }
}
