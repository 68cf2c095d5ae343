//! The source is looked at before anything is written.
//!
//! In: a plan, and both databases. Out: what speaks against it, and how many rows each table has. Nothing is refused here, and
//! nothing is written. Each statement has a savepoint, so that one that fails says so and the next can be asked.

use std::collections::BTreeSet;

use super::{
    CopyError, Map,
    catalog::{Relation, Relations, TableName},
    plan::{Finding, Plan, Table},
    questions::{self, Query, Question, Rows, Verdict},
    secrets,
    session::Session,
};

/// Looks at a table: its findings, and its number of rows where it could be counted.
pub(super) async fn table(
    source: &Session,
    plan: &Plan,
    table: &Table,
    (from, to): (&Relations, &Relations),
    has_key: bool,
) -> Result<(Vec<Finding>, Option<u64>), CopyError> {
    let mut look = Look { source, table, findings: Vec::new() };
    let (Some(from), Some(to)) = (from.get(&table.from), to.get(&table.name)) else { return Ok((look.findings, None)) };
    let mut questions = questions::of_rows(table, to);
    questions.extend(secrets::question(table, has_key));
    let rows = look.rows(to, &questions).await?;
    for query in questions::duplicates(table, to, from).into_iter().chain(questions::orphans(table, to, from, plan)) {
        look.query(query).await?;
    }
    Ok((look.findings, rows))
}

/// Looks at the target: rows that are in the way, and defaults that give nothing. Within a transaction that names the
/// organisation.
pub(super) async fn target(
    target: &Session,
    plan: &Plan,
    table: &Table,
    to: &Relation,
    is_emptied: bool,
) -> Result<Vec<String>, CopyError> {
    let mut faults = Vec::new();
    if !is_emptied && target.one::<bool>(&format!("SELECT EXISTS (SELECT FROM {})", table.name.sql())).await? {
        faults.push("has rows that were not copied from this source: --replace empties it first".to_owned());
    }
    for default in table.defaults.iter().filter(|default| default.not_null) {
        // A sequence always gives something, and asking would move it.
        let Some(sql) = default.sql.as_ref().filter(|sql| !sql.contains("nextval(")) else { continue };
        if target.one::<bool>(&format!("SELECT ({sql}) IS NULL")).await? {
            faults.push(format!(
                "{} has no source, and its default, {sql}, gives nothing: name the organisation with --organization",
                default.name
            ));
        }
    }
    for key in questions::default_keys(table, to, plan) {
        if let [Some(value), Some(count)] = target.one::<Vec<Option<String>>>(&key.sql).await?.as_slice()
            && count == "0"
        {
            faults
                .push(format!("{} gets {value}, which is in no row of {}: add that row first", key.column, key.parent));
        }
    }
    Ok(faults)
}

/// Tables of the source that no table of the map comes from, beside those that are copied.
pub(super) async fn left_behind(source: &Session, map: &Map, limited: &Map) -> Result<Vec<Finding>, CopyError> {
    let schemas: BTreeSet<&str> = limited.tables.values().map(|entry| entry.from.schema.as_str()).collect();
    let schemas: Vec<&str> = schemas.into_iter().collect();
    let select = "SELECT n.nspname::text, c.relname::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
        WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p') AND NOT c.relispartition \
        AND c.relname NOT LIKE '\\_%migrations%' \
        AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e') ORDER BY 1, 2";
    let rows = source.client.query(select, &[&schemas]).await.map_err(source.fault("listing tables"))?;
    let names = rows.iter().map(|row| TableName::new(row.get(0), row.get(1)));
    let is_unused = |name: &TableName| map.tables.values().all(|entry| entry.from != *name);
    let text = "is a table of the source that the map doesn't name: it stays behind";
    Ok(names.filter(is_unused).map(|table| Finding { table, is_fault: false, text: text.to_owned() }).collect())
}

