//! Messages that other implementations signed, and what is made of them in tests.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue};
use uuid::Uuid;

use super::{ActiveKey, HeaderFamily, Rejection, SignedHeader, UnverifiedWebhook, VerificationKey};
use crate::domain::{ids::WorkspaceId, time::Timestamp};

/// A message that another implementation signed.
pub(super) struct Vector {
    pub(super) key: &'static str,
    pub(super) id: &'static str,
    pub(super) timestamp: i64,
    pub(super) body: &'static str,
    pub(super) signature: &'static str,
}

/// The example of the Standard Webhooks specification.
pub(super) const SPECIFICATION: Vector = Vector {
    key: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    timestamp: 1_614_265_330,
    body: r#"{"test": 2432232314}"#,
    signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};

/// The Svix server's own test.
pub(super) const SVIX_SERVER: Vector = Vector {
    key: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
    timestamp: 1_649_367_553,
    body: r#"{"email":"test@example.com","username":"test_user"}"#,
    signature: "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
};

/// What Seam's SDKs accept.
pub(super) const SEAM: Vector = Vector {
    key: "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    id: "msg_test1",
    timestamp: 1_700_000_000,
    body: r#"{"event_id":"e1","event_type":"phone.deactivated"}"#,
    signature: "v1,h5PIvnjW6HpLKKRts3zsRE2HaURfD6r8Ygmt1I0GeZQ=",
};

/// The specification's example, signed with Ed25519.
pub(super) const ED25519: Vector = Vector {
    key: "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
    signature: "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==",
    ..SPECIFICATION
};

pub(super) const VECTORS: [Vector; 4] = [SPECIFICATION, SVIX_SERVER, SEAM, ED25519];
pub(super) const FAMILIES: [HeaderFamily; 2] = [HeaderFamily::Svix, HeaderFamily::Standard];
pub(super) const HEADERS: [SignedHeader; 3] = [SignedHeader::Id, SignedHeader::Timestamp, SignedHeader::Signature];

/// A well-formed signature of something else.
pub(super) const OTHER_SIGNATURE: &str = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

pub(super) fn workspace(number: u128) -> WorkspaceId {
    WorkspaceId::new(Uuid::from_u128(number))
}

/// Keys of the workspaces 1, 2, ...
pub(super) fn keys(texts: &[&str]) -> Vec<ActiveKey> {
    let active = |(number, text): (u128, &&str)| ActiveKey {
        workspace_id: workspace(number),
        key: VerificationKey::parse(text).unwrap(),
    };
    (1..).zip(texts).map(active).collect()
}

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

pub(super) fn add(headers: &mut HeaderMap, family: HeaderFamily, header: SignedHeader, value: impl AsRef<[u8]>) {
    headers.append(family.header_name(header), HeaderValue::from_bytes(value.as_ref()).unwrap());
}

pub(super) fn headers(family: HeaderFamily, id: &str, timestamp: &str, signature: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (header, value) in HEADERS.into_iter().zip([id, timestamp, signature]) {
        add(&mut headers, family, header, value);
    }
    headers
}

impl Vector {
    pub(super) fn headers(&self, family: HeaderFamily) -> HeaderMap {
        self.headers_signed(family, self.signature)
    }

    pub(super) fn headers_signed(&self, family: HeaderFamily, signature: &str) -> HeaderMap {
        headers(family, self.id, &self.timestamp.to_string(), signature)
    }

    /// The answer to the vector's message under other headers, its own key and time.
    pub(super) fn answer(&self, headers: &HeaderMap) -> Result<(), Rejection> {
        UnverifiedWebhook::new(headers, self.body.as_bytes())
            .verify(&keys(&[self.key]), at(self.timestamp))
            .map(drop)
    }

    pub(super) fn answer_to_signature(&self, signature: &str) -> Result<(), Rejection> {
        self.answer(&self.headers_signed(HeaderFamily::Svix, signature))
    }
}

/// Signs whatever it is given, what no sender would sign included.
pub(super) fn sign_raw(id: &str, timestamp: &str, body: &[u8]) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let key = STANDARD.decode(SEAM.key.strip_prefix("whsec_").unwrap()).unwrap();
    let content = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
    let mac = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap().chain_update(content).finalize();
    format!("v1,{}", STANDARD.encode(mac.into_bytes()))
}

/// The answer to a message that is signed correctly, whatever its id and timestamp.
pub(super) fn answer_to_signed(id: &str, timestamp: &str, now: Timestamp) -> Result<(), Rejection> {
    let headers = headers(HeaderFamily::Standard, id, timestamp, &sign_raw(id, timestamp, b"{}"));
    UnverifiedWebhook::new(&headers, b"{}").verify(&keys(&[SEAM.key]), now).map(drop)
}

pub(super) const fn missing(which: SignedHeader) -> Result<(), Rejection> {
    Err(Rejection::MissingHeader { which })
}

pub(super) const fn malformed(which: SignedHeader) -> Result<(), Rejection> {
    Err(Rejection::MalformedHeader { which })
}

pub(super) const NO_KEY_MATCHES: Result<(), Rejection> = Err(Rejection::NoKeyMatches);
