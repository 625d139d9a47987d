//! Verification, against vectors of other implementations and against everything that must not pass.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue};
use ring::signature::Ed25519KeyPair;
use uuid::Uuid;

use super::{
    ActiveKey, HeaderFamily, MessageId, Rejection, RejectionClass, SignedHeader, SigningKey, UnverifiedWebhook, VerificationKey,
    VerifiedWebhook,
};
use crate::{
    domain::{ids::WorkspaceId, time::Timestamp},
    same_secret::comparisons,
};

/// A message that another implementation signed.
struct Vector {
    key: &'static str,
    id: &'static str,
    timestamp: i64,
    body: &'static str,
    signature: &'static str,
}

/// The example of the Standard Webhooks specification.
const SPECIFICATION: Vector = Vector {
    key: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    timestamp: 1_614_265_330,
    body: r#"{"test": 2432232314}"#,
    signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};

/// The Svix server's own test.
const SVIX_SERVER: Vector = Vector {
    key: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
    timestamp: 1_649_367_553,
    body: r#"{"email":"test@example.com","username":"test_user"}"#,
    signature: "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
};

/// What Seam's SDKs accept.
const SEAM: Vector = Vector {
    key: "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    id: "msg_test1",
    timestamp: 1_700_000_000,
    body: r#"{"event_id":"e1","event_type":"phone.deactivated"}"#,
    signature: "v1,h5PIvnjW6HpLKKRts3zsRE2HaURfD6r8Ygmt1I0GeZQ=",
};

/// The specification's example, signed with Ed25519.
const ED25519: Vector = Vector {
    key: "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
    signature: "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==",
    ..SPECIFICATION
};

const VECTORS: [Vector; 4] = [SPECIFICATION, SVIX_SERVER, SEAM, ED25519];
const FAMILIES: [HeaderFamily; 2] = [HeaderFamily::Svix, HeaderFamily::Standard];
const HEADERS: [SignedHeader; 3] = [SignedHeader::Id, SignedHeader::Timestamp, SignedHeader::Signature];

/// A well-formed signature of something else.
const OTHER_SIGNATURE: &str = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

fn workspace(number: u128) -> WorkspaceId {
    WorkspaceId::new(Uuid::from_u128(number))
}

/// Keys of the workspaces 1, 2, ...
fn keys(texts: &[&str]) -> Vec<ActiveKey> {
    let active = |(number, text): (u128, &&str)| ActiveKey {
        workspace_id: workspace(number),
        key: VerificationKey::parse(text).unwrap(),
    };
    (1..).zip(texts).map(active).collect()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

fn add(headers: &mut HeaderMap, family: HeaderFamily, header: SignedHeader, value: impl AsRef<[u8]>) {
    headers.append(family.header_name(header), HeaderValue::from_bytes(value.as_ref()).unwrap());
}

fn headers(family: HeaderFamily, id: &str, timestamp: &str, signature: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (header, value) in HEADERS.into_iter().zip([id, timestamp, signature]) {
        add(&mut headers, family, header, value);
    }
    headers
}

impl Vector {
    fn headers(&self, family: HeaderFamily) -> HeaderMap {
        self.headers_signed(family, self.signature)
    }

    fn headers_signed(&self, family: HeaderFamily, signature: &str) -> HeaderMap {
        headers(family, self.id, &self.timestamp.to_string(), signature)
    }

    /// The answer to the vector's message under other headers, its own key and time.
    fn answer(&self, headers: &HeaderMap) -> Result<(), Rejection> {
        UnverifiedWebhook::new(headers, self.body.as_bytes())
            .verify(&keys(&[self.key]), at(self.timestamp))
            .map(drop)
    }

    fn answer_to_signature(&self, signature: &str) -> Result<(), Rejection> {
        self.answer(&self.headers_signed(HeaderFamily::Svix, signature))
    }
}

/// Signs whatever it is given, what no sender would sign included.
fn sign_raw(id: &str, timestamp: &str, body: &[u8]) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let key = STANDARD.decode(SEAM.key.strip_prefix("whsec_").unwrap()).unwrap();
    let content = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
    let mac = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap().chain_update(content).finalize();
    format!("v1,{}", STANDARD.encode(mac.into_bytes()))
}

