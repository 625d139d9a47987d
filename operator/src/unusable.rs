//! `fobless unusable` and `fobless redrive`: what was left alone since something of it can't be used, and the way back.

use fobless::{
    config::Settings,
    domain::time::Timestamp,
    start::{StartError, https},
    store::{Redriven, Store, Unusable},
};
use serde_json::{Value, json};

use crate::{
    error::OperatorError,
    failed_records::{FailedRecords, Redrive},
    report::Report,
};

pub(crate) async fn list(store: &Store) -> Result<Report, OperatorError> {
    let marks = store.unusable().await?;
    let json = Value::Array(marks.iter().map(shown).collect());
    let rows = marks.into_iter().map(|mark| {
        [
            mark.name,
            mark.times.to_string(),
            mark.since.to_string(),
            mark.seen_at.to_string(),
            mark.reason,
        ]
    });
    Ok(Report::table(
        json,
        ["NAME", "TIMES", "SINCE", "LAST SEEN", "REASON"],
        rows.collect(),
    ))
}

/// Wakes what was marked, and whom the on-failure queue is about.
pub(crate) async fn redrive(store: &Store, settings: &Settings<'_>, now: Timestamp) -> Result<Report, OperatorError> {
    let mut done = Vec::new();
    for mark in store.unusable().await? {
        let outcome = match store.redrive(&mark, now).await? {
            Redriven::Woken => "woken",
            Redriven::NothingToWake => "nothing to wake",
        };
        let mut json = shown(&mark);
        json["outcome"] = json!(outcome);
        done.push((json, [mark.name, outcome.to_owned()]));
    }
    if let Some((address, queue)) = settings.failed_records().map_err(StartError::from)? {
        let failed = FailedRecords::at(&address, https(settings)?, queue).redrive(store, now).await?;
        done.extend(failed.into_iter().map(|Redrive { name, outcome }| {
            let json = json!({ "name": name, "outcome": outcome });
            (json, [name, outcome])
        }));
    }
    let (json, rows): (Vec<Value>, Vec<[String; 2]>) = done.into_iter().unzip();
    Ok(Report::table(json.into(), ["NAME", "OUTCOME"], rows))
}

fn shown(mark: &Unusable) -> Value {
    json!({
        "name": mark.name,
        "reason": mark.reason,
        "since": mark.since.to_string(),
        "seen_at": mark.seen_at.to_string(),
        "times": mark.times,
    })
}
