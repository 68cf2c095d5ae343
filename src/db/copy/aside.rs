//! What stands aside while a table is filled.
//!
//! In: a table of the target. Out: the statements before and after, both of the transaction that fills it, in which nobody else
//! sees the table. Values have to arrive as they are, so its own triggers are off, and the rules of rows don't bind its owner.
//! Indexes and foreign keys of a large table are made again when its rows are there: sorting once is faster than finding a place
//! for each row, and a foreign key is looked at by one join. All of it is what the owner of a table may do. Checks and unique
//! constraints stay.

use super::catalog::{Relation, TableName, Trigger, identifier, literal};

/// Rows from which on it pays to make indexes anew.
pub(super) const LARGE: u64 = 10_000;

/// Statements before the rows.
pub(super) fn opened(table: &TableName, to: &Relation, is_large: bool) -> String {
    let name = table.sql();
    let mut sql = format!("LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE;");
    for trigger in &to.triggers {
        sql.push_str(&format!(" ALTER TABLE {name} DISABLE TRIGGER {};", identifier(&trigger.name)));
    }
    if to.is_forced {
        sql.push_str(&format!(" ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY;"));
    }
    if is_large {
        for (key, _) in keys(to) {
            sql.push_str(&format!(" ALTER TABLE {name} DROP CONSTRAINT {};", identifier(key)));
        }
        for index in &to.indexes {
            sql.push_str(&format!(" DROP INDEX {}.{};", identifier(&table.schema), identifier(&index.name)));
        }
    }
    sql
}

/// Statements after the rows: the table is as it was.
pub(super) fn closed(table: &TableName, to: &Relation, is_large: bool) -> String {
    let name = table.sql();
    // A table whose keys are still to be looked at can't be altered.
    let mut sql = "SET CONSTRAINTS ALL IMMEDIATE;".to_owned();
    if is_large {
        for index in &to.indexes {
            sql.push_str(&format!(" {};", index.definition));
            if let Some(comment) = &index.comment {
                let index = format!("{}.{}", identifier(&table.schema), identifier(&index.name));
                sql.push_str(&format!(" COMMENT ON INDEX {index} IS {};", literal(comment)));
            }
        }
        for (key, definition) in keys(to) {
            sql.push_str(&format!(" ALTER TABLE {name} ADD CONSTRAINT {} {definition};", identifier(key)));
        }
        for key in to.foreign_keys.iter().filter(|key| key.definition.is_some()) {
            if let Some(comment) = &key.comment {
                let key = identifier(&key.name);
                sql.push_str(&format!(" COMMENT ON CONSTRAINT {key} ON {name} IS {};", literal(comment)));
            }
        }
    }
    for Trigger { name: trigger, enabled } in &to.triggers {
        let enable = match enabled.as_str() {
            "A" => "ENABLE ALWAYS TRIGGER",
            "R" => "ENABLE REPLICA TRIGGER",
            _ => "ENABLE TRIGGER",
        };
        sql.push_str(&format!(" ALTER TABLE {name} {enable} {};", identifier(trigger)));
    }
    if to.is_forced {
        sql.push_str(&format!(" ALTER TABLE {name} FORCE ROW LEVEL SECURITY;"));
    }
    sql
}

/// Foreign keys by name, with their definition.
fn keys(to: &Relation) -> impl Iterator<Item = (&str, &str)> {
    to.foreign_keys.iter().filter_map(|key| Some((key.name.as_str(), key.definition.as_deref()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::copy::catalog::{ForeignKey, Index};

    #[test]
    fn a_table_is_left_as_it_was_found() {
        let table = TableName::new("a", "t");
        let trigger = |name: &str, enabled: &str| Trigger { name: name.to_owned(), enabled: enabled.to_owned() };
        let to = Relation {
            is_forced: true,
            triggers: vec![trigger("one", "O"), trigger("two", "A"), trigger("three", "R")],
            indexes: vec![Index {
                name: "i".to_owned(),
                definition: "CREATE INDEX i ON a.t (x)".to_owned(),
                comment: Some("it's".to_owned()),
            }],
            foreign_keys: vec![ForeignKey {
                name: "k".to_owned(),
                definition: Some("FOREIGN KEY (x) REFERENCES a.p(id)".to_owned()),
                ..ForeignKey::default()
            }],
            ..Relation::default()
        };
        assert_eq!(opened(&table, &to, false).matches("DISABLE TRIGGER").count(), 3);
        let (small, large) = (closed(&table, &to, false), closed(&table, &to, true));
        for part in [
            "ENABLE TRIGGER \"one\"",
            "ENABLE ALWAYS TRIGGER \"two\"",
            "ENABLE REPLICA TRIGGER \"three\"",
            "\"t\" FORCE ROW LEVEL SECURITY",
        ] {
            assert!(small.contains(part) && large.contains(part), "{small}");
        }
        let opened_large = opened(&table, &to, true);
        for (before, after) in [
            ("DROP CONSTRAINT \"k\"", "ADD CONSTRAINT \"k\" FOREIGN KEY (x) REFERENCES a.p(id);"),
            ("DROP INDEX \"a\".\"i\"", "CREATE INDEX i ON a.t (x); COMMENT ON INDEX \"a\".\"i\" IS 'it''s';"),
        ] {
            assert!(opened_large.contains(before) && large.contains(after), "{opened_large} {large}");
            assert!(!opened(&table, &to, false).contains(before) && !small.contains(after));
        }
        assert!(!opened(&table, &Relation::default(), true).contains("FORCE"));
    }
}
