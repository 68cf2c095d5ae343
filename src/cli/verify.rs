//! `tekup-db verify`: says what is wrong with a database, and how to mend it.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use super::{Failure, embedded, progress};
use crate::{
    config::Config,
    db::verify::{self, CHECKS, Finding, Manifest, Report, Request, Severity},
    http::server::stop_signal,
};

/// Options of `verify`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = after_help())]
pub struct Args {
    /// A check to make, may be given more than once; all otherwise
    #[arg(long = "check", value_name = "NAME")]
    checks: Vec<String>,
    /// Only this exposed schema, may be given more than once; all otherwise
    #[arg(long = "schema", value_name = "NAME")]
    schemas: Vec<String>,
    /// A backup's manifest (JSON) to compare the numbers of rows with
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// The checks, and what the exit code means.
fn after_help() -> String {
    let checks: Vec<_> = CHECKS.iter().map(line).collect();
    format!(
        "Checks:\n{}\n\nNothing is changed: what mends a finding is printed, not run. The check `drift` runs the migrations in a \
         database of its own on the same server, and drops it.\n\nExit codes: 0 nothing is wrong, 1 it could not be looked at, \
         2 the options are wrong, 3 there are warnings, 4 there are errors.",
        checks.join("\n")
    )
}

fn line(check: &verify::Check) -> String {
    format!("  {:<24} {:<8} {}", check.name, check.severity.as_str(), check.about)
}

/// Makes the checks and prints what they found. The exit code says how bad it is.
///
/// # Errors
/// A name is no check's or no exposed schema's, the manifest can't be read, the database can't be reached, or the login does
/// not see every row.
pub async fn run(args: Args, config: Config) -> Result<ExitCode, Failure> {
    let request = Request {
        manifest: args.manifest.as_deref().map(read).transpose()?,
        schemas: super::exposed(&args.schemas, &config)?,
        checks: args.checks,
        anon_role: config.auth.anon_role.as_ref().map(ToString::to_string),
        days_counted: None,
    };
    request.chosen().map_err(known)?;
    let stop = stop_signal()?;
    let (url, local) = embedded::owner_url(&config).await?;
    let looked = progress::shown("verifying", async |report| verify::run(&url, &request, stop, report).await).await;
    if let Some(local) = local {
        local.stop().await?;
    }
    let report = looked?;
    let text = if args.json { json(&report)? } else { text(&report) };
    io::stdout().write_all(text.as_bytes())?;
    // 2 is what the options' parser exits with.
    Ok(match report.worst() {
        None | Some(Severity::Info) => ExitCode::SUCCESS,
        Some(Severity::Warning) => ExitCode::from(3),
        Some(Severity::Error) => ExitCode::from(4),
    })
}

/// Where a name is none, those that are.
fn known(error: verify::VerifyError) -> Failure {
    match error {
        verify::VerifyError::UnknownCheck(_) => {
            let checks: Vec<_> = CHECKS.iter().map(line).collect();
            format!("{error}; there are:\n{}", checks.join("\n")).into()
        }
        verify::VerifyError::NoManifest => format!("{error}: --manifest FILE").into(),
        error => error.into(),
    }
}

fn read(path: &Path) -> Result<Manifest, Failure> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let manifest = serde_json::from_str(&text);
    Ok(manifest.map_err(|error| format!("{}: no manifest of a backup: {error}", path.display()))?)
}

fn json(report: &Report) -> Result<String, serde_json::Error> {
    let count = |severity| report.count(severity);
    let document = serde_json::json!({
        "checks": report.checks,
        "errors": count(Severity::Error),
        "warnings": count(Severity::Warning),
        "infos": count(Severity::Info),
        "findings": report.findings,
    });
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn text(report: &Report) -> String {
    let findings: String = report.findings.iter().map(told).collect();
    let count = |severity, one: &str| match report.count(severity) {
        1 => format!("1 {one}"),
        number => format!("{number} {one}s"),
    };
    format!(
        "{findings}{}, {}, {} of {} checks\n",
        count(Severity::Error, "error"),
        count(Severity::Warning, "warning"),
        count(Severity::Info, "note"),
        report.checks.len()
    )
}

fn told(finding: &Finding) -> String {
    let Finding { severity, check, object, why, mend } = finding;
    let mend =
        mend.as_ref().map(|sql| format!("    mend: {};\n", sql.replace('\n', "\n          "))).unwrap_or_default();
    format!("{:<8} {check}  {object}\n    {why}\n{mend}", severity.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_told_with_its_mends() {
        let mut report = Report::default();
        let finding = |severity, mend: Option<&str>| Finding {
            severity,
            check: "sequences",
            object: "crm.numbers_seq".to_owned(),
            why: "it is behind".to_owned(),
            mend: mend.map(str::to_owned),
        };
        report.add("sequences", vec![finding(Severity::Error, Some("select setval('crm.numbers_seq', 3)"))]);
        report.add("drift", vec![finding(Severity::Info, None)]);
        assert_eq!(
            text(&report),
            "error    sequences  crm.numbers_seq\n    it is behind\n    mend: select setval('crm.numbers_seq', 3);\n\
             info     sequences  crm.numbers_seq\n    it is behind\n\
             1 error, 0 warnings, 1 note of 2 checks\n"
        );
        let document: serde_json::Value = serde_json::from_str(&json(&report).unwrap()).unwrap();
        assert_eq!((&document["errors"], &document["infos"]), (&1.into(), &1.into()));
        assert_eq!(document["findings"][0]["severity"], "error");
        assert_eq!(document["findings"][1]["mend"], serde_json::Value::Null);
    }

    #[test]
    fn the_help_lists_every_check() {
        let help = after_help();
        assert!(CHECKS.iter().all(|check| help.contains(check.name) && help.contains(check.about)), "{help}");
    }
}
