//! Drawing a new shared secret, for a webhook of ours.

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::rand::{SecureRandom, SystemRandom};

use super::key::SECRET_PREFIX;
use crate::domain::secret::Secret;

/// As many bytes as the HMAC has; 24 to 64 are advised.
const BYTES: usize = 32;

/// The operating system gives no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct NoRandomness;

/// A new secret, `whsec_<base64>`.
pub fn draw_secret() -> Result<Secret, NoRandomness> {
    let mut bytes = [0; BYTES];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(Secret::new(format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::SigningKey;

    #[test]
    fn a_drawn_secret_signs_and_is_another_one_each_time() {
        let (one, two) = (draw_secret().unwrap(), draw_secret().unwrap());
        assert!(SigningKey::parse(one.expose()).is_ok());
        assert_eq!(one.expose().len(), "whsec_".len() + 44);
        assert_ne!(one, two);
    }
}