/// The answer to a message that is signed correctly, whatever its id and timestamp.
fn answer_to_signed(id: &str, timestamp: &str, now: Timestamp) -> Result<(), Rejection> {
    let headers = headers(HeaderFamily::Standard, id, timestamp, &sign_raw(id, timestamp, b"{}"));
    UnverifiedWebhook::new(&headers, b"{}").verify(&keys(&[SEAM.key]), now).map(drop)
}

const fn missing(which: SignedHeader) -> Result<(), Rejection> {
    Err(Rejection::MissingHeader { which })
}

const fn malformed(which: SignedHeader) -> Result<(), Rejection> {
    Err(Rejection::MalformedHeader { which })
}

const NO_KEY_MATCHES: Result<(), Rejection> = Err(Rejection::NoKeyMatches);

#[test]
fn the_vectors_of_other_implementations_verify_in_both_header_families() {
    for vector in VECTORS {
        for family in FAMILIES {
            let headers = vector.headers(family);
            let keys = keys(&[vector.key]);
            let verified = UnverifiedWebhook::new(&headers, vector.body.as_bytes())
                .verify(&keys, at(vector.timestamp))
                .unwrap();
            assert_eq!(verified.workspace_id(), workspace(1));
            assert_eq!(verified.message_id().as_str(), vector.id);
            assert_eq!(verified.sent_at(), at(vector.timestamp));
            assert_eq!(verified.body(), vector.body.as_bytes());
        }
    }
}

#[test]
fn a_secret_may_lack_its_prefix_and_its_padding() {
    for key in [
        SEAM.key.trim_end_matches('='),
        &SEAM.key["whsec_".len()..],
        SEAM.key["whsec_".len()..].trim_end_matches('='),
    ] {
        let headers = SEAM.headers(HeaderFamily::Svix);
        let answer = UnverifiedWebhook::new(&headers, SEAM.body.as_bytes()).verify(&keys(&[key]), at(SEAM.timestamp));
        assert!(answer.is_ok(), "{key}");
    }
}

#[test]
fn the_answer_names_the_workspace_whose_key_signed() {
    let keys = keys(&[SPECIFICATION.key, SVIX_SERVER.key, SEAM.key, ED25519.key]);
    for (vector, number) in [(SPECIFICATION, 1), (SVIX_SERVER, 2), (SEAM, 3), (ED25519, 4)] {
        let headers = vector.headers(HeaderFamily::Svix);
        let verified = UnverifiedWebhook::new(&headers, vector.body.as_bytes())
            .verify(&keys, at(vector.timestamp))
            .unwrap();
        assert_eq!(verified.workspace_id(), workspace(number));
    }
}

#[test]
fn during_a_rotation_either_side_may_know_the_old_key_the_new_one_or_both() {
    let (old, new) = (SVIX_SERVER.key, SEAM.key);
    let id: MessageId = "msg_rotation".parse().unwrap();
    let sign = |key| SigningKey::parse(key).unwrap().signature(&id, at(0), b"body");
    let both = format!("{} {}", sign(old), sign(new));
    for (signature, held, accepted) in [
        (&both, &[old][..], true),
        (&both, &[new], true),
        (&both, &[old, new], true),
        (&sign(old), &[old, new], true),
        (&sign(new), &[old, new], true),
        (&sign(old), &[new], false),
        (&both, &[SPECIFICATION.key], false),
        (&both, &[], false),
    ] {
        let headers = headers(HeaderFamily::Svix, id.as_str(), "0", signature);
        let answer = UnverifiedWebhook::new(&headers, b"body").verify(&keys(held), at(0)).map(drop);
        assert_eq!(answer, if accepted { Ok(()) } else { NO_KEY_MATCHES });
    }
}

