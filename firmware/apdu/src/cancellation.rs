use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, Ordering};

/// A wish to stop, from another thread, a signal or an interrupt. Every clone tells the same.
///
/// It is looked at before each command to a chip, so that what runs ends between two commands and never within one.
#[derive(Debug, Clone, Default)]
pub struct Cancellation(Arc<AtomicBool>);

impl Cancellation {
    /// Nobody has wished to stop yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Wishes to stop. It cannot be taken back.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether someone has wished to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::Cancellation;

    #[test]
    fn every_clone_tells_the_same() {
        let cancellation = Cancellation::new();
        let seen = cancellation.clone();
        assert!(!seen.is_cancelled());
        cancellation.cancel();
        assert!(seen.is_cancelled());
    }
}
