//! Where each record lives. One place, so that no two modules can disagree.

use std::fmt;

use uuid::Uuid;

use super::unique::{THE_ONLY_ONE, UniqueKind};
use crate::domain::{
    ids::{
        AcsCredentialId, AcsCredentialPoolId, AcsSystemId, AcsUserId, ClientSessionId, DeviceId, EnrollmentAutomationId, RemoteUserId,
        UserIdentityId, WorkspaceId,
    },
    time::Timestamp,
};

/// The primary key of an item.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The partition: one user identity, one workspace, one credential manager, ...
    pub partition: String,
    /// The item in it.
    pub item: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.partition, self.item)
    }
}

/// Prefixes of the item part, in a user identity's partition.
pub(super) mod prefix {
    pub(crate) const IDENTITY: &str = "IDENTITY";
    pub(crate) const ACS_USER: &str = "ACS_USER#";
    pub(crate) const AUTOMATION: &str = "AUTOMATION#";
    pub(crate) const CREDENTIAL: &str = "CREDENTIAL#";
    pub(crate) const PHONE: &str = "PHONE#";
    pub(crate) const ENROLLMENT: &str = "ENROLLMENT#";
    pub(crate) const PHONE_CREDENTIAL: &str = "PHONE_CREDENTIAL#";
    pub(crate) const ACS_SYSTEM: &str = "ACS_SYSTEM#";
    pub(crate) const POOL: &str = "POOL#";
    pub(crate) const WEBHOOK: &str = "WEBHOOK#";
}

/// The beginning of the partitions of what a credential manager lends us: its token, and its calls.
pub(super) const MANAGER_PARTITION: &str = "CREDENTIAL_MANAGER#";

/// What the partition of every user identity begins with.
pub const USER_PARTITION: &str = "USER#";

/// The user identity whose partition it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartitionOwner {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The person.
    pub user_identity_id: UserIdentityId,
}

impl PartitionOwner {
    /// The partition's key.
    #[must_use]
    pub fn partition(&self) -> String {
        format!("{USER_PARTITION}{}#{}", self.workspace_id, self.user_identity_id)
    }

    /// Whose partition it is; `None` when it is no user identity's.
    #[must_use]
    pub fn of_partition(partition: &str) -> Option<Self> {
        let (workspace, user) = partition.strip_prefix(USER_PARTITION)?.split_once('#')?;
        Some(Self {
            workspace_id: workspace.parse().ok()?,
            user_identity_id: user.parse().ok()?,
        })
    }

    /// The partition of the person's client sessions. One of its own: a login must not wake the issuer, and is no part of what it loads.
    pub(super) fn client_sessions(&self) -> String {
        format!("CLIENT_SESSIONS#{}#{}", self.workspace_id, self.user_identity_id)
    }

    /// A client session of the person.
    #[must_use]
    pub fn client_session(&self, id: ClientSessionId) -> Key {
        Key {
            partition: self.client_sessions(),
            item: id.to_string(),
        }
    }

    fn key(&self, item: String) -> Key {
        Key {
            partition: self.partition(),
            item,
        }
    }

    /// The person's own item.
    #[must_use]
    pub fn identity(&self) -> Key {
        self.key(prefix::IDENTITY.to_owned())
    }

    /// An ACS user that is linked to the person.
    #[must_use]
    pub fn acs_user(&self, id: AcsUserId) -> Key {
        self.key(format!("{}{id}", prefix::ACS_USER))
    }

    /// An enrollment automation.
    #[must_use]
    pub fn automation(&self, id: EnrollmentAutomationId) -> Key {
        self.key(format!("{}{id}", prefix::AUTOMATION))
    }

    /// A multi-phone sync credential.
    #[must_use]
    pub fn credential(&self, id: AcsCredentialId) -> Key {
        self.key(format!("{}{id}", prefix::CREDENTIAL))
    }

    /// A phone.
    #[must_use]
    pub fn phone(&self, id: DeviceId) -> Key {
        self.key(format!("{}{id}", prefix::PHONE))
    }

    /// An enrollment.
    #[must_use]
    pub fn enrollment(&self, automation: EnrollmentAutomationId, device: DeviceId) -> Key {
        self.key(format!("{}{automation}#{device}", prefix::ENROLLMENT))
    }

    /// A phone credential.
    #[must_use]
    pub fn phone_credential(&self, id: AcsCredentialId) -> Key {
        self.key(format!("{}{id}", prefix::PHONE_CREDENTIAL))
    }
}

const WORKSPACE_PARTITION: &str = "WORKSPACE#";

/// The partition of a workspace's own things: systems, pools and webhooks.
#[must_use]
pub(super) fn workspace_partition(workspace: WorkspaceId) -> String {
    format!("{WORKSPACE_PARTITION}{workspace}")
}