#[test]
fn an_ed25519_signature_and_an_hmac_one_may_stand_side_by_side() {
    let both = format!("{} {}", ED25519.signature, SPECIFICATION.signature);
    assert_eq!(SPECIFICATION.answer_to_signature(&both), Ok(()));
    assert_eq!(ED25519.answer_to_signature(&both), Ok(()));
}

#[test]
fn the_private_half_of_the_vectors_key_pair_makes_signatures_that_verify() {
    let seed = STANDARD
        .decode("6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==")
        .unwrap();
    let pair = Ed25519KeyPair::from_seed_and_public_key(&seed[..32], &seed[32..]).unwrap();
    let body = [0xff, 0x00, 0xfe];
    let signature = format!("v1a,{}", STANDARD.encode(pair.sign(&[b"msg_1.5.".as_slice(), &body].concat())));
    let headers = headers(HeaderFamily::Standard, "msg_1", "5", &signature);
    let keys = keys(&[ED25519.key]);
    assert!(UnverifiedWebhook::new(&headers, &body).verify(&keys, at(5)).is_ok());
    assert_eq!(
        UnverifiedWebhook::new(&headers, &body[1..]).verify(&keys, at(5)).map(drop),
        NO_KEY_MATCHES
    );
}

#[test]
fn a_signature_under_the_tag_of_another_scheme_does_not_count() {
    let untagged = |vector: &Vector| vector.signature.split_once(',').unwrap().1.to_owned();
    assert_eq!(
        SPECIFICATION.answer_to_signature(&format!("v1a,{}", untagged(&SPECIFICATION))),
        NO_KEY_MATCHES
    );
    assert_eq!(ED25519.answer_to_signature(&format!("v1,{}", untagged(&ED25519))), NO_KEY_MATCHES);
    for tag in ["v2", "v0", "v11", "v1b", "V1", "", "whsec_"] {
        assert_eq!(
            SPECIFICATION.answer_to_signature(&format!("{tag},{}", untagged(&SPECIFICATION))),
            NO_KEY_MATCHES,
            "{tag}"
        );
    }
}

#[test]
fn a_public_key_does_not_serve_as_a_shared_secret() {
    let as_secret = SigningKey::parse(ED25519.key.strip_prefix("whpk_").unwrap()).unwrap();
    let forged = as_secret.signature(&ED25519.id.parse().unwrap(), at(ED25519.timestamp), ED25519.body.as_bytes());
    assert_eq!(ED25519.answer_to_signature(&forged), NO_KEY_MATCHES);
}

#[test]
fn each_header_is_required() {
    for family in FAMILIES {
        for header in HEADERS {
            let mut headers = SEAM.headers(family);
            headers.remove(family.header_name(header));
            assert_eq!(SEAM.answer(&headers), missing(header), "{family:?}");
        }
    }
    assert_eq!(SEAM.answer(&HeaderMap::new()), missing(SignedHeader::Id));
}

#[test]
fn the_families_are_not_mixed() {
    for absent in HEADERS {
        let mut headers = SEAM.headers(HeaderFamily::Svix);
        let value = headers.remove(HeaderFamily::Svix.header_name(absent)).unwrap();
        headers.insert(HeaderName::from_static(HeaderFamily::Standard.header_name(absent)), value);
        assert_eq!(SEAM.answer(&headers), missing(absent));
    }
}

#[test]
fn of_two_complete_families_that_of_svix_counts() {
    let both = |svix: &str, standard: &str| {
        let mut headers = SEAM.headers_signed(HeaderFamily::Svix, svix);
        headers.extend(SEAM.headers_signed(HeaderFamily::Standard, standard));
        SEAM.answer(&headers)
    };
    assert_eq!(both(SEAM.signature, OTHER_SIGNATURE), Ok(()));
    assert_eq!(both(OTHER_SIGNATURE, SEAM.signature), NO_KEY_MATCHES);
}

