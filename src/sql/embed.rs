//! Embeds: lateral joins and what they show.

use super::{Sql, field::Cells, predicate::EmbedTest, read};
use crate::plan::{EmbedKind, EmbedPlan, Join, lookahead::Cut};

/// Name of the column that holds a to-many embed's rows. No column of a relation is ever looked up beside it.
const ROWS: &str = "rows";

/// Asks about embeds that are joined in the same select.
pub(super) struct Joined<'p, 'c>(pub(super) &'p [EmbedPlan<'c>]);

impl EmbedTest for Joined<'_, '_> {
    fn embed(&self, sql: &mut Sql, index: usize, is_null: bool) {
        let Some(embed) = self.0.get(index) else { return };
        sql.alias(embed.alias);
        if embed.is_to_one() {
            // The whole row: it is null where the join found none, not where its columns are null.
            sql.raw(".*");
        } else {
            sql.raw(".").ident(ROWS);
        }
        sql.raw(if is_null { " is not distinct from null" } else { " is distinct from null" });
    }
}

/// The columns that an embed gives its parent, each after a separator.
pub(super) fn outputs(sql: &mut Sql, embed: &EmbedPlan<'_>, cells: Cells, mut separate: impl FnMut(&mut Sql)) {
    match &embed.kind {
        EmbedKind::Hidden { .. } => {}
        EmbedKind::Object | EmbedKind::Array => {
            separate(sql);
            match cells {
                Cells::Text => sql.text(|sql| json(sql, embed)),
                Cells::Native | Cells::Wire => json(sql, embed),
            }
            sql.raw(" as ").ident(&embed.key);
        }
        EmbedKind::SpreadOne(spreads) => {
            for spread in spreads {
                separate(sql);
                match cells {
                    Cells::Text => sql.text(|sql| sql.spread(embed.alias, spread)),
                    Cells::Native | Cells::Wire => sql.spread(embed.alias, spread),
                }
                sql.raw(" as ").ident(&spread.key);
            }
        }
        EmbedKind::SpreadMany => {
            for key in embed.keys() {
                separate(sql);
                match cells {
                    Cells::Text => sql.text(|sql| {
                        sql.of(embed.alias, &key);
                    }),
                    Cells::Native | Cells::Wire => {
                        sql.of(embed.alias, &key);
                    }
                }
                sql.raw(" as ").ident(&key);
            }
        }
    }
}

/// PostgREST 16 makes jsonb of embedded rows, so their keys are in jsonb's order.
fn json(sql: &mut Sql, embed: &EmbedPlan<'_>) {
    if embed.is_to_one() {
        sql.raw("row_to_json(").alias(embed.alias).raw(".*)::jsonb");
    } else {
        sql.raw("coalesce(").of(embed.alias, ROWS).raw(", '[]')");
    }
}

/// A list of all rows `r`, or as many of it as are shown and the mark behind them.
fn list(sql: &mut Sql, cut: Option<&Cut>, all: impl Fn(&mut Sql)) {
    let Some(Cut { rows, element }) = cut else { return all(sql) };
    sql.raw("case when count(*) > ").bind(rows.to_string()).raw(" then ");
    all(sql);
    // The row too many is the one of that index.
    sql.raw(" - ").bind(rows.to_string()).raw("::int || ").bind(element.clone()).raw("::jsonb else ");
    all(sql);
    sql.raw(" end");
}

/// The lateral join of an embed.
pub(super) fn join(sql: &mut Sql, parent: crate::plan::Alias, embed: &EmbedPlan<'_>) {
    sql.raw(match embed.join {
        Join::Inner => " join lateral (",
        Join::Left => " left join lateral (",
    });
    if embed.is_to_one() {
        read::select(sql, &embed.select, Cells::Native, Some((parent, &embed.on)));
        sql.raw(") as ").alias(embed.alias).raw(" on true");
        return;
    }
    sql.raw("select ");
    list(sql, embed.cut.as_ref(), |sql| {
        sql.raw("json_agg(r.*)::jsonb");
    });
    sql.raw(" as ").ident(ROWS);
    if embed.kind == EmbedKind::SpreadMany {
        for key in embed.select.keys() {
            sql.raw(", ");
            list(sql, embed.cut.as_ref(), |sql| {
                sql.raw("coalesce(json_agg(r.").ident(&key).raw("), '[]')::jsonb");
            });
            sql.raw(" as ").ident(&key);
        }
    }
    sql.raw(" from (");
    read::select(sql, &embed.select, Cells::Native, Some((parent, &embed.on)));
    sql.raw(") as r) as ").alias(embed.alias);
    match embed.join {
        Join::Inner => sql.raw(" on ").of(embed.alias, ROWS).raw(" is not null"),
        Join::Left => sql.raw(" on true"),
    };
}
