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
mod figure;
mod flame_graph;
mod instructions;
mod latency;
mod measure;
mod memory;
mod plot;
mod record;
mod runtime_api;
mod stacks;
mod subject;
mod table;
mod webhooks;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use crate::{figure::Verdict, subject::Subject, table::Table};

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
    /// Draws where the instructions of a warm webhook go.
    FlameGraph {
        /// The plot.
        #[arg(long, default_value = "target/benchmarks/warm-webhook.svg")]
        plot: PathBuf,
    },
    /// Draws what the benchmark of throughput measured last, over the phones in the table.
    Latency {
        /// The plot.
        #[arg(long, default_value = "target/benchmarks/latency-over-size.svg")]
        plot: PathBuf,
    },
    /// Compares the figures that the last runs left with those on record. The exit status is not zero where one is worse by more than noise.
    Record {
        /// The figures on record.
        #[arg(long, default_value = "tests/benchmarks/recorded.json")]
        recorded: PathBuf,
        /// Puts those of the last runs on record instead.
        #[arg(long)]
        renew: bool,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let built = arguments.built.as_path();
    let done = match &arguments.command {
        Command::Budgets => hold_budgets(built).await,
        Command::Compare { peers, rounds, plot } => with_peers(built, peers, *rounds, plot.as_deref()).await,
        Command::Memory { events } => memory::is_flat(built, *events).await,
        Command::FlameGraph { plot } => flame_graph(built, plot).await,
        Command::Latency { plot } => latency(plot),
        Command::Record { recorded, renew: true } => renew(recorded),
        Command::Record { recorded, renew: false } => compare_with_record(recorded),
    };
    match done {
        Ok(status) => status,
        Err(error) => {
            eprintln!("fobless-benchmarks: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn hold_budgets(built: &Path) -> Result<ExitCode, String> {
    let budgets = budgets::all(built).await?;
    println!("{:<68} {:>10} {:>10} {:>10}", "", "counted", "at most", "aim");
    for budget in &budgets {
        let verdict = if budget.is_exceeded() { "  TOO MUCH" } else { "" };
        println!(
            "{:<68} {:>10} {:>10} {:>10}{verdict}",
            budget.what, budget.counted, budget.at_most, budget.aim
        );
    }
    let figures: Vec<_> = budgets.iter().map(budgets::Budget::figure).collect();
    record::leave("budgets", &figures)?;
    let is_held = !budgets.iter().any(budgets::Budget::is_exceeded);
    Ok(if is_held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn with_peers(built: &Path, peers: &Path, rounds: u32, plot: Option<&Path>) -> Result<ExitCode, String> {
    let peers = peers.canonicalize().map_err(|error| format!("{}: {error}", peers.display()))?;
    let compared = compare::compare(built, &peers, rounds).await?;
    println!("{}", compare::table(&compared));
    record::leave("peers", &compare::figures(&compared))?;
    if let Some(plot) = plot {
        plot::init_times(&compared, plot)?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn flame_graph(built: &Path, plot: &Path) -> Result<ExitCode, String> {
    let table = Table::start().await;
    let stacks = instructions::warm_webhook(&Subject::ours("phone-webhook", built, &table)).await?;
    let title = format!("A warm webhook: {} instructions", stacks.values().sum::<u64>());
    flame_graph::draw(&title, &stacks, plot)?;
    println!("{title}; where they go: {}", plot.display());
    Ok(ExitCode::SUCCESS)
}

fn latency(plot: &Path) -> Result<ExitCode, String> {
    let measured: Vec<serde_json::Value> = record::read(&Path::new(record::FOLDER).join(record::THROUGHPUT))?;
    plot::latency(&latency::over_table_size(&measured), plot)?;
    println!("{}", plot.display());
    Ok(ExitCode::SUCCESS)
}

fn renew(recorded: &Path) -> Result<ExitCode, String> {
    let last = record::of_last_runs(Path::new(record::FOLDER))?;
    record::write(recorded, &last)?;
    println!("{} figures are on record: {}", last.figures.len(), recorded.display());
    Ok(ExitCode::SUCCESS)
}

fn compare_with_record(recorded: &Path) -> Result<ExitCode, String> {
    let (last, recorded) = (record::of_last_runs(Path::new(record::FOLDER))?, record::read(recorded)?);
    let (verdicts, unmeasured) = record::compared(&last, &recorded);
    let mut is_worse = false;
    for (figure, on_record, verdict) in verdicts {
        is_worse |= verdict == Verdict::Worse;
        let recorded = on_record.map_or_else(String::new, |recorded| format!("{:.2}", recorded.value));
        println!("{:<100} {:>14.2} {recorded:>14} {verdict:?}", figure.what, figure.value);
    }
    for what in unmeasured {
        println!("{what}: on record, and not measured");
    }
    Ok(if is_worse { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