#[test]
fn an_incomplete_family_beside_a_complete_one_does_not_count() {
    let mut headers = SEAM.headers(HeaderFamily::Standard);
    add(&mut headers, HeaderFamily::Svix, SignedHeader::Id, "msg_other");
    add(&mut headers, HeaderFamily::Svix, SignedHeader::Signature, OTHER_SIGNATURE);
    assert_eq!(SEAM.answer(&headers), Ok(()));
}

#[test]
fn a_doubled_id_or_timestamp_is_malformed_even_if_both_are_equal() {
    for (header, value) in [(SignedHeader::Id, SEAM.id), (SignedHeader::Timestamp, "1700000000")] {
        let mut headers = SEAM.headers(HeaderFamily::Svix);
        add(&mut headers, HeaderFamily::Svix, header, value);
        assert_eq!(SEAM.answer(&headers), malformed(header));
    }
}

#[test]
fn the_signature_may_be_anywhere_in_a_list() {
    let right = SEAM.signature;
    for list in [
        format!("{OTHER_SIGNATURE} {right}"),
        format!("{right} {OTHER_SIGNATURE}"),
        format!("v2,{} {right} v1a,Zm9v", &right[3..]),
        format!("{OTHER_SIGNATURE},{right}"),
        format!("{OTHER_SIGNATURE}, {right}"),
        format!("{right},v2,AAAA"),
        format!("garbage v1,not-base64! v1 v1, {right}"),
    ] {
        assert_eq!(SEAM.answer_to_signature(&list), Ok(()), "{list}");
    }
}

#[test]
fn the_signature_may_be_in_the_second_header_line() {
    for (first, second) in [(OTHER_SIGNATURE, SEAM.signature), (SEAM.signature, OTHER_SIGNATURE)] {
        let mut headers = SEAM.headers_signed(HeaderFamily::Svix, first);
        add(&mut headers, HeaderFamily::Svix, SignedHeader::Signature, second);
        assert_eq!(SEAM.answer(&headers), Ok(()));
    }
}

#[test]
fn a_list_without_entries_or_with_too_many_is_malformed() {
    assert_eq!(SEAM.answer_to_signature(""), malformed(SignedHeader::Signature));
    assert_eq!(SEAM.answer_to_signature(" , "), malformed(SignedHeader::Signature));
    let preceded_by = |count: usize| format!("{}{}", "v2,AAAA ".repeat(count), SEAM.signature);
    assert_eq!(SEAM.answer_to_signature(&preceded_by(31)), Ok(()));
    assert_eq!(SEAM.answer_to_signature(&preceded_by(32)), malformed(SignedHeader::Signature));
}

#[test]
fn a_part_of_the_signature_is_not_the_signature() {
    for vector in [SEAM, ED25519] {
        let signature = vector.signature;
        for end in 0..signature.len() {
            let answer = vector.answer_to_signature(&signature[..end]);
            assert!(answer.is_err(), "{}", &signature[..end]);
        }
        assert_eq!(vector.answer_to_signature(&format!("{signature}AAAA")), NO_KEY_MATCHES);
    }
}

