//! A header to an identity.

pub mod identity;

pub use identity::Identity;
