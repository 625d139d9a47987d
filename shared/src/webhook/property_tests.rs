//! What must hold for any input, tried on many.

use http::{HeaderMap, HeaderValue};
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};
use uuid::Uuid;

use super::{ActiveKey, HeaderFamily, MessageId, PhoneEvent, SignedHeader, SigningKey, UnverifiedWebhook, VerificationKey};
use crate::domain::{ids::WorkspaceId, time::Timestamp};

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const PUBLIC_KEY: &str = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";

fn keys() -> Vec<ActiveKey> {
    let active = |text| ActiveKey {
        workspace_id: WorkspaceId::new(Uuid::nil()),
        key: VerificationKey::parse(text).unwrap(),
    };
    [PUBLIC_KEY, SECRET].into_iter().map(active).collect()
}

fn any_family() -> impl Strategy<Value = HeaderFamily> {
    select(vec![HeaderFamily::Svix, HeaderFamily::Standard])
}

fn any_message_id() -> impl Strategy<Value = MessageId> {
    let visible = (0x21_u8..=0x7e).prop_filter("no dot", |&byte| byte != b'.');
    vec(visible, 1..=256).prop_map(|bytes| MessageId::try_from(bytes.as_slice()).unwrap())
}

/// Seconds that `Timestamp` can hold as milliseconds.
fn any_seconds() -> impl Strategy<Value = i64> {
    let limit = i64::MAX / 1000;
    prop_oneof![0..4_000_000_000_i64, -limit..=limit]
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..300)
}

/// Anything that HTTP lets through as a header value, from noise to what nearly is a list of signatures.
fn any_header_value() -> impl Strategy<Value = HeaderValue> {
    let pieces = [
        "v1",
        "v1a",
        "v2",
        "v",
        ",",
        " ",
        ".",
        "-",
        "0",
        "1700000000",
        "AAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "\u{e9}",
    ];
    let nearly = vec(select(pieces.to_vec()), 0..80).prop_map(|pieces| pieces.concat().into_bytes());
    let noise = vec(prop_oneof![Just(b'\t'), 0x20_u8..=0x7e, 0x80_u8..=0xff], 0..300);
    prop_oneof![nearly, noise].prop_map(|bytes| HeaderValue::from_bytes(&bytes).unwrap())
}

fn any_headers() -> impl Strategy<Value = HeaderMap> {
    let header = select(vec![SignedHeader::Id, SignedHeader::Timestamp, SignedHeader::Signature]);
    vec((any_family(), header, any_header_value()), 0..12).prop_map(|entries| {
        let mut headers = HeaderMap::new();
        for (family, header, value) in entries {
            headers.append(family.header_name(header), value);
        }
        headers
    })
}

fn signed(family: HeaderFamily, id: &MessageId, seconds: i64, body: &[u8]) -> HeaderMap {
    let key = SigningKey::parse(SECRET).unwrap();
    let headers = key.headers(family, id, Timestamp::from_millis(seconds * 1000), body);
    headers
        .into_iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect()
}