/// Looks at foreign keys to tables that are not copied: the target has to have their rows.
pub(super) async fn outer_keys(
    source: &Session,
    target: &Session,
    plan: &Plan,
    table: &Table,
    to: &Relation,
) -> Result<Vec<Finding>, CopyError> {
    let mut look = Look { source, table, findings: Vec::new() };
    for key in questions::outer_keys(table, to, plan) {
        match source.ask(&key.keys).await? {
            Ok(keys) if keys.is_empty() => {}
            Ok(keys) => {
                let row = target.client.query_one(&key.missing, &[&keys]).await;
                let row = row.map_err(target.fault("looking for rows that are referred to"))?;
                let answer: Vec<Option<String>> = row.get(0);
                if let Some(text) = counted(&answer, &key.text) {
                    look.add(true, text);
                }
            }
            Err(message) => look.add(false, format!("can't be asked beforehand whether {}: {message}", key.text)),
        }
    }
    Ok(look.findings)
}

struct Look<'c> {
    source: &'c Session,
    table: &'c Table,
    findings: Vec<Finding>,
}

impl Look<'_> {
    fn add(&mut self, is_fault: bool, text: String) {
        let finding = Finding { table: self.table.name.clone(), is_fault, text };
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    /// Asks all questions at once; where that fails, one by one.
    async fn rows(&mut self, to: &Relation, questions: &[Question]) -> Result<Option<u64>, CopyError> {
        let mut count = None;
        for rows in [Rows::Source, Rows::Target] {
            let questions: Vec<_> = questions.iter().filter(|question| question.rows == rows).collect();
            if questions.is_empty() && rows == Rows::Target {
                continue;
            }
            let statement = questions::statement(self.table, to, rows, &questions);
            match self.source.ask(&statement).await? {
                Ok(answers) => {
                    count = count.or(answers.first().cloned().flatten().and_then(|text| text.parse().ok()));
                    self.judge(&questions, &answers);
                }
                Err(message) if questions.is_empty() => self.add(true, format!("can't be read: {message}")),
                Err(_) => {
                    for question in questions {
                        self.alone(to, rows, question).await?;
                    }
                }
            }
        }
        Ok(count)
    }

    async fn alone(&mut self, to: &Relation, rows: Rows, question: &Question) -> Result<(), CopyError> {
        match self.source.ask(&questions::statement(self.table, to, rows, &[question])).await? {
            Ok(answers) => self.judge(&[question], &answers),
            Err(message) => match rows {
                Rows::Source => self.add(true, format!("{}: {message}", about(&question.text))),
                // What hinders a rule of the target's from being asked is found by the questions about columns, or no hindrance.
                Rows::Target => {
                    self.add(false, format!("can't be asked beforehand whether rows {}: {message}", question.text))
                }
            },
        }
        Ok(())
    }

    /// Answers come after the number of all rows, two for each question.
    fn judge(&mut self, questions: &[&Question], answers: &[Option<String>]) {
        for (question, answer) in questions.iter().zip(answers.get(1..).unwrap_or_default().chunks(2)) {
            let is_fault = match question.verdict {
                Verdict::None => continue,
                verdict => verdict == Verdict::Fault,
            };
            if let Some(text) = counted(answer, &format!("rows {}", question.text)) {
                self.add(is_fault, text);
            }
        }
    }

    async fn query(&mut self, query: Query) -> Result<(), CopyError> {
        match self.source.ask(&query.sql).await? {
            Ok(answer) => {
                if let Some(text) = counted(&answer, &query.text) {
                    self.add(true, text);
                }
            }
            Err(message) => self.add(false, format!("can't be asked beforehand whether {}: {message}", query.text)),
        }
        Ok(())
    }
}

/// `have a mail`: `mail`.
fn about(text: &str) -> &str {
    let rest = text.strip_prefix("have a ").or(text.strip_prefix("have no ")).unwrap_or(text);
    rest.split([' ', ',']).next().unwrap_or(rest)
}

/// A number other than 0 with its text and its example.
fn counted(answer: &[Option<String>], text: &str) -> Option<String> {
    let (count, example) = match answer {
        [Some(count), example] if count != "0" => (count, example),
        _ => return None,
    };
    let example = example.as_ref().filter(|example| !example.is_empty());
    let example = example.map(|example| format!(", such as {example}")).unwrap_or_default();
    Some(format!("{count} {text}{example}"))
}
