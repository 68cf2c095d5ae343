//! A query string read onto the tree.
//!
//! In: what the request does and its query string. Out: a [`Query`] with every filter, order and limit attached to the
//! embed it names. Refuses, in PostgREST's order: what the grammar does not know, bad limits, paths that name no embed.
//! First of all, though, whatever would have no effect: PostgREST ignores it, and a client should know.

mod filters;

use std::collections::HashSet;

use super::grammar::{self, Path};
use super::{Condition, Embed, Kind, Node, OrderTerm, Query, QueryError, Range, RangeError, TargetNames};
use super::{MAX_ITEMS, SelectField, SelectItem, SortKey, params};
use filters::Conditions;

/// What a parameter is for, as its key tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Role {
    Select,
    Columns,
    OnConflict,
    Order,
    Limit,
    Offset,
    Logic,
    Filter,
}

impl Role {
    fn of(key: &str) -> Self {
        match key.rsplit('.').next() {
            Some("and" | "or") => Self::Logic,
            Some("order") => Self::Order,
            Some("limit") => Self::Limit,
            Some("offset") => Self::Offset,
            _ => match key {
                "select" => Self::Select,
                "columns" => Self::Columns,
                "on_conflict" => Self::OnConflict,
                _ => Self::Filter,
            },
        }
    }
}

/// A parameter that means something for this kind of request.
struct Parameter<'p> {
    role: Role,
    key: &'p str,
    value: &'p str,
}

impl Query {
    /// Reads the query string of a request, with or without its `?`.
    ///
    /// # Errors
    /// Any [`QueryError`]; see its variants.
    pub fn read(kind: Kind, query_string: &str, names: TargetNames) -> Result<Self, QueryError> {
        let decoded = params::decode(query_string.as_bytes())?;
        let parameters = meaningful(kind, &decoded)?;
        let of = |role: Role| parameters.iter().filter(move |parameter| parameter.role == role);
        let first = |role: Role| of(role).next().map(|parameter| parameter.value);

        let orders = of(Role::Order).map(order).collect::<Result<Vec<_>, _>>()?;
        let mut conditions = Conditions::default();
        conditions.read_logic(&parameters)?;
        let columns = first(Role::Columns).map(|text| grammar::columns("columns parameter", text)).transpose()?;
        let select = first(Role::Select).map(grammar::select).transpose()?;
        conditions.read_filters(kind, &parameters)?;
        let on_conflict =
            first(Role::OnConflict).map(|text| grammar::columns("on_conflict parameter", text)).transpose()?;
        let ranges = of(Role::Limit).chain(of(Role::Offset)).map(Bound::read).collect::<Result<Vec<_>, _>>()?;
        if kind == Kind::Upsert && !ranges.is_empty() {
            return Err(QueryError::PutRange);
        }

        let select = select.unwrap_or_else(|| vec![SelectItem::Field(SelectField::all())]);
        let mut query = Self {
            root: Node { select, ..Node::default() },
            columns: columns.map(sorted),
            on_conflict,
            arguments: std::mem::take(&mut conditions.arguments),
            renamed: Vec::new(),
        };
        conditions.attach(kind, &mut query, names)?;
        for (path, key, terms) in orders {
            set_order(query.node(&path, names)?, key, terms)?;
        }
        for bound in ranges {
            bound.set(query.node(&bound.path, names)?)?;
        }
        check_size(&query.root)?;
        Ok(query)
    }

    /// The node that a path of embeds leads to.
    fn node(&mut self, path: &[String], names: TargetNames) -> Result<&mut Node, QueryError> {
        let mut node = &mut self.root;
        for name in path {
            let embeds = || node.embeds().enumerate();
            let by_key = embeds().find(|(_, embed)| embed.key() == name);
            let by_target = embeds().find(|(_, embed)| embed.target == *name);
            let found = match names {
                TargetNames::Refused => by_key,
                // Whichever comes first in the select.
                TargetNames::Accepted => by_key.into_iter().chain(by_target).min_by_key(|(position, _)| *position),
            };
            let aliased = |embed: &Embed| (embed.target.clone(), embed.key().to_owned());
            let Some((position, embed)) = found else {
                let aliased = by_target.map(|(_, embed)| aliased(embed));
                return Err(QueryError::NotEmbedded { path: name.clone(), aliased });
            };
            if embed.key() != name && !self.renamed.contains(&aliased(embed)) {
                self.renamed.push(aliased(embed));
            }
            node = node.embeds_mut().nth(position).map(|embed| &mut embed.node).expect("it was found there");
        }
        Ok(node)
    }
}

impl Node {
    /// The embeds of this level.
    pub fn embeds(&self) -> impl Iterator<Item = &Embed> {
        self.select.iter().filter_map(|item| match item {
            SelectItem::Embed(embed) => Some(embed),
            SelectItem::Field(_) => None,
        })
    }

    fn embeds_mut(&mut self) -> impl Iterator<Item = &mut Embed> {
        self.select.iter_mut().filter_map(|item| match item {
            SelectItem::Embed(embed) => Some(embed),
            SelectItem::Field(_) => None,
        })
    }
}

