//! What an operator does at the table itself, where no API key is needed or none is there yet: such as making the first one.
//!
//! The table's address comes from where the functions have theirs: the environment, or a file of it. Each group of commands has a
//! module of its own, which turns a command into a [`Report`].

mod command_line;
mod environment_file;
mod error;
mod keys;
mod report;
mod unusable;

use fobless::{clock::Clock, config::Settings, start};

use self::{command_line::Command, environment_file::EnvironmentFile};
pub use self::{command_line::CommandLine, error::OperatorError, report::Report};

/// Does what the command line asks for, and answers what to print.
pub async fn run(command_line: &CommandLine) -> Result<String, OperatorError> {
    let store = match &command_line.options.env_file {
        Some(path) => {
            let file = EnvironmentFile::read(path)?;
            let read = |name: &str| file.get(name);
            start::store(&Settings::of(&read)).await?
        }
        None => start::store(&Settings::environment()).await?,
    };
    let report = match &command_line.command {
        Command::Keys(command) => command.run(&store, Clock::system().now()).await?,
        Command::Unusable => unusable::list(&store).await?,
        Command::Redrive => unusable::redrive(&store, Clock::system().now()).await?,
    };
    Ok(if command_line.options.json { report.json() } else { report.text() })
}
