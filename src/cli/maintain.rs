//! `tekup-db maintain`: does what has to be done from time to time.

use super::{Failure, embedded};
use crate::{
    config::Config,
    db::maintain::{self, Done, JOBS},
};

/// Options of `maintain`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A job to do, may be given more than once; all otherwise
    #[arg(long = "job", value_name = "NAME")]
    jobs: Vec<String>,
    /// Count what would be touched, and leave everything as it is
    #[arg(long)]
    dry_run: bool,
}

/// Does jobs, one after the other, and prints the rows that each touched.
///
/// # Errors
/// A name is no job's, another instance is at it, or a job fails; what was done before stays.
pub async fn run(args: Args, config: Config) -> Result<(), Failure> {
    let jobs = maintain::named(&args.jobs).map_err(|name| {
        let known: Vec<_> = JOBS.iter().map(|job| format!("  {job}")).collect();
        format!("{name} is no job; there are:\n{}", known.join("\n"))
    })?;
    let (url, local) = embedded::owner_url(&config).await?;
    let done = maintain::run(&url, &jobs, args.dry_run, |done| print(done, args.dry_run)).await;
    if let Some(local) = local {
        local.stop().await?;
    }
    Ok(done?)
}

fn print(Done { job, rows, took }: &Done, is_trial: bool) {
    let verb = if is_trial { "would touch" } else { "touched" };
    let total: i64 = rows.iter().map(|(_, count)| count).sum();
    println!("{}  {verb} {total} rows in {} ms", job.name, took.as_millis());
    for (table, count) in rows.iter().filter(|(_, count)| *count > 0) {
        println!("  {table}  {count}");
    }
}
