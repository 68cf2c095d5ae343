//! Selects.

use super::{
    Sql, Statement,
    embed::{self, Joined},
    field::Cells,
    predicate::{EmbedTest, NoEmbeds},
};
use crate::{
    catalog::MediaHandler,
    plan::{Alias, EmbedPlan, Format, From, Join, On, ReadPlan, Select, Shape, SortKey},
};

/// How the embed whose select this is hangs on its parent.
pub(super) type Tie<'p, 'c> = Option<(Alias, &'p On<'c>)>;

/// Writes a read.
pub fn read(plan: &ReadPlan<'_>) -> Statement {
    let mut sql = Sql::new();
    shaped(&mut sql, &plan.select, &plan.shape, plan.format);
    sql.finish()
}

/// Writes a select whose rows have the shape.
pub(super) fn shaped(sql: &mut Sql, root: &Select<'_>, shape: &Shape, format: Format<'_>) {
    match shape {
        Shape::Flat(_) => select(sql, root, Cells::Wire, None),
        Shape::Text(keys) if root.is_aggregated() => grouped_texts(sql, root, keys),
        Shape::Text(_) => select(sql, root, Cells::Text, None),
        Shape::Raw => {
            sql.raw("select ");
            body(sql, format);
            sql.raw(" as body, count(*) as shown from (");
            select(sql, root, Cells::Native, None);
            sql.raw(") as r");
        }
        Shape::Document | Shape::Nothing => {
            sql.raw(if format.strips_nulls() {
                "select json_strip_nulls(row_to_json(r.*)) as document from ("
            } else {
                "select row_to_json(r.*) as document from ("
            });
            select(sql, root, Cells::Native, None);
            sql.raw(") as r");
        }
    }
}

/// Texts of rows that are grouped: made outside, since what is grouped by and sorted by are the values. Keys may be equal,
/// so columns go by their numbers.
fn grouped_texts(sql: &mut Sql, root: &Select<'_>, keys: &[String]) {
    let column = |sql: &mut Sql, number: usize| {
        sql.raw("c").number(number as u64);
    };
    sql.raw("select ").list(", ", keys.iter().enumerate(), |sql, (number, key)| {
        sql.text(|sql| {
            sql.raw("r.");
            column(sql, number);
        });
        sql.raw(" as ").ident(key);
    });
    sql.raw(" from (");
    select(sql, root, Cells::Native, None);
    sql.raw(") as r(").list(", ", 0..keys.len(), column).raw(")");
}

/// An aggregate that makes the whole body of the rows `r`.
fn body(sql: &mut Sql, format: Format<'_>) {
    match format {
        Format::GeoJson => {
            sql.raw("json_build_object('type', 'FeatureCollection', 'features', ");
            sql.raw("coalesce(json_agg(ST_AsGeoJSON(r)::json), '[]'))");
        }
        Format::Handler(MediaHandler { function, target, .. }) => {
            sql.qualified(function).raw("(r");
            if let Some(relation) = target {
                sql.raw("::").qualified(relation);
            }
            sql.raw(")");
        }
        Format::Json { .. } | Format::NdJson | Format::Csv => {
            sql.raw("json_agg(r)");
        }
    }
}

/// Writes a statement that counts the rows of a read, whatever its limit and offset.
pub fn count(plan: &ReadPlan<'_>) -> Statement {
    count_up_to(plan, None)
}

/// Writes a statement that counts the rows of a read, whatever its limit and offset, but stops at one more than `most`.
pub fn count_up_to(plan: &ReadPlan<'_>, most: Option<u64>) -> Statement {
    let mut sql = Sql::new();
    sql.raw("select count(*) from (");
    exists(&mut sql, &plan.select, None);
    if let Some(most) = most {
        sql.raw(" limit ").bind(most.saturating_add(1).to_string());
    }
    sql.raw(") as r");
    sql.finish()
}

/// Writes one level and all below it.
pub(super) fn select(sql: &mut Sql, level: &Select<'_>, cells: Cells, tie: Tie<'_, '_>) {
    rows(sql, level, cells, tie);
    order(sql, level);
    range(sql, level);
}

/// The same without its order and its range: all rows that it has.
fn rows(sql: &mut Sql, level: &Select<'_>, cells: Cells, tie: Tie<'_, '_>) {
    sql.raw("select ");
    let mut is_first = true;
    let mut separate = |sql: &mut Sql| {
        if !std::mem::take(&mut is_first) {
            sql.raw(", ");
        }
    };
    for output in &level.outputs {
        separate(sql);
        sql.output(level.alias, output, cells);
    }
    for embed in &level.embeds {
        embed::outputs(sql, embed, cells, &mut separate);
    }
    from(sql, level, tie);
    for embed in &level.embeds {
        embed::join(sql, level.alias, embed);
    }
    conditions(sql, level, tie, &Joined(&level.embeds));
    group(sql, level);
    if !level.having.is_empty() {
        sql.raw(" having ").all(level.alias, &level.having, &NoEmbeds);
    }
}

