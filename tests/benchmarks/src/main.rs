//! `fobless-benchmarks`: measures the release binaries of the functions as Lambda runs them, over a Runtime API of its own.
//!
//! `budgets` counts what can be counted (instructions, bytes) and fails where there is more than there may be. Times are compared within one
//! run only: see `docs/PERFORMANCE.md`.

#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark takes the machine's time, and nothing of it is in a function"
)]

mod budgets;
mod compare;
mod instructions;
mod measure;
mod memory;
mod plot;
mod runtime_api;
mod subject;
mod table;
mod webhooks;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use crate::{subject::Subject, table::Table};

/// Measures the functions as Lambda runs them.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where `cargo lambda build --release` left the functions.
    #[arg(long, default_value = "target/lambda", global = true)]
    built: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Counts what has a budget. The exit status is not zero where one is exceeded.
    Budgets,
    /// Runs the webhook function beside its peers, and compares times and memory.
    Compare {
        /// Where `tests/benchmarks/peers/install.sh` put them.
        #[arg(long, default_value = "target/peers")]
        peers: PathBuf,
        /// How often each of them is started.
        #[arg(long, default_value_t = 20)]
        rounds: u32,
        /// Where a plot of the init times is drawn.
        #[arg(long)]
        plot: Option<PathBuf>,
    },
    /// Sends each function many events, and looks whether its memory grows.
    Memory {
        /// How many events.
        #[arg(long, default_value_t = 100_000)]
        events: u32,
    },
    /// Leaves callgrind's file of some warm webhooks, to see where the instructions go.
    Profile {
        /// The file.
        #[arg(long, default_value = "target/benchmarks/callgrind.out")]
        to: PathBuf,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.command {
        Command::Budgets => hold_budgets(&arguments).await,
        Command::Compare { peers, rounds, plot } => with_peers(&arguments.built, peers, *rounds, plot.as_deref()).await,
        Command::Memory { events } => memory::is_flat(&arguments.built, *events).await,
        Command::Profile { to } => profile(&arguments.built, to).await,
    };
    match done {
        Ok(status) => status,
        Err(error) => {
            eprintln!("fobless-benchmarks: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn with_peers(built: &Path, peers: &Path, rounds: u32, plot: Option<&Path>) -> Result<ExitCode, String> {
    let peers = peers.canonicalize().map_err(|error| format!("{}: {error}", peers.display()))?;
    let compared = compare::compare(built, &peers, rounds).await?;
    println!("{}", compare::table(&compared));
    if let Some(plot) = plot {
        plot::init_times(&compared, plot)?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn profile(built: &Path, to: &Path) -> Result<ExitCode, String> {
    let table = Table::start().await;
    let subject = Subject::ours("phone-webhook", built, &table);
    let counted = instructions::count(&subject, Some(to)).await?;
    println!("{counted:?}; where they go: callgrind_annotate {}", to.display());
    Ok(ExitCode::SUCCESS)
}

async fn hold_budgets(arguments: &Arguments) -> Result<ExitCode, String> {
    let budgets = budgets::all(&arguments.built).await?;
    println!("{:<64} {:>10} {:>10} {:>10}", "", "counted", "at most", "aim");
    for budget in &budgets {
        let verdict = if budget.is_exceeded() { "  TOO MUCH" } else { "" };
        let budgets::Budget {
            what,
            counted,
            at_most,
            aim,
        } = budget;
        println!("{what:<64} {counted:>10} {at_most:>10} {aim:>10}{verdict}");
    }
    let is_held = !budgets.iter().any(budgets::Budget::is_exceeded);
    Ok(if is_held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
