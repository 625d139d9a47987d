// The one thing that the start tests of all functions share; each includes this file, since only a function's own package knows
// where its binary is.

use std::process::Command;

/// The one line that a start of `binary` with only these settings leaves on standard error.
fn start_with(binary: &str, settings: &[(&str, &str)]) -> String {
    let output = Command::new(binary).env_clear().envs(settings.iter().copied()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    text
}
