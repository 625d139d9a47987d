//! Credentials (Mobile IDs): issued to a container, fetched by its phone, revoked. Both take until the phone has spoken to HID.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::failure::Failure;
use crate::gate::Arrival;
use crate::origo::Origo;
use crate::records::{ContainerStatus, Credential, CredentialStatus};
use crate::schedule::Work;
use crate::scim::{self, ActionBody, Flag};
use crate::world::{World, ids_of};

/// The most credentials that a phone can hold.
const CREDENTIALS_PER_CONTAINER: usize = 10;

/// `POST /credential-container/{id}/credential`: the credential itself is the reply, not wrapped in an array as elsewhere.
pub(crate) async fn issue(
    State(origo): State<Arc<Origo>>,
    Path((_, container_id)): Path<(String, i64)>,
    arrival: Arrival,
    body: Bytes,
) -> Result<Response, Failure> {
    let action = scim::parse::<ActionBody>(&body)?.action;
    if action.assign_credential == Flag::No {
        return Err(Failure::bad_request("assignCredential is not Y"));
    }
    origo.act(|world| {
        let id = world.issue(container_id, &action.part_number, arrival.0)?;
        let credential = world.credentials.get(&id).ok_or_else(Failure::internal)?;
        let mut body = world.credential_json(credential);
        body["schemas"] = json!([scim::CREDENTIAL]);
        Ok(scim::reply(StatusCode::OK, &body))
    })
}

/// `DELETE /credential/{id}` starts a revocation; once started, 412.
pub(crate) async fn revoke(State(origo): State<Arc<Origo>>, Path((_, id)): Path<(String, i64)>) -> Result<Response, Failure> {
    origo.act(|world| {
        let credential = world.credentials.get(&id).ok_or_else(|| Failure::not_found("the credential"))?;
        if matches!(credential.status, CredentialStatus::RevokeInitiated | CredentialStatus::Revoked) {
            return Err(Failure::precondition("The credential is already being revoked or is revoked"));
        }
        world.start_revocation(id);
        Ok(StatusCode::OK.into_response())
    })
}

impl World {
    fn issue(&mut self, container_id: i64, part_number: &str, arrived_at: Timestamp) -> Result<i64, Failure> {
        let container = self.container(container_id)?;
        if container.status != ContainerStatus::Active {
            return Err(Failure::precondition("The credentialContainer is not active"));
        }
        let (user_id, invitation_id) = (container.user_id, container.invitation_id);
        let pool_id = self.pool(part_number)?.id;
        // A credential counts as delivered until the phone has dropped it: whether HID lets a new one in earlier is not established.
        if self.shown_credentials(container_id).any(|credential| credential.pool_id == pool_id) {
            return Err(Failure::precondition(
                "The credential is already delivered to this credentialContainer",
            ));
        }
        if self.shown_credentials(container_id).count() >= CREDENTIALS_PER_CONTAINER {
            return Err(Failure::precondition("The credentialContainer holds as many credentials as can be"));
        }
        let due_at = self.fetch_at();
        let id = self.add_credential(user_id, invitation_id, Some(container_id), pool_id, arrived_at, Some(due_at))?;
        self.schedule.add(due_at, Work::FetchCredential(id));
        Ok(id)
    }

    /// Draws a credential for whichever phone redeems the invitation.
    pub(crate) fn reserve(&mut self, user_id: i64, invitation_id: i64, part_number: &str, arrived_at: Timestamp) -> Result<i64, Failure> {
        let pool_id = self.pool(part_number)?.id;
        self.add_credential(user_id, invitation_id, None, pool_id, arrived_at, None)
    }

    fn add_credential(
        &mut self,
        user_id: i64,
        invitation_id: i64,
        container_id: Option<i64>,
        pool_id: u32,
        created_at: Timestamp,
        due_at: Option<Timestamp>,
    ) -> Result<i64, Failure> {
        let credential = Credential {
            id: self.next_credential_id(),
            user_id,
            invitation_id,
            container_id,
            pool_id,
            card_number: self.draw(pool_id)?,
            status: CredentialStatus::IssueInitiated,
            created_at,
            made_at: self.now,
            modified_at: self.now,
            due_at,
            ended_at: None,
        };
        let id = credential.id;
        self.index.add_credential(&credential);
        self.credentials.insert(id, credential);
        Ok(id)
    }

