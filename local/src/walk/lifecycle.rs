//! The operator's later verbs: what exists is changed, suspended, moved and deleted, and what came of it is read from the events.

use std::time::Duration;

use fobless::domain::ids::{AcsCredentialId, AcsUserId, DeviceId};
use serde_json::{Value, json};

use super::{Client, WalkError, read};

/// Events are asked for since so long ago: further than any of them is kept.
const SINCE: Duration = Duration::from_hours(31 * 24);

impl Client {
    /// The operator tells that a phone is lost, sold or signed out.
    pub async fn deactivate_phone_by_id(&self, device_id: DeviceId) -> Result<(), WalkError> {
        self.tell("/phones/deactivate", &json!({"device_id": device_id})).await
    }

    /// Takes a multi-phone sync credential from all phones.
    pub async fn delete_credential(&self, id: AcsCredentialId) -> Result<(), WalkError> {
        self.tell("/acs/credentials/delete", &json!({"acs_credential_id": id})).await
    }

    /// Changes a credential as `changes` says. Answers it.
    pub async fn update_credential(&self, id: AcsCredentialId, changes: &Value) -> Result<Value, WalkError> {
        self.changed_credential("/acs/credentials/update", id, changes).await
    }

    /// Allocates a credential's numbers to an ACS user. Answers the credential.
    pub async fn assign_credential(&self, id: AcsCredentialId, acs_user: AcsUserId) -> Result<Value, WalkError> {
        self.changed_credential("/acs/credentials/assign", id, &json!({"acs_user_id": acs_user}))
            .await
    }

    /// Takes a credential's numbers from an ACS user. Answers the credential.
    pub async fn unassign_credential(&self, id: AcsCredentialId, acs_user: AcsUserId) -> Result<Value, WalkError> {
        self.changed_credential("/acs/credentials/unassign", id, &json!({"acs_user_id": acs_user}))
            .await
    }

    /// Lets an ACS user open nothing.
    pub async fn suspend_acs_user(&self, id: AcsUserId) -> Result<(), WalkError> {
        self.tell("/acs/users/suspend", &json!({"acs_user_id": id})).await
    }

    /// Lets an ACS user open doors again.
    pub async fn unsuspend_acs_user(&self, id: AcsUserId) -> Result<(), WalkError> {
        self.tell("/acs/users/unsuspend", &json!({"acs_user_id": id})).await
    }

    /// Deletes an ACS user.
    pub async fn delete_acs_user(&self, id: AcsUserId) -> Result<(), WalkError> {
        self.tell("/acs/users/delete", &json!({"acs_user_id": id})).await
    }

    /// Deletes the person.
    pub async fn delete_user_identity(&self) -> Result<(), WalkError> {
        self.tell("/user_identities/delete", &json!({"user_identity_id": self.user_identity}))
            .await
    }

    /// A credential, parent or child, as the API shows it; `None` when it is not there.
    pub async fn credential_as_shown(&self, id: AcsCredentialId) -> Result<Option<Value>, WalkError> {
        match self.api("/acs/credentials/get", &json!({"acs_credential_id": id})).await {
            Ok(mut answer) => Ok(Some(answer["acs_credential"].take())),
            Err(WalkError::Refused { status: 404, body }) if body.contains("acs_credential_not_found") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The events that `filter` asks for; without `since` in it, all that are kept.
    pub async fn events(&self, filter: &Value) -> Result<Vec<Value>, WalkError> {
        let mut request = json!({"since": self.clock.now().minus(SINCE).to_string()});
        extend(&mut request, filter);
        let answer = self.api("/events/list", &request).await?;
        read(answer["events"].clone(), "events")
    }

    async fn tell(&self, path: &str, request: &Value) -> Result<(), WalkError> {
        self.api(path, request).await.map(drop)
    }

    async fn changed_credential(&self, path: &str, id: AcsCredentialId, changes: &Value) -> Result<Value, WalkError> {
        let mut request = json!({"acs_credential_id": id});
        extend(&mut request, changes);
        let mut answer = self.api(path, &request).await?;
        Ok(answer["acs_credential"].take())
    }
}

/// Adds the fields of `more`.
fn extend(request: &mut Value, more: &Value) {
    if let (Some(request), Some(more)) = (request.as_object_mut(), more.as_object()) {
        request.extend(more.clone());
    }
}
