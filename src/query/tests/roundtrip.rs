//! What is written is read again as it was; and whatever is read, nothing breaks.

use proptest::prelude::*;
use proptest::{collection::vec, option, sample::select};

use super::*;

/// Names with everything that means something in the grammar.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z_][a-z0-9_]{0,6}",
        "[ -~éß→]{0,6}",
        select(vec!["select", "order", "and", "or", "count", "a.limit", "*", "left", "innermost", "1"])
            .prop_map(str::to_owned),
    ]
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9]{0,4}", "[ -~é\t\n]{0,8}", "[{}\"\\\\,().]{0,5}"]
}

fn identifier() -> impl Strategy<Value = String> {
    "[a-z_$]([a-z0-9_ ]{0,5}[a-z0-9_])?"
}

fn field() -> impl Strategy<Value = Field> {
    let operand = prop_oneof![name().prop_map(JsonOperand::Key), "[+-][0-9]{1,3}".prop_map(JsonOperand::Index),];
    let step = (select(vec![Arrow::Json, Arrow::Text]), operand);
    let path = vec(step.prop_map(|(arrow, operand)| JsonStep { arrow, operand }), 0..3);
    (name(), path).prop_map(|(name, mut path)| {
        // The grammar takes a number before `)` for a key, as PostgREST does: an index can't end a path there.
        if matches!(path.last(), Some(JsonStep { operand: JsonOperand::Index(_), .. })) {
            path.push(JsonStep { arrow: Arrow::Text, operand: JsonOperand::Key("k".to_owned()) });
        }
        Field { name, path }
    })
}

fn named<T: Copy + std::fmt::Debug>(names: &'static [(&'static str, T)]) -> impl Strategy<Value = T> {
    (0..names.len()).prop_map(|index| names[index].1)
}

fn operation() -> impl Strategy<Value = Operation> {
    let quantifier = option::of(select(vec![Quantifier::Any, Quantifier::All]));
    prop_oneof![
        (named(SimpleOperator::NAMES), value()).prop_map(|(operator, value)| Operation::Simple(operator, value)),
        (named(QuantifiedOperator::NAMES), quantifier, value())
            .prop_map(|(operator, quantifier, value)| Operation::Quantified(operator, quantifier, value)),
        vec(value(), 1..4).prop_map(Operation::In),
        named(IsValue::NAMES).prop_map(Operation::Is),
        value().prop_map(Operation::IsDistinct),
        (named(FullText::NAMES), option::of(identifier()), value())
            .prop_map(|(operator, language, value)| Operation::FullText(operator, language, value)),
    ]
}

fn condition<F: Clone + std::fmt::Debug + 'static>(
    left: impl Strategy<Value = F> + 'static,
) -> impl Strategy<Value = Condition<F>> {
    let filter = (left, any::<bool>(), operation())
        .prop_map(|(field, negated, operation)| Condition::Filter(Filter { field, negated, operation }));
    filter.prop_recursive(3, 12, 3, |inner| {
        (any::<bool>(), named(Logic::NAMES), vec(inner, 1..4)).prop_map(|(negated, logic, members)| Condition::Group {
            negated,
            logic,
            members,
        })
    })
}

fn aggregate() -> impl Strategy<Value = Aggregate> {
    (named(AggregateFunction::NAMES), any::<bool>()).prop_map(|(function, distinct)| Aggregate { function, distinct })
}

fn aggregate_expression() -> impl Strategy<Value = AggregateExpression> {
    let of_field = (field(), option::of(identifier()), aggregate())
        .prop_map(|(field, cast, aggregate)| AggregateExpression { field: Some(field), cast, aggregate });
    prop_oneof![of_field, Just(AggregateExpression::ROWS)]
}

fn select_field() -> impl Strategy<Value = SelectField> {
    let aggregate = option::of((aggregate(), option::of(identifier())));
    (field(), option::of(identifier()), aggregate, option::of(name())).prop_map(|(field, cast, aggregate, alias)| {
        let (aggregate, aggregate_cast) = aggregate.unzip();
        SelectField { field, cast, aggregate, aggregate_cast: aggregate_cast.flatten(), alias }
    })
}

fn order_term() -> impl Strategy<Value = OrderTerm> {
    let key = prop_oneof![field().prop_map(SortKey::Field), aggregate_expression().prop_map(SortKey::Aggregate)];
    (key, option::of(named(Direction::NAMES)), option::of(named(Nulls::NAMES)))
        .prop_map(|(key, direction, nulls)| OrderTerm { key, direction, nulls })
}

fn range() -> impl Strategy<Value = Range> {
    let number = prop_oneof![0..9_u64, 0..=i64::MAX as u64];
    (number.clone(), option::of(number)).prop_map(|(offset, limit)| Range { offset, limit })
}

