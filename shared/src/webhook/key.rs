//! The keys that webhooks are verified with, read from the text in which senders hand them out.

use std::fmt;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_PAD_INDIFFERENT},
};
use hmac::{Hmac, KeyInit};
use ring::signature::{ED25519, ED25519_PUBLIC_KEY_LEN, UnparsedPublicKey};
use sha2::Sha256;

use super::{
    sign::mac_of,
    signature::{Scheme, Signature},
};
use crate::{
    domain::{ids::WorkspaceId, secret::note},
    same_secret,
};

/// The lengths of a shared secret that are accepted. 24 to 64 bytes are advised; some senders hand out a little less or more.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 16..=128;

pub(super) const SECRET_PREFIX: &str = "whsec_";
const PUBLIC_KEY_PREFIX: &str = "whpk_";
const PRIVATE_KEY_PREFIX: &str = "whsk_";

pub(super) type HmacSha256 = Hmac<Sha256>;

/// A key that is in force, and the workspace that its webhooks belong to.
///
/// During a rotation a workspace has two. No two workspaces may share one: the first that matches would get the other's events.
#[derive(Clone, Debug)]
pub struct ActiveKey {
    /// Whose webhooks this key signs.
    pub workspace_id: WorkspaceId,
    /// The key itself.
    pub key: VerificationKey,
}

/// A key that signatures are checked against: a shared secret (`v1`) or an Ed25519 public key (`v1a`).
#[derive(Clone)]
pub struct VerificationKey(Kind);

#[derive(Clone)]
enum Kind {
    /// The secret itself is not kept, only the HMAC state that it makes.
    Shared(Box<HmacSha256>),
    Public([u8; ED25519_PUBLIC_KEY_LEN]),
}

/// Why a text is not a key. It never repeats any of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// There is nothing behind the prefix.
    #[error("the key is empty")]
    Empty,
    /// What follows the prefix is not base64 of the standard alphabet.
    #[error("the key is not base64 behind `whsec_` or `whpk_`")]
    NotBase64,
    /// A shared secret that is too short to be safe or too long to be one.
    #[error("a shared secret has 16 to 128 bytes, this one has {bytes}")]
    SecretLength {
        /// How long it is.
        bytes: usize,
    },
    /// An Ed25519 public key of another size.
    #[error("an Ed25519 public key has 32 bytes, this one has {bytes}")]
    PublicKeyLength {
        /// How long it is.
        bytes: usize,
    },
    /// The sender's private key, which has no business on the receiving side.
    #[error("this is a private key (`whsk_`), the public key (`whpk_`) is needed")]
    PrivateKey,
    /// A public key where a shared secret is needed, that is for signing.
    #[error("this is a public key (`whpk_`), a shared secret (`whsec_`) is needed")]
    PublicKey,
}

impl VerificationKey {
    /// Reads `whsec_<base64>` or `whpk_<base64>`, padded or not. Text without a prefix is a shared secret, therefore a public
    /// key must never lose its own: anyone could sign with it then.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        // Secrets reach us through files and consoles, which love to add a line break.
        let text = text.trim();
        match text.strip_prefix(PUBLIC_KEY_PREFIX) {
            Some(encoded) => {
                let bytes = decode(encoded)?;
                let key = bytes
                    .try_into()
                    .map_err(|bytes: Vec<u8>| InvalidKey::PublicKeyLength { bytes: bytes.len() })?;
                Ok(Self(Kind::Public(key)))
            }
            None => shared_secret(text).map(|mac| Self(Kind::Shared(Box::new(mac)))),
        }
    }

    /// Whether any of `signatures` is this key's under `message`; each is looked at, whichever it is. Nothing is computed for a scheme
    /// that the sender did not use.
    pub(super) fn signed_any(&self, signatures: &[Signature<'_>], message: &SignedContent<'_>) -> bool {
        let candidates = decoded(signatures, self.scheme());
        if candidates.is_empty() {
            return false;
        }
        match &self.0 {
            Kind::Shared(secret) => {
                let expected = mac_of(secret, message);
                same_secret::is_any_of(&candidates, [expected.as_slice()])
            }
            Kind::Public(key) => {
                let key = UnparsedPublicKey::new(&ED25519, key);
                let message = message.contiguous();
                let signed = candidates.iter().filter(|candidate| key.verify(&message, candidate).is_ok());
                signed.count() > 0
            }
        }
    }

    const fn scheme(&self) -> Scheme {
        match self.0 {
            Kind::Shared(_) => Scheme::HmacSha256,
            Kind::Public(_) => Scheme::Ed25519,
        }
    }
}

