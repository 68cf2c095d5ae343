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
