//! The `Prefer` header (RFC 7240).
//!
//! In: the values of all `Prefer` headers of a request. Out: what is preferred, and what was not understood. Refuses
//! nothing: only `handling=strict` makes the unknown an error, and that is for the caller to raise once the plan stands.
//! Of a preference given twice the first counts, as RFC 7240 says.

use super::Kind;

/// What a request prefers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// `resolution=`
    pub resolution: Option<Resolution>,
    /// `return=`
    pub representation: Option<Representation>,
    /// `count=`
    pub count: Option<Count>,
    /// `tx=`, where overriding is allowed.
    pub transaction: Option<Transaction>,
    /// `missing=`
    pub missing: Option<Missing>,
    /// `handling=`
    pub handling: Option<Handling>,
    /// `timezone=`, unchecked.
    pub timezone: Option<String>,
    /// `max-affected=`
    pub max_affected: Option<u64>,
    /// `max-rows=`, which PostgREST doesn't have.
    pub max_rows: Option<MaxRows>,
    /// `read=`, which PostgREST doesn't have.
    pub source: Option<Source>,
    /// What was not understood, as written.
    pub invalid: Vec<String>,
}

macro_rules! preferences {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// As the header spells it.
            pub fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            fn read(preference: &str) -> Option<Self> {
                match preference { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    )*};
}

preferences! {
    /// What an insert does with a row whose key is taken.
    Resolution {
        /// Updates the row that is there.
        MergeDuplicates = "resolution=merge-duplicates",
        /// Leaves the row that is there.
        IgnoreDuplicates = "resolution=ignore-duplicates",
    }
    /// What a write answers with.
    Representation {
        /// The rows.
        Full = "return=representation",
        /// Nothing.
        Minimal = "return=minimal",
        /// Nothing, but after an insert its `Location`.
        HeadersOnly = "return=headers-only",
    }
    /// How the rows of a whole result are counted.
    Count {
        /// By counting.
        Exact = "count=exact",
        /// By asking the planner.
        Planned = "count=planned",
        /// By counting up to a limit, else by asking the planner.
        Estimated = "count=estimated",
    }
    /// How the transaction ends.
    Transaction {
        /// Its changes stay.
        Commit = "tx=commit",
        /// Its changes are undone once the answer is known.
        Rollback = "tx=rollback",
    }
    /// What a key of `columns` that the payload lacks stands for.
    Missing {
        /// The column's default.
        Default = "missing=default",
        /// Null.
        Null = "missing=null",
    }
    /// What becomes of a list that has more rows than the service gives at once.
    MaxRows {
        /// It is an error, where `handling=strict` says so too.
        Fail = "max-rows=fail",
    }
    /// Where a read is answered from.
    Source {
        /// From a replica, if one will do.
        Replica = "read=replica",
        /// From the primary.
        Primary = "read=primary",
    }
    /// What becomes of preferences that are not understood.
    Handling {
        /// They are refused.
        Strict = "handling=strict",
        /// They are ignored.
        Lenient = "handling=lenient",
    }
}

/// Whether an insert has a key for duplicates to be found by: the relation's primary key, or `on_conflict`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictKey {
    /// It has; `resolution` is applied.
    Present,
    /// It has none; `resolution` means nothing.
    Absent,
}