    /// The phone is there: it will fetch what was reserved for it.
    pub(crate) fn deliver_reserved(&mut self, id: i64, container_id: i64) {
        let due_at = self.fetch_at();
        let Some(credential) = self.credentials.get_mut(&id) else { return };
        if credential.status == CredentialStatus::IssueInitiated {
            credential.container_id = Some(container_id);
            credential.due_at = Some(due_at);
            self.index.credentials_of_container.entry(container_id).or_default().push(id);
            self.schedule.add(due_at, Work::FetchCredential(id));
        }
    }

    /// Nobody came for it.
    pub(crate) fn give_back_reserved(&mut self, id: i64) {
        let reserved =
            |credential: &&Credential| credential.container_id.is_none() && credential.status == CredentialStatus::IssueInitiated;
        if let Some(pool_id) = self.credentials.get(&id).filter(reserved).map(|credential| credential.pool_id) {
            self.finish_revocation(id);
            self.put_back(pool_id);
        }
    }

    pub(crate) fn fetch_credential(&mut self, id: i64) {
        if self
            .credentials
            .get(&id)
            .is_some_and(|credential| credential.status == CredentialStatus::IssueInitiated)
        {
            self.set_credential_status(id, CredentialStatus::Issued, None);
            self.tell_of_credential(id, "CREDENTIAL_ISSUED");
        }
    }

    /// Tells the phone to drop it, which takes effect when the phone is next online.
    pub(crate) fn start_revocation(&mut self, id: i64) {
        let live = |credential: &Credential| matches!(credential.status, CredentialStatus::IssueInitiated | CredentialStatus::Issued);
        if self.credentials.get(&id).is_some_and(live) {
            let due_at = self.fetch_at();
            self.set_credential_status(id, CredentialStatus::RevokeInitiated, Some(due_at));
            self.schedule.add(due_at, Work::DropCredential(id));
        }
    }

    pub(crate) fn drop_credential(&mut self, id: i64) {
        if self
            .credentials
            .get(&id)
            .is_some_and(|credential| credential.status == CredentialStatus::RevokeInitiated)
        {
            self.finish_revocation(id);
        }
    }

    /// It is gone. The name of the event is inferred from the newer API; whether Mobile Identities sends one is not established.
    pub(crate) fn finish_revocation(&mut self, id: i64) {
        if self
            .credentials
            .get(&id)
            .is_some_and(|credential| credential.status != CredentialStatus::Revoked)
        {
            self.set_credential_status(id, CredentialStatus::Revoked, None);
            self.tell_of_credential(id, "CREDENTIAL_REVOKED");
        }
    }

    fn set_credential_status(&mut self, id: i64, status: CredentialStatus, due_at: Option<Timestamp>) {
        if let Some(credential) = self.credentials.get_mut(&id) {
            credential.status = status;
            credential.modified_at = self.now;
            credential.due_at = due_at;
            if matches!(status, CredentialStatus::RevokeInitiated | CredentialStatus::Revoked) {
                credential.ended_at.get_or_insert(self.now);
            }
        }
    }

    /// The credentials that replies show for a container: the revoked ones have vanished.
    pub(crate) fn shown_credentials(&self, container_id: i64) -> impl Iterator<Item = &Credential> {
        let ids = ids_of(&self.index.credentials_of_container, container_id);
        ids.iter()
            .filter_map(|id| self.credentials.get(id))
            .filter(|credential| credential.status != CredentialStatus::Revoked)
    }

    pub(crate) fn credential_json(&self, credential: &Credential) -> Value {
        let pool = self.pools.get(&credential.pool_id);
        json!({
            "meta": self.meta("Credential", &format!("/credential/{}", credential.id), credential.modified_at),
            "id": credential.id,
            "partNumber": pool.map(|pool| pool.part_number.as_str()),
            // HID writes the second word of this key in lower case.
            "partnumberFriendlyName": pool.map(|pool| pool.friendly_name.as_str()),
            "status": credential.status.name(),
            "credentialType": "ICLASSSEOS",
            "cardNumber": credential.card_number.to_string(),
        })
    }

    /// `mid` and `cardNumber` are numbers here, the other ids are texts; in replies it is the other way round.
    fn tell_of_credential(&mut self, id: i64, status: &str) {
        let Some(credential) = self.credentials.get(&id) else { return };
        let data = json!({
            "mid": id,
            "midTypeId": credential.pool_id,
            "cardNumber": credential.card_number,
            "endpointId": credential.container_id.map(|id| id.to_string()),
            "invitationId": credential.invitation_id.to_string(),
            "orderId": id.to_string(),
            "userId": credential.user_id.to_string(),
            "organizationId": self.organization_id,
            "sourceTimestamp": self.now.to_millis_text(),
            "status": status,
        });
        self.tell("credential", &format!("/credential/{id}"), &data);
    }
}
