//! To be written.

pub mod token;
