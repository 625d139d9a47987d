//! The figures on record, in `tests/benchmarks/recorded.json`, and how those of the last runs stand to them.
//!
//! Each command leaves its figures under `target/benchmarks/`, as the benchmark of throughput does. What is on record is replaced on purpose
//! only, and the difference stands in a commit.

use std::{collections::BTreeMap, fs, path::Path};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    figure::{Figure, Unit, Verdict},
    machine::{UNKNOWN, machine},
};

/// Where each command leaves its figures.
pub(crate) const FOLDER: &str = "target/benchmarks";

/// What the benchmark of throughput leaves there: `tests/benches/throughput/report.rs`.
pub(crate) const THROUGHPUT: &str = "throughput.json";

/// All figures on record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Where they were measured.
    pub(crate) machine: String,
    pub(crate) figures: Vec<Figure>,
}

/// Leaves a command's figures, in place of those of its last run.
pub(crate) fn leave(command: &str, figures: &[Figure]) -> Result<(), String> {
    write(&Path::new(FOLDER).join(format!("{command}.json")), &figures)
}

/// All figures that the last runs left, of this machine.
pub(crate) fn of_last_runs(folder: &Path) -> Result<Record, String> {
    let mut figures = Vec::new();
    let files = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<_> = files.filter_map(|file| Some(file.ok()?.path())).collect();
    files.sort();
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "json"))
    {
        if file.ends_with(THROUGHPUT) {
            figures.extend(read::<Vec<Value>>(file)?.iter().flat_map(of_throughput));
        } else {
            figures.extend(read::<Vec<Figure>>(file)?);
        }
    }
    Ok(Record {
        machine: machine(),
        figures,
    })
}

pub(crate) fn read<T: DeserializeOwned>(file: &Path) -> Result<T, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))
}

pub(crate) fn write(file: &Path, content: &impl Serialize) -> Result<(), String> {
    make_folder_of(file)?;
    let text = serde_json::to_string_pretty(content).map_err(|error| error.to_string())?;
    fs::write(file, text + "\n").map_err(|error| format!("{}: {error}", file.display()))
}

/// Makes the folder that a file is to be written into.
pub(crate) fn make_folder_of(file: &Path) -> Result<(), String> {
    let made = file.parent().map_or(Ok(()), fs::create_dir_all);
    made.map_err(|error| format!("{}: {error}", file.display()))
}

/// A figure of the last runs beside the one on record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Compared<'a> {
    pub(crate) figure: &'a Figure,
    pub(crate) on_record: Option<&'a Figure>,
    pub(crate) verdict: Verdict,
}

/// How each figure of the last runs stands to the one on record, and those on record that were not measured.
pub(crate) fn compared<'a>(last: &'a Record, recorded: &'a Record) -> (Vec<Compared<'a>>, Vec<&'a Figure>) {
    let is_of_this_machine = last.machine == recorded.machine && !last.machine.ends_with(UNKNOWN);
    let mut unmeasured: BTreeMap<&str, &Figure> = recorded.figures.iter().map(|figure| (figure.what.as_str(), figure)).collect();
    let compared = last.figures.iter().map(|figure| {
        let on_record = unmeasured.remove(figure.what.as_str());
        Compared {
            figure,
            on_record,
            verdict: figure.against(on_record, is_of_this_machine),
        }
    });
    let compared = compared.collect();
    (compared, unmeasured.into_values().collect())
}

/// The figures of one measurement of the benchmark of throughput.
fn of_throughput(measured: &Value) -> Vec<Figure> {
    let what = measured["what"].as_str().unwrap_or_default();
    let about = [
        ("phones_in_table", "in the table"),
        ("waiting", "waiting"),
        ("phones_of_person", "of the person"),
    ];
    let about = about
        .iter()
        .filter_map(|(field, word)| Some(format!(", {} {word}", measured[field].as_u64()?)));
    let what = format!("{what}{}", about.collect::<String>());
    let figures = [
        ("p50_ms", "median", Unit::MedianMilliseconds),
        ("p99_ms", "p99", Unit::SlowestMilliseconds),
        ("per_second", "per second", Unit::PerSecond),
    ];
    let figures = figures
        .iter()
        .filter_map(|(field, word, unit)| Some(Figure::new(format!("{what}: {word}"), measured[field].as_f64()?, *unit)));
    figures.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_measurement_of_throughput_is_a_figure_for_each_time_and_rate() {
        let measured = json!({"what": "until its answer", "phones_in_table": 100, "count": 9, "p50_ms": 1.5, "per_second": 200.0});
        let figures = of_throughput(&measured);
        assert_eq!(
            figures,
            [
                Figure::new("until its answer, 100 in the table: median", 1.5, Unit::MedianMilliseconds),
                Figure::new("until its answer, 100 in the table: per second", 200.0, Unit::PerSecond),
            ]
        );
    }

    #[test]
    fn what_is_on_record_and_was_not_measured_is_named() {
        let record = |figures: &[(&str, f64)]| Record {
            machine: "2 cores".to_owned(),
            figures: figures
                .iter()
                .map(|(what, value)| Figure::new(*what, *value, Unit::Bytes))
                .collect(),
        };
        let (last, recorded) = (record(&[("a", 1.0), ("c", 1.0)]), record(&[("a", 2.0), ("b", 1.0)]));
        let (compared, unmeasured) = compared(&last, &recorded);
        let verdicts: Vec<Verdict> = compared.iter().map(|one| one.verdict).collect();
        assert_eq!(verdicts, [Verdict::Better, Verdict::NotOnRecord]);
        assert_eq!(unmeasured, [&recorded.figures[1]]);
    }
}