#[test]
fn other_bytes_under_the_same_signature_are_refused() {
    for vector in VECTORS {
        let keys = keys(&[vector.key]);
        let answer = |headers: &HeaderMap, body: &[u8]| UnverifiedWebhook::new(headers, body).verify(&keys, at(vector.timestamp)).map(drop);
        let right = vector.headers(HeaderFamily::Svix);
        assert_eq!(answer(&right, b""), NO_KEY_MATCHES);
        assert_eq!(answer(&right, vector.body.replace(':', ": ").as_bytes()), NO_KEY_MATCHES);
        assert_eq!(answer(&right, format!("{}\n", vector.body).as_bytes()), NO_KEY_MATCHES);
        let other_id = headers(HeaderFamily::Svix, "msg_other", &vector.timestamp.to_string(), vector.signature);
        assert_eq!(answer(&other_id, vector.body.as_bytes()), NO_KEY_MATCHES);
        let other_time = headers(HeaderFamily::Svix, vector.id, &(vector.timestamp + 1).to_string(), vector.signature);
        assert_eq!(answer(&other_time, vector.body.as_bytes()), NO_KEY_MATCHES);
        let other_spelling = headers(HeaderFamily::Svix, vector.id, &format!("0{}", vector.timestamp), vector.signature);
        assert_eq!(answer(&other_spelling, vector.body.as_bytes()), NO_KEY_MATCHES);
    }
}

#[test]
fn the_tolerance_is_300_seconds_to_either_side() {
    for (distance, accepted) in [(0, true), (299, true), (300, true), (301, false), (86_400, false)] {
        for now in [SEAM.timestamp + distance, SEAM.timestamp - distance] {
            let headers = SEAM.headers(HeaderFamily::Svix);
            let answer = UnverifiedWebhook::new(&headers, SEAM.body.as_bytes())
                .verify(&keys(&[SEAM.key]), at(now))
                .map(drop);
            assert_eq!(answer, if accepted { Ok(()) } else { Err(Rejection::OutsideTolerance) }, "{now}");
        }
    }
}

#[test]
fn a_timestamp_at_the_end_of_numbers_is_only_outside_the_tolerance() {
    for now in [i64::MIN, -1, 0, 1_700_000_000_000, i64::MAX].map(Timestamp::from_millis) {
        for timestamp in [i64::MIN, i64::MAX] {
            assert_eq!(
                answer_to_signed("msg", &timestamp.to_string(), now),
                Err(Rejection::OutsideTolerance)
            );
        }
    }
    assert_eq!(
        answer_to_signed("msg", "9223372036854775808", at(0)),
        malformed(SignedHeader::Timestamp)
    );
    assert_eq!(
        answer_to_signed("msg", "-9223372036854775809", at(0)),
        malformed(SignedHeader::Timestamp)
    );
}

#[test]
fn a_timestamp_that_is_no_plain_integer_is_malformed_however_well_signed() {
    assert_eq!(answer_to_signed("msg", "-7", at(0)), Ok(()));
    for timestamp in ["", "0.0", "+0", "--0", "0,0", "1e2", " 0", "soon"] {
        assert_eq!(
            answer_to_signed("msg", timestamp, at(0)),
            malformed(SignedHeader::Timestamp),
            "{timestamp:?}"
        );
    }
}

#[test]
fn an_id_that_is_none_is_malformed_however_well_signed() {
    let (longest, too_long) = ("m".repeat(256), "m".repeat(257));
    assert_eq!(answer_to_signed(&longest, "0", at(0)), Ok(()));
    for id in ["", ".", "msg.1", "msg 1", "m\u{fc}", &too_long] {
        assert_eq!(answer_to_signed(id, "0", at(0)), malformed(SignedHeader::Id), "{id:?}");
    }
}

#[test]
fn a_body_need_not_be_text() {
    let body = [0x00, 0xff, 0xc3, 0x28, b'.', 0x80];
    let headers = headers(HeaderFamily::Svix, "msg", "0", &sign_raw("msg", "0", &body));
    assert_eq!(
        UnverifiedWebhook::new(&headers, &body)
            .verify(&keys(&[SEAM.key]), at(0))
            .unwrap()
            .body(),
        body
    );
}

#[test]
fn headers_that_are_not_text_are_refused() {
    for (header, answer) in [
        (SignedHeader::Id, malformed(SignedHeader::Id)),
        (SignedHeader::Timestamp, malformed(SignedHeader::Timestamp)),
        (SignedHeader::Signature, NO_KEY_MATCHES),
    ] {
        let mut headers = SEAM.headers(HeaderFamily::Svix);
        headers.remove(HeaderFamily::Svix.header_name(header));
        add(&mut headers, HeaderFamily::Svix, header, [b'v', b'1', b',', 0xff, 0x80]);
        assert_eq!(SEAM.answer(&headers), answer);
    }
}

