//! Finding what a request names by id, in its workspace only. What is gone is found by nobody but a repeated delete.

use std::time::Duration;

use fobless::{
    domain::{
        acs::{AcsSystem, AcsUser},
        aggregate::{Aggregate, Versioned},
        deletion::Deletable,
        ids::{AcsCredentialId, AcsSystemId, AcsUserId, UserIdentityId},
        user_identity::UserIdentity,
    },
    store::{Collection, Key, PartitionOwner},
};
use uuid::Uuid;

use crate::{endpoint::Call, problem::Problem};

/// The index by id lags a little behind the table. Who asks for something that they made a moment ago gets a second look.
const UNTIL_SECOND_LOOK: Duration = Duration::from_millis(200);
/// How often something is looked for that the index shows where it is not.
const LOOKS_AT_A_MOVE: u32 = 3;

/// An ACS user, and the person behind.
#[derive(Debug)]
pub(crate) struct FoundAcsUser {
    pub(crate) user: Versioned<AcsUser>,
    /// `None`: the ACS user is nobody's.
    pub(crate) identity: Option<UserIdentity>,
}

impl FoundAcsUser {
    /// Whether it is to be shown. An ACS user goes with its person.
    pub(crate) fn is_shown(&self) -> bool {
        !self.user.record.is_gone() && !self.identity.as_ref().is_some_and(Deletable::is_gone)
    }

    /// The ACS user, if something new may hang on it; `field` referred to it.
    pub(crate) fn wanted(self, field: &str) -> Result<Versioned<AcsUser>, Problem> {
        if !self.user.record.is_wanted() {
            return Err(Problem::invalid_field(field, "This ACS user is being deleted"));
        }
        if !self.identity.as_ref().is_none_or(Deletable::is_wanted) {
            return Err(Problem::invalid_field(field, "The user identity of this ACS user is being deleted"));
        }
        Ok(self.user)
    }
}

impl Call {
    /// Where the thing with this id lives.
    pub(crate) async fn find(&self, collection: Collection, id: Uuid) -> Result<Option<Key>, Problem> {
        if let Some(key) = self.store.find(collection, self.workspace_id, id).await? {
            return Ok(Some(key));
        }
        self.clock.sleep(UNTIL_SECOND_LOOK).await;
        Ok(self.store.find(collection, self.workspace_id, id).await?)
    }

    /// The partition of a user identity of this workspace.
    pub(crate) const fn owner(&self, user_identity_id: UserIdentityId) -> PartitionOwner {
        PartitionOwner {
            workspace_id: self.workspace_id,
            user_identity_id,
        }
    }

    /// Everything about the user identity to whom the thing with this id belongs.
    pub(crate) async fn load_owner_of(&self, collection: Collection, id: Uuid) -> Result<Option<Aggregate>, Problem> {
        let owner = self
            .find(collection, id)
            .await?
            .and_then(|key| PartitionOwner::of_partition(&key.partition));
        match owner {
            Some(owner) => Ok(Some(self.store.load(owner).await?)),
            None => Ok(None),
        }
    }

    /// Everything about the user identity that has this credential, parent or child.
    pub(crate) async fn load_owner_of_credential(&self, id: AcsCredentialId) -> Result<Option<Aggregate>, Problem> {
        self.load_owner_of(Collection::AcsCredentials, id.uuid()).await
    }

    /// A user identity that the parameter `field` refers to, to hang something new on it.
    pub(crate) async fn referenced_identity(&self, field: &str, id: UserIdentityId) -> Result<Versioned<UserIdentity>, Problem> {
        let found: Option<Versioned<UserIdentity>> = self.store.get(self.owner(id).identity()).await?;
        let identity = found.filter(|found| !found.record.is_gone());
        let identity =
            identity.ok_or_else(|| Problem::unknown_reference("user_identity_not_found", format!("There is no user identity {id}")))?;
        if identity.record.is_wanted() {
            Ok(identity)
        } else {
            Err(Problem::invalid_field(field, "This user identity is being deleted"))
        }
    }

    /// An ACS user, be it gone or not.
    pub(crate) async fn acs_user(&self, id: AcsUserId) -> Result<Option<FoundAcsUser>, Problem> {
        let Some(user) = self.find_acs_user(id).await? else {
            return Ok(None);
        };
        let identity: Option<Versioned<UserIdentity>> = match user.record.user_identity_id {
            Some(owner) => self.store.get(self.owner(owner).identity()).await?,
            None => None,
        };
        Ok(Some(FoundAcsUser {
            user,
            identity: identity.map(|found| found.record),
        }))
    }

    /// An ACS user where it is now. It moves when it is linked, and the index shows for a moment where it was.
    async fn find_acs_user(&self, id: AcsUserId) -> Result<Option<Versioned<AcsUser>>, Problem> {
        for _ in 0..LOOKS_AT_A_MOVE {
            let Some(key) = self.find(Collection::AcsUsers, id.uuid()).await? else {
                return Ok(None);
            };
            for place in [key, Key::unlinked_acs_user(self.workspace_id, id)] {
                if let Some(user) = self.store.get(place).await? {
                    return Ok(Some(user));
                }
            }
            self.clock.sleep(UNTIL_SECOND_LOOK).await;
        }
        Ok(None)
    }

    /// An ACS user that the parameter `field` refers to, to hang something new on it.
    pub(crate) async fn referenced_acs_user(&self, field: &str, id: AcsUserId) -> Result<Versioned<AcsUser>, Problem> {
        self.known_acs_user(id).await?.wanted(field)
    }

    /// An ACS user that a parameter refers to.
    pub(crate) async fn known_acs_user(&self, id: AcsUserId) -> Result<FoundAcsUser, Problem> {
        let found = self.acs_user(id).await?.filter(FoundAcsUser::is_shown);
        found.ok_or_else(|| Problem::unknown_reference("acs_user_not_found", format!("There is no ACS user {id}")))
    }

    /// An ACS system, be it deleted or not.
    pub(crate) async fn acs_system(&self, id: AcsSystemId) -> Result<Option<AcsSystem>, Problem> {
        let found = self.store.get::<AcsSystem>(Key::acs_system(self.workspace_id, id)).await?;
        Ok(found.map(|found| found.record))
    }

    /// An ACS system that a parameter refers to, to make something new in it.
    pub(crate) async fn referenced_acs_system(&self, id: AcsSystemId) -> Result<AcsSystem, Problem> {
        let found = self.acs_system(id).await?.filter(Deletable::is_wanted);
        found.ok_or_else(|| Problem::unknown_reference("acs_system_not_found", format!("There is no ACS system {id}")))
    }

    /// A credential manager that the parameter `field` refers to.
    pub(crate) async fn referenced_credential_manager(&self, field: &str, id: AcsSystemId) -> Result<AcsSystem, Problem> {
        let system = self.referenced_acs_system(id).await?;
        if system.is_credential_manager() {
            Ok(system)
        } else {
            Err(Problem::invalid_field(field, "This ACS system is not a credential manager"))
        }
    }
}
