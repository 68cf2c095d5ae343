//! Names of backups.
//!
//! In: a database, its schemas and the time. Out: the file's name, `tekup-20261128T030000Z.dump`, and which files of a folder
//! are of the same series. A backup of some schemas is a series of its own: `tekup.crm+renos-20261128T030000Z.dump`. Pure.

use std::path::PathBuf;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const DUMP: &str = ".dump";
const TIME: &str = "%Y%m%dT%H%M%SZ";
/// `20261128T030000Z`
const TIME_LENGTH: usize = 16;
/// What stays as it is in a name.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_');

/// Where a backup goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// This file.
    File(PathBuf),
    /// This folder, under a name of its own.
    Folder(PathBuf),
}

/// Backups of the same schemas of a database of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Series(String);

impl Series {
    /// `schemas` where they are not all.
    pub(super) fn new(database: &str, schemas: Option<&[String]>) -> Self {
        let plain = |text: &str| utf8_percent_encode(text, PLAIN).to_string();
        let schemas = schemas.map(|names| names.iter().map(|name| plain(name)).collect::<Vec<_>>().join("+"));
        Self(schemas.map_or_else(|| plain(database), |schemas| format!("{}.{schemas}", plain(database))))
    }

    /// The name of one that is made now.
    pub(super) fn file_name(&self, now: Timestamp) -> String {
        format!("{}-{}{DUMP}", self.0, now.strftime(TIME))
    }

    /// Whether a file is a dump of this series.
    fn has(&self, name: &str) -> bool {
        let time = name.strip_prefix(&self.0).and_then(|rest| rest.strip_prefix('-'));
        time.and_then(|rest| rest.strip_suffix(DUMP)).is_some_and(|time| {
            time.len() == TIME_LENGTH
                && time.bytes().enumerate().all(|(at, byte)| match at {
                    8 => byte == b'T',
                    15 => byte == b'Z',
                    _ => byte.is_ascii_digit(),
                })
        })
    }

    /// Whether a file is what an interrupted run left of this series.
    pub(super) fn has_part(&self, name: &str) -> bool {
        let dump = name.strip_suffix(".part").map(|name| name.strip_suffix(".json").unwrap_or(name));
        dump.is_some_and(|dump| self.has(dump))
    }

    /// Of a folder's files, the dumps that go where `keep` whole ones stay, never `latest`. A dump without its manifest, or the
    /// other way round, counts for nothing, and goes when it is older than those that stay.
    pub(super) fn outdated(&self, names: &[String], latest: &str, keep: usize) -> Vec<String> {
        let dump = |name: &String| name.strip_suffix(".json").unwrap_or(name).to_owned();
        let mut dumps: Vec<_> = names.iter().map(dump).filter(|name| self.has(name) && name != latest).collect();
        // The time in the name sorts as the time does.
        dumps.sort_unstable_by(|one, other| other.cmp(one));
        dumps.dedup();
        let is_whole = |dump: &String| names.contains(dump) && names.contains(&format!("{dump}.json"));
        let mut whole = 1;
        dumps.retain(|dump| {
            let stays = whole < keep;
            whole += usize::from(is_whole(dump));
            !stays
        });
        dumps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_834_800 + second).unwrap()
    }

    #[test]
    fn a_name_says_what_and_when() {
        assert_eq!(Series::new("tekup", None).file_name(at(0)), "tekup-20261128T030000Z.dump");
        let schemas = ["crm".to_owned(), "re/nos".to_owned()];
        assert_eq!(Series::new("a-b", Some(&schemas)).file_name(at(1)), "a%2Db.crm+re%2Fnos-20261128T030001Z.dump");
    }

    #[test]
    fn the_latest_stay_and_what_is_not_ours() {
        let series = Series::new("tekup", None);
        let dumps: Vec<_> = (0..4).map(|second| series.file_name(at(second))).collect();
        let mut names: Vec<_> = dumps.iter().flat_map(|dump| [dump.clone(), format!("{dump}.json")]).collect();
        for other in ["tekup.crm-20251128T030000Z.dump", "tekup-2025.dump", "tekup-20251128T030000Z.dump.part", "notes"]
        {
            names.push(other.to_owned());
        }
        assert_eq!(series.outdated(&names, &dumps[3], 2), [dumps[1].clone(), dumps[0].clone()]);
        assert_eq!(series.outdated(&names, &dumps[3], 4), Vec::<String>::new());
        assert_eq!(series.outdated(&names, &dumps[3], 1).len(), 3);
        // Even where the clock went back.
        assert_eq!(series.outdated(&names, &dumps[0], 1), [dumps[3].clone(), dumps[2].clone(), dumps[1].clone()]);
        // What is not whole does not make a whole one go.
        names.retain(|name| *name != format!("{}.json", dumps[2]));
        assert_eq!(series.outdated(&names, &dumps[3], 2), [dumps[0].clone()]);
    }

    #[test]
    fn what_was_left_is_known_by_its_name() {
        let series = Series::new("tekup", None);
        assert!(series.has_part("tekup-20261128T030000Z.dump.part"));
        assert!(series.has_part("tekup-20261128T030000Z.dump.json.part"));
        for other in ["tekup-20261128T030000Z.dump", "tekup-20261128T0300000.dump.part", "x.part", "tekup-.dump.part"] {
            assert!(!series.has_part(other), "{other}");
        }
    }
}
