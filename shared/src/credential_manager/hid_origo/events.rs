//! HID's record of past events. It tells which phone redeemed which invitation, which a read of the person doesn't.

use serde_json::Value;

use super::{
    call::{Call, Service},
    cloud_event,
    http::Http,
    json::Unreadable,
    percent,
};
use crate::{
    credential_manager::{CallResult, EndpointPairing, Priority},
    domain::{ids::RemoteUserId, time::Timestamp},
};

/// Which endpoints of `user` came from which invitations, between two moments.
///
/// Not established: how long HID keeps events, and whether it answers a long list in full. What isn't in it is no proof of anything.
pub(super) async fn pairings(http: &Http, user: &RemoteUserId, since: Timestamp, until: Timestamp) -> CallResult<Vec<EndpointPairing>> {
    let path = format!(
        "/events?dateFrom={}&dateTo={}",
        percent::encode(&since.to_string()),
        percent::encode(&until.to_string())
    );
    let call = Call::get(Service::Events, path, Priority::Poll).about("the record of events");
    let Some(reply) = http.send_for_optional_json(&call).await? else {
        return Ok(Vec::new());
    };
    let events = listed(&reply).ok_or_else(|| call.unreadable(Unreadable("the list of events")))?;
    let mut pairings = Vec::new();
    for event in events.iter().filter_map(cloud_event::read).filter(|event| event.user == *user) {
        if let Some(pairing) = event.pairing
            && !pairings.contains(&pairing)
        {
            pairings.push(pairing);
        }
    }
    Ok(pairings)
}

/// A list of events, or a single one. An object without a type is something else, such as an error that came with status 200.
fn listed(reply: &Value) -> Option<&[Value]> {
    match reply {
        Value::Array(events) => Some(events),
        Value::Object(event) if event.contains_key("type") => Some(std::slice::from_ref(reply)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        credential_manager::{
            CallError, CredentialManager,
            hid_origo::scripted::{Bench, NOW, Script},
        },
        domain::ids::{EndpointId, InvitationId},
    };

    fn endpoint_event(user: &Value, endpoint: &Value, status: &str) -> Value {
        let data = json!({ "userId": user, "endpointId": endpoint, "invitationId": 101, "invitationCode": "AAAA-BBBB-CCCC-DDDD", "status": status });
        json!({ "type": "com.origo.mi.endpoint", "id": "e1", "data": data })
    }

    async fn pairings_answered_by(script: Script) -> (CallResult<Vec<EndpointPairing>>, Bench) {
        let bench = Bench::start([script]).await;
        let since = Timestamp::parse_rfc3339("2024-01-09T00:00:00Z").unwrap();
        (bench.adapter.pairings(&RemoteUserId::new("42"), since).await, bench)
    }

    #[tokio::test]
    async fn only_phones_of_this_person_that_became_active_are_paired() {
        let events = json!([
            endpoint_event(&json!("42"), &json!("9"), "ENDPOINT_ACTIVE"),
            endpoint_event(&json!(42), &json!(9), "ENDPOINT_ACTIVE"),
            endpoint_event(&json!("43"), &json!("10"), "ENDPOINT_ACTIVE"),
            endpoint_event(&json!("42"), &json!("11"), "ENDPOINT_SOMETHING"),
            endpoint_event(&json!("42"), &json!("undefined"), "ENDPOINT_ACTIVE"),
            { "type": "com.origo.mi.credential", "data": { "userId": "42", "endpointId": "12", "invitationId": "1", "status": "CREDENTIAL_ISSUED" } },
            "odd",
        ]);
        let (pairings, bench) = pairings_answered_by(Script::json(200, &events)).await;
        assert_eq!(
            pairings,
            Ok(vec![EndpointPairing {
                endpoint: EndpointId::new("9"),
                invitation: InvitationId::new("101")
            }])
        );
        let asked = bench.hid.only_request();
        let until = NOW.to_string().replace(':', "%3A");
        assert_eq!(
            asked.line,
            format!("GET /organization/1000042/events?dateFrom=2024-01-09T00%3A00%3A00.000Z&dateTo={until}")
        );
        assert_eq!(asked.header("accept"), Some("application/json"));
    }

    #[tokio::test]
    async fn no_events_are_no_pairings_but_an_odd_reply_is_no_answer() {
        assert_eq!(pairings_answered_by(Script::status(204)).await.0, Ok(Vec::new()));
        assert_eq!(pairings_answered_by(Script::json(200, &json!([]))).await.0, Ok(Vec::new()));
        let error = json!({ "responseHeader": { "statusCode": 500 } });
        assert!(matches!(
            pairings_answered_by(Script::json(200, &error)).await.0,
            Err(CallError::Transient(_))
        ));
    }
}
