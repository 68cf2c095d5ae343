//! EXPLAIN.

use super::{Sql, Statement, read};
use crate::{
    plan::ReadPlan,
    query::media::{Plan, PlanFormat, PlanOption},
};

/// Writes the question how Postgres would go about a statement, in a row a line.
pub fn explain(statement: Statement, plan: &Plan) -> Statement {
    let mut sql = Sql::new();
    sql.raw(match plan.format {
        PlanFormat::Json => "explain (format json",
        PlanFormat::Text => "explain (format text",
    });
    for option in &plan.options {
        sql.raw(match option {
            PlanOption::Analyze => ", analyze",
            PlanOption::Verbose => ", verbose",
            PlanOption::Settings => ", settings",
            PlanOption::Buffers => ", buffers",
            PlanOption::Wal => ", wal",
        });
    }
    sql.raw(") ").statement(statement);
    sql.finish()
}

/// Writes the question how many rows the planner thinks a read has, whatever its limit and offset.
pub fn estimate(plan: &ReadPlan<'_>) -> Statement {
    let mut sql = Sql::new();
    sql.raw("explain (format json) ");
    read::exists(&mut sql, &plan.select, None);
    sql.finish()
}
