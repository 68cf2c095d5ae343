use super::*;

fn step(arrow: Arrow, operand: JsonOperand) -> JsonStep {
    JsonStep { arrow, operand }
}

fn key(text: &str) -> JsonOperand {
    JsonOperand::Key(text.to_owned())
}

fn selected(name: &str) -> SelectField {
    SelectField { field: field(name), ..SelectField::all() }
}

fn called(function: AggregateFunction) -> Aggregate {
    Aggregate { function, distinct: false }
}

/// The only item of a select.
fn item(text: &str) -> SelectItem {
    let mut select = relation(&format!("select={text}")).root.select;
    assert_eq!(select.len(), 1, "{text}");
    select.remove(0)
}

/// The only condition of a query.
fn condition(text: &str) -> Condition {
    let mut filter = relation(text).root.filter;
    assert_eq!(filter.len(), 1, "{text}");
    filter.remove(0)
}

#[test]
fn a_field_may_have_alias_path_cast_and_aggregate() {
    let some = |text: &str| Some(text.to_owned());
    let path = |steps: &[JsonStep]| Field { name: "data".to_owned(), path: steps.to_vec() };
    let special = key("!@#$%^&*_a");
    for (text, expected) in [
        ("*", SelectField::all()),
        ("name", selected("name")),
        (" name ", selected("name")),
        ("Just A Server Model", selected("Just A Server Model")),
        ("with-dash", selected("with-dash")),
        ("\":arr->ow::cast\"", selected(":arr->ow::cast")),
        ("\"a\\\"b\\\\c\"", selected("a\"b\\c")),
        ("名前", selected("名前")),
        ("count", selected("count")),
        ("a:name", SelectField { alias: some("a"), ..selected("name") }),
        ("\"a b\":name", SelectField { alias: some("a b"), ..selected("name") }),
        ("name::text", SelectField { cast: some("text"), ..selected("name") }),
        ("name::character varying", SelectField { cast: some("character varying"), ..selected("name") }),
        ("count()", SelectField { aggregate: Some(Aggregate::COUNT), ..SelectField::all() }),
        (
            "n:count()::text",
            SelectField {
                alias: some("n"),
                aggregate: Some(Aggregate::COUNT),
                aggregate_cast: some("text"),
                ..SelectField::all()
            },
        ),
        (
            "total:price::numeric.sum()::text",
            SelectField {
                alias: some("total"),
                cast: some("numeric"),
                aggregate: Some(called(AggregateFunction::Sum)),
                aggregate_cast: some("text"),
                ..selected("price")
            },
        ),
        ("price.min()", SelectField { aggregate: Some(called(AggregateFunction::Min)), ..selected("price") }),
        (
            "data->a->>b",
            SelectField {
                field: path(&[step(Arrow::Json, key("a")), step(Arrow::Text, key("b"))]),
                ..SelectField::all()
            },
        ),
        (
            "x:data->%21@%23$%25^%26*_a::int",
            SelectField {
                field: path(&[step(Arrow::Json, special)]),
                alias: some("x"),
                cast: some("int"),
                ..SelectField::all()
            },
        ),
        (
            "data->0->>-1->1a",
            SelectField {
                field: path(&[
                    step(Arrow::Json, JsonOperand::Index("+0".to_owned())),
                    step(Arrow::Text, JsonOperand::Index("-1".to_owned())),
                    step(Arrow::Json, key("1a")),
                ]),
                ..SelectField::all()
            },
        ),
    ] {
        assert_eq!(item(text), SelectItem::Field(expected), "{text}");
    }
}

#[test]
fn an_embed_may_have_alias_hint_and_join() {
    let embed = |target: &str| Embed {
        target: target.to_owned(),
        alias: None,
        hint: None,
        join: None,
        spread: false,
        node: Node { select: vec![SelectItem::Field(SelectField::all())], ..Node::default() },
    };
    let some = |text: &str| Some(text.to_owned());
    for (text, expected) in [
        ("rel(*)", embed("rel")),
        ("rel()", Embed { node: Node::default(), ..embed("rel") }),
        ("a:rel(*)", Embed { alias: some("a"), ..embed("rel") }),
        ("rel!hint(*)", Embed { hint: some("hint"), ..embed("rel") }),
        ("rel!inner(*)", Embed { join: Some(Join::Inner), ..embed("rel") }),
        ("rel!hint!inner(*)", Embed { hint: some("hint"), join: Some(Join::Inner), ..embed("rel") }),
        ("a:rel!left!hint(*)", Embed { alias: some("a"), hint: some("hint"), join: Some(Join::Left), ..embed("rel") }),
        ("...rel(*)", Embed { spread: true, ..embed("rel") }),
        ("...rel!hint!inner(*)", Embed { spread: true, hint: some("hint"), join: Some(Join::Inner), ..embed("rel") }),
    ] {
        assert_eq!(item(text), SelectItem::Embed(expected), "{text}");
    }
}

