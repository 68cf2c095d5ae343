//! INSERT, UPDATE, DELETE.

use super::{Sql, Statement, field::Cells, predicate::NoEmbeds, read};
use crate::{
    name::ColumnName,
    plan::{Conflict, Predicate, Shape, Write, WritePlan, write::Payload},
};

/// Writes a write.
pub fn write(plan: &WritePlan<'_>) -> Statement {
    let mut sql = Sql::new();
    match &plan.select {
        Some(select) if !plan.is_direct => {
            sql.raw("with pgrst_source as (");
            statement(&mut sql, plan);
            sql.raw(") ");
            read::shaped(&mut sql, select, &plan.shape, plan.format);
        }
        _ => statement(&mut sql, plan),
    }
    sql.finish()
}

fn statement(sql: &mut Sql, plan: &WritePlan<'_>) {
    match &plan.write {
        Write::Insert { payload, conflict, put, counts_inserted } => {
            insert(sql, plan, payload);
            counted(sql, put, *counts_inserted);
            if let Some(conflict) = conflict {
                on_conflict(sql, payload, conflict, *counts_inserted);
            }
        }
        Write::Update { payload, filter, key } => {
            let set: Vec<_> = payload.columns.iter().filter(|column| !key.contains(&&column.column.name)).collect();
            // SET needs a column: nothing is changed, and the answer has no rows.
            if set.is_empty() {
                sql.raw("select ");
                given_back(sql, plan);
                sql.raw(" from ").qualified(&plan.relation.name).raw(" as ").alias(plan.alias).raw(" where false");
                return;
            }
            if !key.is_empty() {
                sql.raw("with pgrst_body as (select * from ");
                values(sql, payload);
                sql.raw(") ");
            }
            sql.raw("update ").qualified(&plan.relation.name).raw(" as ").alias(plan.alias).raw(" set ");
            sql.list(", ", set, |sql, column| {
                sql.column(&column.column.name).raw(" = b.").column(&column.column.name);
            });
            sql.raw(" from ");
            match key.is_empty() {
                true => values(sql, payload),
                false => _ = sql.raw("pgrst_body as b"),
            }
            filtered(sql, plan, filter);
            if !key.is_empty() {
                sql.raw(if filter.is_empty() { " where " } else { " and " });
                keyed(sql, plan, key);
            }
        }
        Write::Delete { filter } => {
            sql.raw("delete from ").qualified(&plan.relation.name).raw(" as ").alias(plan.alias);
            filtered(sql, plan, filter);
        }
    }
    returning(sql, plan);
}

fn filtered(sql: &mut Sql, plan: &WritePlan<'_>, filter: &[Predicate<'_>]) {
    if !filter.is_empty() {
        sql.raw(" where ").all(plan.alias, filter, &NoEmbeds);
    }
}

/// What Postgres' error names where two objects of an update have the same key.
pub const DUPLICATE_KEY: &str = "pgrst_duplicate_key";

/// The conditions that tie a row to its object, and that no two objects have the same key: where two have, the last one
/// reads [`DUPLICATE_KEY`] as a number, which is an error that names it in any language.
fn keyed(sql: &mut Sql, plan: &WritePlan<'_>, key: &[&ColumnName]) {
    sql.list(" and ", key, |sql, column| {
        sql.raw("b.").column(column).raw(" = ").of(plan.alias, column.as_str());
    });
    sql.raw(" and (select (").bind(DUPLICATE_KEY).raw("::text || count(*))::int from (select from pgrst_body where ");
    sql.list(" and ", key, |sql, column| {
        sql.column(column).raw(" is not null");
    });
    sql.raw(" group by ").list(", ", key, |sql, column| {
        sql.column(column);
    });
    sql.raw(" having count(*) > 1) as twice having count(*) > 0) is null");
}

fn insert(sql: &mut Sql, plan: &WritePlan<'_>, payload: &Payload<'_>) {
    sql.raw("insert into ").qualified(&plan.relation.name).raw(" as ").alias(plan.alias);
    if payload.columns.is_empty() {
        // One row of defaults for each object of the payload.
        sql.raw(" select from ");
        match payload.is_object {
            true => sql.raw("(values (1)) as b"),
            false => sql.raw("json_array_elements(").bind(payload.body.clone()).raw(") as b"),
        };
        return;
    }
    sql.raw(" (").list(", ", &payload.columns, |sql, column| {
        sql.column(&column.column.name);
    });
    sql.raw(") select ").list(", ", &payload.columns, |sql, column| {
        sql.raw("b.").column(&column.column.name);
    });
    sql.raw(" from ");
    values(sql, payload);
}

