//! Brings one batch to its function until every record of it is settled: taken, or given up and noted. The rules are those of
//! Lambda's event source mapping with partial batch responses and bisecting.

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use crate::{
    function::{Function, Invocation},
    on_failure_queue::OnFailureQueue,
    stream_record::{StreamRecord, event_of},
};

/// When a failed delivery is repeated, and when given up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retry {
    /// How often a record that fails by itself is delivered.
    pub(crate) attempts: u32,
    /// The first wait; each further one is twice as long.
    pub(crate) first_wait: Duration,
    /// The longest wait.
    pub(crate) longest_wait: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 10,
            first_wait: Duration::from_millis(100),
            longest_wait: Duration::from_secs(10),
        }
    }
}

impl Retry {
    fn wait(&self, failures: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
        self.first_wait.saturating_mul(doubled).min(self.longest_wait)
    }
}

/// Brings batches to a function.
pub(crate) struct Delivery<F> {
    /// What it is called, for people.
    pub(crate) name: &'static str,
    pub(crate) function: Arc<F>,
    pub(crate) queue: OnFailureQueue,
    pub(crate) retry: Retry,
}

/// How far a function got with a batch.
#[derive(Debug, PartialEq, Eq)]
enum Progress {
    /// To the end.
    Done,
    /// Up to this record, which it wants again, and all behind it.
    Until(usize),
}

impl<F: Function> Delivery<F> {
    /// Returns once every record is settled.
    pub(crate) async fn settle(&self, batch: &[StreamRecord]) {
        // The pieces that are left, the next one last.
        let mut pieces = vec![batch];
        let mut failures = 0;
        let mut was_away = false;
        while let Some(piece) = pieces.pop() {
            let problem = match self.function.invoke(event_of(piece)).await {
                Invocation::Answered(answer) => match progress(&answer, piece) {
                    Some(Progress::Done) => {
                        failures = 0;
                        continue;
                    }
                    Some(Progress::Until(failed)) if failed > 0 => {
                        failures = 0;
                        pieces.push(piece.get(failed..).unwrap_or_default());
                        continue;
                    }
                    Some(Progress::Until(_)) => "it wants the record again".to_owned(),
                    None => "its answer is no batch response".to_owned(),
                },
                Invocation::Failed(problem) => problem,
                Invocation::Unreachable(problem) => {
                    // It is not the records' fault, so it does not count.
                    if !std::mem::replace(&mut was_away, true) {
                        tracing::warn!(
                            function = self.name,
                            problem,
                            "a function can't be reached; it is tried until it can"
                        );
                    }
                    pieces.push(piece);
                    tokio::time::sleep(self.retry.longest_wait.min(Duration::from_secs(1))).await;
                    continue;
                }
            };
            failures += 1;
            tracing::warn!(
                function = self.name,
                problem,
                records = piece.len(),
                failures,
                "a function did not take a batch"
            );
            match piece {
                [record] if failures >= self.retry.attempts => {
                    self.give_up(record, failures, &problem);
                    failures = 0;
                }
                [_] => {
                    pieces.push(piece);
                    tokio::time::sleep(self.retry.wait(failures)).await;
                }
                _ => {
                    // Halved until the record that can't be taken is alone. That costs no attempts, which are counted per record.
                    let (first, second) = piece.split_at(piece.len() / 2);
                    pieces.extend([second, first]);
                    failures = 0;
                    tokio::time::sleep(self.retry.first_wait).await;
                }
            }
        }
    }

    fn give_up(&self, record: &StreamRecord, invocations: u32, problem: &str) {
        tracing::error!(
            sequence_number = record.sequence_number(),
            problem,
            "a record was given up; the sweeper has to do"
        );
        if let Err(error) = self.queue.append(self.name, record, invocations, problem) {
            tracing::error!(%error, "the on-failure queue can't be written");
        }
    }
}

/// What an answer says about a batch. `None`: it is malformed, which counts as a failure of the whole batch.
fn progress(answer: &Value, batch: &[StreamRecord]) -> Option<Progress> {
    let failures = match answer {
        Value::Null => return Some(Progress::Done),
        Value::Object(answer) => answer.get("batchItemFailures"),
        _ => return None,
    };
    let failures = match failures {
        None | Some(Value::Null) => return Some(Progress::Done),
        Some(failures) => failures.as_array()?,
    };
    // Lambda goes back to the lowest one, whatever is said of those behind it.
    let mut lowest = None;
    for failure in failures {
        let wanted = failure["itemIdentifier"].as_str()?;
        let index = batch.iter().position(|record| record.sequence_number() == wanted)?;
        lowest = Some(lowest.map_or(index, |lowest: usize| lowest.min(index)));
    }
    Some(lowest.map_or(Progress::Done, Progress::Until))
}

#[cfg(test)]
#[path = "delivery_tests.rs"]
mod tests;