#[test]
fn nothing_selected_is_not_everything() {
    assert_eq!(relation("").root.select, [SelectItem::Field(SelectField::all())]);
    assert_eq!(relation("select=").root.select, []);
}

#[test]
fn operators_take_their_values() {
    let simple = |operator, value: &str| Operation::Simple(operator, value.to_owned());
    let quantified = |operator, quantifier, value: &str| Operation::Quantified(operator, quantifier, value.to_owned());
    let list = |values: &[&str]| Operation::In(values.iter().map(|value| (*value).to_owned()).collect());
    for (text, expected) in [
        ("eq.1", equal("1")),
        ("eq.", equal("")),
        ("eq.a.b,c)", equal("a.b,c)")),
        ("eq.\"quoted\"", equal("\"quoted\"")),
        ("neq.1", simple(SimpleOperator::NotEqual, "1")),
        ("cs.{1,2}", simple(SimpleOperator::Contains, "{1,2}")),
        ("nxl.(1,9)", simple(SimpleOperator::NotExtendsLeft, "(1,9)")),
        ("gt.1", quantified(QuantifiedOperator::GreaterThan, None, "1")),
        ("gte.1", quantified(QuantifiedOperator::GreaterThanEqual, None, "1")),
        ("like(any).{a*,b*}", quantified(QuantifiedOperator::Like, Some(Quantifier::Any), "{a*,b*}")),
        ("imatch(all).{a,b}", quantified(QuantifiedOperator::IMatch, Some(Quantifier::All), "{a,b}")),
        ("in.(1,2)", list(&["1", "2"])),
        ("in.()", list(&[""])),
        ("in.( a, b )", list(&["a", " b "])),
        ("in.(\"a,b\",\"c\\\"d\",e\"f\")", list(&["a,b", "c\"d", "e\"f\""])),
        ("in.(\"a\"b)", list(&["\"a\"b"])),
        ("is.null", Operation::Is(IsValue::Null)),
        ("is.NOT_NULL", Operation::Is(IsValue::NotNull)),
        ("is.True", Operation::Is(IsValue::True)),
        ("is.unknown", Operation::Is(IsValue::Unknown)),
        ("isdistinct.x", Operation::IsDistinct("x".to_owned())),
        ("fts.a", Operation::FullText(FullText::Plain, None, "a".to_owned())),
        ("wfts(french).a b", Operation::FullText(FullText::Web, Some("french".to_owned()), "a b".to_owned())),
    ] {
        assert_eq!(condition(&format!("x={text}")), filter("x", expected.clone()), "{text}");
        let negated = Condition::Filter(Filter { field: field("x"), negated: true, operation: expected });
        assert_eq!(condition(&format!("x=not.{text}")), negated, "{text}");
    }
}

#[test]
fn logic_nests() {
    let group = |negated, logic, members: &[Condition]| Condition::Group { negated, logic, members: members.to_vec() };
    let (a, b) = (filter("a", equal("1")), filter("b", equal("2")));
    for (text, expected) in [
        ("and=(a.eq.1,b.eq.2)", group(false, Logic::And, &[a.clone(), b.clone()])),
        ("not.or=( a.eq.1 , b.eq.2 )", group(true, Logic::Or, &[filter("a", equal("1 ")), filter("b", equal("2 "))])),
        (
            "or=(a.eq.1,not.and(b.eq.2,a.eq.1))",
            group(false, Logic::Or, &[a.clone(), group(true, Logic::And, &[b.clone(), a.clone()])]),
        ),
        (
            "or=(and.eq.1,not.eq.2,or_x.eq.3)",
            group(
                false,
                Logic::Or,
                &[filter("and", equal("1")), filter("not", equal("2")), filter("or_x", equal("3"))],
            ),
        ),
        (
            "and=(a.eq.\"1,\\\"2)\",b.eq.{1,2},a.in.(\"3\",4))",
            group(
                false,
                Logic::And,
                &[
                    filter("a", equal("1,\"2)")),
                    filter("b", equal("{1,2}")),
                    filter("a", Operation::In(vec!["3".to_owned(), "4".to_owned()])),
                ],
            ),
        ),
        ("and=(a.eq.1,b.eq.2))", group(false, Logic::And, &[a.clone(), b.clone()])),
    ] {
        assert_eq!(condition(text), expected, "{text}");
    }
}

#[test]
fn conditions_keep_the_order_of_the_url() {
    let query = relation("b=eq.2&or=(a.eq.1)&a=eq.1&b=eq.2");
    let group = Condition::Group { negated: false, logic: Logic::Or, members: vec![filter("a", equal("1"))] };
    let (a, b) = (filter("a", equal("1")), filter("b", equal("2")));
    assert_eq!(query.root.filter, [b.clone(), group, a, b]);
}

