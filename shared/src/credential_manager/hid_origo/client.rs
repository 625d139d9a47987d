//! The HTTP client that talks to HID. One can serve any number of adapters.

use reqwest::Client;

use super::settings::{SettingsError, Timeouts};
use crate::http_client::{HttpClientError, builder};

/// A client that follows no redirects, reads no proxy from the environment, repeats nothing by itself, and trusts the
/// certificate authorities that are compiled in.
pub fn http_client(timeouts: Timeouts) -> Result<Client, SettingsError> {
    let client = builder(timeouts).and_then(|builder| builder.build().map_err(HttpClientError::of));
    client.map_err(|error| SettingsError::HttpClient(error.to_string()))
}
