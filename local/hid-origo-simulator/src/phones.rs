//! Virtual phones: what people do with the app, which HID only hears of.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::origo::Origo;
use crate::records::{ContainerStatus, InvitationStatus};
use crate::scim;
use crate::world::World;

#[derive(Deserialize)]
struct Phone {
    invitation_code: String,
    manufacturer: Option<String>,
    model: Option<String>,
}

/// `POST /simulator/phones`: someone enters a code into the app.
pub(crate) async fn redeem(State(origo): State<Arc<Origo>>, body: Bytes) -> Result<Json<Value>, Failure> {
    let phone: Phone = scim::parse(&body)?;
    origo.act(|world| Ok(Json(json!({ "container_id": world.redeem(phone)? }))))
}

/// `DELETE /simulator/phones/{id}`: someone removes the app, and its credentials go with it.
pub(crate) async fn remove(State(origo): State<Arc<Origo>>, Path(id): Path<i64>) -> Result<Response, Failure> {
    origo.act(|world| {
        if world.container(id)?.status != ContainerStatus::Active {
            return Err(Failure::not_found("the app"));
        }
        world.remove_container(id, ContainerStatus::Inactive);
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

impl World {
    /// One code registers one phone.
    fn redeem(&mut self, phone: Phone) -> Result<i64, Failure> {
        let id = self
            .index
            .invitation_by_code
            .get(&phone.invitation_code)
            .copied()
            .ok_or_else(|| Failure::not_found("the code"))?;
        let invitation = self.invitations.get(&id).ok_or_else(Failure::internal)?;
        match invitation.status {
            InvitationStatus::Pending => {}
            InvitationStatus::Acknowledged => return Err(Failure::new(StatusCode::CONFLICT, "the code is used")),
            InvitationStatus::Expired | InvitationStatus::Cancelled => {
                return Err(Failure::new(StatusCode::GONE, "the code is no longer valid"));
            }
        }
        let (user_id, reserved_credential) = (invitation.user_id, invitation.reserved_credential);
        let manufacturer = phone.manufacturer.unwrap_or_else(|| "Google".to_owned());
        let model = phone.model.unwrap_or_else(|| "Pixel 9".to_owned());
        let container_id = self.add_container(user_id, id, manufacturer, model)?;
        if let Some(invitation) = self.invitations.get_mut(&id) {
            invitation.status = InvitationStatus::Acknowledged;
            invitation.modified_at = self.now;
        }
        self.tell_of_invitation(id, "INVITATION_ACKNOWLEDGED");
        self.tell_of_endpoint(container_id);
        if let Some(credential_id) = reserved_credential {
            self.deliver_reserved(credential_id, container_id);
        }
        Ok(container_id)
    }
}
