//! A secret of the deployment, changed where it stands: in Secrets Manager.

use fobless::{
    config::{SecretPlace, SecretSetting, Settings},
    domain::secret::Secret,
    secrets::{SecretId, SecretsManager},
    start::{StartError, https},
};
use serde_json::Value;

use crate::error::OperatorError;

/// A JSON text in Secrets Manager.
pub(crate) struct SecretDocument<T> {
    secrets_manager: SecretsManager,
    id: SecretId,
    setting: SecretSetting<T>,
}

impl<T> SecretDocument<T> {
    /// Where the deployment keeps it. Settings that hold the secret themselves are somebody's own files, and not changed from here.
    pub(crate) fn of(settings: &Settings<'_>, setting: SecretSetting<T>) -> Result<Self, OperatorError> {
        let SecretPlace::SecretsManager(id) = &setting.place else {
            return Err(OperatorError::NoSecretsManager);
        };
        let address = settings.secrets_address().map_err(StartError::from)?;
        Ok(Self {
            secrets_manager: SecretsManager::connect(&address, https(settings)?),
            id: id.clone(),
            setting,
        })
    }

    /// As it is now.
    pub(crate) async fn read(&self) -> Result<Value, OperatorError> {
        let text = self.secrets_manager.read(&self.id).await.map_err(StartError::from)?;
        serde_json::from_str(text.expose()).map_err(|_| OperatorError::NotJson(self.id.to_string()))
    }

    /// From now on it is `document`, if the functions can make something of it.
    pub(crate) async fn write(&self, document: &Value) -> Result<T, OperatorError> {
        let text = Secret::new(document.to_string());
        let understood = (self.setting.understand)(text.expose()).map_err(StartError::from)?;
        self.secrets_manager.write(&self.id, &text).await.map_err(StartError::from)?;
        Ok(understood)
    }
}
