//! What a local system is started with.

use std::{path::PathBuf, time::Duration};

use fobless::clock::Clock;
use reqwest::Url;
use tokio::sync::mpsc::UnboundedSender;

use crate::activity::Activity;

/// What a [`System`](crate::System) starts with. The default takes any free ports and throw-away data.
#[derive(Clone, Debug)]
pub struct SystemOptions {
    /// The port of the functions; 0 takes any that is free, here and below.
    pub port: u16,
    /// The port of the embedded DynamoDB.
    pub dynamodb_port: u16,
    /// Where the functions reach the table, if not directly: what stands between counts, say.
    pub table_behind: Option<Url>,
    /// The port of the HID Origo simulator.
    pub simulator_port: u16,
    /// Where the state is kept; `None`: in a directory for temporary files, removed with the system.
    pub data_dir: Option<PathBuf>,
    /// Whether the data directory is emptied first.
    pub reset: bool,
    /// How many calls HID Origo takes in five minutes: the simulator's limit and the system's budget together.
    pub hid_rate_limit: u32,
    /// The base URL of functions that run elsewhere, under `cargo lambda watch`; `None`: they run in this process.
    pub functions_elsewhere: Option<Url>,
    /// Another HID Origo than the built-in simulator.
    pub hid_origo: Option<Url>,
    /// The connector of an access control system, which is told of card numbers; `None`: there is no such system.
    pub connector: Option<Url>,
    /// Part numbers that the simulated organization has beside the preloaded one. No record knows them.
    pub more_part_numbers: Vec<String>,
    /// How often the sweeper runs.
    pub sweep_period: Duration,
    /// How long a virtual phone takes to fetch a credential.
    pub fetch_delay: Duration,
    /// How many batches of the stream are handled at once, each of other user identities.
    pub parallelization_factor: usize,
    /// What time it is for the functions. The simulator keeps the machine's own.
    pub clock: Clock,
    /// How far the functions' clock is ahead of `clock`, and the simulator's of the machine's. On the same data never less than before.
    pub ahead: Duration,
    /// Secrets that sign phone events beside the system's own.
    pub more_webhook_secrets: Vec<String>,
    /// Whether what HID Origo's callbacks name is believed without a read.
    pub trusts_callbacks: bool,
    /// Where to tell what happens.
    pub activity: Option<UnboundedSender<Activity>>,
}

impl Default for SystemOptions {
    fn default() -> Self {
        Self {
            port: 0,
            dynamodb_port: 0,
            table_behind: None,
            simulator_port: 0,
            data_dir: None,
            reset: false,
            hid_rate_limit: 300,
            functions_elsewhere: None,
            hid_origo: None,
            connector: None,
            more_part_numbers: Vec::new(),
            sweep_period: Duration::from_mins(1),
            fetch_delay: Duration::from_millis(300),
            parallelization_factor: 4,
            clock: Clock::system(),
            ahead: Duration::ZERO,
            more_webhook_secrets: Vec::new(),
            trusts_callbacks: false,
            activity: None,
        }
    }
}
