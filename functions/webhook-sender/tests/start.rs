//! The function as a process: a setting that is missing or wrong stops the start.

#![expect(clippy::unwrap_used, reason = "what does not work ends the test")]

include!("../../process.rs");

const BINARY: &str = env!("CARGO_BIN_EXE_webhook-sender");

#[test]
fn a_setting_that_is_missing_or_wrong_stops_the_start_with_one_line_that_names_it() {
    assert!(start_with(BINARY, &[]).contains("FOBLESS_TABLE is not set"));
    let complaint = start_with(BINARY, &[("FOBLESS_LOCAL_WEBHOOK_TARGETS", "perhaps")]);
    assert!(
        complaint.contains("FOBLESS_LOCAL_WEBHOOK_TARGETS") && !complaint.contains("perhaps"),
        "{complaint}"
    );
}
