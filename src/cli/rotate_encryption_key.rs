//! `tekup-db rotate-encryption-key`: seals every secret with another key.

use super::{Failure, embedded};
use crate::{
    config::{Config, Env as _, OsEnv},
    db::reseal::{self, Resealed},
    domain::Sealer,
};

/// Which keys, by the names of the variables that hold them: a value would be seen by whoever lists processes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Variable that holds the key so far
    #[arg(long, value_name = "NAME", default_value = "ENCRYPTION_KEY")]
    old_key: String,
    /// Variable that holds its salt
    #[arg(long, value_name = "NAME", default_value = "ENCRYPTION_SALT")]
    old_salt: String,
    /// Variable that holds the key from now on
    #[arg(long, value_name = "NAME")]
    new_key: String,
    /// Variable that holds its salt
    #[arg(long, value_name = "NAME")]
    new_salt: String,
}

/// Seals secrets anew, in batches: what is under the new key already is left alone, so that it can be run again. The
/// service needs the new values afterwards.
///
/// # Errors
/// A variable is not set, or a row opens with neither key.
pub async fn run(args: Args, config: Config) -> Result<(), Failure> {
    let old = sealer(&args.old_key, &args.old_salt)?;
    let new = sealer(&args.new_key, &args.new_salt)?;
    let (url, local) = embedded::owner_url(&config).await?;
    let ran = reseal::run(
        &url,
        |sealed| resealed(&old, &new, sealed),
        |report| {
            eprintln!("{}: {} sealed anew, {} already", report.place, report.resealed, report.already);
        },
    )
    .await;
    if let Some(local) = local {
        local.stop().await?;
    }
    let reports = ran?;
    let mut unreadable = Vec::new();
    for report in reports {
        println!(
            "{}  {} sealed anew, {} already, {} unreadable",
            report.place,
            report.resealed,
            report.already,
            report.unreadable.len()
        );
        unreadable.extend(report.unreadable.iter().map(|id| format!("{} {id}", report.place)));
    }
    match unreadable.is_empty() {
        true => Ok(()),
        false => Err(format!("neither key opens:\n  {}", unreadable.join("\n  ")).into()),
    }
}

/// What becomes of a sealed text: what is sealed anew has been opened again.
pub fn resealed(old: &Sealer, new: &Sealer, sealed: &str) -> Resealed {
    if new.open(sealed).is_ok() {
        return Resealed::Already;
    }
    let Ok(clear) = old.open(sealed) else { return Resealed::Unreadable };
    match new.seal(&clear) {
        Ok(sealed) if new.open(&sealed).as_ref() == Ok(&clear) => Resealed::Now(sealed),
        _ => Resealed::Unreadable,
    }
}

fn sealer(key: &str, salt: &str) -> Result<Sealer, Failure> {
    let value = |name: &str| OsEnv.get(name).filter(|value| !value.is_empty()).ok_or(format!("{name} is not set"));
    Ok(Sealer::new(&value(key)?, &value(salt)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_sealed_anew_once() {
        let sealer = |key| Sealer::new(key, "salt");
        let (old, new, other) = (sealer("old"), sealer("new"), sealer("other"));
        let sealed = old.seal("secret").unwrap();
        let Resealed::Now(anew) = resealed(&old, &new, &sealed) else { panic!("it is under the old key") };
        assert_eq!(new.open(&anew), Ok("secret".to_owned()));
        assert_eq!(resealed(&old, &new, &anew), Resealed::Already);
        assert_eq!(resealed(&old, &new, &other.seal("secret").unwrap()), Resealed::Unreadable);
        assert_eq!(resealed(&old, &new, "in clear"), Resealed::Unreadable);
    }
}
