//! The SDK's client of the table.

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Region, SharedHttpClient, retry::RetryConfig},
};

use super::error::StoreError;
use crate::aws::{AwsAddress, https_client, timeouts};

/// A client for the address, over connections of its own. Nothing is sent yet.
pub fn connect(address: &AwsAddress) -> Result<Client, StoreError> {
    let https = https_client(None).map_err(|error| StoreError::Unavailable(error.to_string()))?;
    Ok(connect_over(address, https))
}

/// The same, over connections that other services share.
#[must_use]
pub fn connect_over(address: &AwsAddress, https: SharedHttpClient) -> Client {
    let mut config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(address.region.clone()))
        .credentials_provider(address.credentials())
        .http_client(https)
        .timeout_config(timeouts())
        .retry_config(RetryConfig::standard().with_max_attempts(4));
    if let Some(endpoint) = &address.endpoint {
        config = config.endpoint_url(endpoint);
    }
    Client::from_conf(config.build())
}
