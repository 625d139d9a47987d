//! Why the local system can't start. Each text is one line that names what to change.

use std::io;

use fobless::{
    config::ConfigError,
    credential_manager::CallError,
    store::{StoreError, WriteError},
};
use hid_origo_simulator::SimulatorError;

use crate::{data_dir::DataDirError, database::DatabaseError, http_client::HttpClientError, secrets_file::SecretsError};

/// Why the system can't start. The text is one line that names what to change.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port can't be had.
    #[error("{option} {port}: {error}")]
    Port {
        /// The option that sets it.
        option: &'static str,
        /// The port.
        port: u16,
        /// Why not.
        error: io::Error,
    },
    /// The data directory can't be had.
    #[error("--data-dir: {0}")]
    DataDir(#[from] DataDirError),
    /// The data directory can't be written.
    #[error("--data-dir: {0}")]
    Data(#[from] io::Error),
    /// The keys can't be kept.
    #[error("--data-dir: {0}")]
    Secrets(#[from] SecretsError),
    /// The database can't be opened.
    #[error("{0}")]
    Database(#[from] DatabaseError),
    /// The simulator can't start.
    #[error("the HID Origo simulator: {0}")]
    Simulator(#[from] SimulatorError),
    /// The functions don't accept their settings.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// The table can't be used.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The table can't be filled.
    #[error("the preloaded records: {0}")]
    Seed(#[from] WriteError),
    /// No HTTP client.
    #[error("{0}")]
    HttpClient(#[from] HttpClientError),
    /// No HTTP client for webhooks.
    #[error("{0}")]
    Webhooks(#[from] fobless::http_client::HttpClientError),
    /// The credential manager does not take our callback.
    #[error("HID Origo at {url} does not take the callback: {error}")]
    Callback {
        /// Where it is.
        url: String,
        /// What it said.
        error: CallError,
    },
    /// Something that was started does not answer.
    #[error("{url} does not answer: {error}")]
    Silent {
        /// What was asked.
        url: String,
        /// What came of it.
        error: reqwest::Error,
    },
}
