//! Credentials, which HID calls Mobile IDs: issued to an endpoint, asynchronously, from the running sequence of a part number.

use serde_json::{Value, json};

use super::{
    call::{Call, Service},
    http::Http,
    identifier,
    json::{self, Unreadable},
    urn,
};
use crate::{
    credential_manager::{CallError, CallResult, Priority, RemoteCredential, RemoteCredentialState},
    domain::ids::{EndpointId, RemoteCredentialId, RemotePoolId},
};

/// Issues a credential to an endpoint. HID answers 412 when one of the same part number is there already, and for other reasons.
pub(super) async fn issue(http: &Http, endpoint: &EndpointId, pool: Option<&RemotePoolId>) -> CallResult<RemoteCredential> {
    let path = format!("/credential-container/{}/credential", identifier::segment(endpoint.as_str())?);
    // An empty part number stands for the organization's default one.
    let part_number = pool.map_or("", RemotePoolId::as_str);
    let body = json!({
        "schemas": [urn::USER_ACTION],
        urn::USER_ACTION: { "assignCredential": "Y", "partNumber": part_number, "credential": "" },
    });
    let call = Call::post(Service::MobileIdentities, path, body, Priority::Issue).about(format!("the endpoint {endpoint}"));
    let reply = http.send_for_json(&call).await?;
    issued(&reply, pool).map_err(|part| call.unreadable(part))
}

/// Not established: whether the reply is the credential itself or wraps it under a URN as other replies do. Both are read. If
/// there are several, which could be all that is on the phone, only one of the wanted part number is certain to be the new one.
fn issued(reply: &Value, pool: Option<&RemotePoolId>) -> Result<RemoteCredential, Unreadable> {
    let shown: Vec<_> = json::wrapped_or_bare(reply, urn::CREDENTIAL)?.iter().filter_map(parse).collect();
    let wanted = |credential: &&RemoteCredential| shown.len() == 1 || (pool.is_some() && credential.pool.as_ref() == pool);
    let mut candidates = shown.iter().filter(wanted);
    match (candidates.next(), candidates.next()) {
        (Some(credential), None) => Ok(credential.clone()),
        _ => Err(Unreadable("the issued credential")),
    }
}

/// Revokes a credential; on the phone it takes effect when the phone is next online. HID answers 412 when that is under way already,
/// but 412 is also its answer to other conditions that are not met: whoever asked has to read back.
pub(super) async fn revoke(http: &Http, credential: &RemoteCredentialId) -> CallResult<()> {
    let path = format!("/credential/{}", identifier::segment(credential.as_str())?);
    let call = Call::delete(Service::MobileIdentities, path, Priority::Revoke).about(format!("the credential {credential}"));
    match http.send(&call).await {
        Err(CallError::NotFound(_)) => Ok(()),
        other => other,
    }
}

/// The credentials in one list. A credential that can't be read is still one: to leave it out would invite a second beside it.
/// So it is shown with a state that counts as live, and, if it has no id, with one that no call accepts.
pub(super) fn parse_all(list: &[Value]) -> Vec<RemoteCredential> {
    let present = list.iter().filter(|entry| !entry.is_null()).enumerate();
    present
        .map(|(index, entry)| parse(entry).unwrap_or_else(|| unreadable(index, entry)))
        .collect()
}

fn unreadable(index: usize, entry: &Value) -> RemoteCredential {
    tracing::warn!("HID shows a credential without an id; it counts as one, and nothing is issued beside it");
    RemoteCredential {
        id: RemoteCredentialId::new(format!("?{index}")),
        pool: pool_of(entry),
        state: RemoteCredentialState::Unknown,
        card_number: None,
    }
}

fn parse(entry: &Value) -> Option<RemoteCredential> {
    Some(RemoteCredential {
        id: RemoteCredentialId::new(identifier::of_resource(entry)?),
        pool: pool_of(entry),
        state: state_of(entry),
        card_number: json::text_or_number(entry, "cardNumber"),
    })
}

fn pool_of(entry: &Value) -> Option<RemotePoolId> {
    json::text(entry, "partNumber").map(RemotePoolId::new)
}

