//! Finding what a request names by id, in its workspace only.

use std::time::Duration;

use fobless::{
    domain::{
        acs::{AcsSystem, AcsUser},
        aggregate::{Aggregate, Versioned},
        ids::{AcsCredentialId, AcsSystemId, AcsUserId, UserIdentityId},
        user_identity::UserIdentity,
    },
    store::{Collection, Key, PartitionOwner},
};
use uuid::Uuid;

use crate::{endpoint::Call, problem::Problem};

/// The index by id lags a little behind the table. Who asks for something that they made a moment ago gets a second look.
const UNTIL_SECOND_LOOK: Duration = Duration::from_millis(200);

impl Call {
    /// Where the thing with this id lives.
    pub(crate) async fn find(&self, collection: Collection, id: Uuid) -> Result<Option<Key>, Problem> {
        if let Some(key) = self.store.find(collection, self.workspace_id, id).await? {
            return Ok(Some(key));
        }
        tokio::time::sleep(UNTIL_SECOND_LOOK).await;
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

    /// A user identity that a parameter refers to.
    pub(crate) async fn referenced_identity(&self, id: UserIdentityId) -> Result<Versioned<UserIdentity>, Problem> {
        let found = self.store.get(self.owner(id).identity()).await?;
        found.ok_or_else(|| Problem::unknown_reference("user_identity_not_found", format!("There is no user identity {id}")))
    }

    /// An ACS user.
    pub(crate) async fn acs_user(&self, id: AcsUserId) -> Result<Option<AcsUser>, Problem> {
        let Some(key) = self.find(Collection::AcsUsers, id.uuid()).await? else {
            return Ok(None);
        };
        Ok(self.store.get::<AcsUser>(key).await?.map(|found| found.record))
    }

    /// An ACS user that a parameter refers to.
    pub(crate) async fn referenced_acs_user(&self, id: AcsUserId) -> Result<AcsUser, Problem> {
        let found = self.acs_user(id).await?;
        found.ok_or_else(|| Problem::unknown_reference("acs_user_not_found", format!("There is no ACS user {id}")))
    }

    /// An ACS system.
    pub(crate) async fn acs_system(&self, id: AcsSystemId) -> Result<Option<AcsSystem>, Problem> {
        let found = self.store.get::<AcsSystem>(Key::acs_system(self.workspace_id, id)).await?;
        Ok(found.map(|found| found.record))
    }

    /// An ACS system that a parameter refers to.
    pub(crate) async fn referenced_acs_system(&self, id: AcsSystemId) -> Result<AcsSystem, Problem> {
        let found = self.acs_system(id).await?;
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
