//! The clock, which is passed in, so that tests can choose the time.

use std::time::{SystemTime, UNIX_EPOCH};

use transcript::Millis;

/// A function that returns the present time: the system's clock, or in tests any other. Whoever makes a
/// [`Memory`](crate::Memory) passes it in.
#[derive(Clone, Copy, Debug)]
pub struct Clock(pub fn() -> SystemTime);

impl Clock {
    /// The time now.
    pub fn now(self) -> SystemTime {
        (self.0)()
    }

    /// The time now as the archive counts it: milliseconds since 1970 in UTC. 0 for any time before.
    pub fn millis(self) -> Millis {
        let since = self.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
    }
}
