//! The whole system on one machine, in one process: `cargo dev`, `cargo demo`, and the system that end-to-end tests start.
//!
//! [`System::start`] brings up the functions, the embedded DynamoDB, the HID Origo simulator, a pump that carries the table's
//! stream to the credential issuer and the sender of webhooks, and the sweeper's schedule. All of it binds 127.0.0.1 and keeps its state in one directory.

mod activity;
mod checkpoint;
mod data_dir;
mod database;
mod delivery;
pub mod demo;
mod environment;
mod files;
mod function;
mod functions_server;
mod held_port;
mod http_client;
mod log;
mod on_failure_queue;
mod options;
mod ready;
mod secrets_file;
pub mod seed;
pub mod sign;
mod start_error;
mod stream_pump;
mod stream_record;
mod sweep_schedule;
mod system;
mod task;
pub mod walk;
mod woken;

pub use self::{
    activity::Activity,
    data_dir::DataDirError,
    database::{DatabaseError, TABLE},
    environment::CALLBACK_HEADER,
    held_port::HeldPort,
    http_client::{HttpClientError, loopback_client},
    log::start_log,
    options::SystemOptions,
    ready::Ready,
    secrets_file::{Secrets, SecretsError},
    start_error::StartError,
    system::{ENVIRONMENT_FILE, System},
};

/// Where `cargo dev` keeps its state when it is told nothing else: in the checkout that it was built from.
pub const DEFAULT_DATA_DIR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/dev");
