//! The function as a process: a setting that is missing or wrong stops the start.

#![expect(clippy::unwrap_used, reason = "what does not work ends the test")]

use std::process::Command;

/// The one line that a start with only these settings leaves on standard error.
fn start_with(settings: &[(&str, &str)]) -> String {
    let mut function = Command::new(env!("CARGO_BIN_EXE_credential-issuer"));
    let output = function.env_clear().envs(settings.iter().copied()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    text
}

#[test]
fn a_setting_that_is_missing_or_wrong_stops_the_start_with_one_line_that_names_it() {
    assert!(start_with(&[]).contains("FOBLESS_TABLE is not set"));
    let table = [
        ("FOBLESS_TABLE", "t"),
        ("AWS_REGION", "r"),
        ("AWS_ACCESS_KEY_ID", "k"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
    ];
    let nowhere = [("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")];
    let managers = [(
        "FOBLESS_CREDENTIAL_MANAGERS",
        r#"{"6737e186-8d54-48ce-a7da-a0be4d252172": {"kind": "sesame"}}"#,
    )];
    let complaint = start_with(&[&table[..], &nowhere, &managers].concat());
    assert!(
        complaint.contains("FOBLESS_CREDENTIAL_MANAGERS") && !complaint.contains("sesame"),
        "{complaint}"
    );
}
