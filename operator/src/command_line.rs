//! What can be asked for.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::{
    audit::Audit,
    explain::Explain,
    keys::KeysCommand,
    retry::Retry,
    status::Status,
    systems::SystemsCommand,
    transfer::{Export, Import},
    webhook::WebhookCommand,
};

/// What an operator does at the table and the secrets themselves. Where they are is read from a file (the stack's output `OperatorSettings`, or
/// what `cargo dev` writes) and from the environment; who you are, from where AWS's own tools have it: environment, profile, single sign-on.
#[derive(Debug, Parser)]
#[command(name = "fobless", version)]
pub struct CommandLine {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What all commands take.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Read the settings from this file of NAME='value' lines first, such as target/dev/functions.env, which `cargo dev` writes.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) env_file: Option<PathBuf>,
    /// Print JSON, for programs.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    AtTheTable(TableCommand),
    /// Phone events: who may sign them, and one to try a deployment out with.
    #[command(subcommand)]
    Webhook(WebhookCommand),
    /// Print the completion of this command line, for a shell to read.
    Completion {
        /// The shell.
        shell: Shell,
    },
}

/// What needs the table.
#[derive(Debug, Subcommand)]
pub(crate) enum TableCommand {
    /// API keys: make, list and revoke them.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Access control systems and credential managers: list them, and check that a credential manager takes our calls.
    #[command(subcommand)]
    Systems(SystemsCommand),
    /// How a workspace stands: what is in which state, what failed and why, and what is left in the pools.
    Status(Status),
    /// What happened to a phone, step by step, what it waits for now, and what a person can do about it.
    Explain(Explain),
    /// Try now what failed and waits, since its cause is gone.
    Retry(Retry),
    /// Compare now what we know of a person with what the credential manager has.
    Audit(Audit),
    /// What was left alone since something of it can't be read or written, and why.
    Unusable,
    /// Write everything in the table to a file, as JSON lines. Secrets Manager's secrets are not in it.
    Export(Export),
    /// Read such a file into the table.
    Import(Import),
    /// Wake all that was left alone, and whom the queue of failed records is about: do it once the cause is gone. What is still unusable is
    /// marked again.
    Redrive,
}
