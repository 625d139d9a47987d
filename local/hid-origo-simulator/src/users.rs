//! Users: made, read, replaced, and deleted in two steps.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::gate::Arrival;
use crate::origo::Origo;
use crate::records::{ContainerStatus, InvitationStatus, User, UserStatus};
use crate::schedule::Work;
use crate::scim::{self, Action, Flag};
use crate::world::{World, ids_of};

/// What a client tells of a user.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserBody {
    external_id: Option<String>,
    #[serde(default)]
    name: Name,
    #[serde(default)]
    emails: Vec<Email>,
    #[serde(rename = "urn:hid:scim:api:ma:2.2:UserAction", default)]
    action: Action,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Name {
    family_name: String,
    given_name: String,
}

#[derive(Deserialize)]
struct Email {
    value: String,
}

/// `POST /users`, with an invitation and a reserved credential in the same call when asked for.
pub(crate) async fn create(State(origo): State<Arc<Origo>>, arrival: Arrival, body: Bytes) -> Result<Response, Failure> {
    let wanted: UserBody = scim::parse(&body)?;
    origo.act(|world| {
        let emails: Vec<String> = wanted.emails.into_iter().map(|email| email.value).collect();
        world.check_emails_are_free(&emails, None)?;
        let invite = wanted.action.create_invitation_code == Flag::Yes;
        if invite {
            world.check_can_invite(&wanted.action)?;
        }
        let user = User {
            id: world.next_user_id(),
            external_id: wanted.external_id,
            family_name: wanted.name.family_name,
            given_name: wanted.name.given_name,
            emails,
            status: UserStatus::Active,
            modified_at: world.now,
            deleted_at: None,
        };
        world.index.add_user(&user);
        world.users.insert(user.id, user.clone());
        world.tell_of_user(user.id, "USER_CREATED");
        let mut body = world.user_json(&user);
        if invite {
            let invitation_id = world.invite(user.id, &wanted.action, arrival.0)?;
            world.add_invitation_json(&mut body, invitation_id);
        }
        Ok(scim::reply(StatusCode::CREATED, &body))
    })
}

/// `GET /users/{id}`: the user with all invitations, phones and credentials.
pub(crate) async fn get(State(origo): State<Arc<Origo>>, Path((_, id)): Path<(String, i64)>) -> Result<Response, Failure> {
    origo.act(|world| {
        let user = world.user(id)?;
        Ok(scim::reply(StatusCode::OK, &world.whole_user_json(user)))
    })
}

/// `PUT /users/{id}` replaces what a client may tell of a user.
pub(crate) async fn replace(State(origo): State<Arc<Origo>>, Path((_, id)): Path<(String, i64)>, body: Bytes) -> Result<Response, Failure> {
    let wanted: UserBody = scim::parse(&body)?;
    origo.act(|world| {
        let mut user = world.user(id)?.clone();
        let emails: Vec<String> = wanted.emails.into_iter().map(|email| email.value).collect();
        world.check_emails_are_free(&emails, Some(id))?;
        world.index.remove_user(&user);
        user.external_id = wanted.external_id;
        user.family_name = wanted.name.family_name;
        user.given_name = wanted.name.given_name;
        user.emails = emails;
        user.modified_at = world.now;
        world.index.add_user(&user);
        world.users.insert(id, user.clone());
        world.tell_of_user(id, "USER_UPDATED");
        Ok(scim::reply(StatusCode::OK, &world.user_json(&user)))
    })
}

