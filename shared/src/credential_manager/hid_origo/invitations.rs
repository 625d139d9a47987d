//! Invitations: a code that registers one phone. The code is a bearer secret until it is used.

use serde_json::{Value, json};

use super::{
    call::{Call, Service},
    http::Http,
    identifier,
    json::{self, Unreadable},
    urn,
};
use crate::{
    credential_manager::{CallError, CallResult, Cancellation, Invitation, InvitationState, Priority},
    domain::{
        ids::{InvitationId, RemoteUserId},
        secret::Secret,
    },
};

/// Makes an invitation without a credential: reserving one would take stock for invitations that nobody redeems, and could
/// not follow a change of wish between inviting and redeeming.
pub(super) async fn invite(http: &Http, user: &RemoteUserId) -> CallResult<Invitation> {
    let path = format!("/users/{}/invitation", identifier::segment(user.as_str())?);
    let body = json!({
        "schemas": [urn::USER_ACTION],
        urn::USER_ACTION: {
            "createInvitationCode": "Y", "sendInvitationEmail": "N", "assignCredential": "N", "partNumber": "", "credential": "",
        },
        "meta": { "resourceType": "PACSUser" },
    });
    let call = Call::post(Service::MobileIdentities, path, body, Priority::Invite).about(format!("the user {user}"));
    let reply = http.send_for_json(&call).await?;
    made(&reply).map_err(|part| call.unreadable(part))
}

/// The invitation just made. Without a code it is of no use; with several in the reply it isn't known which is new, and to
/// hand out the code of another phone would be worse than to read back.
fn made(reply: &Value) -> Result<Invitation, Unreadable> {
    match json::wrapped_or_bare(reply, urn::USER_INVITATION)? {
        [only] => parse(only)
            .filter(|invitation| invitation.code.is_some())
            .ok_or(Unreadable("the invitation")),
        _ => Err(Unreadable("the invitation")),
    }
}

/// Cancels an invitation. HID answers 412 for one that is past cancelling.
pub(super) async fn cancel(http: &Http, invitation: &InvitationId) -> CallResult<Cancellation> {
    let path = format!("/invitation/{}", identifier::segment(invitation.as_str())?);
    let call = Call::delete(Service::MobileIdentities, path, Priority::Revoke).about(format!("the invitation {invitation}"));
    match http.send(&call).await {
        Ok(()) | Err(CallError::NotFound(_)) => Ok(Cancellation::Done),
        Err(CallError::Precondition(_)) => Ok(Cancellation::TooLate),
        Err(error) => Err(error),
    }
}

/// The invitations in one list. One without an id is left out: it can neither be recognised nor cancelled.
pub(super) fn parse_all(list: &[Value]) -> Vec<Invitation> {
    let read = |entry: &Value| {
        let invitation = parse(entry);
        if invitation.is_none() {
            tracing::warn!("HID shows an invitation without an id; it is left out");
        }
        invitation
    };
    list.iter().filter(|entry| !entry.is_null()).filter_map(read).collect()
}

fn parse(entry: &Value) -> Option<Invitation> {
    Some(Invitation {
        id: InvitationId::new(identifier::of_resource(entry)?),
        code: json::text(entry, "invitationCode").map(Secret::new),
        state: state_of(entry),
        created_at: json::moment(entry, "createdDate"),
        expires_at: json::moment(entry, "expirationDate"),
    })
}

