//! Events of both shapes, right and wrong.

use serde_json::{Value, json};

use super::{
    ActiveKey, FieldProblem, HeaderFamily, MalformedEvent, PhoneEvent, PhoneReference, SigningKey, UnverifiedWebhook, VerificationKey,
};
use crate::domain::{
    ids::{InstallationId, UserIdentityId},
    phone_metadata::PhoneMetadata,
    time::Timestamp,
};

const WORKSPACE: &str = "398d80b7-3f96-47c2-b85a-6f8ba21d07be";
const PERSON: &str = "48500a8e-5e7e-4bde-b7e5-0be97cae5d7a";
const DEVICE: &str = "c9cd621d-1c3a-4a1f-9d2a-0f2b6c0d9a11";
const INSTALLATION: &str = "installation-1";

fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2024-01-09T06:00:00Z").unwrap()
}

pub(super) fn parse(event: &Value) -> Result<PhoneEvent, MalformedEvent> {
    PhoneEvent::from_body(event.to_string().as_bytes(), now())
}

pub(super) fn problem(event: &Value) -> (&'static str, FieldProblem) {
    match parse(event) {
        Err(MalformedEvent::Field { field, problem }) => (field, problem),
        other => panic!("a problem with a field was expected of {event}, not {other:?}"),
    }
}

pub(super) fn registered() -> Value {
    json!({
        "event_id": "e1", "event_type": "phone.registered", "workspace_id": WORKSPACE,
        "created_at": "2024-01-09T05:50:00Z", "occurred_at": "2024-01-09T05:45:33.068Z",
        "user_identity_id": PERSON, "custom_sdk_installation_id": INSTALLATION,
    })
}

fn deactivated() -> Value {
    with(registered(), json!({"event_type": "phone.deactivated"}))
}

/// Replaces or adds fields; those that become null are taken out.
pub(super) fn with(mut event: Value, changes: Value) -> Value {
    let (Value::Object(fields), Value::Object(changes)) = (&mut event, changes) else {
        panic!("objects were expected")
    };
    for (field, value) in changes {
        if value.is_null() {
            fields.remove(&field);
        } else {
            fields.insert(field, value);
        }
    }
    event
}

/// The same event in the other shape.
pub(super) fn enveloped(event: Value) -> Value {
    let event_type = event["event_type"].clone();
    json!({"type": event_type, "timestamp": "2024-01-09T05:55:00Z", "data": with(event, json!({"event_type": null}))})
}

fn occurred_at(event: &Value) -> String {
    match parse(event) {
        Ok(PhoneEvent::Registered { occurred_at, .. } | PhoneEvent::Deactivated { occurred_at, .. }) => occurred_at.to_string(),
        other => panic!("an event of a phone was expected of {event}, not {other:?}"),
    }
}

fn phone_of(event: &Value) -> PhoneReference {
    match parse(event) {
        Ok(PhoneEvent::Deactivated { phone, .. }) => phone,
        other => panic!("a deactivation was expected of {event}, not {other:?}"),
    }
}

fn by_installation() -> PhoneReference {
    PhoneReference::ByInstallation {
        user_identity_id: PERSON.parse().unwrap(),
        installation_id: InstallationId::new(INSTALLATION),
    }
}

fn by_device(user_identity_id: Option<&str>) -> PhoneReference {
    let user_identity_id = user_identity_id.map(|id| id.parse::<UserIdentityId>().unwrap());
    PhoneReference::ByDevice {
        device_id: DEVICE.parse().unwrap(),
        user_identity_id,
    }
}

#[test]
fn a_registration_is_read_in_either_shape() {
    let expected = PhoneEvent::Registered {
        user_identity_id: PERSON.parse().unwrap(),
        installation_id: InstallationId::new(INSTALLATION),
        metadata: PhoneMetadata::default(),
        occurred_at: Timestamp::parse_rfc3339("2024-01-09T05:45:33.068Z").unwrap(),
        workspace_id: Some(WORKSPACE.parse().unwrap()),
    };
    assert_eq!(parse(&registered()).as_ref(), Ok(&expected));
    assert_eq!(parse(&enveloped(registered())).as_ref(), Ok(&expected));
}

#[test]
fn an_event_is_read_from_a_verified_webhook() {
    let secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let body = deactivated().to_string();
    let signed = SigningKey::parse(secret)
        .unwrap()
        .headers(HeaderFamily::Svix, &"msg".parse().unwrap(), now(), body.as_bytes());
    let headers = signed
        .into_iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect();
    let keys = [ActiveKey {
        workspace_id: WORKSPACE.parse().unwrap(),
        key: VerificationKey::parse(secret).unwrap(),
    }];
    let verified = UnverifiedWebhook::new(&headers, body.as_bytes()).verify(&keys, now()).unwrap();
    assert_eq!(PhoneEvent::parse(&verified, now()), parse(&deactivated()));
}

