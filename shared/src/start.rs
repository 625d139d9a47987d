//! How every function starts: logs first, then settings; the connection to the table comes meanwhile. What is wrong is one line on standard
//! error, and the process ends.

use std::{fmt::Display, future::Future, process::ExitCode};

use aws_sdk_dynamodb::{config::SharedHttpClient, error::BoxError};
use tokio::task::yield_now;

use crate::{
    aws::{AwsAddress, AwsClientError, https_client, meanwhile, open_connection},
    clock::Clock,
    config::{ConfigError, SecretSetting, Settings},
    http_client::HttpClientError,
    secrets::{Cached, SecretsError, SecretsManager},
    store::{Store, StoreError, connect_over, endpoint_of},
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
    /// No client for AWS.
    #[error(transparent)]
    Aws(#[from] AwsClientError),
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

/// Connections to AWS, over TLS that trusts AWS's roots and those of the settings.
pub fn https(settings: &Settings<'_>) -> Result<SharedHttpClient, StartError> {
    Ok(https_client(settings.more_roots()?)?)
}

/// The table, with its connection under way. A table that does not answer now may do so at the first request, so that is only logged.
pub async fn store(settings: &Settings<'_>) -> Result<Store, StartError> {
    store_over(settings, https(settings)?).await
}

/// The table and two secrets. All share one pool of connections, which parses the roots of AWS once; the table's is opened while the
/// secrets are read. Those are read one after the other: a second handshake costs more than a second read.
pub async fn store_and_secrets<A, B>(
    settings: &Settings<'_>,
    clock: &Clock,
    (first, second): (SecretSetting<A>, SecretSetting<B>),
) -> Result<(Store, Cached<A>, Cached<B>), StartError> {
    let https = https(settings)?;
    let secrets = async {
        let mut secrets_manager = secrets_manager(settings, &https);
        let first = Cached::open(first, &mut secrets_manager, clock).await?;
        Ok((first, Cached::open(second, secrets_manager, clock).await?))
    };
    // On the heap: the SDK's futures are large. The secrets first: a setting that is wrong is named before the table is looked for.
    let ((first, second), store) = tokio::try_join!(Box::pin(secrets), store_over(settings, https.clone()))?;
    Ok((store, first, second))
}

/// A secret, read for the first time.
pub async fn secret<T>(settings: &Settings<'_>, setting: SecretSetting<T>, clock: &Clock) -> Result<Cached<T>, StartError> {
    let https = https(settings)?;
    Box::pin(Cached::open(setting, secrets_manager(settings, &https), clock)).await
}

async fn store_over(settings: &Settings<'_>, https: SharedHttpClient) -> Result<Store, StartError> {
    let (table, address) = (settings.table()?, settings.table_address()?);
    let connections = meanwhile(https.clone(), open_table(https, address.clone()));
    let store = Store::new(connect_over(&address, connections), table);
    // It is the longest way of all that a start has before it, so it is entered upon first.
    yield_now().await;
    Ok(store)
}

async fn open_table(https: SharedHttpClient, address: AwsAddress) {
    let opened = async { Ok::<(), BoxError>(open_connection(&https, &endpoint_of(&address).await?).await?) };
    if let Err(error) = opened.await {
        tracing::warn!(error = %error, "the table does not answer yet");
    }
}

/// Connects when it is first asked to, and not where every secret stands in its setting.
fn secrets_manager(settings: &Settings<'_>, https: &SharedHttpClient) -> impl FnMut() -> Result<SecretsManager, ConfigError> {
    let mut connected = None;
    move || {
        if let Some(known) = &connected {
            return Ok(SecretsManager::clone(known));
        }
        let address = settings.secrets_address()?;
        Ok(connected.insert(SecretsManager::connect(&address, https.clone())).clone())
    }
}
