//! Measurements, which CloudWatch reads out of the log: no call is made, and nothing waits for them.

mod embedded_metric;

use std::io::Write as _;

use crate::domain::{acs::AcsCredentialPool, time::Timestamp};

/// Where measurements go. Whoever starts the process knows whether its standard output is a log that CloudWatch reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Telemetry {
    /// Nowhere: standard output may belong to somebody else, as that of `cargo dev` does.
    #[default]
    Nowhere,
    /// To standard output, one line each.
    Stdout,
}

impl Telemetry {
    /// Reports how many credentials are left in a pool, as far as that is known.
    pub fn pool_level(self, pool: &AcsCredentialPool) {
        match self {
            Self::Nowhere => {}
            Self::Stdout => {
                if let Some(metric) = embedded_metric::pool_available(pool) {
                    print_line(&metric);
                }
            }
        }
    }

    /// Reports that something was left alone, since something of it can't be used.
    pub fn left_alone(self, now: Timestamp) {
        match self {
            Self::Nowhere => {}
            Self::Stdout => print_line(&embedded_metric::left_alone(now)),
        }
    }
}

/// Prints it as one line. A measurement that can't be written is no reason to stop working.
fn print_line(metric: &serde_json::Value) {
    let _ = writeln!(std::io::stdout(), "{metric}");
}
