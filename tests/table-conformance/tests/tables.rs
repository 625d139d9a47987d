//! The list of cases, each of them a test of each backend.

use std::process::ExitCode;

fn main() -> ExitCode {
    fobless_table_conformance::run(libtest_mimic::Arguments::from_args()).exit_code()
}
