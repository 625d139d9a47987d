//! Invitations: codes that each register one phone, some with a credential reserved for it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::failure::Failure;
use crate::gate::Arrival;
use crate::origo::Origo;
use crate::random;
use crate::records::{Invitation, InvitationStatus, UserStatus};
use crate::schedule::Work;
use crate::scim::{self, Action, ActionBody, Flag};
use crate::world::World;

/// `POST /users/{id}/invitation`, any number of times for a user.
pub(crate) async fn create(
    State(origo): State<Arc<Origo>>,
    Path((_, user_id)): Path<(String, i64)>,
    arrival: Arrival,
    body: Bytes,
) -> Result<Response, Failure> {
    let action = scim::parse::<ActionBody>(&body)?.action;
    if action.create_invitation_code == Flag::No {
        return Err(Failure::bad_request("createInvitationCode is not Y"));
    }
    origo.act(|world| {
        if world.user(user_id)?.status != UserStatus::Active {
            return Err(Failure::precondition("The user is not active"));
        }
        world.check_can_invite(&action)?;
        let invitation_id = world.invite(user_id, &action, arrival.0)?;
        let mut body = json!({ "schemas": [scim::INVITATION] });
        world.add_invitation_json(&mut body, invitation_id);
        Ok(scim::reply(StatusCode::CREATED, &body))
    })
}

/// `DELETE /invitation/{id}` cancels a code that nobody used.
pub(crate) async fn cancel(State(origo): State<Arc<Origo>>, Path((_, id)): Path<(String, i64)>) -> Result<Response, Failure> {
    origo.act(|world| {
        let invitation = world.invitations.get(&id).ok_or_else(|| Failure::not_found("the invitation"))?;
        if invitation.status != InvitationStatus::Pending {
            return Err(Failure::precondition(format!("The invitation is {}", invitation.status.name())));
        }
        world.cancel_invitation(id);
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

impl World {
    /// Tells beforehand whether an invitation of that kind can be made.
    pub(crate) fn check_can_invite(&self, action: &Action) -> Result<(), Failure> {
        if action.assign_credential == Flag::Yes && self.pool(&action.part_number)?.available == 0 {
            return Err(Failure::precondition("No credential is available for this part number"));
        }
        Ok(())
    }

    /// Makes a code. With a reservation, stock is taken and the card number is known before any phone is.
    pub(crate) fn invite(&mut self, user_id: i64, action: &Action, arrived_at: Timestamp) -> Result<i64, Failure> {
        let id = self.next_invitation_id();
        let reserved_credential = match action.assign_credential {
            Flag::Yes => Some(self.reserve(user_id, id, &action.part_number, arrived_at)?),
            Flag::No => None,
        };
        let invitation = Invitation {
            id,
            user_id,
            code: random::invitation_code(),
            status: InvitationStatus::Pending,
            created_at: self.now,
            modified_at: self.now,
            expires_at: self.now.plus(self.settings.invitation_lifetime),
            reserved_credential,
        };
        self.schedule.add(invitation.expires_at, Work::ExpireInvitation(id));
        self.index.add_invitation(&invitation);
        self.invitations.insert(id, invitation);
        self.tell_of_invitation(id, "INVITATION_PENDING");
        Ok(id)
    }

    pub(crate) fn cancel_invitation(&mut self, id: i64) {
        self.tell_of_invitation(id, "INVITATION_CANCEL_INITIATED");
        self.end_invitation(id, InvitationStatus::Cancelled);
        self.tell_of_invitation(id, "INVITATION_CANCELLED");
    }

    pub(crate) fn expire_invitation(&mut self, id: i64) {
        if self
            .invitations
            .get(&id)
            .is_some_and(|invitation| invitation.status == InvitationStatus::Pending)
        {
            self.end_invitation(id, InvitationStatus::Expired);
            self.tell_of_invitation(id, "INVITATION_EXPIRED");
        }
    }

    /// Whether a reserved credential comes back by itself is not established; here it does.
    fn end_invitation(&mut self, id: i64, status: InvitationStatus) {
        let Some(invitation) = self.invitations.get_mut(&id) else { return };
        invitation.status = status;
        invitation.modified_at = self.now;
        if let Some(credential_id) = invitation.reserved_credential {
            self.give_back_reserved(credential_id);
        }
    }

    /// Adds an invitation, and the credential reserved with it, to the reply that made it.
    pub(crate) fn add_invitation_json(&self, body: &mut Value, id: i64) {
        let Some(invitation) = self.invitations.get(&id) else { return };
        body[scim::INVITATION] = json!([self.invitation_json(invitation)]);
        if let Some(credential) = invitation.reserved_credential.and_then(|id| self.credentials.get(&id)) {
            body[scim::CREDENTIAL] = json!([self.credential_json(credential)]);
        }
    }

    pub(crate) fn invitation_json(&self, invitation: &Invitation) -> Value {
        json!({
            "meta": self.meta("UserInvitation", &format!("/invitation/{}", invitation.id), invitation.modified_at),
            "id": invitation.id,
            "invitationCode": invitation.code,
            "status": invitation.status.name(),
            "createdDate": invitation.created_at.to_millis_text(),
            "expirationDate": invitation.expires_at.to_millis_text(),
        })
    }

    pub(crate) fn tell_of_invitation(&mut self, id: i64, status: &str) {
        let Some(invitation) = self.invitations.get(&id) else { return };
        let data = json!({
            "invitationId": id.to_string(),
            "invitationCode": invitation.code,
            "invitationExpiryMin": minutes(invitation.expires_at.after(invitation.created_at)),
            "userId": invitation.user_id.to_string(),
            "organizationId": self.organization_id,
            "sourceTimestamp": self.now.to_millis_text(),
            "status": status,
        });
        self.tell("invitation", &format!("/invitation/{id}"), &data);
    }
}

/// Whole minutes, any beginning one included.
pub(crate) fn minutes(duration: Duration) -> u64 {
    duration.as_secs().div_ceil(60)
}
