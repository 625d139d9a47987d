//! The SDK's client of the table.

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Region, retry::RetryConfig},
};

use super::error::StoreError;
use crate::aws::{AwsAddress, https_client, timeouts};

/// A client for the address. Nothing is sent yet.
pub fn connect(address: &AwsAddress) -> Result<Client, StoreError> {
    let http = https_client().map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let mut config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(address.region.clone()))
        .credentials_provider(address.credentials())
        .http_client(http)
        .timeout_config(timeouts())
        .retry_config(RetryConfig::standard().with_max_attempts(4));
    if let Some(endpoint) = &address.endpoint {
        config = config.endpoint_url(endpoint);
    }
    Ok(Client::from_conf(config.build()))
}
