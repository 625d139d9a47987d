//! Endpoints, which HID calls credential containers: the phones of a person. HID shows no identity of the hardware, so a
//! reinstalled app is a new endpoint.

use serde_json::Value;

use super::{
    call::{Call, Service},
    credentials,
    http::Http,
    identifier,
    json::{self, Unreadable},
    urn,
};
use crate::{
    credential_manager::{CallError, CallResult, Endpoint, Priority},
    domain::ids::EndpointId,
};

/// Removes a phone from its person. HID counts the phones of a person, those that are not in use any more too.
///
/// Not established: whether HID lets its partners do this; one client has the call. A refusal is no failure of ours: the phone's
/// credentials are gone by then, and it only goes on taking room.
pub(super) async fn remove(http: &Http, endpoint: &EndpointId) -> CallResult<()> {
    let path = format!("/credential-container/{}", identifier::segment(endpoint.as_str())?);
    let call = Call::delete(Service::MobileIdentities, path, Priority::Revoke).about(format!("the endpoint {endpoint}"));
    match http.send(&call).await {
        Err(CallError::NotFound(_)) => Ok(()),
        Err(refusal @ (CallError::Precondition(_) | CallError::Rejected(_) | CallError::Misconfigured(_) | CallError::Conflict(_))) => {
            tracing::warn!("HID does not remove a phone that is out of use, so it goes on taking room: {refusal}");
            Ok(())
        }
        other => other,
    }
}

/// The endpoints in one list. One without an id is left out: it can't be told apart, and nothing can be issued to it.
pub(super) fn parse_all(list: &[Value]) -> Result<Vec<Endpoint>, Unreadable> {
    list.iter().filter(|entry| !entry.is_null()).filter_map(parse).collect()
}

fn parse(entry: &Value) -> Option<Result<Endpoint, Unreadable>> {
    let Some(id) = identifier::of_resource(entry) else {
        tracing::warn!("HID shows an endpoint without an id; it is left out");
        return None;
    };
    Some(json::list(entry, urn::CREDENTIAL).map(|list| Endpoint {
        id: EndpointId::new(id),
        active: is_active(entry),
        manufacturer: json::text(entry, "manufacturer").map(str::to_owned),
        model: json::text(entry, "model").map(str::to_owned),
        credentials: credentials::parse_all(list),
    }))
}

/// Not established: the statuses other than `ACTIVE`. HID issues to none of the others that clients have met.
fn is_active(entry: &Value) -> bool {
    json::status(entry, "ENDPOINT_").as_deref() == Some("ACTIVE")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential_manager::{
        CredentialManager,
        hid_origo::scripted::{Bench, Script},
    };

    #[tokio::test]
    async fn a_phone_is_removed_and_a_refusal_or_its_absence_is_no_failure() {
        for status in [204, 404, 405, 412] {
            let bench = Bench::start([Script::json(status, &serde_json::json!({}))]).await;
            assert_eq!(bench.adapter.remove_endpoint(&EndpointId::new("9")).await, Ok(()), "{status}");
            let asked = bench.hid.requests();
            assert_eq!(
                asked[0].line,
                "DELETE /credential-management/customer/1000042/credential-container/9"
            );
        }
    }

    #[tokio::test]
    async fn a_removal_that_hid_could_not_answer_is_tried_again() {
        let bench = Bench::start([Script::json(500, &serde_json::json!({}))]).await;
        assert!(bench.adapter.remove_endpoint(&EndpointId::new("9")).await.is_err());
    }
}
