//! The service against a real PostgreSQL.

mod render;
