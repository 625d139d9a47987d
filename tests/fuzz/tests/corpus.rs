//! Every input that has been of interest is tried again with each run of the tests.

#![expect(clippy::unwrap_used, reason = "what does not work ends the test")]

use std::{fs, path::Path};

use fobless_fuzz::DOORS;

/// Tries the whole corpus of a door.
fn replay(door: &str) {
    let (_, check) = DOORS.iter().find(|(name, _)| *name == door).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(door);
    let mut inputs: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    inputs.sort();
    assert!(inputs.len() > 10, "a corpus of {} inputs is none", inputs.len());
    for input in inputs {
        println!("{}", input.display());
        check(&fs::read(&input).unwrap());
    }
}

#[test]
fn signature_headers() {
    replay("signature_headers");
}

#[test]
fn phone_events() {
    replay("phone_events");
}

#[test]
fn hid_callbacks() {
    replay("hid_callbacks");
}

#[test]
fn api_queries() {
    replay("api_queries");
}

#[test]
fn api_bodies() {
    replay("api_bodies");
}

#[test]
fn hid_answers() {
    replay("hid_answers");
}

#[test]
fn stream_records() {
    replay("stream_records");
}

#[test]
fn cursors() {
    replay("cursors");
}