proptest! {
    #[test]
    fn no_headers_and_no_body_make_verification_panic_or_pass(headers in any_headers(), body in any_body(), now in any::<i64>()) {
        let answer = UnverifiedWebhook::new(&headers, &body).verify(&keys(), Timestamp::from_millis(now));
        prop_assert!(answer.is_err());
    }

    #[test]
    fn no_signature_header_makes_an_otherwise_good_request_pass(signature in any_header_value(), body in any_body()) {
        let mut headers = signed(HeaderFamily::Svix, &"msg".parse().unwrap(), 0, &body);
        headers.insert("svix-signature", signature);
        prop_assert!(UnverifiedWebhook::new(&headers, &body).verify(&keys(), Timestamp::from_millis(0)).is_err());
    }

    #[test]
    fn what_was_signed_verifies_within_the_tolerance_and_not_beyond(
        family in any_family(), id in any_message_id(), seconds in any_seconds(), body in any_body(), late in -400_000_i64..400_000,
    ) {
        let headers = signed(family, &id, seconds, &body);
        let now = (seconds * 1000).saturating_add(late);
        let within = now.div_euclid(1000).abs_diff(seconds) <= 300;
        let answer = UnverifiedWebhook::new(&headers, &body).verify(&keys(), Timestamp::from_millis(now));
        prop_assert_eq!(answer.is_ok(), within);
        if let Ok(verified) = answer {
            prop_assert_eq!(verified.message_id(), &id);
            prop_assert_eq!(verified.body(), &body);
            prop_assert_eq!(verified.sent_at().millis(), seconds * 1000);
        }
    }

    #[test]
    fn a_single_changed_byte_of_the_body_is_refused(
        id in any_message_id(), body in vec(any::<u8>(), 1..300), position in any::<Index>(), change in 1_u8..=255,
    ) {
        let headers = signed(HeaderFamily::Svix, &id, 0, &body);
        let mut changed = body;
        let position = position.index(changed.len());
        changed[position] ^= change;
        prop_assert!(UnverifiedWebhook::new(&headers, &changed).verify(&keys(), Timestamp::from_millis(0)).is_err());
    }

    #[test]
    fn a_single_changed_byte_of_a_header_is_refused(
        family in any_family(), id in any_message_id(), seconds in 0..4_000_000_000_i64, body in any_body(),
        which in select(vec![SignedHeader::Id, SignedHeader::Timestamp, SignedHeader::Signature]), position in any::<Index>(), to in any::<u8>(),
    ) {
        let mut headers = signed(family, &id, seconds, &body);
        let name = family.header_name(which);
        let mut value = headers[name].as_bytes().to_vec();
        let position = position.index(value.len());
        prop_assume!(value[position] != to);
        value[position] = to;
        // What HTTP does not let through cannot arrive.
        let Ok(value) = HeaderValue::from_bytes(&value) else { return Ok(()) };
        headers.insert(name, value);
        prop_assert!(UnverifiedWebhook::new(&headers, &body).verify(&keys(), Timestamp::from_millis(seconds * 1000)).is_err());
    }

    #[test]
    fn a_missing_or_an_added_byte_at_the_end_of_the_body_is_refused(body in vec(any::<u8>(), 1..300), added in any::<u8>()) {
        let headers = signed(HeaderFamily::Standard, &"msg".parse().unwrap(), 0, &body);
        let longer = [body.as_slice(), &[added]].concat();
        for other in [&body[..body.len() - 1], &longer] {
            prop_assert!(UnverifiedWebhook::new(&headers, other).verify(&keys(), Timestamp::from_millis(0)).is_err());
        }
    }

    #[test]
    fn no_text_makes_key_parsing_panic(text in any::<String>(), prefix in select(vec!["", "whsec_", "whpk_", "whsk_"])) {
        let _ = VerificationKey::parse(&format!("{prefix}{text}"));
    }

    #[test]
    fn no_body_makes_event_parsing_panic(body in any_body(), now in any::<i64>()) {
        let _ = PhoneEvent::from_body(&body, Timestamp::from_millis(now));
    }

    #[test]
    fn no_value_in_any_field_makes_event_parsing_panic(
        field in select(vec![
            "event_type", "type", "timestamp", "data", "workspace_id", "created_at", "occurred_at", "user_identity_id", "device_id",
            "custom_sdk_installation_id", "device_type", "operating_system", "display_name", "phone_metadata",
        ]),
        value in select(vec!["null", "true", "0", "-1e999", "\"\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"", "\"9999-12-31T23:59:59Z\"", "[]", "{}", "[[{}]]"]),
        event_type in select(vec!["phone.registered", "phone.deactivated"]),
        now in any::<i64>(),
    ) {
        let rest = r#""user_identity_id":"00000000-0000-0000-0000-000000000001","custom_sdk_installation_id":"i","occurred_at":"2024-01-09T05:45:33Z""#;
        for body in [
            format!(r#"{{"event_type":"{event_type}",{rest},"{field}":{value}}}"#),
            format!(r#"{{"type":"{event_type}","data":{{{rest},"{field}":{value}}}}}"#),
            format!(r#"{{"type":"{event_type}","data":{{{rest}}},"{field}":{value}}}"#),
        ] {
            let _ = PhoneEvent::from_body(body.as_bytes(), Timestamp::from_millis(now));
        }
    }
}
