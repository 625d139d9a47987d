//! The function as a process: a setting that is missing or wrong stops the start.

#![expect(clippy::unwrap_used, reason = "what does not work ends the test")]

use std::process::Command;

/// The one line that a start with only these settings leaves on standard error.
fn start_with(settings: &[(&str, &str)]) -> String {
    let mut function = Command::new(env!("CARGO_BIN_EXE_api"));
    let output = function.env_clear().envs(settings.iter().copied()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    text
}

#[test]
fn a_setting_that_is_missing_or_wrong_stops_the_start_with_one_line_that_names_it() {
    assert!(start_with(&[]).contains("FOBLESS_TABLE is not set"));
    assert!(start_with(&[("FOBLESS_TABLE", "t")]).contains("AWS_REGION"));
}
