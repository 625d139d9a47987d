//! What an operator does at the table itself, where no API key is needed or none is there yet: such as making the first one.
//!
//! Each group of commands has a module of its own, which turns a command into a [`Report`].

mod add_system;
mod audit;
mod command_line;
mod confirm;
mod deployment;
mod environment_file;
mod error;
mod explain;
mod failed_records;
mod keys;
mod people;
mod progress;
mod report;
mod retry;
mod secret_document;
mod status;
mod systems;
mod transfer;
mod unusable;
mod webhook;

use clap::CommandFactory as _;
use clap_complete::Shell;
use fobless::{clock::Clock, config::Settings, start};

pub use self::{command_line::CommandLine, error::OperatorError, report::Report};
use self::{
    command_line::{Command, TableCommand},
    deployment::Deployment,
};

/// Does what the command line asks for, and answers what to print.
pub async fn run(command_line: &CommandLine) -> Result<String, OperatorError> {
    let options = &command_line.options;
    let report = match &command_line.command {
        Command::Completion { shell } => return Ok(completion(*shell)),
        Command::AtTheTable(command) => {
            let deployment = Deployment::read(options.env_file.as_deref()).await?;
            let read = |name: &str| deployment.setting(name);
            at_the_table(command, &Settings::of(&read)).await?
        }
        Command::Webhook(command) => {
            let deployment = Deployment::read(options.env_file.as_deref()).await?;
            let read = |name: &str| deployment.setting(name);
            Box::pin(command.run(&Settings::of(&read), Clock::system().now())).await?
        }
    };
    Ok(if options.json { report.json() } else { report.text() })
}

async fn at_the_table(command: &TableCommand, settings: &Settings<'_>) -> Result<Report, OperatorError> {
    let store = start::store(settings).await?;
    let now = Clock::system().now();
    match command {
        TableCommand::Keys(command) => command.run(&store, now).await,
        TableCommand::Systems(command) => Box::pin(command.run(&store, settings, now)).await,
        TableCommand::Explain(explain) => explain.run(&store, now).await,
        TableCommand::Status(status) => status.run(&store, now).await,
        TableCommand::Retry(retry) => Box::pin(retry.run(&store, now)).await,
        TableCommand::Audit(audit) => audit.run(&store, now).await,
        TableCommand::Export(export) => export.run(&store).await,
        TableCommand::Import(import) => Box::pin(import.run(&store)).await,
        TableCommand::Unusable => unusable::list(&store).await,
        TableCommand::Redrive => Box::pin(unusable::redrive(&store, settings, now)).await,
    }
}

fn completion(shell: Shell) -> String {
    let (mut command, mut script) = (CommandLine::command(), Vec::new());
    let name = command.get_name().to_owned();
    clap_complete::generate(shell, &mut command, name, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
