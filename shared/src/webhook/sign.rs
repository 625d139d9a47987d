//! Signing: what a sender does. Local tools and tests use it, and so do deliveries of our own.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::Mac;

use super::{
    headers::HeaderFamily,
    key::{HmacSha256, InvalidKey, SignedContent, shared_secret},
    message_id::MessageId,
    rejection::SignedHeader,
};
use crate::domain::time::Timestamp;

/// A shared secret that signs.
#[derive(Clone)]
pub struct SigningKey(Box<HmacSha256>);

impl SigningKey {
    /// Reads `whsec_<base64>`; as for verification, prefix and padding may be missing.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        shared_secret(text.trim()).map(|mac| Self(Box::new(mac)))
    }

    /// The entry `v1,<base64>` for a message that is sent at `sent_at` (counted in whole seconds).
    #[must_use]
    pub fn signature(&self, id: &MessageId, sent_at: Timestamp, body: &[u8]) -> String {
        let timestamp = seconds(sent_at);
        let content = SignedContent {
            id: id.as_str().as_bytes(),
            timestamp: timestamp.as_bytes(),
            body,
        };
        format!("v1,{}", STANDARD.encode(mac_of(&self.0, &content)))
    }

    /// The three headers, name and value, that go with `body`.
    #[must_use]
    pub fn headers(&self, family: HeaderFamily, id: &MessageId, sent_at: Timestamp, body: &[u8]) -> [(&'static str, String); 3] {
        [
            (family.header_name(SignedHeader::Id), id.to_string()),
            (family.header_name(SignedHeader::Timestamp), seconds(sent_at)),
            (family.header_name(SignedHeader::Signature), self.signature(id, sent_at, body)),
        ]
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(redacted)")
    }
}

/// The HMAC of a message under a keyed state.
pub(super) fn mac_of(secret: &HmacSha256, content: &SignedContent<'_>) -> [u8; 32] {
    let mut mac = secret.clone();
    for part in content.parts() {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn seconds(moment: Timestamp) -> String {
    moment.millis().div_euclid(1000).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_that_other_implementations_compute() {
        let key = SigningKey::parse("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
        let headers = key.headers(
            HeaderFamily::Svix,
            &"msg_test1".parse().unwrap(),
            Timestamp::from_millis(1_700_000_000_999),
            br#"{"event_id":"e1","event_type":"phone.deactivated"}"#,
        );
        let expected = [
            ("svix-id", "msg_test1"),
            ("svix-timestamp", "1700000000"),
            ("svix-signature", "v1,h5PIvnjW6HpLKKRts3zsRE2HaURfD6r8Ygmt1I0GeZQ="),
        ];
        assert_eq!(headers, expected.map(|(name, value)| (name, value.to_owned())));
    }

    #[test]
    fn a_public_or_private_asymmetric_key_does_not_sign() {
        let refusal = |text: &str| SigningKey::parse(text).unwrap_err();
        assert_eq!(refusal("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="), InvalidKey::PublicKey);
        assert_eq!(refusal("whsk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="), InvalidKey::PrivateKey);
    }

    #[test]
    fn debug_does_not_show_the_secret() {
        let key = SigningKey::parse("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
        assert_eq!(format!("{key:?}"), "SigningKey(redacted)");
    }
}
