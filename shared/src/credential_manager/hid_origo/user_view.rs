//! Everything about a person in one read. What can't be read of it loses no more than itself, with two limits: a reply that
//! isn't about this very person, or whose lists aren't lists, is no answer at all. Taken for "no phones" it would cost somebody
//! their keys.

use serde_json::Value;

use super::{
    call::{Call, Service},
    endpoints,
    http::Http,
    identifier, invitations,
    json::{self, Unreadable},
    urn,
};
use crate::{
    credential_manager::{CallError, CallResult, Priority, RemoteUser},
    domain::ids::RemoteUserId,
};

/// Reads a person; `None` when HID has no such person.
pub(super) async fn read(http: &Http, user: &RemoteUserId, priority: Priority) -> CallResult<Option<RemoteUser>> {
    match get(http, user, priority).await {
        Ok(shown) => parse(&shown)
            .map(Some)
            .map_err(|part| CallError::Transient(format!("HID's reply can't be read: {}", part.0))),
        Err(CallError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What HID shows of a person, once it is sure to be about that person.
pub(super) async fn get(http: &Http, user: &RemoteUserId, priority: Priority) -> CallResult<Value> {
    let path = format!("/users/{}", identifier::segment(user.as_str())?);
    let call = Call::get(Service::MobileIdentities, path, priority).about(format!("the user {user}"));
    let shown = http.send_for_json(&call).await?;
    if identifier::of_resource(&shown).as_deref() == Some(user.as_str()) {
        Ok(shown)
    } else {
        Err(call.unreadable(Unreadable("it is not about the user asked for")))
    }
}

fn parse(shown: &Value) -> Result<RemoteUser, Unreadable> {
    Ok(RemoteUser {
        active: !is_deleted(shown),
        invitations: invitations::parse_all(json::list(shown, urn::USER_INVITATION)?),
        endpoints: endpoints::parse_all(json::list(shown, urn::CREDENTIAL_CONTAINER)?)?,
    })
}

/// Whether HID is deleting the person or has done so.
///
/// Not established: the statuses other than `ACTIVE`. Events tell of `DELETE_INITIATED` and `DELETED`, so anything of that kind
/// counts. Whoever has another status, or none, counts as there: HID refuses what can't be done for them.
pub(super) fn is_deleted(shown: &Value) -> bool {
    json::status(shown, "USER_").is_some_and(|status| status.starts_with("DELET"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{
        credential_manager::{
            CredentialManager, InvitationState, RemoteCredentialState,
            hid_origo::scripted::{Bench, Script, any_json},
        },
        domain::secret::Secret,
    };

    async fn read_answered_by(script: Script) -> CallResult<Option<RemoteUser>> {
        Bench::start([script])
            .await
            .adapter
            .read_user(&RemoteUserId::new("42"), Priority::Poll)
            .await
    }

    #[tokio::test]
    async fn one_read_shows_invitations_phones_and_credentials() {
        let bench = Bench::start([Script::json(
            200,
            &json!({
                "id": 42, "externalId": "x", "status": "ACTIVE", "something": { "new": 1 },
                urn::USER_INVITATION: [{ "id": 101, "invitationCode": "AAAA-BBBB-CCCC-DDDD", "status": "ACKNOWLEDGED" }],
                urn::CREDENTIAL_CONTAINER: [
                    { "id": 9, "status": "ACTIVE", "manufacturer": "Acme", "model": null,
                      urn::CREDENTIAL: [{ "id": "5", "partNumber": "P", "status": "ISSUED", "cardNumber": "56" }] },
                    { "id": "10", "status": "SOMETHING_NEW" },
                ],
            }),
        )])
        .await;
        let user = bench
            .adapter
            .read_user(&RemoteUserId::new("42"), Priority::Issue)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            bench.hid.only_request().line,
            "GET /credential-management/customer/1000042/users/42"
        );
        assert_eq!(bench.budget.taken(), [Priority::Issue]);
        assert!(user.active);
        assert_eq!(user.invitations[0].state, InvitationState::Redeemed);
        assert_eq!(user.invitations[0].code, Some(Secret::new("AAAA-BBBB-CCCC-DDDD")));
        assert_eq!(
            user.endpoints
                .iter()
                .map(|endpoint| (endpoint.id.as_str(), endpoint.active))
                .collect::<Vec<_>>(),
            [("9", true), ("10", false)]
        );
        assert_eq!(user.endpoints[0].manufacturer.as_deref(), Some("Acme"));
        let credential = &user.endpoints[0].credentials[0];
        assert_eq!(
            (credential.state, credential.card_number.as_deref()),
            (RemoteCredentialState::Issued, Some("56"))
        );
    }

    #[tokio::test]
    async fn a_person_who_is_not_there_or_being_deleted_is_told_apart() {
        assert_eq!(read_answered_by(Script::status(404)).await, Ok(None));
        for (status, active) in [
            ("active", true),
            ("ODD", true),
            ("DELETE_INITIATED", false),
            ("USER_DELETED", false),
        ] {
            let user = read_answered_by(Script::json(200, &json!({ "id": "42", "status": status })))
                .await
                .unwrap()
                .unwrap();
            assert_eq!(user.active, active, "{status}");
        }
    }

    #[tokio::test]
    async fn an_odd_part_loses_no_more_than_itself() {
        let shown = json!({
            "id": 42, "status": 3,
            urn::USER_INVITATION: ["odd", null, { "status": "PENDING" }, { "id": 101 }],
            urn::CREDENTIAL_CONTAINER: [{ "status": "ACTIVE" }, 4, { "id": 9, "status": "ACTIVE", "model": [], urn::CREDENTIAL: ["odd"] }],
        });
        let user = read_answered_by(Script::json(200, &shown)).await.unwrap().unwrap();
        assert_eq!(user.invitations.len(), 1);
        assert_eq!(user.endpoints.len(), 1);
        assert!(user.endpoints[0].credentials[0].state.is_live());
    }

    #[tokio::test]
    async fn what_could_be_mistaken_for_a_person_without_phones_is_no_answer() {
        let odd_credentials = json!([{ "id": 9, "status": "ACTIVE", urn::CREDENTIAL: "odd" }]);
        let replies = [
            json!({}),
            json!([]),
            json!({ "id": 43, "status": "ACTIVE" }),
            json!({ "id": 42, urn::CREDENTIAL_CONTAINER: "none" }),
            json!({ "id": 42, urn::CREDENTIAL_CONTAINER: odd_credentials }),
            json!({ "id": 42, urn::USER_INVITATION: 0 }),
        ];
        for reply in replies {
            assert!(
                matches!(read_answered_by(Script::json(200, &reply)).await, Err(CallError::Transient(_))),
                "{reply}"
            );
        }
        for script in [Script::HangUp, Script::Hang, Script::status(502), Script::Reply(200, b"{".to_vec())] {
            assert!(matches!(read_answered_by(script).await, Err(CallError::Transient(_))));
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(shown in any_json()) {
            let _ = parse(&shown);
        }
    }
}
