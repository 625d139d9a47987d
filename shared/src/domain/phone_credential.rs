//! The phone credential: the child that one phone holds of one multi-phone sync credential.

use serde::{Deserialize, Serialize};

use super::{
    effort::Effort,
    ids::{
        AcsCredentialId, AcsCredentialPoolId, AcsSystemId, AcsUserId, ConnectedAccountId, DeviceId, EndpointId, EnrollmentAutomationId,
        RemoteCredentialId, UserIdentityId, WorkspaceId,
    },
    time::Timestamp,
};

/// A child: one per (active enrollment x parent).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneCredential {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// Whose phone.
    pub user_identity_id: UserIdentityId,
    /// The credential's id, computed from parent, automation and phone: there can't be two.
    pub acs_credential_id: AcsCredentialId,
    /// The parent.
    pub parent_acs_credential_id: AcsCredentialId,
    /// The phone.
    pub device_id: DeviceId,
    /// The automation that enrolled the phone.
    pub enrollment_automation_id: EnrollmentAutomationId,
    /// The endpoint that it is issued to.
    pub endpoint_id: EndpointId,
    /// To whom its number is allocated (as the parent said when it was made).
    pub acs_user_id: AcsUserId,
    /// In which system.
    pub acs_system_id: AcsSystemId,
    /// The account through which that system is connected.
    pub connected_account_id: ConnectedAccountId,
    /// The pool that it is drawn from, once one was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acs_credential_pool_id: Option<AcsCredentialPoolId>,
    /// When the effort began.
    pub created_at: Timestamp,
    /// Where it stands.
    pub state: PhoneCredentialState,
    /// The effort to make the next step of this state happen.
    #[serde(default)]
    pub effort: Effort,
}

/// Where a phone credential stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum PhoneCredentialState {
    /// To be issued.
    Pending,
    /// The credential manager has it on the way to the phone.
    Issuing {
        /// The far side's id.
        remote_id: RemoteCredentialId,
        /// The number, where it is known already.
        card_number: Option<String>,
        /// Since when.
        since: Timestamp,
        /// When to look again, should no callback come.
        next_read_at: Timestamp,
    },
    /// On the phone. In a system that Fobless keeps itself this record is the allocation of its number to the ACS user.
    Issued {
        /// The far side's id.
        remote_id: RemoteCredentialId,
        /// The number that readers see.
        card_number: String,
        /// Since when we know.
        issued_at: Timestamp,
    },
    /// To be taken away.
    Revoking {
        /// The far side's id; absent when an issue whose reply was lost may have put one on the phone that we have no name for.
        remote_id: Option<RemoteCredentialId>,
    },
    /// Gone.
    Revoked {
        /// Since when.
        at: Timestamp,
        /// The far side's id, which it may go on showing for a while.
        #[serde(default)]
        remote_id: Option<RemoteCredentialId>,
    },
    /// Given up for now: a person must act. Tried again, slowly.
    Failed,
}

impl PhoneCredential {
    /// Whether it names `credential` now, or named it before it was revoked.
    #[must_use]
    pub fn has_ever_named(&self, credential: &RemoteCredentialId) -> bool {
        let former = match &self.state {
            PhoneCredentialState::Revoked { remote_id, .. } => remote_id.as_ref(),
            _ => None,
        };
        self.remote_id().or(former) == Some(credential)
    }

    /// The far side's id, where there is one.
    #[must_use]
    pub fn remote_id(&self) -> Option<&RemoteCredentialId> {
        match &self.state {
            PhoneCredentialState::Issuing { remote_id, .. } | PhoneCredentialState::Issued { remote_id, .. } => Some(remote_id),
            PhoneCredentialState::Revoking { remote_id } => remote_id.as_ref(),
            PhoneCredentialState::Pending | PhoneCredentialState::Revoked { .. } | PhoneCredentialState::Failed => None,
        }
    }
}
