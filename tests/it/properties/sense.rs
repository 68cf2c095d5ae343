//! Queries that make sense on `tests/fixtures/shapes.sql`.

use proptest::{collection::vec, option, prelude::*, sample::select};

/// A relation, its key, its columns with something to filter them by, and what may be embedded in it.
struct Shape {
    name: &'static str,
    key: &'static str,
    columns: &'static [(&'static str, &'static [&'static str])],
    embeds: &'static [(&'static str, &'static str)],
}

const TEXT: &[&str] =
    &["eq.Oslo", "ilike.*a*", "not.is.null", "in.(Oslo,Jo,\"Å\",Denmark)", "gte.M", "like(any).{A*,O*}"];
const CODE: &[&str] = &["eq.DK", "in.(DK,SE)", "neq.NO", "not.eq.SE", "is.null", "lt.O"];
const NUMBER: &[&str] = &["eq.1", "gt.2", "lte.4", "in.(1,2,3)", "not.is.null", "isdistinct.3", "neq.200000"];
const DATE: &[&str] = &["gte.1000-01-01", "is.null", "lt.2024-01-01", "not.is.null"];
const TAGS: &[&str] = &["cs.{capital}", "ov.{fjord,harbour}", "eq.{}", "not.cs.{fjord}"];
const JSON: &[&str] = &["not.is.null", "cs.{\"bridges\":7}", "is.null"];

const SHAPES: &[Shape] = &[
    Shape {
        name: "cities",
        key: "id",
        columns: &[
            ("id", NUMBER),
            ("name", TEXT),
            ("country", CODE),
            ("population", NUMBER),
            ("founded", DATE),
            ("tags", TAGS),
            ("facts", JSON),
            ("opened", DATE),
            ("area", NUMBER),
        ],
        embeds: &[("countries", "countries"), ("mayors", "mayors"), ("rivers", "rivers"), ("twin", "cities")],
    },
    Shape {
        name: "countries",
        key: "code",
        columns: &[("code", CODE), ("name", TEXT)],
        embeds: &[("cities", "cities")],
    },
    Shape {
        name: "mayors",
        key: "city",
        columns: &[("city", NUMBER), ("name", TEXT), ("since", DATE)],
        embeds: &[("cities", "cities")],
    },
    Shape { name: "rivers", key: "id", columns: &[("id", NUMBER), ("name", TEXT)], embeds: &[("cities", "cities")] },
];

fn shape(name: &str) -> &'static Shape {
    SHAPES.iter().find(|shape| shape.name == name).expect("one of the list")
}

/// A level: what it selects, and its parameters with the path in front.
#[derive(Clone, Debug)]
struct Level {
    select: String,
    parameters: Vec<String>,
}

/// A relation and the query string, not encoded.
pub fn query() -> impl Strategy<Value = String> {
    select(SHAPES.iter().map(|shape| shape.name).collect::<Vec<_>>()).prop_flat_map(|name| {
        level(shape(name), 2).prop_map(move |Level { select, parameters }| {
            let parameters: String = parameters.iter().map(|parameter| format!("&{parameter}")).collect();
            format!("{name}?select={select}{parameters}")
        })
    })
}

fn level(of: &'static Shape, depth: usize) -> BoxedStrategy<Level> {
    let embeds = match depth {
        0 => Just(Vec::new()).boxed(),
        _ => prop::sample::subsequence(of.embeds.to_vec(), 0..=of.embeds.len().min(2))
            .prop_flat_map(move |chosen| {
                chosen
                    .into_iter()
                    .map(|(target, other)| embed(target, level(shape(other), depth - 1)))
                    .collect::<Vec<_>>()
            })
            .boxed(),
    };
    (fields(of), embeds, parameters(of))
        .prop_map(|(fields, embeds, mut parameters)| {
            let mut items = fields;
            for (item, below) in embeds {
                items.push(item);
                parameters.extend(below);
            }
            Level { select: items.join(","), parameters }
        })
        .boxed()
}

/// Columns, some of them under another name, cast, or gone into.
fn fields(of: &'static Shape) -> impl Strategy<Value = Vec<String>> {
    let whole = Just(vec!["*".to_owned()]);
    let columns: Vec<_> = of.columns.iter().map(|(name, _)| *name).collect();
    let some = prop::sample::subsequence(columns.clone(), 1..=columns.len()).prop_flat_map(|names| {
        let field = |name: &'static str| {
            (option::of(0..3_u8), any::<bool>()).prop_map(move |(alias, plain)| {
                let alias = alias.map(|number| format!("{name}_{number}:")).unwrap_or_default();
                match (plain, name) {
                    (false, "facts") => format!("{alias}facts->bridges"),
                    (false, _) => format!("{alias}{name}::text"),
                    (true, _) => format!("{alias}{name}"),
                }
            })
        };
        names.into_iter().map(field).collect::<Vec<_>>()
    });
    prop_oneof![1 => whole, 3 => some]
}

/// An embedded level: its item in the select, and its parameters.
fn embed(target: &'static str, level: BoxedStrategy<Level>) -> impl Strategy<Value = (String, Vec<String>)> {
    let join = select(vec!["", "", "!inner", "!left"]);
    (any::<bool>(), join, level).prop_map(move |(is_renamed, join, Level { select, parameters })| {
        let key = if is_renamed { format!("{target}_of") } else { target.to_owned() };
        let alias = if is_renamed { format!("{key}:") } else { String::new() };
        let parameters = parameters.iter().map(|parameter| format!("{key}.{parameter}")).collect();
        (format!("{alias}{target}{join}({select})"), parameters)
    })
}

fn filter(of: &'static Shape) -> impl Strategy<Value = (&'static str, &'static str)> {
    select(of.columns.to_vec()).prop_flat_map(|(name, filters)| (Just(name), select(filters.to_vec())))
}

fn parameters(of: &'static Shape) -> impl Strategy<Value = Vec<String>> {
    let plain = filter(of).prop_map(|(name, filter)| format!("{name}={filter}"));
    let grouped = (select(vec!["or", "and", "not.or"]), vec(filter(of), 1..3)).prop_map(|(logic, filters)| {
        let members: Vec<_> = filters.iter().map(|(name, filter)| format!("{name}.{filter}")).collect();
        format!("{logic}=({})", members.join(","))
    });
    let filters = vec(prop_oneof![3 => plain, 1 => grouped], 0..2);
    let order = (select(of.columns.to_vec()), select(vec!["", ".desc", ".asc.nullsfirst", ".desc.nullslast"]));
    // The key last: both answers must be in the same order.
    let order = option::of(order.prop_map(move |((name, _), direction)| format!("{name}{direction},")))
        .prop_map(move |first| format!("order={}{}", first.unwrap_or_default(), of.key));
    (filters, order, option::of(0..5_u8), option::of(0..3_u8)).prop_map(|(mut parameters, order, limit, offset)| {
        parameters.push(order);
        parameters.extend(limit.map(|limit| format!("limit={limit}")));
        parameters.extend(offset.map(|offset| format!("offset={offset}")));
        parameters
    })
}
