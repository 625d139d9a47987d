//! Credential containers: phones as HID knows them.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::invitations::minutes;
use crate::origo::Origo;
use crate::records::{Container, ContainerStatus};
use crate::scim;
use crate::world::{World, ids_of};

/// The most phones that a user can have at a time.
const PHONES_PER_USER: usize = 5;

/// `GET /credential-container/{id}`: an array of one.
pub(crate) async fn get(State(origo): State<Arc<Origo>>, Path((_, id)): Path<(String, i64)>) -> Result<Response, Failure> {
    origo.act(|world| {
        let container = world.container(id)?;
        let body = json!({ "schemas": [scim::CONTAINER], scim::CONTAINER: [world.container_json(container)] });
        Ok(scim::reply(StatusCode::OK, &body))
    })
}

/// `DELETE /credential-container/{id}`. That partners may call it has one secondary source.
pub(crate) async fn delete(State(origo): State<Arc<Origo>>, Path((_, id)): Path<(String, i64)>) -> Result<Response, Failure> {
    origo.act(|world| {
        world.container(id)?;
        world.remove_container(id, ContainerStatus::Deleted);
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

impl World {
    /// A container that was not deleted; one without its app still shows when asked for by id.
    pub(crate) fn container(&self, id: i64) -> Result<&Container, Failure> {
        self.containers
            .get(&id)
            .filter(|container| container.status != ContainerStatus::Deleted)
            .ok_or_else(|| Failure::not_found("the credential container"))
    }

    pub(crate) fn active_containers(&self, user_id: i64) -> impl Iterator<Item = &Container> {
        let ids = ids_of(&self.index.containers_of_user, user_id);
        ids.iter()
            .filter_map(|id| self.containers.get(id))
            .filter(|container| container.status == ContainerStatus::Active)
    }

    /// Each redeemed invitation makes a new container, on the same phone too: nothing tells two installations of a phone apart.
    pub(crate) fn add_container(&mut self, user_id: i64, invitation_id: i64, manufacturer: String, model: String) -> Result<i64, Failure> {
        if self.active_containers(user_id).count() >= PHONES_PER_USER {
            return Err(Failure::precondition("The user has as many phones as can be"));
        }
        let container = Container {
            id: self.next_container_id(),
            user_id,
            invitation_id,
            status: ContainerStatus::Active,
            manufacturer,
            model,
            modified_at: self.now,
        };
        let id = container.id;
        self.index.add_container(&container);
        self.containers.insert(id, container);
        Ok(id)
    }

    /// Takes a phone out of its user's list, and its credentials with it. That HID announces it is not established: no event.
    pub(crate) fn remove_container(&mut self, id: i64, status: ContainerStatus) {
        let Some(container) = self.containers.get_mut(&id) else { return };
        container.status = status;
        container.modified_at = self.now;
        for credential_id in ids_of(&self.index.credentials_of_container, id).to_vec() {
            self.finish_revocation(credential_id);
        }
    }

    pub(crate) fn container_json(&self, container: &Container) -> Value {
        json!({
            "meta": self.meta("CredentialContainer", &format!("/credential-container/{}", container.id), container.modified_at),
            "id": container.id,
            "status": container.status.name(),
            "osVersion": "17.4",
            "secureElementType": "SEOS",
            "manufacturer": container.manufacturer,
            "model": container.model,
            "applicationVersion": "1.0.0",
            "simOperator": "",
            "bluetoothCapability": "true",
            "nfcCapability": "true",
            "hceCapability": "true",
            scim::CREDENTIAL: self.shown_credentials(container.id).map(|credential| self.credential_json(credential)).collect::<Vec<_>>(),
        })
    }

    /// The event is the only place where a container is joined to the invitation that it comes from.
    pub(crate) fn tell_of_endpoint(&mut self, id: i64) {
        let Some(container) = self.containers.get(&id) else { return };
        let Some(invitation) = self.invitations.get(&container.invitation_id) else {
            return;
        };
        let data = json!({
            "endpointId": id.to_string(),
            "endpointManufacturer": container.manufacturer,
            "endpointModel": container.model,
            "osVersion": "17.4",
            "applicationVersion": "1.0.0",
            "mobileSDKVersion": "8.0.0",
            "appletStatus": "PERSONALIZED",
            "cardletVersion": "1.0",
            "bleCapability": "true",
            "hceCapability": "true",
            "nfcCapability": "true",
            "jailBroken": "false",
            "simOperator": "",
            "invitationId": invitation.id.to_string(),
            "invitationCode": invitation.code,
            "invitationStatus": invitation.status.name(),
            "invitationExpiryMin": minutes(invitation.expires_at.after(invitation.created_at)),
            "userId": container.user_id.to_string(),
            "organizationId": self.organization_id,
            "sourceTimestamp": self.now.to_millis_text(),
            "status": "ENDPOINT_ACTIVE",
        });
        self.tell("endpoint", &format!("/credential-container/{id}"), &data);
    }
}