impl fmt::Debug for VerificationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Shared(_) => "VerificationKey(shared secret, redacted)",
            Kind::Public(_) => "VerificationKey(Ed25519 public key)",
        })
    }
}

/// What a signature covers: `{id}.{timestamp}.{body}`, each exactly as it was sent. Neither id nor timestamp can hold a dot, so
/// no two messages have the same content.
pub(super) struct SignedContent<'r> {
    pub(super) id: &'r [u8],
    pub(super) timestamp: &'r [u8],
    pub(super) body: &'r [u8],
}

impl<'r> SignedContent<'r> {
    /// The pieces whose concatenation is signed.
    pub(super) fn parts(&self) -> [&'r [u8]; 5] {
        [self.id, b".", self.timestamp, b".", self.body]
    }

    fn contiguous(&self) -> Vec<u8> {
        self.parts().concat()
    }
}

/// Reads a shared secret, ready to compute with.
pub(super) fn shared_secret(text: &str) -> Result<HmacSha256, InvalidKey> {
    if text.starts_with(PRIVATE_KEY_PREFIX) {
        return Err(InvalidKey::PrivateKey);
    }
    if text.starts_with(PUBLIC_KEY_PREFIX) {
        return Err(InvalidKey::PublicKey);
    }
    let secret = decode(text.strip_prefix(SECRET_PREFIX).unwrap_or(text))?;
    let invalid = InvalidKey::SecretLength { bytes: secret.len() };
    if !SECRET_BYTES.contains(&secret.len()) {
        return Err(invalid);
    }
    note(text);
    HmacSha256::new_from_slice(&secret).map_err(|_| invalid)
}

fn decode(encoded: &str) -> Result<Vec<u8>, InvalidKey> {
    if encoded.is_empty() {
        return Err(InvalidKey::Empty);
    }
    STANDARD_PAD_INDIFFERENT.decode(encoded).map_err(|_| InvalidKey::NotBase64)
}

/// The signatures of one scheme; what is not base64 cannot be one. Bytes are compared rather than text, and padding is required,
/// so that there is exactly one way to write a signature.
fn decoded(signatures: &[Signature<'_>], scheme: Scheme) -> Vec<Vec<u8>> {
    let of_scheme = signatures.iter().filter(|signature| signature.scheme == scheme);
    of_scheme.filter_map(|signature| STANDARD.decode(signature.encoded).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: &str = "AAECAwQFBgcICQ==";

    #[test]
    fn a_shared_secret_is_read_with_or_without_prefix_and_padding() {
        for text in [
            "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            " AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n",
        ] {
            assert!(VerificationKey::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_key_is_refused_for_what_it_is() {
        let refusal = |text: &str| VerificationKey::parse(text).unwrap_err();
        assert_eq!(refusal(""), InvalidKey::Empty);
        assert_eq!(refusal("whsec_"), InvalidKey::Empty);
        assert_eq!(refusal("whpk_"), InvalidKey::Empty);
        assert_eq!(refusal("whsec_not base64"), InvalidKey::NotBase64);
        assert_eq!(refusal("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBka-_wdHh8="), InvalidKey::NotBase64);
        assert_eq!(refusal(TEN), InvalidKey::SecretLength { bytes: 10 });
        assert_eq!(refusal(&format!("whpk_{TEN}")), InvalidKey::PublicKeyLength { bytes: 10 });
        assert_eq!(refusal("whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc="), InvalidKey::PrivateKey);
    }

    #[test]
    fn a_secret_has_16_to_128_bytes() {
        for (bytes, accepted) in [(15, false), (16, true), (24, true), (64, true), (128, true), (129, false)] {
            let text = format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
            assert_eq!(VerificationKey::parse(&text).is_ok(), accepted, "{bytes} bytes");
        }
    }

    #[test]
    fn neither_debug_nor_an_error_shows_the_secret() {
        let shown = format!(
            "{:?}",
            VerificationKey::parse("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap()
        );
        assert_eq!(shown, "VerificationKey(shared secret, redacted)");
        let error = VerificationKey::parse(TEN).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("AAEC"));
    }
}
