//! quick
use super::Kind;
#[derive(Clone, Copy, Debug, PartialEq, Eq)] pub enum Resolution { MergeDuplicates, IgnoreDuplicates }
#[derive(Clone, Copy, Debug, PartialEq, Eq)] pub enum Representation { Full, HeadersOnly, None }
#[derive(Clone, Copy, Debug, PartialEq, Eq)] pub enum Count { Exact, Planned, Estimated }
#[derive(Clone, Copy, Debug, PartialEq, Eq)] pub enum TransactionEnd { Commit, Rollback }
#[derive(Clone, Copy, Debug, PartialEq, Eq)] pub enum Missing { Defaults, Nulls }
#[derive(Clone, Copy, Debug, PartialEq, Eq)] pub enum Handling { Strict, Lenient }
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences { pub resolution: Option<Resolution>, pub representation: Option<Representation>, pub count: Option<Count>, pub transaction: Option<TransactionEnd>, pub missing: Option<Missing>, pub handling: Option<Handling>, pub timezone: Option<String>, pub max_affected: Option<u64>, pub invalid: Vec<String> }
impl Preferences {
    pub fn read<'h>(values: impl IntoIterator<Item = &'h str>, tx: bool) -> Self {
        let mut p = Self::default();
        for v in values.into_iter().flat_map(|v| v.split(',')).map(str::trim) {
            match v {
                "resolution=merge-duplicates" => p.resolution = p.resolution.or(Some(Resolution::MergeDuplicates)),
                "resolution=ignore-duplicates" => p.resolution = p.resolution.or(Some(Resolution::IgnoreDuplicates)),
                "return=representation" => p.representation = p.representation.or(Some(Representation::Full)),
                "return=minimal" => p.representation = p.representation.or(Some(Representation::None)),
                "return=headers-only" => p.representation = p.representation.or(Some(Representation::HeadersOnly)),
                "count=exact" => p.count = p.count.or(Some(Count::Exact)),
                "count=planned" => p.count = p.count.or(Some(Count::Planned)),
                "count=estimated" => p.count = p.count.or(Some(Count::Estimated)),
                "tx=commit" => if tx { p.transaction = p.transaction.or(Some(TransactionEnd::Commit)) },
                "tx=rollback" => if tx { p.transaction = p.transaction.or(Some(TransactionEnd::Rollback)) },
                "missing=default" => p.missing = p.missing.or(Some(Missing::Defaults)),
                "missing=null" => p.missing = p.missing.or(Some(Missing::Nulls)),
                "handling=strict" => p.handling = p.handling.or(Some(Handling::Strict)),
                "handling=lenient" => p.handling = p.handling.or(Some(Handling::Lenient)),
                v => if let Some(t) = v.strip_prefix("timezone=") { p.timezone = p.timezone.or(Some(t.into())) } else if let Some(Ok(n)) = v.strip_prefix("max-affected=").map(str::parse) { p.max_affected = p.max_affected.or(Some(n)) } else { p.invalid.push(v.into()) },
            }
        }
        p
    }
    pub fn applied(&self, kind: Kind) -> Option<String> {
        let mut v: Vec<String> = vec![];
        if kind == Kind::Insert { match self.resolution { Some(Resolution::MergeDuplicates) => v.push("resolution=merge-duplicates".into()), Some(_) => v.push("resolution=ignore-duplicates".into()), None => {} } }
        if matches!(kind, Kind::Insert | Kind::Update) { match self.missing { Some(Missing::Defaults) => v.push("missing=default".into()), Some(_) => v.push("missing=null".into()), None => {} } }
        if matches!(kind, Kind::Insert | Kind::Update | Kind::Upsert | Kind::Delete) { match self.representation { Some(Representation::Full) => v.push("return=representation".into()), Some(Representation::None) => v.push("return=minimal".into()), Some(Representation::HeadersOnly) => v.push("return=headers-only".into()), None => {} } }
        match self.count { Some(Count::Exact) => v.push("count=exact".into()), Some(Count::Planned) => v.push("count=planned".into()), Some(Count::Estimated) => v.push("count=estimated".into()), None => {} }
        match self.transaction { Some(TransactionEnd::Commit) => v.push("tx=commit".into()), Some(_) => v.push("tx=rollback".into()), None => {} }
        match self.handling { Some(Handling::Strict) => v.push("handling=strict".into()), Some(_) => v.push("handling=lenient".into()), None => {} }
        if let Some(t) = &self.timezone { v.push(format!("timezone={t}")) }
        if let (Some(n), Some(Handling::Strict)) = (self.max_affected, self.handling) { if !matches!(kind, Kind::RelationRead | Kind::Insert | Kind::Upsert) { v.push(format!("max-affected={n}")) } }
        (!v.is_empty()).then(|| v.join(", "))
    }
}
