//! How often an address may call what is open to anybody.
//!
//! In: what is called, an address, and how many calls a minute are admitted. Out: admitted, or how long to wait. Windows
//! begin with an address's first call. What is counted is kept in memory: an instance of the service counts for itself, a
//! flood costs the database nothing, and no address is stored. Of IPv6 it is the network of 64 bits that counts: one
//! subscriber has all addresses of it.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use lru::LruCache;

/// Length of a window.
const WINDOW: Duration = Duration::from_secs(60);
/// Addresses that are remembered, those that called last.
const REMEMBERED: usize = 20_000;

/// Calls of addresses in their windows.
pub struct Limiter(Mutex<LruCache<(&'static str, IpAddr), Window>>);

/// The calls since a moment.
#[derive(Clone, Copy)]
struct Window {
    began: Instant,
    calls: u32,
}

impl Default for Limiter {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(NonZeroUsize::new(REMEMBERED).unwrap_or(NonZeroUsize::MIN))))
    }
}

impl Limiter {
    /// Admits a call, unless its address has had `most` of them in its window.
    ///
    /// # Errors
    /// How long to wait.
    pub fn admit(&self, what: &'static str, address: IpAddr, most: u32, now: Instant) -> Result<(), Duration> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.get_or_insert_mut((what, whose(address)), || Window { began: now, calls: 0 });
        let age = now.saturating_duration_since(window.began);
        if age >= WINDOW {
            *window = Window { began: now, calls: 0 };
        } else if window.calls >= most {
            return Err(WINDOW - age);
        }
        window.calls += 1;
        Ok(())
    }
}

/// Who an address is counted as.
fn whose(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_calls_a_window() {
        let (limiter, now) = (Limiter::default(), Instant::now());
        let ask = |what, address: &str, after| limiter.admit(what, address.parse().unwrap(), 2, now + after);
        assert_eq!(ask("click", "192.0.2.1", Duration::ZERO), Ok(()));
        assert_eq!(ask("click", "::ffff:192.0.2.1", Duration::from_secs(1)), Ok(()));
        assert_eq!(ask("click", "192.0.2.1", Duration::from_secs(20)), Err(Duration::from_secs(40)));
        assert_eq!(ask("click", "192.0.2.2", Duration::from_secs(20)), Ok(()));
        assert_eq!(ask("other", "192.0.2.1", Duration::from_secs(20)), Ok(()));
        assert_eq!(ask("click", "192.0.2.1", WINDOW), Ok(()));
        assert_eq!(ask("click", "192.0.2.1", WINDOW), Ok(()));
        assert_eq!(ask("click", "192.0.2.1", WINDOW), Err(WINDOW));
    }

    #[test]
    fn a_network_of_64_bits_is_one_caller() {
        let (limiter, now) = (Limiter::default(), Instant::now());
        let ask = |address: &str| limiter.admit("click", address.parse().unwrap(), 1, now);
        assert_eq!(ask("2001:db8::1"), Ok(()));
        assert!(ask("2001:db8::ffff:1").is_err());
        assert_eq!(ask("2001:db8:0:1::1"), Ok(()));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (limiter, now) = (Limiter::default(), Instant::now());
        for number in 0..30_000 {
            limiter.admit("click", IpAddr::V4(number.into()), 1, now).unwrap();
        }
        assert_eq!(limiter.0.lock().unwrap().len(), REMEMBERED);
    }
}
