//! AWS Secrets Manager: one text per secret.

use std::fmt;

use aws_sdk_secretsmanager::{
    Client,
    config::{BehaviorVersion, Region, SharedHttpClient, retry::RetryConfig},
    error::{DisplayErrorContext, SdkError},
};

use crate::{
    aws::{AwsAddress, timeouts},
    domain::secret::Secret,
};

/// By what name a secret is known: its name or its ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretId(String);

impl SecretId {
    /// Takes the name or ARN.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for SecretId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a secret could not be read or written. Names the secret, and shows nothing of it.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// Secrets Manager refused, or was not reached.
    #[error("the secret {id} can't be {deed}: {reason}")]
    Refused {
        /// Which secret.
        id: SecretId,
        /// What was to be done.
        deed: &'static str,
        /// What the SDK says.
        reason: String,
    },
    /// The secret is bytes, not text.
    #[error("the secret {0} is no text")]
    NoText(SecretId),
}

/// A client of Secrets Manager. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SecretsManager(Client);

impl SecretsManager {
    /// A client for the address, over these connections. Nothing is sent yet.
    #[must_use]
    pub fn connect(address: &AwsAddress, https: SharedHttpClient) -> Self {
        let mut config = aws_sdk_secretsmanager::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(address.region.clone()))
            .credentials_provider(address.credentials())
            .http_client(https)
            .timeout_config(timeouts())
            .retry_config(RetryConfig::standard().with_max_attempts(3));
        if let Some(endpoint) = &address.endpoint {
            config = config.endpoint_url(endpoint);
        }
        Self(Client::from_conf(config.build()))
    }

    /// The secret as it is now.
    pub async fn read(&self, id: &SecretId) -> Result<Secret, SecretsError> {
        let answer = self.0.get_secret_value().secret_id(&id.0).send().await;
        let answer = answer.map_err(|error| refused(id, "read", &error))?;
        answer
            .secret_string
            .map(Secret::new)
            .ok_or_else(|| SecretsError::NoText(id.clone()))
    }

    /// From now on it is this. What it was before stays with Secrets Manager as the previous version.
    pub async fn write(&self, id: &SecretId, text: &Secret) -> Result<(), SecretsError> {
        let written = self.0.put_secret_value().secret_id(&id.0).secret_string(text.expose()).send().await;
        written.map(drop).map_err(|error| refused(id, "written", &error))
    }
}

fn refused<E: std::error::Error + 'static, R: fmt::Debug + 'static>(
    id: &SecretId,
    deed: &'static str,
    error: &SdkError<E, R>,
) -> SecretsError {
    SecretsError::Refused {
        id: id.clone(),
        deed,
        reason: DisplayErrorContext(error).to_string(),
    }
}
