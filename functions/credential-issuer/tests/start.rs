//! The function as a process: a setting that is missing or wrong stops the start.

#![expect(clippy::unwrap_used, reason = "what does not work ends the test")]

include!("../../process.rs");

const BINARY: &str = env!("CARGO_BIN_EXE_credential-issuer");

#[test]
fn a_setting_that_is_missing_or_wrong_stops_the_start_with_one_line_that_names_it() {
    assert!(start_with(BINARY, &[]).contains("FOBLESS_CREDENTIAL_MANAGERS is not set"));
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
    let complaint = start_with(BINARY, &[&table[..], &nowhere, &managers].concat());
    assert!(
        complaint.contains("FOBLESS_CREDENTIAL_MANAGERS") && !complaint.contains("sesame"),
        "{complaint}"
    );
}
