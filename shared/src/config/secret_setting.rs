//! A setting that is secret: where it is kept, and how its text is understood.

use std::fmt;

use super::ConfigError;
use crate::{domain::secret::Secret, secrets::SecretId};

/// Where a secret is kept.
#[derive(Clone, Debug)]
pub enum SecretPlace {
    /// In the setting itself: on one's own machine.
    Here(Secret),
    /// In Secrets Manager, under this name.
    SecretsManager(SecretId),
}

/// A setting that is secret.
pub struct SecretSetting<T> {
    /// Where it is kept.
    pub place: SecretPlace,
    /// What the text says. Its errors show nothing of it.
    pub understand: fn(&str) -> Result<T, ConfigError>,
}

impl<T> SecretSetting<T> {
    /// What the setting itself says, for who has no Secrets Manager.
    pub fn here(&self) -> Result<T, ConfigError> {
        match &self.place {
            SecretPlace::Here(text) => (self.understand)(text.expose()),
            SecretPlace::SecretsManager(_) => Err(ConfigError::Elsewhere),
        }
    }
}

impl<T> fmt::Debug for SecretSetting<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SecretSetting").field(&self.place).finish()
    }
}
