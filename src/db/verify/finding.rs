//! What a check finds.
//!
//! In: what is wrong. Out: a [`Finding`], and a [`Report`] of them all with their worst severity. Pure.

use serde::Serialize;

/// Findings of one check that are told one by one; how many more there are is told as well.
const SHOWN: usize = 50;

/// How bad a finding is. The order is from harmless to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// To be mended when there is time.
    Warning,
    /// Data or their protection are wrong.
    Error,
}

impl Severity {
    /// `info`, `warning`, `error`
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The check that found it.
    pub check: &'static str,
    /// What it is about, as SQL names it.
    pub object: String,
    /// What is wrong, and what comes of it.
    pub why: String,
    /// SQL that mends it, one or several statements; `None` where that is for people to decide.
    pub mend: Option<String>,
}

/// What all checks found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Names of the checks that were made.
    pub checks: Vec<&'static str>,
    /// Their findings, the worst first.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Adds what a check found; of very many findings the first, and their number.
    pub fn add(&mut self, check: &'static str, mut findings: Vec<Finding>) {
        self.checks.push(check);
        if findings.len() > SHOWN {
            let more = findings.split_off(SHOWN);
            let severity = more.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Info);
            let why = format!("{} more findings of this check; mend these first", more.len());
            findings.push(Finding { severity, check, object: "and more".to_owned(), why, mend: None });
        }
        self.findings.append(&mut findings);
        // The order within a severity stays that of the checks.
        self.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    }

    /// How many findings there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// The worst of all findings.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(severity: Severity, object: usize) -> Finding {
        Finding { severity, check: "sequences", object: object.to_string(), why: String::new(), mend: None }
    }

    #[test]
    fn the_worst_comes_first_and_nothing_is_dropped_silently() {
        let mut report = Report::default();
        assert_eq!(report.worst(), None);
        report.add("unused-indexes", vec![finding(Severity::Info, 1)]);
        report.add("sequences", (0..SHOWN + 3).map(|object| finding(Severity::Error, object)).collect());
        assert_eq!(report.worst(), Some(Severity::Error));
        assert_eq!(report.checks, ["unused-indexes", "sequences"]);
        assert_eq!((report.count(Severity::Error), report.count(Severity::Info)), (SHOWN + 1, 1));
        assert_eq!(report.findings[0].object, "0");
        assert_eq!(report.findings[SHOWN].why, "3 more findings of this check; mend these first");
        assert_eq!(report.findings[SHOWN + 1].severity, Severity::Info);
    }
}
