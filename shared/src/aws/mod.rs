//! What all clients of AWS have in common: one TLS stack (rustls with ring), only the roots that AWS's endpoints need, and who we are.
//!
//! AWS-LC, the SDK's default, seeds its entropy for half a second in a cold start; and a trust store of all public roots is
//! parsed anew in every start. Both are left out here, and nothing of `aws-config` is needed: in Lambda the keys stand in the
//! environment and stay for the life of the sandbox.

mod connection;
mod meanwhile;
mod roots;

use std::time::Duration;

use aws_sdk_dynamodb::config::{Credentials, HttpClient, RuntimeComponents, SharedHttpClient, timeout::TimeoutConfig};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    connector_metadata::ConnectorMetadata,
    http::{HttpConnectorSettings, SharedHttpConnector},
};

use crate::domain::secret::Secret;

pub(crate) use self::{connection::open_connection, meanwhile::meanwhile, roots::usable_roots};

/// Amazon Root CA 1 to 4 and the Starfield Services root: what every AWS endpoint's certificate leads to.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");

/// TLS could not be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the client of AWS can't be made: {0}")]
pub struct AwsClientError(String);

/// Where a service of AWS is and how to be let in.
#[derive(Clone, Debug)]
pub struct AwsAddress {
    /// The AWS region.
    pub region: String,
    /// Another endpoint than AWS's own, for a stand-in.
    pub endpoint: Option<String>,
    /// The access key's id.
    pub access_key_id: String,
    /// The access key's secret.
    pub secret_access_key: Secret,
    /// The session token that goes with a role's keys.
    pub session_token: Option<Secret>,
}

impl AwsAddress {
    /// A stand-in on this machine: it lets everybody in, but wants to see a signature.
    #[must_use]
    pub fn stand_in(endpoint: impl Into<String>) -> Self {
        Self {
            region: "us-east-1".to_owned(),
            endpoint: Some(endpoint.into()),
            access_key_id: "local".to_owned(),
            secret_access_key: Secret::new("local"),
            session_token: None,
        }
    }

    /// Who we are, as the SDK has it.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        Credentials::new(
            &self.access_key_id,
            self.secret_access_key.expose(),
            self.session_token.as_ref().map(|token| token.expose().to_owned()),
            None,
            "environment",
        )
    }
}

/// A connection pool that trusts AWS's roots, and those that a setting names besides (`Settings::more_roots`), as PEM.
pub fn https_client(more_roots: Option<Vec<u8>>) -> Result<SharedHttpClient, AwsClientError> {
    let amazons = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    let trust_store = match more_roots {
        None => amazons,
        Some(more) => amazons.with_pem_certificate(more),
    };
    let tls = TlsContext::builder().with_trust_store(trust_store).build();
    let tls = tls.map_err(|error| AwsClientError(error.to_string()))?;
    let https = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(tls);
    Ok(SharedHttpClient::new(Untried(https.build_https())))
}

/// Connections that no client tries beforehand. The SDK's would make one connector more for each client, and parse the roots for it, only
/// to see whether it can.
#[derive(Debug)]
struct Untried(SharedHttpClient);

impl HttpClient for Untried {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}

/// A request takes milliseconds; one that hangs is on a connection that died while the sandbox was frozen.
#[must_use]
pub fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(5))
        .operation_timeout(Duration::from_secs(15))
        .build()
}
