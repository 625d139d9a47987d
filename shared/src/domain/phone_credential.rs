//! The phone credential: the child that one phone holds of one multi-phone sync credential.

use serde::{Deserialize, Serialize};

use super::{
    allocation::Allocation,
    effort::Effort,
    failure::FailureCode,
    ids::{
        AcsCredentialId, AcsCredentialPoolId, AcsSystemId, AcsUserId, ConnectedAccountId, DeviceId, EndpointId, EnrollmentAutomationId,
        RemoteCredentialId, UserIdentityId, WorkspaceId,
    },
    retry::settled_at,
    time::Timestamp,
};

/// A child: one per (active enrollment x parent). Its ids have short names in the table, since a write is paid by the kilobyte, and with the long
/// ones an issued child is above one; those are read too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneCredential {
    /// The tenant.
    #[serde(rename = "w", alias = "workspace_id")]
    pub workspace_id: WorkspaceId,
    /// Whose phone.
    #[serde(rename = "u", alias = "user_identity_id")]
    pub user_identity_id: UserIdentityId,
    /// The credential's id, computed from parent, automation and phone: there can't be two.
    #[serde(rename = "c", alias = "acs_credential_id")]
    pub acs_credential_id: AcsCredentialId,
    /// The parent.
    #[serde(rename = "p", alias = "parent_acs_credential_id")]
    pub parent_acs_credential_id: AcsCredentialId,
    /// The phone.
    #[serde(rename = "d", alias = "device_id")]
    pub device_id: DeviceId,
    /// The automation that enrolled the phone.
    #[serde(rename = "a", alias = "enrollment_automation_id")]
    pub enrollment_automation_id: EnrollmentAutomationId,
    /// The endpoint that it is issued to.
    #[serde(rename = "e", alias = "endpoint_id")]
    pub endpoint_id: EndpointId,
    /// To whom its number is allocated (as the parent said when it was made).
    #[serde(rename = "h", alias = "acs_user_id")]
    pub acs_user_id: AcsUserId,
    /// In which system.
    #[serde(rename = "s", alias = "acs_system_id")]
    pub acs_system_id: AcsSystemId,
    /// The account through which that system is connected.
    #[serde(rename = "n", alias = "connected_account_id")]
    pub connected_account_id: ConnectedAccountId,
    /// The pool that it is drawn from, once one was chosen.
    #[serde(rename = "o", alias = "acs_credential_pool_id", default, skip_serializing_if = "Option::is_none")]
    pub acs_credential_pool_id: Option<AcsCredentialPoolId>,
    /// Whether somebody revoked it at the credential manager and its parent said to leave it so. It stays so while the parent does, also after it was
    /// not wished for a while.
    #[serde(rename = "l", default, skip_serializing_if = "std::ops::Not::not")]
    pub is_left_revoked: bool,
    /// What the access control system may hold for it: written before the first import is sent, gone once it was removed there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation: Option<Allocation>,
    /// How many allocations there were.
    #[serde(default)]
    pub allocations: u32,
    /// What the phone held on endpoints that it had before: taken away once the credential on the present one is issued.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<FormerCredential>,
    /// The effort to take away the first of those.
    #[serde(default, skip_serializing_if = "Effort::is_untouched")]
    pub retirement: Effort,
    /// When the effort began.
    pub created_at: Timestamp,
    /// Where it stands.
    pub state: PhoneCredentialState,
    /// The effort to make the next step of this state happen.
    #[serde(default)]
    pub effort: Effort,
}

