//! The function as a process: a setting that is missing or wrong stops the start.

#![expect(clippy::unwrap_used, reason = "what does not work ends the test")]

include!("../../process.rs");

const BINARY: &str = env!("CARGO_BIN_EXE_phone-webhook");

#[test]
fn a_setting_that_is_missing_or_wrong_stops_the_start_with_one_line_that_names_it() {
    assert!(start_with(BINARY, &[]).contains("FOBLESS_PHONE_WEBHOOK_SECRETS is not set"));
    // The first that is wrong is named, and nothing of its value is shown.
    let complaint = start_with(
        BINARY,
        &[
            (
                "FOBLESS_PHONE_WEBHOOK_SECRETS",
                r#"[{"workspace_id": "398d80b7-3f96-47c2-b85a-6f8ba21d07be", "secret": "whsec_sesame"}]"#,
            ),
            ("FOBLESS_HID_ORIGO_CALLBACKS", "{}"),
        ],
    );
    assert!(
        complaint.contains("FOBLESS_PHONE_WEBHOOK_SECRETS") && !complaint.contains("sesame"),
        "{complaint}"
    );
}
