//! Which deployment is worked at, and as whom: a file of settings, the environment, and AWS's own chain of credentials.

use std::{collections::BTreeMap, path::Path};

use aws_config::BehaviorVersion;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sdk_sqs::config::SharedHttpClient;
use fobless::{
    config::{Settings, setting},
    start::https,
};

use crate::{environment_file::EnvironmentFile, error::OperatorError};

/// Settings by name, wherever they are from.
pub(crate) struct Deployment {
    file: Option<EnvironmentFile>,
    /// What the chain of credentials says, where neither file nor environment has a key.
    chain: BTreeMap<&'static str, String>,
}

impl Deployment {
    pub(crate) async fn read(env_file: Option<&Path>) -> Result<Self, OperatorError> {
        let mut deployment = Self {
            file: env_file.map(EnvironmentFile::read).transpose()?,
            chain: BTreeMap::new(),
        };
        // Without a table nothing is worked at: that is said first, and nobody is asked who we are.
        if deployment.setting(setting::TABLE).is_some() && deployment.setting(setting::ACCESS_KEY_ID).is_none() {
            let settings = |name: &str| deployment.setting(name);
            let https = https(&Settings::of(&settings))?;
            deployment.chain = Box::pin(chain(https)).await?;
        }
        Ok(deployment)
    }

    /// A setting by its name: the file's, or else the environment's.
    pub(crate) fn setting(&self, name: &str) -> Option<String> {
        let in_file = self.file.as_ref().and_then(|file| file.get(name));
        let known = in_file.or_else(|| Settings::environment().text(name));
        known.or_else(|| self.chain.get(name).cloned())
    }
}

/// Profiles, single sign-on, a program, a container's or a machine's role: as AWS's own tools look for them.
async fn chain(https: SharedHttpClient) -> Result<BTreeMap<&'static str, String>, OperatorError> {
    let no_credentials = |reason: String| OperatorError::NoCredentials(reason);
    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(https).load().await;
    let provider = config
        .credentials_provider()
        .ok_or_else(|| no_credentials("there is no provider".to_owned()))?;
    let found = provider.provide_credentials().await;
    let found = found.map_err(|error| no_credentials(aws_smithy_types::error::display::DisplayErrorContext(&error).to_string()))?;
    let mut settings = BTreeMap::from([
        (setting::ACCESS_KEY_ID, found.access_key_id().to_owned()),
        (setting::SECRET_ACCESS_KEY, found.secret_access_key().to_owned()),
    ]);
    settings.extend(found.session_token().map(|token| (setting::SESSION_TOKEN, token.to_owned())));
    settings.extend(config.region().map(|region| (setting::REGION, region.to_string())));
    Ok(settings)
}
