//! The HTTP client for this machine's own servers.

use std::{sync::Arc, time::Duration};

use reqwest::{Client, redirect, retry};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

/// The HTTP client can't be made.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client can't be made: {0}")]
pub struct HttpClientError(String);

/// A client that follows no redirects, uses no proxy, repeats nothing by itself, and trusts no certificate at all: what it
/// talks to is on this machine, without TLS.
pub fn loopback_client(timeout: Duration) -> Result<Client, HttpClientError> {
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| HttpClientError(error.to_string()))?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .connect_timeout(Duration::from_secs(3))
        .timeout(timeout)
        .build()
        .map_err(|error| HttpClientError(error.to_string()))
}
