//! `fobless unusable` and `fobless redrive`: what was left alone since something of it can't be used, and the way back.

use fobless::{
    domain::time::Timestamp,
    store::{Redriven, Store, Unusable},
};
use serde_json::{Value, json};

use crate::{error::OperatorError, report::Report};

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

pub(crate) async fn redrive(store: &Store, now: Timestamp) -> Result<Report, OperatorError> {
    let mut done = Vec::new();
    for mark in store.unusable().await? {
        let outcome = match store.redrive(&mark, now).await? {
            Redriven::Woken => "woken",
            Redriven::NothingToWake => "nothing to wake",
        };
        done.push((mark, outcome));
    }
    let with_outcome = |(mark, outcome): &(Unusable, &str)| {
        let mut json = shown(mark);
        json["outcome"] = json!(outcome);
        json
    };
    let json = Value::Array(done.iter().map(with_outcome).collect());
    let rows = done.into_iter().map(|(mark, outcome)| [mark.name, outcome.to_owned()]);
    Ok(Report::table(json, ["NAME", "OUTCOME"], rows.collect()))
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
