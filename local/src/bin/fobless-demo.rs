//! `cargo demo`: the main job, shown once, on free ports and with throw-away data.

use std::{io::Write as _, process::ExitCode, time::Duration};

use clap::Parser;
use fobless_local::{System, SystemOptions, demo, start_log};

/// Shows the main job: one person, three phones, one multi-phone sync credential.
#[derive(Parser)]
#[command(name = "cargo demo", bin_name = "cargo demo")]
struct CommandLine {}

fn main() -> ExitCode {
    let CommandLine {} = CommandLine::parse();
    start_log();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    let status = runtime.block_on(async {
        tokio::select! {
            status = play() => status,
            // The system goes, and its data with it.
            _ = tokio::signal::ctrl_c() => ExitCode::FAILURE,
        }
    });
    runtime.shutdown_timeout(Duration::from_millis(500));
    status
}

async fn play() -> ExitCode {
    let system = match System::start(SystemOptions::default()).await {
        Ok(system) => system,
        Err(error) => return failed(&error),
    };
    let played = demo::run(system.ready()).await;
    system.stop().await;
    match played {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "error: {error}");
    ExitCode::FAILURE
}