/// The payload as rows `b`, each column of the type it is written to.
fn values(sql: &mut Sql, payload: &Payload<'_>) {
    let has_parsers = payload.columns.iter().any(|column| column.parser.is_some());
    if has_parsers {
        sql.raw("(select ").list(", ", &payload.columns, |sql, column| {
            match column.parser {
                Some(parser) => sql.qualified(parser).raw("(p.").column(&column.column.name).raw(")"),
                None => sql.raw("p.").column(&column.column.name),
            };
            sql.raw(" as ").column(&column.column.name);
        });
        sql.raw(" from ");
    }
    sql.raw(match (payload.missing_default, payload.is_object) {
        (false, true) => "json_to_record(",
        (false, false) => "json_to_recordset(",
        (true, true) => "jsonb_to_record(",
        (true, false) => "jsonb_to_recordset(",
    });
    document(sql, payload);
    sql.raw(if has_parsers { ") as p(" } else { ") as b(" });
    sql.list(", ", &payload.columns, |sql, column| {
        sql.column(&column.column.name).raw(" ");
        match column.parser {
            Some(_) => sql.raw("json"),
            None => sql.ty(&column.column.ty),
        };
    });
    sql.raw(")");
    if has_parsers {
        sql.raw(") as b");
    }
}

/// The payload, completed with the columns' defaults where asked for.
fn document(sql: &mut Sql, payload: &Payload<'_>) {
    if !payload.missing_default {
        sql.bind(payload.body.clone()).raw("::json");
    } else if payload.is_object {
        defaults(sql, payload);
        sql.raw(" || ").bind(payload.body.clone()).raw("::jsonb");
    } else {
        sql.raw("(select jsonb_agg(");
        defaults(sql, payload);
        sql.raw(" || e) from jsonb_array_elements(").bind(payload.body.clone()).raw("::jsonb) as e)");
    }
}

/// A jsonb object of the defaults, made anew for each row.
fn defaults(sql: &mut Sql, payload: &Payload<'_>) {
    let with_default = payload.columns.iter().filter_map(|column| Some((column, column.column.default.as_ref()?)));
    sql.raw("jsonb_build_object(").list(", ", with_default, |sql, (column, default)| {
        sql.bind(column.column.name.as_str().to_owned()).raw("::text, ").catalog_expression(default);
    });
    sql.raw(")");
}

/// Counts the rows that are inserted, less those that turn out to be updates: the difference between 201 and 200.
fn counted(sql: &mut Sql, put: &[Predicate<'_>], counts_inserted: bool) {
    if counts_inserted {
        sql.raw(" where set_config('pgrst.inserted', (coalesce(nullif(current_setting('pgrst.inserted', true), '')::int, 0) + 1)::text, true) <> '0'");
    }
    if !put.is_empty() {
        sql.raw(" and ").payload_conditions(put);
    }
}

fn on_conflict(sql: &mut Sql, payload: &Payload<'_>, conflict: &Conflict<'_>, counts_inserted: bool) {
    sql.raw(" on conflict (").list(", ", &conflict.columns, |sql, column| {
        sql.column(column);
    });
    sql.raw(") do ");
    if !conflict.merges || payload.columns.is_empty() {
        sql.raw("nothing");
        return;
    }
    sql.raw("update set ").list(", ", &payload.columns, |sql, column| {
        sql.column(&column.column.name).raw(" = excluded.").column(&column.column.name);
    });
    if counts_inserted {
        sql.raw(" where set_config('pgrst.inserted', (coalesce(nullif(current_setting('pgrst.inserted', true), '')::int, 0) - 1)::text, true) <> '-1'");
    }
}

fn returning(sql: &mut Sql, plan: &WritePlan<'_>) {
    if plan.shape != Shape::Nothing {
        sql.raw(" returning ");
        given_back(sql, plan);
    }
}

/// What the write gives back, as far as it gives anything.
fn given_back(sql: &mut Sql, plan: &WritePlan<'_>) {
    match (&plan.shape, &plan.select) {
        (Shape::Nothing, _) => {}
        (_, Some(_)) if plan.is_direct => {
            let cells = if matches!(plan.shape, Shape::Text(_)) { Cells::Text } else { Cells::Wire };
            sql.list(", ", plan.outputs(), |sql, output| sql.output(plan.alias, output, cells));
        }
        (_, Some(_)) => {
            sql.list(", ", &plan.returned, |sql, target| {
                sql.target(plan.alias, target);
            });
        }
        (_, None) => {
            // The key as JSON writes it, without quotes: what `Location` shows.
            sql.list(", ", &plan.returned, |sql, target| {
                sql.raw("to_json(").target(plan.alias, target).raw(") #>> '{}'");
            });
        }
    }
}
