//! The service against a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod admin;
mod architecture;
mod batch;
mod catalog_fixture;
mod contract;
mod copy;
mod db_control;
mod db_pool;
mod db_run;
mod db_session;
mod db_tls;
mod db_verify;
mod golden;
mod golden_shapes;
mod http_aggregates;
mod http_bulk;
mod http_calls;
mod http_conditional;
mod http_embeds;
mod http_hostile;
mod http_more;
mod http_query;
mod http_reads;
mod http_stream;
mod http_writes;
mod in_database;
mod isolation;
mod keys;
mod large_catalog;
mod local;
mod migrate;
mod migrate_beside;
mod observed;
mod once;
mod operations;
mod properties;
mod reload;
mod render;
mod seed;
mod seeded;
mod server;
mod support;
mod tables;
mod types;
