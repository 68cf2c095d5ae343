//! State machines, as values: what the statements are given, and what tests and documentation read.

/// The states of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct States {
    /// Table and column: `renos.bookings.timer_status`.
    pub column: &'static str,
    /// All states.
    pub states: &'static [&'static str],
}

/// A step from some states to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Whose states they are.
    pub of: &'static States,
    /// Where it may start.
    pub from: &'static [&'static str],
    /// Where it leads.
    pub to: &'static str,
}

/// The statement of a step that changes the `status` of a row, and maybe other columns of it (of which `r` is the row), and
/// nothing else. The row is locked first, so that of two callers one is told the state that the other left.
macro_rules! step {
    ($table:literal $(, $more:literal)?) => {
        concat!(
            "with input as (select $1::jsonb as i),
            found as materialized (
                select r.id, r.status from ",
            $table,
            " r, input where r.id = i ->> 'id' for no key update of r
            ),
            changed as (
                update ",
            $table,
            " r
                set status = i ->> 'to'",
            $(", ", $more,)?
            "
                from found f, input
                where r.id = f.id and i -> 'allowed' ? f.status
                returning r.*
            )
            select 'ok' as outcome, to_json(c) as body from changed c
            union all
            select 'invalid_state', json_build_object('current', f.status, 'allowed', i -> 'allowed')
            from found f, input
            where not i -> 'allowed' ? f.status"
        )
    };
}
pub(super) use step;