#[test]
fn the_workspace_is_optional() {
    for event in [
        with(registered(), json!({"workspace_id": null})),
        enveloped(with(registered(), json!({"workspace_id": null}))),
    ] {
        assert!(matches!(parse(&event), Ok(PhoneEvent::Registered { workspace_id: None, .. })));
    }
}

#[test]
fn a_null_is_as_good_as_nothing() {
    let mut event = registered();
    event["workspace_id"] = Value::Null;
    event["phone_metadata"] = Value::Null;
    event["type"] = Value::Null;
    assert!(matches!(parse(&event), Ok(PhoneEvent::Registered { workspace_id: None, .. })));
    event["user_identity_id"] = Value::Null;
    assert_eq!(problem(&event), ("user_identity_id", FieldProblem::Missing));
}

#[test]
fn a_field_that_is_needed_and_missing_is_named() {
    for field in ["user_identity_id", "custom_sdk_installation_id"] {
        let event = with(registered(), json!({field: null}));
        assert_eq!(problem(&event), (field, FieldProblem::Missing));
        assert_eq!(problem(&enveloped(event)), (field, FieldProblem::Missing));
    }
    assert_eq!(problem(&json!({"type": "phone.registered"})), ("data", FieldProblem::Missing));
}

#[test]
fn a_field_of_the_wrong_kind_is_named() {
    use FieldProblem::{NotADate, NotAUuid, NotAnObject, NotText};
    for (field, value, problem_with_it) in [
        ("event_type", json!(7), NotText),
        ("type", json!({}), NotText),
        ("user_identity_id", json!(7), NotText),
        ("user_identity_id", json!("person"), NotAUuid),
        ("workspace_id", json!("workspace"), NotAUuid),
        ("custom_sdk_installation_id", json!(["i"]), NotText),
        ("occurred_at", json!(1_704_779_133), NotText),
        ("occurred_at", json!("yesterday"), NotADate),
        ("phone_metadata", json!("Pixel"), NotAnObject),
        ("display_name", json!(false), NotText),
    ] {
        assert_eq!(problem(&with(registered(), json!({field: value}))), (field, problem_with_it));
    }
    assert_eq!(
        problem(&with(deactivated(), json!({"device_id": "device"}))),
        ("device_id", NotAUuid)
    );
    assert_eq!(problem(&json!({"type": "phone.registered", "data": []})), ("data", NotAnObject));
}

#[test]
fn an_error_names_the_field_and_nothing_of_its_content() {
    let error = parse(&with(registered(), json!({"user_identity_id": "jane@example.com"}))).unwrap_err();
    assert_eq!(error.to_string(), "`user_identity_id` is not a UUID");
}

#[test]
fn an_event_of_another_type_is_not_ours_whatever_else_it_holds() {
    for event in [
        json!({"event_type": "lock.unlocked"}),
        json!({"event_type": "phone.registered.twice", "occurred_at": 7}),
        json!({"type": "lock.unlocked", "data": [1, 2]}),
        json!({"type": "lock.unlocked", "event_type": "lock.unlocked"}),
    ] {
        assert!(matches!(parse(&event), Ok(PhoneEvent::NotOurs { .. })), "{event}");
    }
    assert_eq!(
        parse(&json!({"type": "a.b"})),
        Ok(PhoneEvent::NotOurs {
            event_type: "a.b".to_owned()
        })
    );
}

#[test]
fn an_event_without_a_proper_type_is_malformed() {
    assert_eq!(problem(&json!({})), ("type", FieldProblem::Missing));
    assert_eq!(problem(&json!({"event_type": ""})), ("event_type", FieldProblem::Empty));
    assert_eq!(problem(&json!({"type": "a\nb"})), ("type", FieldProblem::ControlCharacter));
    assert_eq!(problem(&json!({"type": "a".repeat(201)})), ("type", FieldProblem::TooLong));
}

#[test]
fn two_types_that_differ_are_malformed_and_two_that_agree_are_one() {
    assert_eq!(
        problem(&with(registered(), json!({"type": "phone.deactivated"}))),
        ("type", FieldProblem::Contradiction)
    );
    assert!(parse(&with(registered(), json!({"type": "phone.registered"}))).is_ok());
    let mut event = enveloped(registered());
    event["data"]["event_type"] = json!("phone.registered");
    assert!(parse(&event).is_ok());
    event["data"]["event_type"] = json!("phone.deactivated");
    assert_eq!(problem(&event), ("event_type", FieldProblem::Contradiction));
}

#[test]
fn a_body_that_is_no_object_is_malformed() {
    let parse = |body: &[u8]| PhoneEvent::from_body(body, now()).unwrap_err();
    for body in [&b""[..], b"{", b"{} {}", b"{\"a\":\xff}", b"\xff\xfe", b"{\"a\":\"\xff\"}"] {
        assert!(matches!(parse(body), MalformedEvent::NotJson { .. }), "{body:?}");
    }
    for body in [&b"[]"[..], b"7", b"null", b"\"phone.registered\""] {
        assert_eq!(parse(body), MalformedEvent::NotAnObject, "{body:?}");
    }
    let deep = [b"{\"a\":".as_slice(), "[".repeat(100_000).as_bytes()].concat();
    assert!(matches!(parse(&deep), MalformedEvent::NotJson { .. }));
}

