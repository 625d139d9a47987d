//! Measurements, which CloudWatch reads out of the log: no call is made, and nothing waits for them.
//!
//! What is measured during an invocation is gathered, and told in one line when the invocation is over. Where several are under way
//! at once, a line may tell what belongs to two of them; sums stay right.

mod embedded_metric;
mod gathered;
mod measure;

use std::{
    fmt,
    io::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use gathered::Gathered;
pub use measure::Measure;

use crate::domain::{acs::AcsCredentialPool, figures::Figures, time::Timestamp};

/// Where measurements go. Cheap to clone: clones gather together.
#[derive(Clone, Debug, Default)]
pub struct Telemetry(Option<Arc<Kept>>);

struct Kept {
    /// The function, by which cold starts are told apart.
    function: &'static str,
    gathered: Mutex<Gathered>,
    tell: Box<dyn Fn(&str) + Send + Sync>,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("function", &self.function).finish_non_exhaustive()
    }
}

impl Telemetry {
    /// Nowhere: standard output may belong to somebody else, as that of `cargo dev` does.
    #[must_use]
    pub const fn nowhere() -> Self {
        Self(None)
    }

    /// To standard output. Only for a process whose standard output is a log that CloudWatch reads.
    #[must_use]
    pub fn stdout(function: &'static str) -> Self {
        Self::to(function, |line| {
            // A measurement that can't be written is no reason to stop working.
            let _ = writeln!(std::io::stdout(), "{line}");
        })
    }

    /// To whoever takes the lines.
    #[must_use]
    pub fn to(function: &'static str, tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        let mut gathered = Gathered::default();
        // Of the first invocation of this process, which began cold.
        gathered.add(Measure::ColdStart);
        Self(Some(Arc::new(Kept {
            function,
            gathered: Mutex::new(gathered),
            tell: Box::new(tell),
        })))
    }

    /// Gathers a measurement.
    pub fn measure(&self, measure: Measure) {
        if let Some(kept) = &self.0 {
            kept.gathered.lock().unwrap_or_else(PoisonError::into_inner).add(measure);
        }
    }

    /// Gathers what a reconcile came to.
    pub fn figures(&self, figures: &Figures) {
        for _ in 0..figures.issued {
            self.measure(Measure::CredentialIssued);
        }
        for waited in &figures.waited {
            self.measure(Measure::TimeToCredential(*waited));
        }
        for code in &figures.failed {
            self.measure(Measure::StepFailed(*code));
        }
        if let Some(pending) = figures.pending {
            self.measure(Measure::OldestPending(pending));
        }
    }

    /// Tells how many credentials are left in a pool, as far as that is known: at once and in a line of its own, since a line has room
    /// for one pool's name.
    pub fn pool_level(&self, pool: &AcsCredentialPool) {
        if let Some(kept) = &self.0
            && let Some(line) = embedded_metric::pool_available(pool)
        {
            (kept.tell)(&line.to_string());
        }
    }

    /// Tells what was gathered since the last time, if anything was. To be called when an invocation is over.
    pub fn tell(&self, now: Timestamp) {
        let Some(kept) = &self.0 else { return };
        let gathered = std::mem::take(&mut *kept.gathered.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(line) = embedded_metric::of_invocation(kept.function, &gathered, now) {
            (kept.tell)(&line.to_string());
        }
    }
}
