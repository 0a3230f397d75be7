//! How often something may come: the generic cell rate algorithm (ITU-T I.371), for many keys in bounded
//! memory.
//!
//! Of each key one time is kept: when the requests so far would have been due, had they come evenly. A
//! request is let through if that is no further in the future than the burst allows.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often requests may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestRate {
    /// Requests in a minute in the long run; at least 1.
    pub per_minute: u32,
    /// Requests that may come at once; at least 1.
    pub burst: u32,
}

/// Keys that are remembered. Beyond it, those that have waited long enough are forgotten, and if there are
/// none, all.
const MAX_KEYS: usize = 10_000;

/// Limits how often requests come, by key.
#[derive(Debug)]
pub(crate) struct RateLimiter<K> {
    interval: Duration,
    tolerance: Duration,
    due: Mutex<HashMap<K, Instant>>,
}

impl RequestRate {
    /// Ten times as often.
    #[must_use]
    pub const fn tenfold(self) -> Self {
        Self {
            per_minute: self.per_minute.saturating_mul(10),
            burst: self.burst.saturating_mul(10),
        }
    }
}

impl<K: Hash + Eq> RateLimiter<K> {
    /// A limiter in which nothing has come yet.
    pub(crate) fn new(rate: RequestRate) -> Self {
        let interval = Duration::from_secs(60) / rate.per_minute.max(1);
        Self {
            interval,
            tolerance: interval * rate.burst.max(1).saturating_sub(1),
            due: Mutex::default(),
        }
    }

    /// Counts a request at `now`.
    ///
    /// # Errors
    /// How long to wait, if it came too early; then it isn't counted.
    pub(crate) fn take(&self, key: K, now: Instant) -> Result<(), Duration> {
        let mut all = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_KEYS && !all.contains_key(&key) {
            all.retain(|_, due| *due > now);
            if all.len() >= MAX_KEYS {
                all.clear();
            }
        }
        let due = all.get(&key).map_or(now, |due| (*due).max(now));
        let early = due.saturating_duration_since(now);
        if early > self.tolerance {
            return Err(early - self.tolerance);
        }
        all.insert(key, due + self.interval);
        Ok(())
    }
}

/// Limits how often requests come from an address; from this machine ten times as often, since all its
/// programs have one.
#[derive(Debug)]
pub(crate) struct AddressLimiter {
    near: RateLimiter<IpAddr>,
    far: RateLimiter<IpAddr>,
}

impl AddressLimiter {
    /// A limiter in which nothing has come yet.
    pub(crate) fn new(rate: RequestRate) -> Self {
        Self {
            near: RateLimiter::new(rate.tenfold()),
            far: RateLimiter::new(rate),
        }
    }

    /// Counts a request at `now`.
    ///
    /// # Errors
    /// How long to wait, if it came too early.
    pub(crate) fn take(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        match address.to_canonical().is_loopback() {
            true => self.near.take(address, now),
            false => self.far.take(address, now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate_counts() {
        let limiter = RateLimiter::new(RequestRate {
            per_minute: 60,
            burst: 3,
        });
        let start = Instant::now();
        let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
        for _ in 0..3 {
            assert_eq!(limiter.take("a", at(0.0)), Ok(()));
        }
        assert_eq!(limiter.take("a", at(0.0)), Err(Duration::from_secs(1)));
        assert_eq!(limiter.take("b", at(0.0)), Ok(()));
        assert_eq!(limiter.take("a", at(0.5)), Err(Duration::from_millis(500)));
        assert_eq!(limiter.take("a", at(1.0)), Ok(()));
        assert!(limiter.take("a", at(1.0)).is_err());
    }

    #[test]
    fn memory_is_bounded() {
        let limiter = RateLimiter::new(RequestRate {
            per_minute: 1,
            burst: 1,
        });
        let now = Instant::now();
        for key in 0..3 * MAX_KEYS {
            let _ = limiter.take(key, now);
        }
        assert!(limiter.due.lock().expect("no panic").len() <= MAX_KEYS);
    }
}
