//! What a started system tells about itself.

use serde::{Deserialize, Serialize};

/// Where everything is, once it answers.
#[derive(Clone, Serialize, Deserialize)]
pub struct Ready {
    /// The base URL of the functions.
    pub api: String,
    /// The base URL of the embedded DynamoDB.
    pub dynamodb: String,
    /// The base URL of the credential manager.
    pub simulator: String,
    /// Opens the management API.
    pub api_key: String,
    /// Signs phone events.
    pub webhook_secret: String,
    /// Where the state is kept.
    pub data_dir: String,
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            api,
            dynamodb,
            simulator,
            data_dir,
            ..
        } = self;
        write!(f, "Ready({api}, {dynamodb}, {simulator}, {data_dir})")
    }
}