fn from(sql: &mut Sql, level: &Select<'_>, tie: Tie<'_, '_>) {
    sql.raw(" from ");
    match &level.from {
        From::Relation(relation) => sql.qualified(&relation.name),
        From::Source(_) => sql.raw("pgrst_source"),
        From::Computed { function, parent, parent_alias } => {
            sql.qualified(function).raw("(").alias(*parent_alias).raw("::").qualified(parent).raw(")")
        }
    };
    sql.raw(" as ").alias(level.alias);
    if let Some((_, On::Junction { junction, alias })) = tie {
        sql.raw(", ").qualified(&junction.relation).raw(" as ").alias(*alias);
    }
}

/// WHERE: the level's own conditions and those that tie it to its parent.
fn conditions(sql: &mut Sql, level: &Select<'_>, tie: Tie<'_, '_>, embeds: &impl EmbedTest) {
    let mut is_first = true;
    let mut separate = |sql: &mut Sql| {
        sql.raw(if std::mem::take(&mut is_first) { " where " } else { " and " });
    };
    if !level.filter.is_empty() {
        separate(sql);
        sql.all(level.alias, &level.filter, embeds);
    }
    match tie {
        Some((parent, On::Columns(columns))) => {
            for (theirs, ours) in *columns {
                separate(sql);
                sql.of(level.alias, ours.as_str()).raw(" = ").of(parent, theirs.as_str());
            }
        }
        Some((parent, On::Junction { junction, alias })) => {
            for (ours, between) in &junction.to_columns {
                separate(sql);
                sql.of(*alias, between.as_str()).raw(" = ").of(level.alias, ours.as_str());
            }
            for (theirs, between) in &junction.from_columns {
                separate(sql);
                sql.of(*alias, between.as_str()).raw(" = ").of(parent, theirs.as_str());
            }
        }
        Some((_, On::Computed)) | None => {}
    }
}

/// GROUP BY what is no aggregate, by position: an expression with a bound value has no other name.
fn group(sql: &mut Sql, level: &Select<'_>) {
    if !level.is_aggregated() {
        return;
    }
    let outputs = level.outputs.iter().map(|output| output.aggregate.is_none());
    let embeds = level.embeds.iter().flat_map(|embed| match embed.spreads() {
        [] => vec![true; embed.keys().len()],
        spreads => spreads.iter().map(|spread| spread.aggregate.is_none()).collect(),
    });
    let positions: Vec<_> =
        outputs.chain(embeds).enumerate().filter(|(_, is_plain)| *is_plain).map(|(index, _)| index).collect();
    if !positions.is_empty() {
        sql.raw(" group by ").list(", ", positions, |sql, position| {
            sql.number(position as u64 + 1);
        });
    }
}

fn order(sql: &mut Sql, level: &Select<'_>) {
    use crate::query::{Direction, Nulls};
    if level.order.is_empty() {
        return;
    }
    sql.raw(" order by ").list(", ", &level.order, |sql, term| {
        match &term.key {
            SortKey::Field(field) => {
                sql.field(level.alias, field);
            }
            SortKey::Related { index, field } => {
                let alias = level.embeds.get(*index).map_or(level.alias, |embed| embed.alias);
                sql.field(alias, field);
            }
            SortKey::Aggregate(aggregate) => sql.aggregate(level.alias, aggregate),
        }
        sql.raw(match term.direction {
            Some(Direction::Asc) => " asc",
            Some(Direction::Desc) => " desc",
            None => "",
        });
        sql.raw(match term.nulls {
            Some(Nulls::First) => " nulls first",
            Some(Nulls::Last) => " nulls last",
            None => "",
        });
    });
}

fn range(sql: &mut Sql, level: &Select<'_>) {
    if let Some(limit) = level.range.limit {
        sql.raw(" limit ").bind(limit.to_string());
    }
    if level.range.offset > 0 {
        sql.raw(" offset ").bind(level.range.offset.to_string());
    }
}

/// A select of nothing but the rows that a level has: `select 1 from … where …`. Groups that are filtered have to be
/// made for that.
pub(super) fn exists(sql: &mut Sql, level: &Select<'_>, tie: Tie<'_, '_>) {
    if !level.having.is_empty() {
        return rows(sql, level, Cells::Native, tie);
    }
    sql.raw("select 1");
    from(sql, level, tie);
    let inner: Vec<_> = level.embeds.iter().filter(|embed| embed.join == Join::Inner).collect();
    let test = Existing { parent: level.alias, embeds: &level.embeds };
    conditions(sql, level, tie, &test);
    let has_where = !level.filter.is_empty() || tie.is_some_and(|(_, on)| !matches!(on, On::Computed));
    for (index, embed) in inner.into_iter().enumerate() {
        sql.raw(if index == 0 && !has_where { " where " } else { " and " });
        test.exists(sql, embed);
    }
}

/// Asks about embeds that are not joined.
struct Existing<'p, 'c> {
    parent: Alias,
    embeds: &'p [EmbedPlan<'c>],
}

impl Existing<'_, '_> {
    fn exists(&self, sql: &mut Sql, embed: &EmbedPlan<'_>) {
        sql.raw("exists (");
        exists(sql, &embed.select, Some((self.parent, &embed.on)));
        sql.raw(")");
    }
}

impl EmbedTest for Existing<'_, '_> {
    fn embed(&self, sql: &mut Sql, index: usize, is_null: bool) {
        let Some(embed) = self.embeds.get(index) else { return };
        if is_null {
            sql.raw("not ");
        }
        self.exists(sql, embed);
    }
}
