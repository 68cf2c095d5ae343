//! Aggregates in select, filters and order.

use super::*;

fn called(function: AggregateFunction, distinct: bool) -> Aggregate {
    Aggregate { function, distinct }
}

fn over(name: &str, aggregate: Aggregate) -> AggregateExpression {
    AggregateExpression { field: Some(field(name)), cast: None, aggregate }
}

fn sum(name: &str) -> AggregateExpression {
    over(name, called(AggregateFunction::Sum, false))
}

fn compared(expression: AggregateExpression, operation: Operation) -> Condition<AggregateExpression> {
    Condition::Filter(Filter { field: expression, negated: false, operation })
}

fn equal_to_one(expression: AggregateExpression) -> Condition<AggregateExpression> {
    compared(expression, equal("1"))
}

/// The details of the refusal.
fn refusal(text: &str) -> String {
    match read(Kind::RelationRead, text) {
        Err(QueryError::Parse { details, .. }) => details,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn each_aggregate_may_be_distinct() {
    for &(name, function) in AggregateFunction::NAMES {
        let query = relation(&format!("select=n:amount::int.{name}(distinct)::text"));
        let expected = SelectField {
            field: field("amount"),
            cast: Some("int".to_owned()),
            aggregate: Some(called(function, true)),
            aggregate_cast: Some("text".to_owned()),
            alias: Some("n".to_owned()),
        };
        assert_eq!(query.root.select, [SelectItem::Field(expected)], "{name}");
    }
}

#[test]
fn a_filter_on_an_aggregate_restricts_groups() {
    let path = Field {
        name: "data".to_owned(),
        path: vec![JsonStep { arrow: Arrow::Text, operand: JsonOperand::Key("a".to_owned()) }],
    };
    let max = called(AggregateFunction::Max, false);
    for (text, expected) in [
        ("amount.sum()", sum("amount")),
        ("\"a.b\".sum()", sum("a.b")),
        ("status.count(distinct)", over("status", called(AggregateFunction::Count, true))),
        ("count()", AggregateExpression::ROWS),
        ("count.count()", over("count", Aggregate::COUNT)),
        (
            "data->>a::numeric.max()",
            AggregateExpression { field: Some(path), cast: Some("numeric".to_owned()), aggregate: max },
        ),
    ] {
        let root = relation(&format!("{text}=eq.1&id=gt.2")).root;
        assert_eq!(root.having, [equal_to_one(expected.clone())], "{text}");
        assert_eq!(root.filter.len(), 1, "{text}");
        let negated = relation(&format!("{text}=not.eq.1")).root.having;
        let expected = Condition::Filter(Filter { field: expected, negated: true, operation: equal("1") });
        assert_eq!(negated, [expected], "{text}");
    }
}

#[test]
fn logic_groups_may_be_of_aggregates() {
    let group = |negated, logic, members| Condition::Group { negated, logic, members };
    let text = "not.or=(amount.sum().eq.1, count().eq.1,and(x.count(distinct).in.(1,2),y::int.min().is.null))";
    let one_of = Operation::In(vec!["1".to_owned(), "2".to_owned()]);
    let min = called(AggregateFunction::Min, false);
    let least = AggregateExpression { cast: Some("int".to_owned()), ..over("y", min) };
    let inner = vec![
        compared(over("x", called(AggregateFunction::Count, true)), one_of),
        compared(least, Operation::Is(IsValue::Null)),
    ];
    let members =
        vec![equal_to_one(sum("amount")), equal_to_one(AggregateExpression::ROWS), group(false, Logic::And, inner)];
    let root = relation(text).root;
    assert_eq!(root.having, [group(true, Logic::Or, members)]);
    assert_eq!(root.filter, []);
}

#[test]
fn a_logic_group_is_of_columns_or_of_aggregates() {
    for text in [
        "or=(amount.sum().gt.1,id.eq.1)",
        "and=(id.eq.1,count().gt.1)",
        "or=(count().gt.1,and(count().gt.2,not.or(id.eq.1,x.eq.2)))",
    ] {
        assert_eq!(refusal(text), "a logic group has filters on columns or on aggregates, not on both", "{text}");
    }
}

#[test]
fn an_aggregate_reaches_the_embed_it_names() {
    let query =
        relation("select=id,items(id)&items.amount.sum()=eq.1&items.or=(count().eq.1)&items.order=count().desc");
    let items = query.root.embeds().next().unwrap();
    let rows = equal_to_one(AggregateExpression::ROWS);
    let group = Condition::Group { negated: false, logic: Logic::Or, members: vec![rows] };
    assert_eq!(items.node.having, [equal_to_one(sum("amount")), group]);
    assert_eq!(items.node.order.len(), 1);
    assert_eq!(query.root.having, []);
}

#[test]
fn count_behind_a_name_counts_an_embeds_rows_where_there_is_such_an_embed() {
    let rows = || [equal_to_one(AggregateExpression::ROWS)];
    let values = || [equal_to_one(over("items", Aggregate::COUNT))];
    let query = relation("select=id,items(id)&items.count()=eq.1");
    assert_eq!(query.root.having, []);
    assert_eq!(query.root.embeds().next().unwrap().node.having, rows());
    assert_eq!(relation("items.count()=eq.1").root.having, values());
    let distinct = relation("select=id,items(id)&items.count(distinct)=eq.1");
    assert_eq!(distinct.root.having, [equal_to_one(over("items", called(AggregateFunction::Count, true)))]);
    let aliased = relation("select=id,i:items(id)&items.count()=eq.1");
    assert_eq!(aliased.root.having, values());
    let named = Query::read(Kind::RelationRead, "select=id,i:items(id)&items.count()=eq.1", TargetNames::Accepted);
    let named = named.unwrap();
    assert_eq!(named.root.embeds().next().unwrap().node.having, rows());
    assert_eq!(named.renamed, [("items".to_owned(), "i".to_owned())]);
}

#[test]
fn order_may_go_by_an_aggregate() {
    let term = |expression, direction, nulls| OrderTerm { key: SortKey::Aggregate(expression), direction, nulls };
    let query = relation("order=count().desc, amount.sum(distinct).desc.nullslast,x::int.avg()");
    let average = called(AggregateFunction::Avg, false);
    assert_eq!(
        query.root.order,
        [
            term(AggregateExpression::ROWS, Some(Direction::Desc), None),
            term(over("amount", called(AggregateFunction::Sum, true)), Some(Direction::Desc), Some(Nulls::Last)),
            term(AggregateExpression { cast: Some("int".to_owned()), ..over("x", average) }, None, None),
        ]
    );
}

#[test]
fn an_embed_that_goes_by_an_aggregates_name_stays_an_embed() {
    let query =
        relation("select=id,count:a(distinct),sum(distinct)&order=count(distinct),sum(distinct)&sum.distinct=eq.1");
    assert_eq!(query.root.embeds().count(), 2);
    assert!(query.root.order.iter().all(|term| matches!(term.key, SortKey::Related { .. })), "{:?}", query.root.order);
    assert_eq!(query.root.having, []);
}

#[test]
fn rows_as_such_are_not_distinct() {
    for text in
        ["select=count(distinct)", "select=id,n:count(distinct)", "count(distinct)=gt.1", "or=(count(distinct).gt.1)"]
    {
        let expected = "count(distinct) needs a column before it, such as status.count(distinct)";
        assert_eq!(refusal(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_aggregate_is_refused_by_name() {
    const KNOWN: &str = "a filter may have sum(), avg(), count(), max() or min() behind a column, with or without \
                         'distinct' in the parentheses, or count() alone";
    for text in ["amount.median()=gt.1", "sum()=gt.1", "max(distinct)=gt.1", "\"count\"()=gt.1"] {
        assert_eq!(refusal(text), KNOWN, "{text}");
    }
    assert_eq!(refusal("amount.sum(x)=gt.1"), r#"unexpected "x" expecting "distinct" or ")""#);
    assert_eq!(refusal("or=(amount.sum(x).gt.1)"), r#"unexpected "x" expecting "distinct" or ")""#);
    for text in
        ["amount.sum().x=eq.1", "amount::int=eq.1", "amount.sum()::int=eq.1", "count().or=(a.eq.1)", "count()x=eq.1"]
    {
        refusal(text);
    }
}

#[test]
fn an_aggregate_chooses_no_rows_to_write() {
    for kind in [Kind::Insert, Kind::Update, Kind::Upsert, Kind::Delete] {
        for (text, name) in [("amount.sum()=gt.1", "amount.sum()"), ("or=(count().gt.1)", "or")] {
            match read(kind, text) {
                Err(QueryError::Meaningless { name: found, reason }) => {
                    assert_eq!(found, name);
                    assert_eq!(reason, "an aggregate can't say which rows to write; filter by columns");
                }
                other => panic!("{kind:?} {text}: {other:?}"),
            }
        }
        let answered = read(kind, "select=id,items(id)&items.count()=gt.1&order=count()");
        assert!(answered.is_ok(), "{kind:?}: {answered:?}");
    }
}

#[test]
fn an_argument_of_a_function_is_no_aggregate() {
    let refused = read(Kind::RoutineRead, "amount.sum()=5");
    assert!(matches!(refused, Err(QueryError::Meaningless { .. })), "{refused:?}");
    let root = read(Kind::RoutineRead, "amount.sum()=gt.5&count=5").unwrap();
    assert_eq!(root.arguments, [("count".to_owned(), "5".to_owned())]);
    assert_eq!(root.root.having.len(), 1);
}
