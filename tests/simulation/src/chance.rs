//! Every choice of a world comes from its seed, and everything that happens goes into its trace.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use fastrand::Rng;
use fobless::domain::time::Timestamp;

/// What happened, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// A hash of all of it.
    pub hash: u64,
    /// How many things happened.
    pub length: u64,
    /// The things themselves, where somebody wants to read them.
    pub lines: Option<Vec<String>>,
}

/// The source of all choices.
#[derive(Debug)]
pub(crate) struct Chance(Mutex<Rng>);

impl Chance {
    /// Also what the system itself leaves to chance follows from the seed.
    pub(crate) fn new(seed: u64) -> Self {
        fastrand::seed(seed);
        Self(Mutex::new(Rng::with_seed(seed)))
    }

    fn rng(&self) -> MutexGuard<'_, Rng> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number below `end`.
    pub(crate) fn below(&self, end: usize) -> usize {
        self.rng().usize(..end.max(1))
    }

    /// So many times out of a thousand.
    pub(crate) fn happens(&self, per_mille: u32) -> bool {
        per_mille > 0 && self.rng().u32(..1000) < per_mille
    }

    /// Milliseconds up to `most`.
    pub(crate) fn millis(&self, most: u64) -> std::time::Duration {
        std::time::Duration::from_millis(self.rng().u64(..=most))
    }

    pub(crate) fn between(&self, from: i64, to: i64) -> i64 {
        self.rng().i64(from..=to)
    }
}

impl Trace {
    pub(crate) const fn new(is_read: bool) -> Self {
        Self {
            hash: 0xcbf2_9ce4_8422_2325,
            length: 0,
            lines: if is_read { Some(Vec::new()) } else { None },
        }
    }

    pub(crate) fn add(&mut self, at: Timestamp, what: fmt::Arguments<'_>) {
        self.hash(&at.millis().to_le_bytes());
        // Hashing can't fail.
        let _ = fmt::Write::write_fmt(self, what);
        self.length += 1;
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{at} {what}"));
        }
    }

    fn hash(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// Into the hash, without a text in between: most traces are never read.
impl fmt::Write for Trace {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.hash(text.as_bytes());
        Ok(())
    }
}