/// Whose own things are in this partition; `None`: it is no workspace's.
pub(super) fn workspace_of_partition(partition: &str) -> Option<WorkspaceId> {
    partition.strip_prefix(WORKSPACE_PARTITION)?.parse().ok()
}

impl Key {
    /// An ACS user that belongs to no user identity.
    #[must_use]
    pub fn unlinked_acs_user(workspace: WorkspaceId, id: AcsUserId) -> Self {
        Self {
            partition: format!("UNLINKED_ACS_USER#{workspace}#{id}"),
            item: "ACS_USER".to_owned(),
        }
    }

    /// An access control system.
    #[must_use]
    pub fn acs_system(workspace: WorkspaceId, id: AcsSystemId) -> Self {
        Self {
            partition: workspace_partition(workspace),
            item: format!("{}{id}", prefix::ACS_SYSTEM),
        }
    }

    /// A credential pool.
    #[must_use]
    pub fn pool(workspace: WorkspaceId, system: AcsSystemId, id: AcsCredentialPoolId) -> Self {
        Self {
            partition: workspace_partition(workspace),
            item: format!("{}{system}#{id}", prefix::POOL),
        }
    }

    /// What is known of a workspace itself.
    #[must_use]
    pub fn workspace(workspace: WorkspaceId) -> Self {
        Self {
            partition: workspace_partition(workspace),
            item: "WORKSPACE".to_owned(),
        }
    }

    /// An API key, by the hash of its text.
    #[must_use]
    pub fn api_key(hash: &str) -> Self {
        Self {
            partition: format!("API_KEY#{hash}"),
            item: "API_KEY".to_owned(),
        }
    }

    /// Who holds a value that may be held once in a workspace. The value itself stands in no key: keys get logged.
    #[must_use]
    pub fn unique(workspace: WorkspaceId, kind: UniqueKind, value: &str) -> Self {
        Self {
            partition: format!("UNIQUE#{workspace}#{}#{}", kind.name(), kind.hash(value)),
            item: THE_ONLY_ONE.to_owned(),
        }
    }

    /// One of those who have a value that several may have, the oldest first.
    #[must_use]
    pub fn shared(workspace: WorkspaceId, kind: UniqueKind, value: &str, since: Timestamp, holder: AcsUserId) -> Self {
        Self {
            item: format!("SINCE#{since}#{holder}"),
            ..Self::unique(workspace, kind, value)
        }
    }

    /// Whose automation a credential manager's user belongs to.
    #[must_use]
    pub fn remote_user(system: AcsSystemId, user: &RemoteUserId) -> Self {
        Self {
            partition: format!("REMOTE_USER#{system}#{user}"),
            item: "REMOTE_USER".to_owned(),
        }
    }

    /// The access token that all instances share.
    #[must_use]
    pub fn token(system: AcsSystemId) -> Self {
        Self {
            partition: format!("{MANAGER_PARTITION}{system}"),
            item: "TOKEN".to_owned(),
        }
    }

    /// The calls that all instances share.
    #[must_use]
    pub fn call_budget(system: AcsSystemId) -> Self {
        Self {
            partition: format!("{MANAGER_PARTITION}{system}"),
            item: "CALL_BUDGET".to_owned(),
        }
    }
}

/// What the index `by_id` lists: all things of a kind in a workspace, in the order of their ids. Ids are drawn in order of time,
/// so a listing is in order of creation; computed ids come in any, but steady, order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collection {
    /// User identities.
    UserIdentities,
    /// ACS users.
    AcsUsers,
    /// Enrollment automations.
    EnrollmentAutomations,
    /// Credentials, parents and children.
    AcsCredentials,
    /// Phones.
    Phones,
    /// API keys.
    ApiKeys,
    /// Client sessions.
    ClientSessions,
}

impl Collection {
    pub(super) fn of(self, workspace: WorkspaceId) -> String {
        let name = match self {
            Self::UserIdentities => "USER_IDENTITIES",
            Self::AcsUsers => "ACS_USERS",
            Self::EnrollmentAutomations => "ENROLLMENT_AUTOMATIONS",
            Self::AcsCredentials => "ACS_CREDENTIALS",
            Self::Phones => "PHONES",
            Self::ApiKeys => "API_KEYS",
            Self::ClientSessions => "CLIENT_SESSIONS",
        };
        format!("{workspace}#{name}")
    }
}

/// Where an item stands in the index `by_id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    pub(super) collection: String,
    pub(super) id: String,
}

impl Listing {
    pub(super) fn new(collection: Collection, workspace: WorkspaceId, id: Uuid) -> Self {
        Self {
            collection: collection.of(workspace),
            id: id.to_string(),
        }
    }
}
