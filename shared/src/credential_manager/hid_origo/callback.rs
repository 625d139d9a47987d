//! What HID posts to us. It signs nothing; a secret in a header is all that shows it is HID. So an event is a hint that one
//! person is worth a look with our own token, never a fact. HID repeats, drops and reorders events.

use serde_json::Value;

use super::cloud_event;
use crate::{
    credential_manager::EndpointPairing,
    domain::{
        ids::{InvitationId, RemoteCredentialId, RemoteUserId},
        secret::Secret,
    },
    same_secret,
};

/// More events than this in one batch aren't HID's doing.
const MOST_EVENTS: usize = 1000;

/// Somebody is worth a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The id of the event, to recognise one that is delivered twice.
    pub event_id: Option<String>,
    /// Whom to look at.
    pub user: RemoteUserId,
    /// Whether the news is of a credential, and not of an invitation or an endpoint.
    pub is_credential: bool,
    /// Which invitation an endpoint came from: the only thing that a look doesn't show.
    pub pairing: Option<EndpointPairing>,
    /// Which credential is on its phone.
    pub issued: Option<RemoteCredentialId>,
    /// Which invitation was redeemed, where that is all that is said.
    pub acknowledged: Option<InvitationId>,
}

/// A body that isn't a batch of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedBatch {
    /// Neither a JSON array nor a JSON object.
    #[error("the body is neither a JSON array nor a JSON object")]
    NotABatch,
    /// Too many events.
    #[error("the batch has more than {MOST_EVENTS} events")]
    TooManyEvents,
}

/// Reads a batch of CloudEvents, or a single one. What isn't about a person of Mobile Identities gives no hint, and neither
/// does what only echoes our own calls.
pub fn parse_batch(body: &[u8]) -> Result<Vec<Hint>, MalformedBatch> {
    let batch: Value = serde_json::from_slice(body).map_err(|_| MalformedBatch::NotABatch)?;
    let events = match &batch {
        Value::Array(events) if events.len() > MOST_EVENTS => return Err(MalformedBatch::TooManyEvents),
        Value::Array(events) => events,
        Value::Object(_) => std::slice::from_ref(&batch),
        _ => return Err(MalformedBatch::NotABatch),
    };
    Ok(events.iter().filter_map(hint).collect())
}

fn hint(event: &Value) -> Option<Hint> {
    let event = cloud_event::read(event)?;
    if event.status.as_deref().is_some_and(is_echo) {
        return None;
    }
    Some(Hint {
        event_id: event.id,
        user: event.user,
        is_credential: event.is_credential,
        pairing: event.pairing,
        issued: event.issued,
        acknowledged: event.acknowledged,
    })
}

/// Whether a status only says that HID did what we have just asked for. A status that isn't known is no echo.
fn is_echo(status: &str) -> bool {
    matches!(
        status,
        "USER_CREATED" | "USER_UPDATED" | "INVITATION_PENDING" | "INVITATION_CANCEL_INITIATED" | "INVITATION_CANCELLED"
    )
}