impl Preferences {
    /// Reads all `Prefer` headers of a request, in their order. `tx_override` says whether `tx=` counts; where it does
    /// not, it is ignored as PostgREST ignores it, without being called invalid.
    pub fn read<'a>(values: impl Iterator<Item = &'a str>, tx_override: bool) -> Self {
        let mut read = Self::default();
        for preference in values.flat_map(|value| value.split(',')).map(str::trim) {
            if preference.is_empty() {
                continue;
            }
            read.take(preference, tx_override);
        }
        read
    }

    fn take(&mut self, preference: &str, tx_override: bool) {
        if let Some(timezone) = preference.strip_prefix("timezone=") {
            self.timezone.get_or_insert_with(|| timezone.to_owned());
        } else if let Some(number) = preference.strip_prefix("max-affected=") {
            match number.parse() {
                Ok(number) if number <= i64::MAX as u64 => _ = self.max_affected.get_or_insert(number),
                // PostgREST would set no bound at all, and say so to nobody.
                _ => self.invalid.push(preference.to_owned()),
            }
        } else if let Some(transaction) = Transaction::read(preference) {
            if tx_override {
                self.transaction.get_or_insert(transaction);
            }
        } else if let Some(resolution) = Resolution::read(preference) {
            self.resolution.get_or_insert(resolution);
        } else if let Some(representation) = Representation::read(preference) {
            self.representation.get_or_insert(representation);
        } else if let Some(count) = Count::read(preference) {
            self.count.get_or_insert(count);
        } else if let Some(missing) = Missing::read(preference) {
            self.missing.get_or_insert(missing);
        } else if let Some(handling) = Handling::read(preference) {
            self.handling.get_or_insert(handling);
        } else if let Some(max_rows) = MaxRows::read(preference) {
            self.max_rows.get_or_insert(max_rows);
        } else if let Some(source) = Source::read(preference) {
            self.source.get_or_insert(source);
        } else {
            self.invalid.push(preference.to_owned());
        }
    }

    /// Whether the request is to fail when its preferences are not understood or not met.
    pub fn is_strict(&self) -> bool {
        self.handling == Some(Handling::Strict)
    }

    /// Whether a list with more rows than the service gives at once is to be an error.
    pub fn refuses_cuts(&self) -> bool {
        self.is_strict() && self.max_rows == Some(MaxRows::Fail)
    }

    /// The value of `Preference-Applied`: those preferences that a request of this kind acts on, in PostgREST's order
    /// (`prefAppliedHeader` and `responsePreferences`). `None` where there are none.
    pub fn applied(&self, kind: Kind, key: ConflictKey) -> Option<String> {
        let write = matches!(kind, Kind::Insert | Kind::Update | Kind::Upsert | Kind::Delete);
        let resolves = kind == Kind::Insert && key == ConflictKey::Present;
        let fills = matches!(kind, Kind::Insert | Kind::Update);
        let bounded = matches!(kind, Kind::Update | Kind::Delete | Kind::RoutineRead | Kind::RoutineCall);
        let owned = |text: &str| text.to_owned();
        let applied: Vec<String> = [
            self.resolution.filter(|_| resolves).map(Resolution::text).map(owned),
            self.missing.filter(|_| fills).map(Missing::text).map(owned),
            self.representation.filter(|_| write).map(Representation::text).map(owned),
            self.count.map(Count::text).map(owned),
            self.transaction.map(Transaction::text).map(owned),
            self.handling.map(Handling::text).map(owned),
            self.timezone.as_ref().map(|timezone| format!("timezone={timezone}")),
            self.max_affected.filter(|_| bounded && self.is_strict()).map(|most| format!("max-affected={most}")),
            self.max_rows.filter(|_| self.is_strict()).map(MaxRows::text).map(owned),
            self.source.filter(|_| !write).map(Source::text).map(owned),
        ]
        .into_iter()
        .flatten()
        .collect();
        if applied.is_empty() { None } else { Some(applied.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Preferences {
        Preferences::read(values.iter().copied(), true)
    }

    #[test]
    fn preferences_come_from_one_header_or_several() {
        let expected = Preferences {
            resolution: Some(Resolution::IgnoreDuplicates),
            count: Some(Count::Exact),
            timezone: Some("America/Los_Angeles".to_owned()),
            max_affected: Some(100),
            ..Preferences::default()
        };
        let one = "resolution=ignore-duplicates, count=exact, timezone=America/Los_Angeles, max-affected=100";
        assert_eq!(read(&[one]), expected);
        assert_eq!(read(&one.split(", ").collect::<Vec<_>>()), expected);
    }

    #[test]
    fn the_first_of_two_counts() {
        assert_eq!(read(&["tx=commit, tx=rollback"]).transaction, Some(Transaction::Commit));
        let resolution = read(&["resolution=ignore-duplicates", "resolution=merge-duplicates"]).resolution;
        assert_eq!(resolution, Some(Resolution::IgnoreDuplicates));
    }

    #[test]
    fn blanks_do_not_matter() {
        let text = "count=exact,    tx=commit   ,return=representation , missing=default, handling=strict, anything";
        let expected = Preferences {
            representation: Some(Representation::Full),
            count: Some(Count::Exact),
            transaction: Some(Transaction::Commit),
            missing: Some(Missing::Default),
            handling: Some(Handling::Strict),
            invalid: vec!["anything".to_owned()],
            ..Preferences::default()
        };
        assert_eq!(read(&[text]), expected);
    }

    #[test]
    fn what_is_not_understood_is_kept() {
        let read = read(&["count=all", "max-affected=many, max-affected=-1", "max-affected=99999999999999999999"]);
        let invalid = ["count=all", "max-affected=many", "max-affected=-1", "max-affected=99999999999999999999"];
        assert_eq!(read.invalid, invalid);
        assert_eq!(read.max_affected, None);
    }

    #[test]
    fn a_transaction_is_overridden_only_where_allowed() {
        assert_eq!(Preferences::read(["tx=rollback"].into_iter(), false), Preferences::default());
    }

    #[test]
    fn only_what_is_acted_on_is_applied() {
        let all = "tx=rollback, handling=strict, timezone=UTC, max-affected=5, count=exact, return=minimal, \
                   missing=null, resolution=merge-duplicates";
        let all = read(&[all]);
        let tail = "count=exact, tx=rollback, handling=strict, timezone=UTC";
        for (kind, key, expected) in [
            (Kind::RelationRead, ConflictKey::Present, tail.to_owned()),
            (
                Kind::Insert,
                ConflictKey::Present,
                format!("resolution=merge-duplicates, missing=null, return=minimal, {tail}"),
            ),
            (Kind::Insert, ConflictKey::Absent, format!("missing=null, return=minimal, {tail}")),
            (Kind::Update, ConflictKey::Present, format!("missing=null, return=minimal, {tail}, max-affected=5")),
            (Kind::Upsert, ConflictKey::Present, format!("return=minimal, {tail}")),
            (Kind::Delete, ConflictKey::Present, format!("return=minimal, {tail}, max-affected=5")),
            (Kind::RoutineCall, ConflictKey::Present, format!("{tail}, max-affected=5")),
        ] {
            assert_eq!(all.applied(kind, key).unwrap(), expected, "{kind:?}");
        }
        let fail = |values| read(&[values]).applied(Kind::RelationRead, ConflictKey::Absent);
        assert_eq!(fail("max-rows=fail"), None);
        assert_eq!(fail("max-rows=fail, handling=strict").as_deref(), Some("handling=strict, max-rows=fail"));
        assert_eq!(read(&["max-affected=5"]).applied(Kind::Delete, ConflictKey::Absent), None);
        assert_eq!(read(&["read=replica"]).applied(Kind::Delete, ConflictKey::Absent), None);
        assert_eq!(fail("read=replica, read=primary").as_deref(), Some("read=replica"));
    }
}
