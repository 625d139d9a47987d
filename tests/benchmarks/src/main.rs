//! `fobless-benchmarks`: measures the release binaries of the functions as Lambda runs them, over a Runtime API of its own.
//!
//! `budgets` counts what can be counted (instructions, bytes) and fails where there is more than there may be. Times are compared with
//! peers in the same run, and with those on record of the same machine: see `docs/PERFORMANCE.md`.

#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark takes the machine's time, and nothing of it is in a function"
)]

mod budgets;
mod cold_start;
mod compare;
mod far_table;
mod figure;
mod flame_graph;
mod instructions;
mod latency;
#[path = "../../benches/measuring/machine.rs"]
mod machine;
#[cfg(test)]
mod machine_tests;
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

use crate::{figure::Verdict, instructions::MORE, record::Record, subject::Subject, table::Table};

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
    /// Takes the time from start to answered webhook, with a processor and a table as Lambda has them. Needs root.
    ColdStart,
    /// Sends each function many events, and looks whether its memory grows.
    Memory {
        /// How many events.
        #[arg(long, default_value_t = 100_000)]
        events: u32,
    },
    /// Draws where the instructions of a warm webhook go. The functions must be built with their names, by `CARGO_PROFILE_RELEASE_STRIP=none`.
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
    /// Compares the figures that the last runs left with those on record. The exit status is not zero where one is worse by more than noise, or
    /// was not measured.
    Record {
        /// The figures on record.
        #[arg(long, default_value = "tests/benchmarks/recorded.json")]
        recorded: PathBuf,
        /// Puts those of the last runs on record instead.
        #[arg(long)]
        renew: bool,
        /// Not everything was measured, on purpose: what was not stays as it is on record.
        #[arg(long)]
        partial: bool,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let built = arguments.built.as_path();
    let done = match &arguments.command {
        Command::Budgets => hold_budgets(built).await,
        Command::Compare { peers, rounds, plot } => with_peers(built, peers, *rounds, plot.as_deref()).await,
        Command::ColdStart => cold_start(built).await,
        Command::Memory { events } => memory::is_flat(built, *events).await,
        Command::FlameGraph { plot } => flame_graph(built, plot).await,
        Command::Latency { plot } => latency(plot),
        Command::Record { recorded, renew, partial } if *renew => put_on_record(recorded, *partial),
        Command::Record { recorded, partial, .. } => compare_with_record(recorded, *partial),
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

async fn cold_start(built: &Path) -> Result<ExitCode, String> {
    for measured in cold_start::cold_starts(built).await? {
        println!("{measured}");
    }
    Ok(ExitCode::SUCCESS)
}

async fn flame_graph(built: &Path, plot: &Path) -> Result<ExitCode, String> {
    let table = Table::start().await;
    let stacks = instructions::warm_webhook(&Subject::ours("phone-webhook", built, &table)).await?;
    if !stacks.keys().flatten().any(|frame| frame.starts_with("phone_webhook::")) {
        return Err("the functions have no names: build with CARGO_PROFILE_RELEASE_STRIP=none".to_owned());
    }
    let title = format!("A warm webhook: {} instructions", stacks.values().sum::<u64>() / u64::from(MORE));
    flame_graph::draw(&title, &stacks, MORE, plot)?;
    println!("{title}; where they go: {}", plot.display());
    Ok(ExitCode::SUCCESS)
}

fn latency(plot: &Path) -> Result<ExitCode, String> {
    let measured: Vec<serde_json::Value> = record::read(&Path::new(record::FOLDER).join(record::THROUGHPUT))?;
    plot::latency(&latency::over_table_size(&measured), plot)?;
    println!("{}", plot.display());
    Ok(ExitCode::SUCCESS)
}

fn put_on_record(file: &Path, is_partial: bool) -> Result<ExitCode, String> {
    let mut last = record::of_last_runs(Path::new(record::FOLDER))?;
    if is_partial {
        let recorded: Record = record::read(file)?;
        if recorded.machine != last.machine {
            return Err(format!("what is on record is of another machine: {}", recorded.machine));
        }
        let (_, unmeasured) = record::compared(&last, &recorded);
        let unmeasured: Vec<_> = unmeasured.into_iter().cloned().collect();
        last.figures.extend(unmeasured);
    }
    record::write(file, &last)?;
    println!("{} figures are on record: {}", last.figures.len(), file.display());
    Ok(ExitCode::SUCCESS)
}

fn compare_with_record(file: &Path, is_partial: bool) -> Result<ExitCode, String> {
    let (last, recorded) = (record::of_last_runs(Path::new(record::FOLDER))?, record::read(file)?);
    let (compared, unmeasured) = record::compared(&last, &recorded);
    for one in &compared {
        let on_record = one.on_record.map_or_else(String::new, |figure| format!("{:.2}", figure.value));
        println!(
            "{:<100} {:>14.2} {on_record:>14} {:?}",
            one.figure.what, one.figure.value, one.verdict
        );
    }
    for figure in &unmeasured {
        println!("{:<100} {:>14} {:>14.2}", figure.what, "not measured", figure.value);
    }
    let is_worse = compared.iter().any(|one| one.verdict == Verdict::Worse);
    let is_well = !is_worse && (is_partial || unmeasured.is_empty());
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