/// Not established: the full list of statuses. A credential whose revocation failed may still open doors, hence counts as unknown, which is live.
fn state_of(entry: &Value) -> RemoteCredentialState {
    match json::status(entry, "CREDENTIAL_").as_deref() {
        Some("ISSUE_INITIATED" | "ISSUING") => RemoteCredentialState::Issuing,
        Some("ISSUED") => RemoteCredentialState::Issued,
        Some("REVOKE_INITIATED" | "REVOKING" | "REVOKED") => RemoteCredentialState::Revoked,
        Some("ISSUE_FAILED") => RemoteCredentialState::Failed,
        _ => RemoteCredentialState::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential_manager::{
        CredentialManager,
        hid_origo::scripted::{Bench, Script},
    };

    const POOL: &str = "MID-SUB-CRD_1";

    async fn issue_answered_by(script: Script) -> CallResult<RemoteCredential> {
        Bench::start([script])
            .await
            .adapter
            .issue(&EndpointId::new("9"), Some(&RemotePoolId::new(POOL)))
            .await
    }

    #[tokio::test]
    async fn issuing_names_the_part_number_or_leaves_it_to_the_default() {
        let reply = json!({ "id": 5, "status": "ISSUE_INITIATED", "partNumber": POOL });
        let bench = Bench::start([Script::json(200, &reply), Script::json(200, &reply)]).await;
        let endpoint = EndpointId::new("9");
        bench.adapter.issue(&endpoint, Some(&RemotePoolId::new(POOL))).await.unwrap();
        bench.adapter.issue(&endpoint, None).await.unwrap();
        let asked = bench.hid.requests();
        assert_eq!(
            asked[0].line,
            "POST /credential-management/customer/1000042/credential-container/9/credential"
        );
        let action = |index: usize| asked[index].json()[urn::USER_ACTION].clone();
        assert_eq!(action(0), json!({ "assignCredential": "Y", "partNumber": POOL, "credential": "" }));
        assert_eq!(action(1)["partNumber"], "");
    }

    #[tokio::test]
    async fn both_shapes_of_reply_and_any_2xx_are_read() {
        let credential = json!({ "id": 5, "status": "issue_initiated", "partNumber": POOL, "cardNumber": 56 });
        let expected = RemoteCredential {
            id: RemoteCredentialId::new("5"),
            pool: Some(RemotePoolId::new(POOL)),
            state: RemoteCredentialState::Issuing,
            card_number: Some("56".to_owned()),
        };
        for reply in [
            credential.clone(),
            json!({ urn::CREDENTIAL: [credential] }),
            json!({ urn::CREDENTIAL: credential }),
        ] {
            for status in [200, 201, 202] {
                assert_eq!(issue_answered_by(Script::json(status, &reply)).await, Ok(expected.clone()));
            }
        }
    }

    #[tokio::test]
    async fn a_reply_that_does_not_tell_which_credential_is_new_is_unknown() {
        let of = |id: u32, pool: &str| json!({ "id": id, "partNumber": pool, "status": "ISSUED" });
        let unclear = [
            json!({}),
            json!([]),
            json!({ urn::CREDENTIAL: [] }),
            json!({ urn::CREDENTIAL: [of(1, POOL), of(2, POOL)] }),
        ];
        for reply in unclear {
            assert!(
                matches!(
                    issue_answered_by(Script::json(200, &reply)).await,
                    Err(CallError::UnknownOutcome(_))
                ),
                "{reply}"
            );
        }
        let clear = json!({ urn::CREDENTIAL: [of(1, "other"), of(2, POOL)] });
        assert_eq!(issue_answered_by(Script::json(200, &clear)).await.unwrap().id.as_str(), "2");
    }

    #[tokio::test]
    async fn a_412_is_passed_on_with_its_text_so_that_it_is_read_back() {
        let text = "The credential is already delivered to this credentialContainer";
        let answer = issue_answered_by(Script::json(412, &json!({ "status": "412", "detail": text }))).await;
        assert_eq!(answer, Err(CallError::Precondition(format!("status 412: {text}"))));
    }

    #[tokio::test]
    async fn a_credential_that_is_gone_counts_as_revoked_and_a_refusal_has_to_be_read_back() {
        for status in [200, 204, 404] {
            let bench = Bench::start([Script::status(status)]).await;
            assert_eq!(bench.adapter.revoke(&RemoteCredentialId::new("5")).await, Ok(()), "{status}");
            assert_eq!(
                bench.hid.only_request().line,
                "DELETE /credential-management/customer/1000042/credential/5"
            );
        }
        let bench = Bench::start([Script::status(412)]).await;
        assert!(matches!(
            bench.adapter.revoke(&RemoteCredentialId::new("5")).await,
            Err(CallError::Precondition(_))
        ));
        let bench = Bench::start([Script::status(500)]).await;
        assert!(matches!(
            bench.adapter.revoke(&RemoteCredentialId::new("5")).await,
            Err(CallError::UnknownOutcome(_))
        ));
    }

    #[tokio::test]
    async fn an_id_that_could_change_the_url_is_never_sent() {
        let bench = Bench::start([]).await;
        for odd in ["", "..", "5/../../users/1", "5?x", "?0"] {
            assert!(
                matches!(
                    bench.adapter.revoke(&RemoteCredentialId::new(odd)).await,
                    Err(CallError::Rejected(_))
                ),
                "{odd}"
            );
        }
        assert!(bench.hid.requests().is_empty());
    }

    #[test]
    fn statuses_are_compared_without_regard_to_case_and_unknown_ones_are_live() {
        let state = |status: &str| state_of(&json!({ "status": status }));
        assert_eq!(state("Issued"), RemoteCredentialState::Issued);
        assert_eq!(state("CREDENTIAL_ISSUED"), RemoteCredentialState::Issued);
        assert_eq!(state("revoking"), RemoteCredentialState::Revoked);
        assert!(state("REVOKE_FAILED").is_live());
        assert!(state("SOMETHING_NEW").is_live());
    }

    #[test]
    fn a_credential_that_cannot_be_read_still_counts() {
        let all = parse_all(&[
            json!("odd"),
            json!(null),
            json!({ "partNumber": POOL, "status": "ISSUED" }),
            json!({ "id": 7 }),
        ]);
        let shown: Vec<_> = all
            .iter()
            .map(|credential| (credential.id.as_str(), credential.state.is_live()))
            .collect();
        assert_eq!(shown, [("?0", true), ("?1", true), ("7", true)]);
        assert_eq!(all[1].pool, Some(RemotePoolId::new(POOL)));
    }
}
