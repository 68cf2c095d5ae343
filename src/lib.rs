//! The Tekup data service: one PostgreSQL, served as JSON over HTTP.
//!
//! ARCHITECTURE.md is the map.

pub mod auth;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod db;
pub mod domain;
pub mod erd;
pub mod error;
pub mod http;
pub mod name;
pub mod plan;
pub mod query;
pub mod render;
pub mod sql;
pub mod telemetry;
pub mod typescript;
