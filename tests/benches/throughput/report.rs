//! What was measured: a table to read, each line as soon as it is known, and a file to plot.

use std::{path::Path, process::ExitCode};

use serde_json::{Map, Value, json};

use crate::measuring::{machine::machine, moments::seconds};

const HEAD: &str = "\
| what | phones in table | phones waiting | phones of person | count | p50 ms | p99 ms | total s | per second |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |";

/// One measurement. The clocks of both ends are the machine's, so a time may be below zero: then the far side was called before the
/// webhook's answer had arrived.
#[derive(Clone, Default)]
pub(crate) struct Figure {
    pub(crate) what: &'static str,
    pub(crate) phones_in_table: Option<usize>,
    pub(crate) waiting: Option<usize>,
    pub(crate) phones_of_person: Option<usize>,
    /// All times, in microseconds.
    pub(crate) micros: Vec<i64>,
    /// From the first request to the last that followed from it, in microseconds.
    pub(crate) total: Option<i64>,
    pub(crate) per_second: Option<f64>,
}

/// All measurements.
pub(crate) struct Report {
    figures: Vec<Value>,
    problems: Vec<String>,
}

impl Report {
    pub(crate) fn begin() -> Self {
        println!(
            "{}; the system, the credential manager's simulator and the benchmark share them\n\n{HEAD}",
            machine()
        );
        Self {
            figures: Vec::new(),
            problems: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, mut figure: Figure) {
        figure.micros.sort_unstable();
        println!("{}", figure.row());
        self.figures.push(figure.json());
    }

    pub(crate) fn wrong(&mut self, problems: Vec<String>) {
        self.problems.extend(problems);
    }

    /// Writes the file, and says whether all is well.
    pub(crate) fn end(self, file: &Path) -> ExitCode {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, format!("{:#}\n", Value::Array(self.figures))).unwrap();
        println!(
            "\nThe 50 phones of a person are 45 that are signed out and the five that HID Origo takes, which are measured. \
             The phones that register at saturation have no enrollment automation, so HID Origo is not called; the issuer lists them meanwhile."
        );
        if self.problems.is_empty() {
            println!("each phone holds exactly one credential");
            return ExitCode::SUCCESS;
        }
        for problem in &self.problems {
            println!("WRONG: {problem}");
        }
        ExitCode::FAILURE
    }
}

impl Figure {
    /// The nearest rank: the least time that so many percent do not exceed. In milliseconds.
    fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.micros.len() * percent).div_ceil(100).max(1);
        self.micros.get(rank - 1).map_or(f64::NAN, |micros| seconds(*micros) * 1_000.0)
    }

    fn row(&self) -> String {
        let cells = [
            self.what.to_owned(),
            cell(self.phones_in_table),
            cell(self.waiting),
            cell(self.phones_of_person),
            self.micros.len().to_string(),
            format!("{:.2}", self.percentile(50)),
            format!("{:.2}", self.percentile(99)),
            cell(self.total.map(|total| format!("{:.2}", seconds(total)))),
            cell(self.per_second.map(|rate| format!("{rate:.0}"))),
        ];
        format!("| {} |", cells.join(" | "))
    }

    /// Only what applies.
    fn json(&self) -> Value {
        let fields = [
            ("what", json!(self.what)),
            ("phones_in_table", json!(self.phones_in_table)),
            ("waiting", json!(self.waiting)),
            ("phones_of_person", json!(self.phones_of_person)),
            ("count", json!(self.micros.len())),
            ("p50_ms", json!(self.percentile(50))),
            ("p99_ms", json!(self.percentile(99))),
            ("total_ms", json!(self.total.map(|total| seconds(total) * 1_000.0))),
            ("per_second", json!(self.per_second)),
        ];
        let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
        Value::Object(fields.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
    }
}

fn cell(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// How many there were in a second, if so many took so many microseconds.
pub(crate) fn per_second(count: usize, micros: i64) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / seconds(micros)
}
