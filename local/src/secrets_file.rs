//! The keys of the local system: drawn at the first start, kept in `secrets.json`, the same after each restart.

use std::{io, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

use crate::files;

const FILE: &str = "secrets.json";

/// Letters and digits, 64 less the two that base64 has beside them: what is drawn beyond them is drawn again.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The secrets of one data directory.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secrets {
    /// Opens the management API.
    pub api_key: String,
    /// Signs phone events, `whsec_...`.
    pub webhook_secret: String,
    /// What HID Origo's callbacks carry in their header.
    pub callback_secret: String,
    /// Signs what the connector of an access control system is told, `whsec_...`.
    pub connector_secret: String,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(redacted)")
    }
}

/// Why there are no secrets.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// Nothing was started there yet.
    #[error("{0} is not there: start `cargo dev` first")]
    Missing(String),
    /// The file was edited or is of another version.
    #[error("{0} can't be understood: delete it, or start with --reset")]
    Unreadable(String),
    /// The file can't be read or written.
    #[error("{FILE}: {0}")]
    Io(#[from] io::Error),
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    NoRandomness,
}

impl Secrets {
    /// The secrets of the directory; drawn and kept if there are none.
    pub fn load_or_create(directory: &Path) -> Result<Self, SecretsError> {
        match Self::load(directory) {
            Err(SecretsError::Missing(_)) => {
                let secrets = Self::draw()?;
                let json = serde_json::to_vec_pretty(&secrets).map_err(io::Error::from)?;
                files::replace(&directory.join(FILE), &json)?;
                Ok(secrets)
            }
            loaded => loaded,
        }
    }

    /// The secrets of the directory.
    pub fn load(directory: &Path) -> Result<Self, SecretsError> {
        let path = directory.join(FILE);
        let name = || path.display().to_string();
        let json = files::read(&path)?.ok_or_else(|| SecretsError::Missing(name()))?;
        serde_json::from_slice(&json).map_err(|_| SecretsError::Unreadable(name()))
    }

    fn draw() -> Result<Self, SecretsError> {
        Ok(Self {
            // Seam's clients take `seam_at`, `seam_cst` and `seam_pk` for other kinds of token.
            api_key: format!("seam_dev{}_{}", text(8)?, text(24)?),
            webhook_secret: signing_secret()?,
            callback_secret: text(40)?,
            connector_secret: signing_secret()?,
        })
    }
}

/// A random secret of 256 bits, as Standard Webhooks writes it.
fn signing_secret() -> Result<String, SecretsError> {
    let mut key = [0; 32];
    SystemRandom::new().fill(&mut key).map_err(|_| SecretsError::NoRandomness)?;
    Ok(format!("whsec_{}", STANDARD.encode(key)))
}

/// Random letters and digits, each as likely as the others.
fn text(length: usize) -> Result<String, SecretsError> {
    let random = SystemRandom::new();
    let mut text = String::with_capacity(length);
    let mut bytes = [0; 64];
    while text.len() < length {
        random.fill(&mut bytes).map_err(|_| SecretsError::NoRandomness)?;
        let letters = bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 0x3f)));
        text.extend(letters.take(length - text.len()).map(|&letter| char::from(letter)));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use fobless::webhook::{SigningKey, VerificationKey};

    use super::*;

    #[test]
    fn drawn_secrets_are_of_the_kind_that_each_reader_expects() {
        let secrets = Secrets::draw().unwrap();
        assert!(secrets.api_key.starts_with("seam_dev") && secrets.api_key.len() == "seam_dev".len() + 8 + 1 + 24);
        assert!(SigningKey::parse(&secrets.webhook_secret).is_ok());
        assert!(VerificationKey::parse(&secrets.webhook_secret).is_ok());
        assert_ne!(secrets.callback_secret, Secrets::draw().unwrap().callback_secret);
    }
}
