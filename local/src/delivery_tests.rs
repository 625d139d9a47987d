//! Deliveries to a function that follows a script.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard},
};

use fobless::clock::Clock;
use serde_json::json;

use super::*;
use crate::{
    data_dir::DataDir,
    files,
    stream_record::tests::{numbered, sequence_number},
};

/// A function that can't stand some records.
#[derive(Default)]
struct Scripted {
    /// Fails as a whole when one of these is in the batch.
    poison: BTreeSet<String>,
    /// Wants these again, this often.
    again: Mutex<Vec<(String, u32)>>,
    /// Can't be reached this often.
    unreachable: Mutex<u32>,
    /// Each batch that it got.
    seen: Mutex<Vec<Vec<String>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

impl Function for Scripted {
    async fn invoke(&self, event: Value) -> Invocation {
        let unreachable = &mut *lock(&self.unreachable);
        if *unreachable > 0 {
            *unreachable -= 1;
            return Invocation::Unreachable("connection refused".to_owned());
        }
        let records = event["Records"].as_array().unwrap();
        let numbers: Vec<_> = records
            .iter()
            .map(|record| record["dynamodb"]["SequenceNumber"].as_str().unwrap().to_owned())
            .collect();
        lock(&self.seen).push(numbers.clone());
        if numbers.iter().any(|number| self.poison.contains(number)) {
            return Invocation::Failed("panicked".to_owned());
        }
        let mut failures = Vec::new();
        for (number, times) in lock(&self.again).iter_mut().filter(|(_, times)| *times > 0) {
            if numbers.contains(number) {
                *times -= 1;
                failures.push(json!({"itemIdentifier": number}));
            }
        }
        Invocation::Answered(json!({"batchItemFailures": failures}))
    }
}

struct Outcome {
    batches: Vec<Vec<String>>,
    given_up: Vec<Value>,
}

async fn deliver(function: Scripted, records: usize) -> Outcome {
    let directory = DataDir::throw_away(&std::env::temp_dir()).unwrap();
    let path = directory.join("queue.jsonl");
    let delivery = Delivery {
        name: "credential-issuer",
        function: Arc::new(function),
        queue: OnFailureQueue::new(path.clone(), "arn:stream".to_owned(), "shard".to_owned(), Clock::system()),
        retry: Retry {
            attempts: 3,
            first_wait: Duration::ZERO,
            longest_wait: Duration::ZERO,
        },
    };
    let batch: Vec<_> = (0..records).map(numbered).collect();
    delivery.settle(&batch).await;
    let given_up = files::read(&path).unwrap().unwrap_or_default();
    let given_up = String::from_utf8(given_up).unwrap();
    Outcome {
        batches: lock(&delivery.function.seen).clone(),
        given_up: given_up.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
    }
}

fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(sequence_number).collect()
}

#[tokio::test]
async fn a_batch_that_is_taken_is_delivered_once() {
    let outcome = deliver(Scripted::default(), 5).await;
    assert_eq!(outcome.batches, [numbers(0..5)]);
    assert!(outcome.given_up.is_empty());
}

#[tokio::test]
async fn a_partial_answer_continues_at_the_lowest_record_named() {
    let again = Mutex::new(vec![(sequence_number(4), 1), (sequence_number(2), 1)]);
    let outcome = deliver(
        Scripted {
            again,
            ..Scripted::default()
        },
        6,
    )
    .await;
    assert_eq!(outcome.batches, [numbers(0..6), numbers(2..6)]);
    assert!(outcome.given_up.is_empty());
}

#[tokio::test]
async fn a_record_that_breaks_its_batch_is_isolated_retried_and_noted_and_the_others_are_delivered() {
    let poison = BTreeSet::from([sequence_number(2)]);
    let outcome = deliver(
        Scripted {
            poison,
            ..Scripted::default()
        },
        8,
    )
    .await;
    let alone = numbers(2..3);
    assert_eq!(outcome.batches.iter().filter(|batch| **batch == alone).count(), 3);
    for taken in [0, 1, 3, 4, 5, 6, 7] {
        let delivered = |batch: &&Vec<String>| batch.contains(&sequence_number(taken)) && !batch.contains(&sequence_number(2));
        assert_eq!(outcome.batches.iter().filter(delivered).count(), 1, "record {taken}");
    }
    let info = &outcome.given_up[0]["DDBStreamBatchInfo"];
    assert_eq!(
        (outcome.given_up.len(), info["startSequenceNumber"].as_str()),
        (1, Some(sequence_number(2).as_str()))
    );
}

#[tokio::test]
async fn a_record_that_is_wanted_again_and_again_is_given_up_too() {
    let again = Mutex::new(vec![(sequence_number(0), 99)]);
    let outcome = deliver(
        Scripted {
            again,
            ..Scripted::default()
        },
        2,
    )
    .await;
    assert_eq!(outcome.given_up.len(), 1);
    assert_eq!(outcome.batches.last(), Some(&numbers(1..2)));
}

#[tokio::test]
async fn a_function_that_is_away_costs_no_attempts() {
    let outcome = deliver(
        Scripted {
            unreachable: Mutex::new(20),
            ..Scripted::default()
        },
        3,
    )
    .await;
    assert_eq!(outcome.batches, [numbers(0..3)]);
    assert!(outcome.given_up.is_empty());
}

#[test]
fn an_answer_that_names_no_record_of_the_batch_is_malformed() {
    let batch = [numbered(0), numbered(1)];
    for done in [
        Value::Null,
        json!({}),
        json!({"batchItemFailures": null}),
        json!({"batchItemFailures": []}),
    ] {
        assert_eq!(progress(&done, &batch), Some(Progress::Done), "{done}");
    }
    for malformed in [
        json!("done"),
        json!({"batchItemFailures": {}}),
        json!({"batchItemFailures": [{"itemIdentifier": ""}]}),
        json!({"batchItemFailures": [{"itemIdentifier": null}]}),
        json!({"batchItemFailures": [{"id": sequence_number(1)}]}),
        json!({"batchItemFailures": [{"itemIdentifier": sequence_number(7)}]}),
    ] {
        assert_eq!(progress(&malformed, &batch), None, "{malformed}");
    }
    let answer = json!({"batchItemFailures": [{"itemIdentifier": sequence_number(1)}]});
    assert_eq!(progress(&answer, &batch), Some(Progress::Until(1)));
}
