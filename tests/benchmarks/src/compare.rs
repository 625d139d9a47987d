//! The webhook function beside functions that do the same job as others would write them: `peers/README.md`. All take turns in the same run.

use std::{collections::BTreeMap, ffi::OsString, path::Path, time::Duration};

use crate::{
    figure::{Figure, Unit},
    measure::{Measured, measure},
    subject::Subject,
    table::Table,
};

/// Webhooks after the first, in each round.
const WARM: u32 = 100;

/// What one function came to over all rounds.
#[derive(Clone, Debug)]
pub(crate) struct Compared {
    /// Whose figures they are.
    pub(crate) name: String,
    /// Start to first event. All are medians of the rounds, times in milliseconds.
    pub(crate) init_ms: f64,
    /// The first webhook.
    pub(crate) first_ms: f64,
    /// From the start until that is answered: when in between a connection is opened makes no difference to it.
    pub(crate) cold_start_ms: f64,
    /// Each webhook later.
    pub(crate) warm_ms: f64,
    /// Of that, the function's own.
    pub(crate) warm_processor_ms: f64,
    /// The most memory at once, in MB.
    pub(crate) peak_memory_mb: f64,
}

/// Our function, then the peers that `peers/install.sh` put into a folder.
fn subjects(built: &Path, peers: &Path, table: &Table) -> Vec<Subject> {
    let node: [OsString; 1] = [peers.join("node/node_modules/aws-lambda-ric/index.mjs").into()];
    let python: [OsString; 3] = ["-m".into(), "awslambdaric".into(), "handler.handler".into()];
    vec![
        Subject::ours("phone-webhook", built, table),
        Subject::peer("rust", &peers.join("rust/bootstrap"), [], table),
        Subject::peer("node", Path::new("node"), node, table)
            .with("LAMBDA_TASK_ROOT", peers.join("node"))
            .with("_HANDLER", "dist/index.handler"),
        Subject::peer("python", &peers.join("python/bin/python"), python, table).with("PYTHONPATH", peers.join("python")),
    ]
}

/// Measures all of them, each once in each round. Ours comes first.
pub(crate) async fn compare(built: &Path, peers: &Path, rounds: u32) -> Result<Vec<Compared>, String> {
    let table = Table::start().await;
    let subjects = subjects(built, peers, &table);
    let mut measured: BTreeMap<&str, Vec<Measured>> = BTreeMap::new();
    for _ in 0..rounds {
        for subject in &subjects {
            measured.entry(subject.name).or_default().push(measure(subject, WARM).await?);
        }
    }
    let functions = subjects.iter().map(|subject| summed_up(subject.name, &measured[subject.name]));
    Ok(functions.collect())
}

/// How many times ours each of the peers' figures is, to put on record.
pub(crate) fn figures(compared: &[Compared]) -> Vec<Figure> {
    let Some((ours, peers)) = compared.split_first() else {
        return Vec::new();
    };
    let times_ours = |peer: &Compared| {
        [
            ("init", peer.init_ms / ours.init_ms),
            ("first webhook", peer.first_ms / ours.first_ms),
            ("start to first answer", peer.cold_start_ms / ours.cold_start_ms),
            ("warm webhook", peer.warm_ms / ours.warm_ms),
            ("warm webhook, its processor", peer.warm_processor_ms / ours.warm_processor_ms),
            ("peak memory", peer.peak_memory_mb / ours.peak_memory_mb),
        ]
        .map(|(what, times)| Figure::new(format!("{}: {what}", peer.name), times, Unit::TimesOurs))
    };
    let of_ours = [
        ("init", ours.init_ms),
        ("first webhook", ours.first_ms),
        ("start to first answer", ours.cold_start_ms),
        ("warm webhook", ours.warm_ms),
        ("warm webhook, its processor", ours.warm_processor_ms),
    ];
    let of_ours = of_ours.map(|(what, millis)| Figure::new(format!("{}: {what}", ours.name), millis, Unit::MedianMilliseconds));
    of_ours.into_iter().chain(peers.iter().flat_map(times_ours)).collect()
}

fn summed_up(name: &str, measured: &[Measured]) -> Compared {
    let memory = measured
        .iter()
        .map(|one| f64::from(u32::try_from(one.peak_memory / 1024).unwrap_or(u32::MAX)));
    Compared {
        name: name.to_owned(),
        init_ms: median_millis(measured.iter().map(|one| one.init)),
        first_ms: median_millis(measured.iter().map(|one| one.first)),
        cold_start_ms: median_millis(measured.iter().map(|one| one.cold_start)),
        warm_ms: median_millis(measured.iter().flat_map(|one| one.warm.iter().copied())),
        warm_processor_ms: median_millis(measured.iter().map(|one| one.warm_processor)),
        peak_memory_mb: median(memory.collect()) * 1024.0 / 1e6,
    }
}

fn median_millis(durations: impl Iterator<Item = Duration>) -> f64 {
    median(durations.map(|duration| duration.as_secs_f64() * 1e3).collect())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// As a table, with how many times ours each figure is.
pub(crate) fn table(compared: &[Compared]) -> String {
    let Some(ours) = compared.first() else {
        return String::new();
    };
    let mut rows = vec![
        "| | init ms | first webhook ms | start to first answer ms | warm webhook ms | its processor ms | peak memory MB |".to_owned(),
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |".to_owned(),
    ];
    for one in compared {
        let cell = |figure: f64, of_ours: f64| format!("{figure:.2} ({:.1}x)", figure / of_ours);
        rows.push(format!(
            "| {} | {} | {} | {} | {} | {} | {} |",
            one.name,
            cell(one.init_ms, ours.init_ms),
            cell(one.first_ms, ours.first_ms),
            cell(one.cold_start_ms, ours.cold_start_ms),
            cell(one.warm_ms, ours.warm_ms),
            cell(one.warm_processor_ms, ours.warm_processor_ms),
            cell(one.peak_memory_mb, ours.peak_memory_mb),
        ));
    }
    rows.join("\n")
}
