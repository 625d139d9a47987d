//! Whether a function's memory grows with the events that it handles: an instance may live for hours.

use std::{path::Path, process::ExitCode};

use serde_json::{Value, json};

use crate::{
    budgets::FUNCTIONS,
    figure::{Figure, Unit},
    record,
    runtime_api::RuntimeApi,
    subject::Subject,
    table::{API_KEY, PERSON, Table, WORKSPACE},
    webhooks::{registration, request},
};

/// The first part of the events: what is kept for good, such as connections and what the allocator holds, is there after it.
const PART: u32 = 10;

/// How much more a function may have at the end than after the first part, in bytes. A leak of ten bytes an event shows.
const MORE: u64 = 900_000;

/// Sends each function so many events. The exit status is not zero where one has grown. What each had at the end is left as a figure.
pub(crate) async fn is_flat(built: &Path, events: u32) -> Result<ExitCode, String> {
    println!(
        "{:<20} {:>10} {:>22} {:>16}",
        "bytes", "at first", "after the first tenth", "at the end"
    );
    let mut is_flat = true;
    let mut figures = Vec::new();
    for function in FUNCTIONS {
        let table = Table::start().await;
        let subject = Subject::ours(function, built, &table);
        let mut runtime_api = RuntimeApi::start().await;
        let running = subject.start(&runtime_api.address());
        let told = |error: String| format!("{function}: {error}");
        runtime_api.asked().await.map_err(told)?;
        let at_first = running.memory();
        let mut after_first_part = 0;
        for number in 0..events {
            if number == events / PART {
                after_first_part = running.memory();
            }
            let answered = runtime_api.invoke(event_for(function, number)).await.map_err(told)?;
            if !is_done(function, &answered.body) {
                return Err(told(format!("an event was answered: {}", answered.body)));
            }
            runtime_api.asked().await.map_err(told)?;
        }
        let at_end = running.memory();
        let has_grown = at_end > after_first_part + MORE;
        is_flat &= !has_grown;
        let what = format!("{function}: bytes of memory after {events} events");
        figures.push(Figure::counted(what, at_end, Unit::BytesOfMemory));
        let verdict = if has_grown { "  GROWN" } else { "" };
        println!("{function:<20} {at_first:>10} {after_first_part:>22} {at_end:>16}{verdict}");
    }
    record::leave("memory", &figures)?;
    Ok(if is_flat { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What the function is there for, again and again.
fn event_for(function: &str, number: u32) -> String {
    match function {
        "phone-webhook" => registration(number),
        "api" => {
            let headers = [("authorization", format!("Bearer {API_KEY}"))];
            request("/user_identities/get", &headers, &json!({ "user_identity_id": PERSON }).to_string())
        }
        "credential-issuer" => changed(&format!("USER#{WORKSPACE}#{PERSON}"), "IDENTITY", "MODIFY").to_string(),
        "webhook-sender" => {
            let (partition, item) = (
                format!("EVENTS#{WORKSPACE}#2024-01-11"),
                format!("018cf8b0-0f58-7000-8000-{number:012}"),
            );
            changed(&partition, &item, "INSERT").to_string()
        }
        // One pass over what is due.
        _ => json!({ "seconds": 0 }).to_string(),
    }
}

/// A batch of the stream with one record.
fn changed(partition: &str, item: &str, how: &str) -> Value {
    let keys = json!({"pk": {"S": partition}, "sk": {"S": item}});
    json!({"Records": [{
        "eventID": "c4ca4238a0b923820dcc509a6f75849b",
        "eventName": how,
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {"ApproximateCreationDateTime": 1_704_779_133, "Keys": keys, "SequenceNumber": "100000000000000000001"}
    }]})
}

fn is_done(function: &str, answer: &Value) -> bool {
    match function {
        "phone-webhook" | "api" => answer["statusCode"] == 200,
        "sweeper" => answer["passes"] == 1,
        _ => answer["batchItemFailures"].as_array().is_some_and(Vec::is_empty),
    }
}
