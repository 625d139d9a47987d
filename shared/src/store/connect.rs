//! The SDK client: one TLS stack (rustls with ring), and only the roots that AWS's endpoints need.
//!
//! AWS-LC, the SDK's default, seeds its entropy for half a second in a cold start; and a trust store of all public roots is
//! parsed anew in every start. Both are left out here, and nothing of `aws-config` is needed: in Lambda the keys stand in the
//! environment and stay for the life of the sandbox.

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig, timeout::TimeoutConfig},
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};

use super::error::StoreError;
use crate::domain::secret::Secret;

/// Amazon Root CA 1 to 4 and the Starfield Services root: what every AWS endpoint's certificate leads to.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");

/// Where the table is and how to be let in.
#[derive(Clone, Debug)]
pub struct TableAddress {
    /// The AWS region.
    pub region: String,
    /// Another endpoint than AWS's own, for the embedded DynamoDB.
    pub endpoint: Option<String>,
    /// The access key's id.
    pub access_key_id: String,
    /// The access key's secret.
    pub secret_access_key: Secret,
    /// The session token that goes with a role's keys.
    pub session_token: Option<Secret>,
}

/// A client for the address. Nothing is sent yet.
pub fn connect(address: &TableAddress) -> Result<Client, StoreError> {
    let trust_store = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    let tls = TlsContext::builder().with_trust_store(trust_store).build();
    let tls = tls.map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let http = Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(tls)
        .build_https();
    let credentials = Credentials::new(
        &address.access_key_id,
        address.secret_access_key.expose(),
        address.session_token.as_ref().map(|token| token.expose().to_owned()),
        None,
        "environment",
    );
    // A request to the table takes milliseconds; one that hangs is on a connection that died while the sandbox was frozen.
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(5))
        .operation_timeout(Duration::from_secs(15))
        .build();
    let mut config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(address.region.clone()))
        .credentials_provider(credentials)
        .http_client(http)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(4));
    if let Some(endpoint) = &address.endpoint {
        config = config.endpoint_url(endpoint);
    }
    Ok(Client::from_conf(config.build()))
}