#[test]
fn the_moment_is_that_of_the_event_else_of_the_envelope_else_of_the_record() {
    let without = |field: &str| with(registered(), json!({field: null}));
    let neither = with(without("occurred_at"), json!({"created_at": null}));
    assert_eq!(occurred_at(&registered()), "2024-01-09T05:45:33.068Z");
    assert_eq!(occurred_at(&enveloped(registered())), "2024-01-09T05:45:33.068Z");
    assert_eq!(occurred_at(&without("occurred_at")), "2024-01-09T05:50:00.000Z");
    assert_eq!(occurred_at(&enveloped(without("occurred_at"))), "2024-01-09T05:55:00.000Z");
    assert_eq!(
        occurred_at(&with(enveloped(without("occurred_at")), json!({"timestamp": null}))),
        "2024-01-09T05:50:00.000Z"
    );
    assert_eq!(problem(&neither), ("occurred_at", FieldProblem::Missing));
}

#[test]
fn a_moment_before_2000_or_more_than_ten_minutes_ahead_is_malformed() {
    let at = |moment: &str| with(registered(), json!({"occurred_at": moment}));
    assert_eq!(problem(&at("1999-12-31T23:59:59.999Z")), ("occurred_at", FieldProblem::TooEarly));
    assert_eq!(problem(&at("0001-01-01T00:00:00Z")), ("occurred_at", FieldProblem::TooEarly));
    assert_eq!(occurred_at(&at("2000-01-01T00:00:00Z")), "2000-01-01T00:00:00.000Z");
    assert_eq!(occurred_at(&at("2024-01-09T06:10:00Z")), "2024-01-09T06:10:00.000Z");
    assert_eq!(problem(&at("2024-01-09T06:10:00.001Z")), ("occurred_at", FieldProblem::TooLate));
    assert_eq!(problem(&at("9999-12-31T23:59:59Z")), ("occurred_at", FieldProblem::TooLate));
    let enveloped = with(
        enveloped(with(registered(), json!({"occurred_at": null}))),
        json!({"timestamp": "2030-01-01T00:00:00Z"}),
    );
    assert_eq!(problem(&enveloped), ("timestamp", FieldProblem::TooLate));
}

#[test]
fn an_installation_id_has_1_to_128_bytes_and_no_control_character() {
    let named = |id: &str| with(registered(), json!({"custom_sdk_installation_id": id}));
    let field = "custom_sdk_installation_id";
    assert!(parse(&named(&"i".repeat(128))).is_ok());
    assert!(parse(&named("\u{1f4f1} of Jane/1#a")).is_ok());
    assert_eq!(problem(&named("")), (field, FieldProblem::Empty));
    assert_eq!(problem(&named(&"i".repeat(129))), (field, FieldProblem::TooLong));
    assert_eq!(problem(&named(&"\u{e9}".repeat(101))), (field, FieldProblem::TooLong));
    for control in ["a\0", "a\nb", "\u{7f}", "\u{85}"] {
        assert_eq!(problem(&named(control)), (field, FieldProblem::ControlCharacter), "{control:?}");
    }
}

#[test]
fn a_deactivation_names_the_phone_by_installation_or_by_device() {
    let by_device_only = json!({"custom_sdk_installation_id": null, "device_id": DEVICE});
    assert_eq!(phone_of(&deactivated()), by_installation());
    assert_eq!(phone_of(&enveloped(deactivated())), by_installation());
    assert_eq!(phone_of(&with(deactivated(), json!({"device_id": DEVICE}))), by_installation());
    assert_eq!(phone_of(&with(deactivated(), by_device_only.clone())), by_device(Some(PERSON)));
    assert_eq!(
        phone_of(&with(with(deactivated(), by_device_only), json!({"user_identity_id": null}))),
        by_device(None)
    );
    assert_eq!(
        phone_of(&with(deactivated(), json!({"user_identity_id": null, "device_id": DEVICE}))),
        by_device(None)
    );
}

#[test]
fn a_deactivation_that_names_no_phone_is_malformed() {
    let installation = json!({"custom_sdk_installation_id": null});
    assert_eq!(
        problem(&with(deactivated(), installation.clone())),
        ("custom_sdk_installation_id", FieldProblem::Missing)
    );
    assert_eq!(
        problem(&with(deactivated(), json!({"user_identity_id": null}))),
        ("user_identity_id", FieldProblem::Missing)
    );
    let neither = with(with(deactivated(), installation), json!({"user_identity_id": null}));
    assert_eq!(problem(&neither), ("custom_sdk_installation_id", FieldProblem::Missing));
}

#[test]
fn fields_that_nobody_asked_for_are_ignored() {
    let event = with(
        registered(),
        json!({"event_description": 7, "device_id": [], "data": "x", "phone_metadata": {"color": {"r": 1}}}),
    );
    assert!(parse(&event).is_ok());
}
