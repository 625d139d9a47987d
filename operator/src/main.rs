//! `fobless`: what an operator does at the table itself.

use std::{
    io::{Write as _, stderr, stdout},
    process::ExitCode,
};

use clap::Parser as _;
use fobless_operator::{CommandLine, OperatorError};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    let done = match fobless_operator::run(&command_line).await {
        Ok(report) => writeln!(stdout(), "{report}").map_err(OperatorError::from),
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}