/// Not established: the full list of statuses.
fn state_of(entry: &Value) -> InvitationState {
    match json::status(entry, "INVITATION_").as_deref() {
        Some("PENDING") => InvitationState::Open,
        Some("ACKNOWLEDGED") => InvitationState::Redeemed,
        Some("EXPIRED" | "CANCELLED" | "CANCELED" | "CANCEL_INITIATED") => InvitationState::Closed,
        _ => InvitationState::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        credential_manager::{
            CredentialManager,
            hid_origo::scripted::{Bench, Script},
        },
        domain::time::Timestamp,
    };

    async fn invite_answered_by(script: Script) -> CallResult<Invitation> {
        Bench::start([script]).await.adapter.invite(&RemoteUserId::new("42")).await
    }

    fn invitation() -> Value {
        json!({
            "meta": { "location": "https://hid.example/invitation/101" }, "id": 101, "invitationCode": "AAAA-BBBB-CCCC-DDDD",
            "status": "PENDING", "createdDate": "2024-01-09T05:45:33Z", "expirationDate": "2024-01-11T05:45:33Z",
        })
    }

    #[tokio::test]
    async fn an_invitation_is_made_without_a_credential() {
        let bench = Bench::start([Script::json(201, &json!({ urn::USER_INVITATION: [invitation()] }))]).await;
        bench.adapter.invite(&RemoteUserId::new("42")).await.unwrap();
        let asked = bench.hid.only_request();
        assert_eq!(asked.line, "POST /credential-management/customer/1000042/users/42/invitation");
        let action = &asked.json()[urn::USER_ACTION];
        assert_eq!(
            (&action["createInvitationCode"], &action["assignCredential"]),
            (&json!("Y"), &json!("N"))
        );
        assert_eq!(bench.budget.taken(), [Priority::Invite]);
    }

    #[tokio::test]
    async fn both_shapes_of_reply_and_any_2xx_are_read() {
        for reply in [invitation(), json!({ urn::USER_INVITATION: [invitation()] })] {
            for status in [200, 201] {
                let made = invite_answered_by(Script::json(status, &reply)).await.unwrap();
                assert_eq!((made.id.as_str(), made.state), ("101", InvitationState::Open));
                assert_eq!(made.code, Some(Secret::new("AAAA-BBBB-CCCC-DDDD")));
                assert_eq!(made.expires_at, Timestamp::parse_rfc3339("2024-01-11T05:45:33Z"));
            }
        }
    }

    #[tokio::test]
    async fn a_code_is_required_and_the_expiry_is_not() {
        let reply = json!({ "id": "101", "invitationCode": "AAAA-BBBB-CCCC-DDDD", "expirationDate": "soon" });
        assert_eq!(invite_answered_by(Script::json(201, &reply)).await.unwrap().expires_at, None);
        for reply in [
            json!({ "id": 101 }),
            json!({}),
            json!([]),
            json!({ urn::USER_INVITATION: [invitation(), invitation()] }),
        ] {
            assert!(
                matches!(
                    invite_answered_by(Script::json(201, &reply)).await,
                    Err(CallError::UnknownOutcome(_))
                ),
                "{reply}"
            );
        }
    }

    #[tokio::test]
    async fn an_invitation_that_is_gone_counts_as_cancelled_and_one_that_is_past_it_may_be_an_endpoint() {
        let done = [200, 204, 404].map(|status| (status, Cancellation::Done));
        for (status, became) in done.into_iter().chain([(412, Cancellation::TooLate)]) {
            let bench = Bench::start([Script::status(status)]).await;
            assert_eq!(
                bench.adapter.cancel_invitation(&InvitationId::new("101")).await,
                Ok(became),
                "{status}"
            );
            assert_eq!(
                bench.hid.only_request().line,
                "DELETE /credential-management/customer/1000042/invitation/101"
            );
        }
    }

    #[test]
    fn statuses_are_an_open_set() {
        let state = |status: &str| state_of(&json!({ "status": status }));
        assert_eq!(state("pending"), InvitationState::Open);
        assert_eq!(state("ACKNOWLEDGED"), InvitationState::Redeemed);
        assert_eq!(state("CANCEL_INITIATED"), InvitationState::Closed);
        assert_eq!(state("SOMETHING_NEW"), InvitationState::Unknown);
        assert_eq!(state_of(&json!({ "status": 3 })), InvitationState::Unknown);
    }
}
