//! The system's clock, the one place where the time comes in.

use std::time::{SystemTime, UNIX_EPOCH};

use chipgate_apdu::{Clock, Timestamp};

/// The system's clock.
#[derive(Clone, Copy)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place where the time comes in")]
    fn now(&self) -> Timestamp {
        // A clock that stands before 1970 shows as 1970: every certificate is then not yet valid.
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
    }
}