#[test]
fn order_terms_have_modifiers() {
    let term = |name: &str| OrderTerm { key: SortKey::Field(field(name)), direction: None, nulls: None };
    let path = Field { name: "data".to_owned(), path: vec![step(Arrow::Json, key("a"))] };
    let query = relation("select=*,clients(*)&order=a,b.desc, c.nullslast,d.asc.nullsfirst,clients(data->a).desc");
    let expected = [
        term("a"),
        OrderTerm { direction: Some(Direction::Desc), ..term("b") },
        OrderTerm { nulls: Some(Nulls::Last), ..term("c") },
        OrderTerm { direction: Some(Direction::Asc), nulls: Some(Nulls::First), ..term("d") },
        OrderTerm {
            key: SortKey::Related { embed: "clients".to_owned(), field: path },
            direction: Some(Direction::Desc),
            nulls: None,
        },
    ];
    assert_eq!(query.root.order, expected);
}

#[test]
fn parameters_reach_the_embed_they_name() {
    let query = relation(
        "select=*,c:clients(*,\"my projects\"(*))&c.name=eq.1&c.my projects.id=eq.2&c.not.or=(id.eq.3)\
         &c.order=name&c.limit=5&c.offset=2&c.\"my projects\".limit=1",
    );
    let clients = query.root.embeds().next().unwrap();
    assert_eq!(clients.key(), "c");
    assert_eq!(clients.node.filter.len(), 2);
    assert_eq!(clients.node.filter[0], filter("name", equal("1")));
    assert!(matches!(clients.node.filter[1], Condition::Group { negated: true, logic: Logic::Or, .. }));
    assert_eq!(clients.node.order.len(), 1);
    assert_eq!(clients.node.range, Range { offset: 2, limit: Some(5) });
    let projects = clients.node.embeds().next().unwrap();
    assert_eq!(projects.node.filter, [filter("id", equal("2"))]);
    assert_eq!(projects.node.range, Range { offset: 0, limit: Some(1) });
    assert_eq!(query.root.filter, []);
    assert_eq!(query.root.range, Range::ALL);
}

#[test]
fn bounds_are_numbers() {
    for (text, expected) in [
        ("limit=0", Range { offset: 0, limit: Some(0) }),
        ("limit=0&offset=5", Range { offset: 5, limit: Some(0) }),
        ("offset=-4", Range::ALL),
        ("limit=5&offset=-4", Range { offset: 0, limit: Some(5) }),
        ("limit=99999999999999999999", Range { offset: 0, limit: Some(i64::MAX as u64) }),
        ("offset=99999999999999999999", Range { offset: i64::MAX as u64, limit: None }),
    ] {
        assert_eq!(relation(text).root.range, expected, "{text}");
    }
}

#[test]
fn functions_have_arguments() {
    let query = read(Kind::RoutineRead, "a=1&v=x&v=y&b=&c=eqx.1&id=gt.1&select=id&limit=2").unwrap();
    let arguments = [("a", "1"), ("v", "x"), ("v", "y"), ("b", ""), ("c", "eqx.1")];
    assert_eq!(query.arguments, arguments.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(query.root.filter.len(), 1);
    let call = read(Kind::RoutineCall, "id=gt.1&columns=b,a,b&limit=2").unwrap();
    assert_eq!(call.columns.unwrap(), ["a", "b"]);
}

#[test]
fn writes_have_columns_and_a_conflict_target() {
    let query = read(Kind::Insert, "columns=id,\"my name\"&on_conflict=b,a&select=id,c(*)&c.id=eq.1&order=id").unwrap();
    assert_eq!(query.columns.unwrap(), ["id", "my name"]);
    assert_eq!(query.on_conflict.unwrap(), ["b", "a"]);
    assert_eq!(query.root.embeds().next().unwrap().node.filter.len(), 1);
}

#[test]
fn a_target_name_stands_for_its_alias_where_accepted() {
    let text = "select=*,c:clients(*),d:clients(*)&clients.id=eq.1&clients.limit=1&d.id=eq.2";
    let query = Query::read(Kind::RelationRead, text, TargetNames::Accepted).unwrap();
    let filters: Vec<_> = query.root.embeds().map(|embed| embed.node.filter.len()).collect();
    assert_eq!(filters, [1, 1]);
    assert_eq!(query.renamed, [("clients".to_owned(), "c".to_owned())]);
    let refusal =
        QueryError::NotEmbedded { path: "clients".to_owned(), aliased: Some(("clients".to_owned(), "c".to_owned())) };
    assert_eq!(read(Kind::RelationRead, text), Err(refusal));
}
