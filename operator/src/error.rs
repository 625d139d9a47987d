//! Why a command was not done. One line for a person, without a secret in it.

use std::{io, path::PathBuf};

use fobless::{
    chance::NoChance,
    domain::ids::{AcsSystemId, ApiKeyId, DeviceId},
    start::StartError,
    store::{StoreError, WriteError},
};

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// A setting is missing or wrong.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The file of settings can't be read.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// A line of the file of settings can't be understood.
    #[error("{path}: line {line} is not NAME='value'")]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line, counted from one.
        line: usize,
    },
    /// The table can't be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record can't be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// No key can be drawn.
    #[error(transparent)]
    NoChance(#[from] NoChance),
    /// There is no such key.
    #[error("there is no API key {0} in this workspace")]
    UnknownKey(ApiKeyId),
    /// There is no such phone.
    #[error("there is no phone {0} in this workspace")]
    UnknownPhone(DeviceId),
    /// There is no such credential manager.
    #[error("there is no credential manager {0} in this workspace")]
    UnknownCredentialManager(AcsSystemId),
    /// What was checked is not as it should be.
    #[error("not everything is as it should be\n{0}")]
    Check(String),
    /// Nobody reads what is printed.
    #[error("the result can't be printed: {0}")]
    Print(#[from] io::Error),
}
