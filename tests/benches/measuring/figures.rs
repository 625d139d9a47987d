//! What a run leaves for the record, in the form that `fobless-benchmarks record` reads: `tests/benchmarks/src/figure.rs`.

use std::path::Path;

use serde_json::{Value, json};

/// The figures of one run.
#[derive(Default)]
pub(crate) struct Figures(Vec<Value>);

impl Figures {
    /// How long something took, in milliseconds: half of all times at most, and 99 in a hundred.
    pub(crate) fn add_times(&mut self, what: &str, median: f64, p99: f64) {
        self.add(&format!("{what}: median"), median, "median_milliseconds");
        self.add(&format!("{what}: p99"), p99, "slowest_milliseconds");
    }

    /// How many there were in a second.
    pub(crate) fn add_rate(&mut self, what: &str, per_second: f64) {
        self.add(&format!("{what}: per second"), per_second, "per_second");
    }

    /// Any other figure. `unit` is one of those that the record knows.
    pub(crate) fn add(&mut self, what: &str, value: f64, unit: &str) {
        self.0.push(json!({"what": what, "value": value, "unit": unit}));
    }

    /// Writes them in place of those of the last run.
    pub(crate) fn leave(self, benchmark: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/benchmarks");
        std::fs::create_dir_all(&folder).unwrap();
        let text = format!("{:#}\n", Value::Array(self.0));
        std::fs::write(folder.join(format!("{benchmark}.json")), text).unwrap();
    }
}
