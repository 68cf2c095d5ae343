//! Calls of functions.

use super::{Sql, Statement, predicate::array_literal, read};
use crate::{
    catalog::Parameter,
    name::{ObjectName, SchemaName},
    plan::{Arguments, Call, CallPlan, Shape},
};

/// Writes a call.
pub fn call(plan: &CallPlan<'_>, strip_nulls: bool) -> Statement {
    let mut sql = Sql::new();
    source(&mut sql, &plan.call);
    shaped(&mut sql, plan, strip_nulls);
    sql.finish()
}

/// Writes the call of a function that takes nothing and whose result is not looked at.
pub fn pre_request(schema: Option<&SchemaName>, name: &ObjectName) -> Statement {
    let mut sql = Sql::new();
    sql.raw("select ");
    if let Some(schema) = schema {
        sql.ident(schema.as_str()).raw(".");
    }
    sql.ident(name.as_str()).raw("()");
    sql.finish()
}

/// Writes a call whose rows carry, in a second column, how many there are in all.
pub fn counted_call(plan: &CallPlan<'_>, strip_nulls: bool) -> Statement {
    let mut sql = Sql::new();
    source(&mut sql, &plan.call);
    sql.raw(", pgrst_total as (select count(*) as n from (");
    read::exists(&mut sql, &plan.select, None);
    sql.raw(") as r) select p.document, pgrst_total.n from pgrst_total left join lateral (");
    if plan.call.is_scalar() {
        sql.raw("select coalesce(to_json(s.pgrst_scalar), 'null') as document from (");
        read::select(&mut sql, &plan.select, super::field::Cells::Native, None);
        sql.raw(") as s");
    } else {
        read::shaped(&mut sql, &plan.select, &Shape::Counted, strip_nulls);
    }
    sql.raw(") as p on true");
    sql.finish()
}

fn shaped(sql: &mut Sql, plan: &CallPlan<'_>, strip_nulls: bool) {
    match (&plan.shape, plan.call.is_scalar()) {
        (Shape::Nothing, _) => {
            sql.raw("select from pgrst_source");
        }
        (Shape::Document, true) => {
            sql.raw("select ").raw(if strip_nulls { "json_strip_nulls(" } else { "(" });
            sql.raw("to_json(s.pgrst_scalar)) as document from (");
            read::select(sql, &plan.select, super::field::Cells::Native, None);
            sql.raw(") as s");
        }
        (shape, _) => read::shaped(sql, &plan.select, shape, strip_nulls),
    }
}

/// `with pgrst_source as (…)`: the function's rows, or its scalar as `pgrst_scalar`. A function is called once,
/// whatever is asked of its rows.
fn source(sql: &mut Sql, call: &Call<'_>) {
    sql.raw("with pgrst_source as (select ").raw(if call.is_scalar() { "f.pgrst_scalar" } else { "f.*" }).raw(" from ");
    if let Arguments::Json { body, is_object, parameters } = &call.arguments {
        sql.raw(if *is_object { "json_to_record(" } else { "json_to_recordset(" });
        sql.bind(body.clone()).raw("::json) as b(").list(", ", parameters, |sql, parameter| {
            sql.ident(&parameter.name).raw(" ").catalog_expression(&parameter.full_type);
        });
        sql.raw(") , lateral ");
    }
    if call.is_scalar() {
        sql.raw("(select ");
        invocation(sql, call);
        sql.raw(" as pgrst_scalar) as f");
    } else {
        invocation(sql, call);
        sql.raw(" as f");
    }
    if matches!(call.arguments, Arguments::Json { is_object: false, .. }) {
        // Of an array of arguments only the first is called with.
        sql.raw(" limit 1");
    }
    sql.raw(") ");
}

fn invocation(sql: &mut Sql, call: &Call<'_>) {
    sql.qualified(&call.routine.name).raw("(");
    match &call.arguments {
        Arguments::None => {}
        Arguments::Named(arguments) => {
            sql.list(", ", arguments, |sql, (parameter, values)| {
                named(sql, parameter);
                match (parameter.variadic, values.as_slice()) {
                    (true, values) => sql.bind(array_literal(values)),
                    (false, values) => sql.bind(values.last().cloned().unwrap_or_default()),
                };
                sql.raw("::").catalog_expression(&parameter.full_type);
            });
        }
        Arguments::Json { parameters, .. } => {
            sql.list(", ", parameters, |sql, parameter| {
                named(sql, parameter);
                sql.raw("b.").ident(&parameter.name);
            });
        }
        Arguments::Body { parameter, body } => {
            sql.bind(body.clone()).raw("::").catalog_expression(&parameter.full_type);
        }
    }
    sql.raw(")");
}

fn named(sql: &mut Sql, parameter: &Parameter) {
    if parameter.variadic {
        sql.raw("variadic ");
    }
    sql.ident(&parameter.name).raw(" := ");
}
