//! The migrated database is what `tests/fixtures/tables.json` says, but for what was decided otherwise, and is closed to
//! whoever has no business in it.

mod fixture;

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

use crate::support::{TestDb, database, empty};
use fixture::Fixture;

/// Differences from the fixture, each under its reason.
const DECIDED: &str = include_str!("tables/decided.txt");
const FACTS: &str = include_str!("tables/facts.sql");
const EXTENSIONS: &str = include_str!("../../migrations/_extensions/0001_extensions.sql");

/// Lines that a statement gives; every name in them is qualified.
async fn lines(database: &TestDb, sql: &'static str, parameter: Option<&str>) -> BTreeSet<String> {
    let options: PgConnectOptions = database.owner_url().expose().parse().unwrap();
    let mut connection = PgConnection::connect_with(&options.options([("search_path", "pg_catalog")])).await.unwrap();
    let query = sqlx::query_scalar(sql);
    let query = if let Some(parameter) = parameter { query.bind(parameter.to_owned()) } else { query };
    query.fetch_all(&mut connection).await.unwrap().into_iter().collect()
}

fn none() -> BTreeSet<String> {
    BTreeSet::new()
}

#[tokio::test]
async fn columns_keys_checks_indexes_and_triggers_are_those_of_the_fixture_or_decided() {
    let wanted = empty().await;
    wanted.execute(EXTENSIONS).await;
    wanted.execute(&Fixture::read().sql()).await;
    let wanted = lines(&wanted, FACTS, None).await;
    let found = lines(&database().await, FACTS, None).await;
    assert!(wanted.len() > 1600, "the fixture was made: {}", wanted.len());

    let mut decided = BTreeMap::from([('-', BTreeSet::new()), ('+', BTreeSet::new()), ('?', BTreeSet::new())]);
    for line in DECIDED.lines() {
        if let Some((sign, fact)) = line.split_once(' ')
            && let Some(facts) = sign.parse().ok().and_then(|sign: char| decided.get_mut(&sign))
        {
            assert!(facts.insert(fact.to_owned()), "twice: {line}");
        }
    }
    let optional = &decided[&'?'];
    let missing: BTreeSet<_> = wanted.difference(&found).cloned().collect();
    let extra: BTreeSet<_> = found.difference(&wanted).filter(|fact| !optional.contains(*fact)).cloned().collect();
    assert_eq!(missing, decided[&'-'], "what the fixture has and the database has not");
    assert_eq!(extra, decided[&'+'], "what the database has and the fixture has not");
}

/// What the fixture says to whoever writes the tables, not to whoever reads them.
const NOTES: [&str; 3] = ["; open vocabulary", " Reserved word", " Reserved-looking word"];
/// What the fixture says, and what the comment says instead.
const REWORDED: [(&str, &str); 1] =
    [("As in vault.documents.source.", "Origin of the texts, as in vault.documents.source.")];

#[tokio::test]
async fn comments_say_what_the_fixture_says_and_name_the_known_values() {
    let comments = "select concat_ws('.', n.nspname, c.relname, a.attname) || ' ' || d.description
        from pg_description d join pg_class c on c.oid = d.objoid and d.classoid = 'pg_class'::regclass
        join pg_namespace n on n.oid = c.relnamespace
        left join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid and d.objsubid > 0
        where c.relkind = 'r'";
    let comments = lines(&database().await, comments, None).await;
    let comments: BTreeMap<_, _> = comments.iter().filter_map(|line| line.split_once(' ')).collect();
    for table in Fixture::read().tables {
        let name = format!("{}.{}", table.schema, table.name);
        assert_eq!(comments.get(&*name), Some(&&*table.comment), "{name}");
        for column in &table.columns {
            let said = comments.get(&*format!("{name}.{}", column.name)).copied().unwrap_or_default();
            let reworded = REWORDED.iter().find(|(fixture, _)| *fixture == column.comment).map(|(_, said)| *said);
            let mut wanted = reworded.unwrap_or(&column.comment);
            for note in NOTES {
                wanted = wanted.split_once(note).map_or(wanted, |(before, _)| before);
            }
            assert!(said.starts_with(wanted), "{name}.{}: {said}", column.name);
            for value in table.known_values(&column.name) {
                assert!(said.contains(value), "{name}.{} leaves out {value}: {said}", column.name);
            }
        }
    }
}

#[tokio::test]
async fn row_security_is_enabled_and_forced_on_every_table() {
    let open = "select format('%s', c.oid::regclass) from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and n.nspname in ('vault', 'billy', 'renos', 'crm', 'flow', 'shared')
            and c.relname <> '_sqlx_migrations' and not (c.relrowsecurity and c.relforcerowsecurity)";
    assert_eq!(lines(&database().await, open, None).await, none());
}

/// Rules for deletion alone are for the daily retention.
#[tokio::test]
async fn every_column_that_a_row_rule_filters_by_leads_an_index() {
    let slow = "select format('%s.%I of %s', a.attrelid::regclass, a.attname, p.polname)
        from pg_policy p
        join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid
            and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0
        join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
        where not exists (
            select from pg_index i where i.indrelid = a.attrelid and i.indkey[0] = a.attnum and i.indpred is null
        )";
    assert_eq!(lines(&database().await, slow, None).await, none());
}

#[tokio::test]
async fn functions_are_closed_to_public() {
    let open = "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('vault', 'billy', 'renos', 'crm', 'flow', 'shared', 'auth', 'tekup')
            and has_function_privilege('public', p.oid, 'execute')";
    assert_eq!(lines(&database().await, open, None).await, none());
}

#[tokio::test]
async fn roles_have_the_rights_of_the_fixture_on_every_column() {
    let wrong = lines(&database().await, include_str!("tables/privileges.sql"), Some(fixture::TEXT)).await;
    assert_eq!(wrong, none());
}