/// Tells what each parameter is for and refuses those without effect.
fn meaningful(kind: Kind, decoded: &[params::Parameter]) -> Result<Vec<Parameter<'_>>, QueryError> {
    let mut single = HashSet::new();
    let mut parameters = Vec::with_capacity(decoded.len());
    for (key, value) in decoded {
        let Some(value) = value else {
            return Err(meaningless(key, "it has no value; write 'name=value'"));
        };
        let role = Role::of(key);
        if let Some(reason) = no_effect(kind, role) {
            return Err(meaningless(key, reason));
        }
        // Two filters or logic groups both hold; of anything else, only one could.
        if !matches!(role, Role::Filter | Role::Logic) && !single.insert(key) {
            return Err(meaningless(key, TWICE));
        }
        parameters.push(Parameter { role, key, value });
    }
    Ok(parameters)
}

/// Why a parameter has no effect on this kind of request, wherever in the tree.
fn no_effect(kind: Kind, role: Role) -> Option<&'static str> {
    match (role, kind) {
        (Role::Columns, Kind::Insert | Kind::Update | Kind::RoutineCall) => None,
        (Role::Columns, _) => Some("it names the keys of a payload to use, on POST and PATCH"),
        (Role::OnConflict, Kind::Insert | Kind::Update) => None,
        (Role::OnConflict, _) => Some("it names the key that an upsert by POST or an update in bulk by PATCH goes by"),
        (Role::Limit | Role::Offset, Kind::Insert | Kind::Update | Kind::Delete) => {
            Some("a write is not limited in rows; use filters")
        }
        _ => None,
    }
}

const TWICE: &str = "it is given twice; only one can count";

fn meaningless(name: &str, reason: &str) -> QueryError {
    QueryError::Meaningless { name: name.to_owned(), reason: reason.to_owned() }
}

fn order<'p>(parameter: &Parameter<'p>) -> Result<(Path, &'p str, Vec<OrderTerm>), QueryError> {
    let (path, _) = grammar::tree_path(parameter.key)?;
    Ok((path, parameter.key, grammar::order(parameter.value)?))
}

/// Puts an order in place; a term that goes by a related resource needs it embedded beside it.
fn set_order(node: &mut Node, key: &str, terms: Vec<OrderTerm>) -> Result<(), QueryError> {
    if !node.order.is_empty() {
        return Err(meaningless(key, TWICE));
    }
    for term in &terms {
        if let SortKey::Related { embed: related, .. } = &term.key
            && !node.embeds().any(|embed| embed.key() == related)
        {
            return Err(QueryError::NotEmbedded { path: related.clone(), aliased: None });
        }
    }
    node.order = terms;
    Ok(())
}

/// A limit or an offset with the path of its level.
struct Bound<'p> {
    key: &'p str,
    path: Path,
    role: Role,
    value: u64,
}

impl<'p> Bound<'p> {
    fn read(&Parameter { role, key, value }: &Parameter<'p>) -> Result<Self, QueryError> {
        let (path, _) = grammar::tree_path(key)?;
        let what = if role == Role::Limit { "limit parameter" } else { "offset parameter" };
        match u64::try_from(grammar::integer(what, value)?) {
            Ok(value) => Ok(Self { key, path, role, value }),
            Err(_) if role == Role::Limit => Err(QueryError::Range(RangeError::NegativeLimit)),
            // A negative offset skips nothing, as at PostgREST.
            Err(_) => Ok(Self { key, path, role, value: 0 }),
        }
    }

    /// Puts it in place. One level may have been named in two ways.
    fn set(&self, node: &mut Node) -> Result<(), QueryError> {
        let Range { offset, limit } = node.range;
        let (taken, range) = match self.role {
            Role::Limit => (limit.is_some(), Range { offset, limit: Some(self.value) }),
            _ => (offset != 0, Range { offset: self.value, limit }),
        };
        node.range = range;
        if taken { Err(meaningless(self.key, TWICE)) } else { Ok(()) }
    }
}

/// The names in order, each once: PostgREST takes them as a set.
fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names.dedup();
    names
}

/// Refuses a tree that is larger than anybody needs and slower than anybody bears.
fn check_size(root: &Node) -> Result<(), QueryError> {
    let (mut select, mut conditions, mut order) = (0, 0, 0);
    let mut nodes = vec![root];
    while let Some(node) = nodes.pop() {
        select += node.select.len();
        conditions += node.filter.iter().map(Condition::size).sum::<usize>();
        conditions += node.having.iter().map(Condition::size).sum::<usize>();
        order += node.order.len();
        nodes.extend(node.embeds().map(|embed| &embed.node));
    }
    for (what, count) in [("select items", select), ("conditions", conditions), ("order terms", order)] {
        if count > MAX_ITEMS {
            return Err(QueryError::Parse {
                message: format!("failed to parse the query: too many {what} ({count})"),
                details: format!("a request may have {MAX_ITEMS} {what} at most"),
            });
        }
    }
    Ok(())
}

impl<F> Condition<F> {
    /// Filters and groups in it, itself included.
    fn size(&self) -> usize {
        match self {
            Self::Group { members, .. } => 1 + members.iter().map(Self::size).sum::<usize>(),
            Self::Filter(_) => 1,
        }
    }
}