#[test]
fn malformed_headers_are_reported_before_an_old_timestamp_and_that_before_a_wrong_signature() {
    let answer = |headers: &HeaderMap| {
        UnverifiedWebhook::new(headers, b"{}")
            .verify(&keys(&[SEAM.key]), at(1_000))
            .map(drop)
    };
    assert_eq!(
        answer(&headers(HeaderFamily::Svix, "msg.1", "0", OTHER_SIGNATURE)),
        malformed(SignedHeader::Id)
    );
    assert_eq!(
        answer(&headers(HeaderFamily::Svix, "msg", "0", OTHER_SIGNATURE)),
        Err(Rejection::OutsideTolerance)
    );
    assert_eq!(answer(&headers(HeaderFamily::Svix, "msg", "1000", OTHER_SIGNATURE)), NO_KEY_MATCHES);
}

#[test]
fn rejections_have_stable_names_and_a_class() {
    let which = SignedHeader::Timestamp;
    for (rejection, name, class) in [
        (Rejection::MissingHeader { which }, "missing_header", RejectionClass::Malformed),
        (Rejection::MalformedHeader { which }, "malformed_header", RejectionClass::Malformed),
        (Rejection::OutsideTolerance, "outside_tolerance", RejectionClass::Unauthorized),
        (Rejection::NoKeyMatches, "no_key_matches", RejectionClass::Unauthorized),
    ] {
        assert_eq!((rejection.name(), rejection.class()), (name, class));
    }
    assert_eq!(Rejection::MissingHeader { which }.to_string(), "the timestamp header is missing");
}

#[test]
fn debug_shows_neither_the_body_nor_a_key() {
    let headers = SEAM.headers(HeaderFamily::Svix);
    let keys = keys(&[SEAM.key]);
    let verified: VerifiedWebhook<'_> = UnverifiedWebhook::new(&headers, SEAM.body.as_bytes())
        .verify(&keys, at(SEAM.timestamp))
        .unwrap();
    let shown = format!("{verified:?} {keys:?}");
    assert!(
        shown.contains("msg_test1") && !shown.contains("event_id") && !shown.contains("AAEC"),
        "{shown}"
    );
}

#[test]
fn every_signature_is_compared_under_every_key_whichever_matches() {
    let secret = |n: u8| format!("whsec_{}", STANDARD.encode([n; 24]));
    let secrets = [secret(1), secret(2), secret(3)];
    let keys = keys(&secrets.each_ref().map(String::as_str));
    let (id, body): (MessageId, _) = ("msg_1".parse().unwrap(), b"{}");
    let now = Timestamp::from_millis(1_700_000_000_000);
    // The signer is the first key, the last, or none of them; its signature stands first among the four, or last.
    for (signer, workspace_number) in [(secret(1), Some(1)), (secret(3), Some(3)), (secret(9), None)] {
        let own = SigningKey::parse(&signer).unwrap().signature(&id, now, body);
        for position in [0, 3] {
            let mut signatures = [OTHER_SIGNATURE; 4];
            signatures[position] = &own;
            let mut headers = HeaderMap::new();
            for (name, value) in [
                ("svix-id", "msg_1"),
                ("svix-timestamp", "1700000000"),
                ("svix-signature", &signatures.join(" ")),
            ] {
                headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
            }
            let (verified, comparisons) = comparisons::of(|| UnverifiedWebhook::new(&headers, body).verify(&keys, now));
            assert_eq!(verified.ok().map(|webhook| webhook.workspace_id()), workspace_number.map(workspace));
            assert_eq!(comparisons, 4 * 3, "signature {position}, workspace {workspace_number:?}");
        }
    }
}
