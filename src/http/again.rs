//! Doing something again that others got in the way of.

use std::time::Duration;

use crate::error::Problem;

/// How often something is tried.
const ATTEMPTS: u32 = 20;

/// What became of an attempt.
pub(super) enum Attempt<T> {
    /// It is done.
    Done(T),
    /// Others got in its way: nothing was done, and doing it again may go well.
    Hindered,
}

/// Tries until it is done, with a while between attempts.
///
/// # Errors
/// Those of an attempt; 409 where all of them were hindered.
pub(super) async fn until_done<T, F>(attempt: impl Fn() -> F) -> Result<T, Problem>
where
    F: Future<Output = Result<Attempt<T>, Problem>>,
{
    for number in 1..=ATTEMPTS {
        if let Attempt::Done(done) = attempt().await? {
            return Ok(done);
        }
        tokio::time::sleep(pause(number)).await;
    }
    Err(Problem::new(409, "operation.conflict", "Others were faster each time").header("retry-after", "1"))
}

/// Not serializable, and a deadlock: all was rolled back.
pub(super) fn is_hindered(sqlstate: &str) -> bool {
    ["40001", "40P01"].contains(&sqlstate)
}

/// A while that is longer after more attempts, and another one for each call: those who met don't meet again.
fn pause(attempt: u32) -> Duration {
    let random = uuid::Uuid::now_v7().as_u128() as u64 % 1000;
    Duration::from_micros(u64::from(attempt) * (1000 + 2 * random))
}
