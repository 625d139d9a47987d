//! The SDK's client of the table.

use aws_sdk_dynamodb::{
    Client,
    config::{
        BehaviorVersion, IdentityCache, Region, SharedHttpClient, StalledStreamProtectionConfig,
        endpoint::{DefaultResolver, Params, ResolveEndpoint as _},
        retry::RetryConfig,
    },
    error::BoxError,
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
        // Each attempt has its time as a whole, so nobody needs to watch how fast its bytes come.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        // Who we are is known from the start and stays.
        .identity_cache(IdentityCache::no_cache())
        .retry_config(RetryConfig::standard().with_max_attempts(4));
    if let Some(endpoint) = &address.endpoint {
        config = config.endpoint_url(endpoint);
    }
    Client::from_conf(config.build())
}

/// Where the client of that address sends its requests: a stand-in, or AWS's endpoint for the region, which has another domain in China
/// than elsewhere.
pub(crate) async fn endpoint_of(address: &AwsAddress) -> Result<String, BoxError> {
    if let Some(stand_in) = &address.endpoint {
        return Ok(stand_in.clone());
    }
    let of_region = Params::builder().region(address.region.clone()).build()?;
    let resolved = DefaultResolver::new().resolve_endpoint(&of_region).await?;
    Ok(resolved.url().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_region_has_its_endpoint_in_the_domain_of_its_part_of_aws() {
        for (region, url) in [
            ("eu-central-1", "https://dynamodb.eu-central-1.amazonaws.com"),
            ("cn-north-1", "https://dynamodb.cn-north-1.amazonaws.com.cn"),
        ] {
            let address = AwsAddress {
                region: region.to_owned(),
                endpoint: None,
                ..AwsAddress::stand_in("")
            };
            assert_eq!(endpoint_of(&address).await.unwrap(), url);
        }
        let stand_in = AwsAddress::stand_in("http://127.0.0.1:8000");
        assert_eq!(endpoint_of(&stand_in).await.unwrap(), "http://127.0.0.1:8000");
    }
}