/// What is left on an endpoint that the phone had before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerCredential {
    /// The endpoint.
    pub endpoint_id: EndpointId,
    /// The credential on it.
    pub remote_id: RemoteCredentialId,
    /// Until when it may not be shown yet, where it had just been issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_by: Option<Timestamp>,
    /// What the access control system may hold for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation: Option<Allocation>,
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
        /// How many callbacks about credentials had come before it was issued: none of them is about it.
        #[serde(default)]
        hints_before: u64,
    },
    /// On the phone, and its number is on the way into the access control system. The API shows it as `issuing`: it opens no door yet.
    Importing {
        /// The far side's id.
        remote_id: RemoteCredentialId,
        /// The number that readers see.
        card_number: String,
        /// Since when the credential manager shows it as issued.
        since: Timestamp,
    },
    /// On the phone, and in the access control system. In a system that Fobless keeps itself this record is the allocation of its number
    /// to the ACS user.
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
        /// Until when one that had just been issued may not be shown yet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shown_by: Option<Timestamp>,
        /// Whether the credential manager has done its part, so that only the access control system is left.
        #[serde(default)]
        is_off_phone: bool,
        /// Whether somebody else revoked it at the credential manager. Then what its parent says of that comes next, and not the end.
        #[serde(default)]
        is_invalidated: bool,
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
    /// What is tried for it.
    pub const fn efforts_mut(&mut self) -> [&mut Effort; 2] {
        [&mut self.effort, &mut self.retirement]
    }

    /// The removal of its number is claimed.
    pub fn claim_removal(&mut self, now: Timestamp) {
        if let Some(allocation) = &mut self.allocation {
            allocation.claim_removal(&mut self.allocations, now);
        }
    }

    /// As [`Self::claim_removal`], of what it left first on a former endpoint.
    pub fn claim_removal_of_former(&mut self, now: Timestamp) {
        if let Some(allocation) = self.former.first_mut().and_then(|former| former.allocation.as_mut()) {
            allocation.claim_removal(&mut self.allocations, now);
        }
    }

    /// Everything that access control systems may hold for it.
    pub fn allocations(&self) -> impl Iterator<Item = &Allocation> {
        let former = self.former.iter().filter_map(|former| former.allocation.as_ref());
        self.allocation.iter().chain(former)
    }

    /// Until when a credential that had just been issued may not be shown yet: before, not being shown says nothing.
    #[must_use]
    pub fn shown_by(&self) -> Option<Timestamp> {
        match self.state {
            PhoneCredentialState::Issuing { since, .. } => Some(settled_at(since)),
            PhoneCredentialState::Revoking { shown_by, .. } => shown_by,
            _ => None,
        }
    }

    /// Whether somebody revoked it at the credential manager, and it is left so.
    #[must_use]
    pub fn is_marked(&self) -> bool {
        let failure = self.effort.last_failure.as_ref();
        matches!(self.state, PhoneCredentialState::Failed)
            && failure.is_some_and(|failure| failure.code == FailureCode::CredentialInvalidated)
    }

    /// Whether what it left on former endpoints is to go, as far as its own state tells: the new one is issued, or there will be none.
    #[must_use]
    pub fn retires_former(&self) -> bool {
        match self.state {
            PhoneCredentialState::Issued { .. } | PhoneCredentialState::Revoking { .. } | PhoneCredentialState::Revoked { .. } => true,
            PhoneCredentialState::Failed => self.is_marked(),
            PhoneCredentialState::Pending | PhoneCredentialState::Issuing { .. } | PhoneCredentialState::Importing { .. } => false,
        }
    }

    /// The number that readers see, once it is known for certain.
    #[must_use]
    pub fn card_number(&self) -> Option<&str> {
        match &self.state {
            PhoneCredentialState::Importing { card_number, .. } | PhoneCredentialState::Issued { card_number, .. } => Some(card_number),
            _ => None,
        }
    }

    /// Whether nothing of it is left anywhere.
    #[must_use]
    pub fn is_all_gone(&self) -> bool {
        matches!(self.state, PhoneCredentialState::Revoked { .. }) && self.former.is_empty()
    }

    /// Whether it names `credential` now, or named it before it was revoked.
    #[must_use]
    pub fn has_ever_named(&self, credential: &RemoteCredentialId) -> bool {
        let former = match &self.state {
            PhoneCredentialState::Revoked { remote_id, .. } => remote_id.as_ref(),
            _ => None,
        };
        self.remote_id().or(former) == Some(credential) || self.former.iter().any(|former| former.remote_id == *credential)
    }

    /// The far side's id, where there is one.
    #[must_use]
    pub fn remote_id(&self) -> Option<&RemoteCredentialId> {
        match &self.state {
            PhoneCredentialState::Issuing { remote_id, .. }
            | PhoneCredentialState::Importing { remote_id, .. }
            | PhoneCredentialState::Issued { remote_id, .. } => Some(remote_id),
            PhoneCredentialState::Revoking { remote_id, .. } => remote_id.as_ref(),
            PhoneCredentialState::Pending | PhoneCredentialState::Revoked { .. } | PhoneCredentialState::Failed => None,
        }
    }
}
