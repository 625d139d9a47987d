//! `cargo dev`: the whole system on this machine, kept up until Ctrl-C. `cargo dev sign ...`: a signed phone event.

use std::{
    io::{Write as _, stdout},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::{Args, Parser, Subcommand};
use fobless_local::{DEFAULT_DATA_DIR, System, SystemOptions, sign::SignOptions, start_log};
use reqwest::Url;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
};

/// The whole system on this machine: the functions, an embedded DynamoDB and a HID Origo simulator.
#[derive(Parser)]
#[command(name = "cargo dev", bin_name = "cargo dev", args_conflicts_with_subcommands = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    up: Up,
}

#[derive(Subcommand)]
enum Command {
    /// Prints a signed phone event: headers, an empty line, the body.
    Sign(SignOptions),
}

#[derive(Args)]
struct Up {
    /// The functions' port.
    #[arg(long, default_value_t = 9000)]
    port: u16,
    /// DynamoDB's port.
    #[arg(long, default_value_t = 8000)]
    dynamodb_port: u16,
    /// The HID Origo simulator's port.
    #[arg(long, default_value_t = 9001)]
    simulator_port: u16,
    /// Where the state is kept.
    #[arg(long, default_value = DEFAULT_DATA_DIR)]
    data_dir: PathBuf,
    /// Empty the data directory first.
    #[arg(long)]
    reset: bool,
    /// How many calls HID Origo takes in five minutes: the simulator's limit and the system's budget together.
    #[arg(long, value_name = "CALLS_PER_5_MINUTES", default_value_t = 300)]
    hid_rate_limit: u32,
    /// Leave the functions to `cargo lambda watch`; their settings are in the data directory's functions.env.
    #[arg(long)]
    without_functions: bool,
    /// Where the functions are, with --without-functions.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9000", requires = "without_functions")]
    functions_url: Url,
    /// Another HID Origo in place of the simulator: URL serves tokens, events and callbacks, URL/credential-management the rest.
    #[arg(long, value_name = "URL")]
    hid_origo: Option<Url>,
    /// The connector of an access control system behind a bridge; it is told of card numbers by signed requests.
    #[arg(long, value_name = "URL")]
    connector: Option<Url>,
    /// How far all clocks here are ahead of the machine's, to see now what takes hours. On the same data never less than before.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    ahead: u64,
}

fn main() -> ExitCode {
    let command_line = match CommandLine::try_parse() {
        Ok(command_line) => command_line,
        Err(error) if !error.use_stderr() => error.exit(),
        Err(error) => return failed(&first_lines(&error)),
    };
    start_log();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    let done = match command_line.command {
        Some(Command::Sign(options)) => runtime.block_on(options.run()).map_err(|error| failed(&error)),
        None => runtime.block_on(up(command_line.up)),
    };
    // What still runs is cut off: everything that was acknowledged is in the data directory.
    runtime.shutdown_timeout(Duration::from_millis(500));
    done.err().unwrap_or(ExitCode::SUCCESS)
}

async fn up(options: Up) -> Result<(), ExitCode> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| failed(&error))?;
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| failed(&error))?;
    let (activity, mut activities) = mpsc::unbounded_channel();
    let starting = System::start(SystemOptions {
        port: options.port,
        dynamodb_port: options.dynamodb_port,
        simulator_port: options.simulator_port,
        data_dir: Some(options.data_dir),
        reset: options.reset,
        hid_rate_limit: options.hid_rate_limit,
        functions_elsewhere: options.without_functions.then_some(options.functions_url),
        hid_origo: options.hid_origo,
        connector: options.connector,
        ahead: Duration::from_secs(options.ahead),
        activity: Some(activity),
        ..SystemOptions::default()
    });
    let system = tokio::select! {
        started = starting => started.map_err(|error| failed(&error))?,
        _ = interrupt.recv() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    let ready = serde_json::to_string(system.ready()).map_err(|error| failed(&error))?;
    say(&format!("ready {ready}"));
    loop {
        tokio::select! {
            Some(activity) = activities.recv() => say(&activity.to_string()),
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
        }
    }
    system.stop().await;
    Ok(())
}

/// A line for whoever reads along. When nobody does any more, the system goes on all the same.
fn say(line: &str) {
    let mut out = stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// What is wrong with the command line, without the advice that follows it.
fn first_lines(error: &clap::Error) -> String {
    let text = error.to_string();
    let lines = text
        .lines()
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    lines.collect::<Vec<_>>().join(" ").trim_start_matches("error: ").to_owned()
}

fn failed(error: &impl std::fmt::Display) -> ExitCode {
    // One line, whatever the error's own text looks like.
    let text = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    let _ = writeln!(std::io::stderr(), "error: {text}");
    ExitCode::FAILURE
}
