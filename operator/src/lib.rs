//! What an operator does at the table itself, where no API key is needed or none is there yet: such as making the first one.
//!
//! The table's address comes from where the functions have theirs: the environment, or a file of it. Each group of commands has a
//! module of its own, which turns a command into a [`Report`].

mod command_line;
mod environment_file;
mod error;
mod explain;
mod keys;
mod report;
mod status;
mod systems;
mod unusable;

use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;
use fobless::{clock::Clock, config::Settings, start};

pub use self::{command_line::CommandLine, error::OperatorError, report::Report};
use self::{
    command_line::{Command, TableCommand},
    environment_file::EnvironmentFile,
};

/// Does what the command line asks for, and answers what to print.
pub async fn run(command_line: &CommandLine) -> Result<String, OperatorError> {
    match &command_line.command {
        Command::AtTheTable(command) => {
            let report = at_the_table(command, command_line.options.env_file.as_deref()).await?;
            Ok(if command_line.options.json { report.json() } else { report.text() })
        }
        Command::Completion { shell } => Ok(completion(*shell)),
    }
}

async fn at_the_table(command: &TableCommand, env_file: Option<&Path>) -> Result<Report, OperatorError> {
    match env_file {
        Some(path) => {
            let file = EnvironmentFile::read(path)?;
            let read = |name: &str| file.get(name);
            perform(command, &Settings::of(&read)).await
        }
        None => perform(command, &Settings::environment()).await,
    }
}

async fn perform(command: &TableCommand, settings: &Settings<'_>) -> Result<Report, OperatorError> {
    let store = start::store(settings).await?;
    let now = Clock::system().now();
    match command {
        TableCommand::Keys(command) => command.run(&store, now).await,
        TableCommand::Systems(command) => command.run(&store, settings).await,
        TableCommand::Explain(explain) => explain.run(&store, now).await,
        TableCommand::Status(status) => status.run(&store, now).await,
        TableCommand::Unusable => unusable::list(&store).await,
        TableCommand::Redrive => unusable::redrive(&store, now).await,
    }
}

fn completion(shell: Shell) -> String {
    let (mut command, mut script) = (CommandLine::command(), Vec::new());
    let name = command.get_name().to_owned();
    clap_complete::generate(shell, &mut command, name, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
