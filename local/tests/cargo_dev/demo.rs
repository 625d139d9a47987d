//! `cargo demo`, as a newcomer runs it.

use std::process::Command;

#[test]
fn the_demo_shows_the_main_job_and_says_that_both_sides_agree() {
    let output = Command::new(env!("CARGO_BIN_EXE_fobless-demo")).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    for phone in ["phone A", "phone B", "phone C"] {
        assert!(text.contains(&format!("{phone} has its credential")), "{text}");
    }
    assert!(
        text.contains("Every phone holds exactly one credential, and both sides agree."),
        "{text}"
    );
}
