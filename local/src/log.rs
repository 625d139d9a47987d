//! Diagnostics of the commands: to stderr, so that stdout holds only what was asked for.

use tracing_subscriber::{EnvFilter, filter::LevelFilter};

/// Writes warnings and errors to stderr; `RUST_LOG` asks for more.
pub fn start_log() {
    // The embedded database warns of every failed condition, which here is how two writers find out who was first.
    let quiet = "dynoxide=error".parse();
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::WARN.into())
        .from_env_lossy();
    let filter = quiet.map(|quiet| filter.clone().add_directive(quiet)).unwrap_or(filter);
    let to_stderr = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Where tests keep every line, they have begun before.
    let _ = to_stderr.try_init();
}