/// Whether `given` is one of the secrets that are accepted (two of them during a rotation). It takes as long for a near miss as
/// for a far one, and looks at every secret; only the length of a secret could be timed. An empty secret matches nothing.
#[must_use]
pub fn secret_matches(expected: &[Secret], given: &[u8]) -> bool {
    let usable = expected
        .iter()
        .map(|secret| secret.expose().as_bytes())
        .filter(|secret| !secret.is_empty());
    same_secret::is_any_of(&[given], usable)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{credential_manager::hid_origo::scripted::any_json, domain::ids::EndpointId, same_secret::comparisons};

    fn event(kind: &str, data: &Value) -> Value {
        json!({ "specversion": "1.0", "type": kind, "id": "e1", "source": "https://x.example/1", "data": data })
    }

    fn hints(batch: &Value) -> Vec<Hint> {
        parse_batch(batch.to_string().as_bytes()).unwrap()
    }

    fn has_hint(kind: &str, data: &Value) -> bool {
        !hints(&json!([event(kind, data)])).is_empty()
    }

    #[test]
    fn an_endpoint_that_became_active_tells_its_invitation_and_never_the_code() {
        let data = json!({
            "userId": "42", "endpointId": "9", "invitationId": 101, "invitationCode": "AAAA-BBBB-CCCC-DDDD", "status": "ENDPOINT_ACTIVE",
        });
        let expected = Hint {
            event_id: Some("e1".to_owned()),
            user: RemoteUserId::new("42"),
            is_credential: false,
            pairing: Some(EndpointPairing {
                endpoint: EndpointId::new("9"),
                invitation: InvitationId::new("101"),
            }),
            issued: None,
            acknowledged: None,
        };
        let single = event("com.origo.mi.endpoint", &data);
        assert_eq!(hints(&json!([single])), std::slice::from_ref(&expected));
        assert_eq!(hints(&single), std::slice::from_ref(&expected));
        assert!(!format!("{expected:?}").contains("AAAA"));
    }

    #[test]
    fn ids_may_be_numbers_and_names_of_nothing_are_ignored() {
        let credential = |user: &Value| {
            has_hint(
                "com.origo.mi.credential",
                &json!({ "userId": user, "mid": 5, "status": "CREDENTIAL_ISSUED" }),
            )
        };
        assert!(credential(&json!(42)) && credential(&json!("42")));
        for nobody in [json!("undefined"), json!(""), json!(null), json!({}), json!("../1")] {
            assert!(!credential(&nobody), "{nobody}");
        }
        assert!(!has_hint("com.origo.mi.user", &json!({ "status": "USER_DELETED" })));
    }

    #[test]
    fn only_news_of_a_credential_say_so() {
        for (kind, expected) in [("user", false), ("invitation", false), ("endpoint", false), ("credential", true)] {
            let hints = hints(&event(&format!("com.origo.mi.{kind}"), &json!({ "userId": "42" })));
            assert_eq!(hints[0].is_credential, expected, "{kind}");
        }
    }

    #[test]
    fn a_credential_that_is_issued_is_named_and_so_is_an_invitation_that_is_redeemed() {
        let hint = |kind: &str, data: Value| hints(&event(&format!("com.origo.mi.{kind}"), &data)).remove(0);
        let credential = |status: &str| {
            hint(
                "credential",
                json!({ "userId": "42", "mid": 5, "cardNumber": 56, "status": status }),
            )
        };
        assert_eq!(credential("CREDENTIAL_ISSUED").issued, Some(RemoteCredentialId::new("5")));
        assert_eq!(credential("CREDENTIAL_REVOKED").issued, None);
        assert_eq!(
            hint("credential", json!({ "userId": "42", "status": "CREDENTIAL_ISSUED" })).issued,
            None
        );
        let invitation = |status: &str| hint("invitation", json!({ "userId": "42", "invitationId": 101, "status": status })).acknowledged;
        assert_eq!(invitation("INVITATION_ACKNOWLEDGED"), Some(InvitationId::new("101")));
        assert_eq!(invitation("INVITATION_EXPIRED"), None);
    }

    #[test]
    fn types_are_compared_whole() {
        let data = json!({ "userId": "42", "status": "SOMETHING" });
        for ours in [
            "com.origo.mi.user",
            "com.origo.mi.invitation",
            "com.origo.mi.endpoint",
            "com.origo.mi.credential",
        ] {
            assert!(has_hint(ours, &data), "{ours}");
        }
        for other in [
            "origo.credential-management.events.credential",
            "com.origo.mi.credential2",
            "COM.ORIGO.MI.USER",
            "",
        ] {
            assert!(!has_hint(other, &data), "{other}");
        }
    }

    #[test]
    fn echoes_of_our_own_calls_give_no_hint_and_unknown_statuses_do() {
        let status = |kind: &str, status: &str| has_hint(kind, &json!({ "userId": "42", "status": status }));
        for echo in ["INVITATION_PENDING", "INVITATION_CANCEL_INITIATED", "invitation_cancelled"] {
            assert!(!status("com.origo.mi.invitation", echo), "{echo}");
        }
        assert!(!status("com.origo.mi.user", "USER_CREATED") && !status("com.origo.mi.user", "USER_UPDATED"));
        assert!(status("com.origo.mi.invitation", "INVITATION_EXPIRED"));
        assert!(status("com.origo.mi.endpoint", "ENDPOINT_GONE"));
        assert!(has_hint("com.origo.mi.endpoint", &json!({ "userId": "42" })));
    }

    #[test]
    fn an_odd_entry_is_skipped_and_an_odd_body_is_malformed() {
        let good = event("com.origo.mi.user", &json!({ "userId": 42, "status": "USER_DELETED" }));
        assert_eq!(hints(&json!([1, null, "x", [], {}, good])).len(), 1);
        for body in ["", "1", "null", "\"x\"", "[", "<html>"] {
            assert_eq!(parse_batch(body.as_bytes()), Err(MalformedBatch::NotABatch), "{body}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(parse_batch(deep.as_bytes()), Err(MalformedBatch::NotABatch));
    }

    #[test]
    fn a_batch_has_a_thousand_events_at_most() {
        let batch = |size: usize| parse_batch(Value::from(vec![json!({}); size]).to_string().as_bytes());
        assert_eq!(batch(MOST_EVENTS), Ok(Vec::new()));
        assert_eq!(batch(MOST_EVENTS + 1), Err(MalformedBatch::TooManyEvents));
    }

    #[test]
    fn any_accepted_secret_matches_and_an_empty_one_never() {
        let accepted = [Secret::new("old"), Secret::new(""), Secret::new("new")];
        assert!(secret_matches(&accepted, b"old") && secret_matches(&accepted, b"new"));
        for wrong in [&b""[..], b"ol", b"oldx", b"NEW"] {
            assert!(!secret_matches(&accepted, wrong));
        }
        assert!(!secret_matches(&[], b""));
    }

    #[test]
    fn every_accepted_secret_is_compared_whichever_it_is() {
        let accepted = [Secret::new("old"), Secret::new("new"), Secret::new("next")];
        for (given, expected) in [("old", true), ("next", true), ("none", false)] {
            let outcome = comparisons::of(|| secret_matches(&accepted, given.as_bytes()));
            assert_eq!(outcome, (expected, 3), "{given}");
        }
    }

    proptest! {
        #[test]
        fn parsing_bytes_never_panics(body in any::<Vec<u8>>()) {
            let _ = parse_batch(&body);
        }

        #[test]
        fn parsing_json_never_panics(batch in any_json()) {
            let _ = parse_batch(batch.to_string().as_bytes());
        }

        #[test]
        fn a_hint_names_a_person_that_can_be_in_a_url(user in any::<String>()) {
            for hint in hints(&json!([event("com.origo.mi.user", &json!({ "userId": user }))])) {
                prop_assert!(super::super::identifier::is_usable(hint.user.as_str()));
            }
        }
    }
}
