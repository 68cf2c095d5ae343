//! Calls of functions.

use super::{Sql, Statement, field::Cells, predicate::array_literal, read};
use crate::{
    catalog::Parameter,
    name::{ObjectName, SchemaName},
    plan::{Arguments, Call, CallPlan, Format, Shape},
};

/// Writes a call.
pub fn call(plan: &CallPlan<'_>) -> Statement {
    let mut sql = Sql::new();
    source(&mut sql, plan);
    shaped(&mut sql, plan);
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

/// Writes the question who a transaction runs as.
pub fn current_user() -> Statement {
    let mut sql = Sql::new();
    sql.raw("select current_user::text");
    sql.finish()
}

/// Writes a call whose rows carry, in two more columns, that they are rows and how many there are in all. Where none is
/// shown, one row that is none carries the number.
pub fn counted_call(plan: &CallPlan<'_>) -> Statement {
    let mut sql = Sql::new();
    source(&mut sql, plan);
    sql.raw(", pgrst_total as (select count(*) as n from (");
    read::exists(&mut sql, &plan.select, None);
    sql.raw(") as r) select p.*, pgrst_total.n from pgrst_total left join lateral (select s.*, true from (");
    shaped(&mut sql, plan);
    sql.raw(") as s) as p on true");
    sql.finish()
}

fn shaped(sql: &mut Sql, plan: &CallPlan<'_>) {
    match (&plan.shape, plan.format) {
        (Shape::Nothing, _) => {
            sql.raw("select from pgrst_source");
        }
        (Shape::Document, format) if plan.call.is_scalar() => {
            sql.raw("select ").raw(if format.strips_nulls() { "json_strip_nulls(" } else { "(" });
            sql.raw("to_json(s.pgrst_scalar)) as document from (");
            read::select(sql, &plan.select, Cells::Native, None);
            sql.raw(") as s");
        }
        // The value is the body already: the handler is the type that says so.
        (Shape::Raw, Format::Handler(handler)) if plan.call.is_scalar() && plan.call.is_single() => {
            sql.raw("select ").qualified(&handler.function).raw("(s.pgrst_scalar) as body, 1::bigint as shown from (");
            read::select(sql, &plan.select, Cells::Native, None);
            sql.raw(") as s");
        }
        (shape, format) => read::shaped(sql, &plan.select, shape, format),
    }
}

/// `with pgrst_source as (…)`: the function's rows, or its scalar as `pgrst_scalar`. A function is called once,
/// whatever is asked of its rows.
fn source(sql: &mut Sql, plan: &CallPlan<'_>) {
    let call = &plan.call;
    sql.raw("with pgrst_source as (select ").raw(if call.is_scalar() { "f.pgrst_scalar" } else { "f.*" });
    for name in &plan.computed {
        sql.raw(", f.").ident(name);
    }
    sql.raw(" from ");
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
            match parameter.ty.name.as_str() {
                "bytea" => sql.bind(hexadecimal(body)),
                _ => sql.bind(body.clone()),
            };
            sql.raw("::").catalog_expression(&parameter.full_type);
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

/// Bytes as the text of a bytea (PostgreSQL's manual, 8.4.1): parameters are texts.
fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits =
        bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)]));
    "\\x".chars().chain(digits).collect()
}
