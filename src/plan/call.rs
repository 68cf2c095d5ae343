//! Plans of function calls.

use bytes::Bytes;

use super::{
    Context, Format, Layout, Lookahead, PlanError, Shape, Target,
    field::Scope,
    read::{self, From, Planner, Select},
};
use crate::{
    catalog::{Column, Parameter, Routine, Volatility},
    name::QualifiedName,
    query::{Payload, Query},
};

/// A call and what is shown of its result.
#[derive(Clone, Debug)]
pub struct CallPlan<'c> {
    /// The call.
    pub call: Call<'c>,
    /// What is shown of it.
    pub select: Select<'c>,
    /// Computed fields of its rows that are needed: they are taken where the rows still have their type.
    pub computed: Vec<&'c str>,
    /// What the answer is written in.
    pub format: Format<'c>,
    /// What the rows look like.
    pub shape: Shape,
    /// What they become.
    pub layout: Layout,
    /// Which lists are asked for with a row more than they show.
    pub ahead: Lookahead,
}

/// A function and its arguments.
#[derive(Clone, Debug)]
pub struct Call<'c> {
    /// The function.
    pub routine: &'c Routine,
    /// What it is called with.
    pub arguments: Arguments<'c>,
}

/// Arguments of a call.
#[derive(Clone, Debug)]
pub enum Arguments<'c> {
    /// None.
    None,
    /// By name, each a text that Postgres reads as the parameter's type (GET, form bodies).
    Named(Vec<(&'c Parameter, Vec<String>)>),
    /// By name, from the keys of a JSON body.
    Json {
        /// The body.
        body: Bytes,
        /// It is one object.
        is_object: bool,
        /// Parameters it has a key for.
        parameters: Vec<&'c Parameter>,
    },
    /// The body as the only, unnamed parameter.
    Body {
        /// The parameter.
        parameter: &'c Parameter,
        /// The body.
        body: Bytes,
    },
}

impl<'c> Arguments<'c> {
    /// The arguments of a call: those of the query string for a read, else those of the body.
    pub fn read(routine: &'c Routine, query: &Query, payload: Payload) -> Self {
        let unnamed = routine.parameters.first().filter(|parameter| parameter.name.is_empty());
        match (payload, unnamed) {
            (Payload::None, _) => Self::named(routine, query.arguments.iter().cloned()),
            (Payload::Form(fields), _) => Self::named(routine, fields.into_iter()),
            (Payload::Raw(body) | Payload::Json { raw: body, .. }, Some(parameter)) => Self::Body { parameter, body },
            (Payload::Json { raw, keys, is_object }, None) => {
                let has_key = |parameter: &&Parameter| keys.contains(&parameter.name);
                let parameters: Vec<_> = routine.parameters.iter().filter(has_key).collect();
                if parameters.is_empty() { Self::None } else { Self::Json { body: raw, is_object, parameters } }
            }
            (Payload::Raw(_), None) => Self::None,
        }
    }

    /// Texts by name; of a VARIADIC parameter all, in order.
    fn named(routine: &'c Routine, arguments: impl Iterator<Item = (String, String)> + Clone) -> Self {
        let values = |parameter: &Parameter| -> Vec<String> {
            arguments.clone().filter(|(name, _)| *name == parameter.name).map(|(_, value)| value).collect()
        };
        let named: Vec<_> = routine.parameters.iter().map(|parameter| (parameter, values(parameter))).collect();
        let given: Vec<_> = named.into_iter().filter(|(_, values)| !values.is_empty()).collect();
        if given.is_empty() { Self::None } else { Self::Named(given) }
    }
}

impl Call<'_> {
    /// The function returns one value that is no row.
    pub fn is_scalar(&self) -> bool {
        !self.routine.returns.composite
    }

    /// The function returns nothing.
    pub fn is_void(&self) -> bool {
        let name: &QualifiedName = &self.routine.returns.name;
        name.schema == "pg_catalog" && name.name == "void"
    }

    /// At most one row comes of it.
    pub fn is_single(&self) -> bool {
        !self.routine.returns.set
    }

    /// It promises to change nothing.
    pub fn is_read_only(&self) -> bool {
        self.routine.volatility != Volatility::Volatile
    }
}

/// Plans a call.
pub fn call<'c>(context: &Context<'c>, call: Call<'c>, query: &Query) -> Result<CallPlan<'c>, PlanError> {
    let returns = &call.routine.returns;
    let relation = context.catalog.relation(&returns.name).filter(|_| returns.composite);
    let columns: &'c [Column] = match relation {
        Some(relation) => &relation.columns,
        None => &returns.columns,
    };
    let scope = Scope {
        catalog: context.catalog,
        relation,
        columns,
        scalar: call.is_scalar(),
        depth: 0,
        name: relation.map_or(call.routine.name.name.as_str(), |relation| relation.name.name.as_str()),
    };
    let mut planner = Planner::new(context);
    let mut select = planner.level(From::Source(relation), scope, &query.root)?;
    if call.is_scalar() {
        for output in select.outputs.iter_mut().filter(|output| output.is_plain()) {
            output.wire = read::in_zone(context, returns.ty.wire());
        }
    }
    let shape = if call.is_void() { Shape::Nothing } else { read::shape(context, &select) };
    let layout = match (call.is_scalar(), call.is_single(), context.format.is_singular()) {
        _ if context.format == Format::NdJson => {
            if call.is_scalar() {
                Layout::ValueLines
            } else {
                Layout::Lines
            }
        }
        (true, true, _) => Layout::Value,
        (true, false, true) => Layout::Value,
        (true, false, false) => Layout::Values,
        (false, true, _) | (false, false, true) => Layout::Object,
        (false, false, false) => Layout::Array,
    };
    let computed = computed(&select);
    let ahead = match call.is_single() {
        true => Lookahead { lists: planner.lists, ..Lookahead::default() },
        false => planner.look_ahead(&mut select, &shape, query.root.range.limit),
    };
    Ok(CallPlan { call, select, computed, format: context.format, shape, layout, ahead })
}

fn computed<'c>(select: &Select<'c>) -> Vec<&'c str> {
    let mut names = Vec::new();
    for field in select.fields() {
        if let Target::Computed(name) = field.target
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}