/// `DELETE /users/{id}` only starts the deletion. Asked for again in the meantime, it changes nothing.
pub(crate) async fn delete(State(origo): State<Arc<Origo>>, Path((_, id)): Path<(String, i64)>) -> Result<Response, Failure> {
    origo.act(|world| {
        if world.user(id)?.status == UserStatus::Active {
            world.start_user_deletion(id);
        }
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

impl World {
    /// A user that is not gone; one whose deletion is under way still shows.
    pub(crate) fn user(&self, id: i64) -> Result<&User, Failure> {
        self.users
            .get(&id)
            .filter(|user| user.status != UserStatus::Deleted)
            .ok_or_else(|| Failure::not_found("the user"))
    }

    /// An address belongs to one user of the organization: 409 else. It is free again only when the deletion of its user is complete.
    fn check_emails_are_free(&self, emails: &[String], except: Option<i64>) -> Result<(), Failure> {
        let taken = |email: &String| {
            self.index
                .user_by_email
                .get(&email.to_lowercase())
                .is_some_and(|owner| Some(*owner) != except)
        };
        if emails.iter().any(taken) {
            return Err(Failure::new(StatusCode::CONFLICT, "A user with this email already exists"));
        }
        Ok(())
    }

    fn start_user_deletion(&mut self, id: i64) {
        let finished_at = self.fetch_at();
        if let Some(user) = self.users.get_mut(&id) {
            user.status = UserStatus::DeleteInitiated;
            user.modified_at = self.now;
            user.deleted_at = Some(finished_at);
        }
        self.schedule.add(finished_at, Work::FinishUserDeletion(id));
        self.tell_of_user(id, "USER_DELETE_INITIATED");
        for invitation_id in ids_of(&self.index.invitations_of_user, id).to_vec() {
            if self
                .invitations
                .get(&invitation_id)
                .is_some_and(|invitation| invitation.status == InvitationStatus::Pending)
            {
                self.cancel_invitation(invitation_id);
            }
        }
        for credential_id in ids_of(&self.index.credentials_of_user, id).to_vec() {
            self.start_revocation(credential_id);
        }
    }

    pub(crate) fn finish_user_deletion(&mut self, id: i64) {
        let Some(user) = self.users.get_mut(&id).filter(|user| user.status == UserStatus::DeleteInitiated) else {
            return;
        };
        user.status = UserStatus::Deleted;
        user.modified_at = self.now;
        let user = user.clone();
        self.index.remove_user(&user);
        for container_id in ids_of(&self.index.containers_of_user, id).to_vec() {
            self.remove_container(container_id, ContainerStatus::Deleted);
        }
        self.tell_of_user(id, "USER_DELETED");
    }

    /// A user as replies to POST and PUT have it.
    pub(crate) fn user_json(&self, user: &User) -> Value {
        let mut body = self.user_hit_json(user);
        body["id"] = json!(user.id);
        body
    }

    /// A user as search has it: without its id, which only `meta.location` tells.
    pub(crate) fn user_hit_json(&self, user: &User) -> Value {
        let mut body = json!({
            "schemas": [scim::USER],
            "name": { "familyName": user.family_name, "givenName": user.given_name },
            "emails": user.emails.iter().map(|email| json!({ "value": email })).collect::<Vec<_>>(),
            "status": user.status.name(),
            "meta": self.meta("PACSUser", &format!("/users/{}", user.id), user.modified_at),
        });
        if let Some(external_id) = &user.external_id {
            body["externalId"] = json!(external_id);
        }
        body
    }

    fn whole_user_json(&self, user: &User) -> Value {
        let mut body = self.user_json(user);
        body["schemas"] = json!([scim::USER, scim::INVITATION, scim::CONTAINER, scim::LICENSE]);
        let invitations = ids_of(&self.index.invitations_of_user, user.id);
        body[scim::INVITATION] = invitations
            .iter()
            .filter_map(|id| self.invitations.get(id))
            .map(|invitation| self.invitation_json(invitation))
            .collect();
        body[scim::CONTAINER] = self
            .active_containers(user.id)
            .map(|container| self.container_json(container))
            .collect();
        body[scim::LICENSE] = self.licenses_of_user(user.id);
        body
    }

    fn tell_of_user(&mut self, id: i64, status: &str) {
        let Some(user) = self.users.get(&id) else { return };
        let data = json!({
            // The one kind of event with this spelling; the others have `organizationId`.
            "organization_id": self.organization_id,
            "userId": user.id.to_string(),
            "firstName": user.given_name,
            "lastName": user.family_name,
            "email": user.emails.first().cloned().unwrap_or_default(),
            "status": status,
        });
        self.tell("user", &format!("/users/{id}"), &data);
    }
}