/// A level; the terms of its order go by the embeds it has.
fn node(embed: impl Strategy<Value = Embed>) -> impl Strategy<Value = Node> {
    let item = select_field().prop_map(SelectItem::Field);
    let conditions = (vec(condition(field()), 0..3), vec(condition(aggregate_expression()), 0..3));
    let parts = (vec(item, 0..3), vec(embed, 0..3), conditions, vec(order_term(), 0..3), range());
    parts.prop_map(|(mut select, embeds, (filter, having), mut order, range)| {
        for embed in embeds {
            let taken = |item: &SelectItem| matches!(item, SelectItem::Embed(other) if other.key() == embed.key());
            // An alias is the only name of its embed, a relation called `count` cannot be embedded, and `not` in a
            // path is a negation.
            if !select.iter().any(taken) && embed.target != "count" && embed.key() != "not" {
                select.push(SelectItem::Embed(embed));
            }
        }
        let mut node = Node { select, filter, having, order: Vec::new(), range };
        for (term, embed) in order.iter_mut().zip(node.embeds()) {
            if let SortKey::Field(field) = &term.key {
                term.key = SortKey::Related { embed: embed.key().to_owned(), field: field.clone() };
            }
        }
        // `x.count()` counts the rows of an embed `x`, not the values of a column.
        let embeds: Vec<_> = node.embeds().map(|embed| embed.key().to_owned()).collect();
        node.having.retain(|condition| !counts_one_of(&embeds, condition));
        Node { order, ..node }
    })
}

fn counts_one_of(embeds: &[String], condition: &Condition<AggregateExpression>) -> bool {
    let Condition::Filter(filter) = condition else { return false };
    match &filter.field {
        AggregateExpression { field: Some(field), cast: None, aggregate: Aggregate::COUNT } => {
            field.path.is_empty() && embeds.contains(&field.name)
        }
        _ => false,
    }
}

fn embed(node: impl Strategy<Value = Node>) -> impl Strategy<Value = Embed> {
    let join = option::of(select(vec![Join::Inner, Join::Left]));
    (name(), option::of(name()), option::of(name()), join, any::<bool>(), node).prop_map(
        |(target, alias, hint, join, spread, node)| Embed {
            target,
            alias: alias.filter(|_| !spread),
            hint,
            join,
            spread,
            node,
        },
    )
}

fn query() -> impl Strategy<Value = Query> {
    let leaf = embed(
        vec(select_field().prop_map(SelectItem::Field), 0..3).prop_map(|select| Node { select, ..Node::default() }),
    );
    node(embed(node(leaf))).prop_map(|root| Query { root, ..Query::default() })
}

/// Pieces of the grammar in any order: far more often half right than any text would be.
fn pieces() -> impl Strategy<Value = String> {
    const PIECES: [&str; 52] = [
        "select=",
        "order=",
        "and=",
        "or=",
        "limit=",
        "offset=",
        "columns=",
        "on_conflict=",
        "&",
        "=",
        "(",
        ")",
        ",",
        ".",
        ":",
        "::",
        "->",
        "->>",
        "!",
        "\"",
        "\\",
        "{",
        "}",
        "*",
        "-",
        " ",
        "%",
        "%00",
        "%ff",
        "...",
        "not",
        "eq",
        "in",
        "is",
        "null",
        "isdistinct",
        "fts",
        "any",
        "count()",
        "count(distinct)",
        ".sum()",
        ".sum(distinct)",
        "distinct",
        "inner",
        "asc",
        "nullsfirst",
        "a",
        "b",
        "1",
        "é",
        ";",
        "a(*)&a.",
    ];
    vec(select(PIECES.to_vec()), 0..24).prop_map(|pieces| pieces.concat())
}

const KINDS: [Kind; 7] =
    [Kind::RelationRead, Kind::Insert, Kind::Update, Kind::Upsert, Kind::Delete, Kind::RoutineRead, Kind::RoutineCall];

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_again(query in query()) {
        let text = query.to_string();
        prop_assert_eq!(read(Kind::RelationRead, &text), Ok(query), "{}", text);
    }

    #[test]
    fn no_text_breaks_anything(text in prop_oneof![any::<String>(), "[ -~]{0,40}", pieces()]) {
        for kind in KINDS {
            for names in [TargetNames::Accepted, TargetNames::Refused] {
                let _ = Query::read(kind, &text, names);
            }
        }
        let _ = (MediaType::parse(&text), media::parse_accept(&text), Range::from_header(Some(&text)));
        let _ = Preferences::read([text.as_str()].into_iter(), true);
    }

    #[test]
    fn what_is_read_is_written_and_read_again(text in pieces()) {
        for kind in KINDS {
            if let Ok(query) = read(kind, &text) {
                let written = query.to_string();
                prop_assert_eq!(read(kind, &written), Ok(query), "{} {}", text, written);
            }
        }
    }

    #[test]
    fn no_body_breaks_anything(body in prop_oneof![any::<Vec<u8>>(), pieces().prop_map(String::into_bytes)]) {
        for kind in KINDS {
            for content_type in [MediaType::Json, MediaType::Csv, MediaType::Form, MediaType::Text] {
                let _ = Payload::read(body.clone().into(), &content_type, kind, None);
            }
        }
    }
}
