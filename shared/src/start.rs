//! How every function starts: logs first, then settings, then the connection to the table. What is wrong is one line on standard
//! error, and the process ends.

use std::{fmt::Display, future::Future, process::ExitCode};

use crate::{
    clock::Clock,
    config::{ConfigError, SecretSetting, Settings},
    http_client::HttpClientError,
    secrets::{Cached, SecretsError, SecretsManager},
    store::{Store, StoreError, connect},
};

/// Why a function did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is missing or wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The table's client could not be made.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A secret could not be read.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// No HTTP client.
    #[error(transparent)]
    HttpClient(#[from] HttpClientError),
    /// The Lambda runtime ended.
    #[error("the Lambda runtime ended: {0}")]
    Runtime(String),
}

impl StartError {
    /// The Lambda runtime ended with this error.
    pub fn runtime(error: impl Display) -> Self {
        Self::Runtime(error.to_string())
    }
}

/// Runs a function's main until the runtime ends.
pub async fn function(main: impl Future<Output = Result<(), StartError>>) -> ExitCode {
    match main.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fobless: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The table, with its connection opened. A table that does not answer now may do so at the first request, so that is only logged.
pub async fn store(settings: &Settings<'_>) -> Result<Store, StartError> {
    let table = settings.table()?;
    let store = Store::new(connect(&settings.table_address()?)?, table);
    if let Err(error) = Box::pin(store.warm()).await {
        tracing::warn!(error = %error, "the table does not answer yet");
    }
    Ok(store)
}

/// A secret, read for the first time.
pub async fn secret<T>(settings: &Settings<'_>, setting: SecretSetting<T>, clock: &Clock) -> Result<Cached<T>, StartError> {
    let secrets_manager = || Ok(SecretsManager::connect(&settings.secrets_address()?)?);
    // On the heap: the SDK's futures are large, and a start waits for several at once.
    Box::pin(Cached::open(setting, secrets_manager, clock)).await
}
