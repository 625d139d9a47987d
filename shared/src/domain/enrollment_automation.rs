//! "Enrol each phone of this person with this credential manager."

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    effort::Effort,
    ids::{AcsCredentialPoolId, AcsSystemId, EndpointId, EnrollmentAutomationId, InvitationId, RemoteUserId, UserIdentityId, WorkspaceId},
    time::Timestamp,
    trusted_news::TrustedNews,
};

/// An enrollment automation: one per (user identity, credential manager).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrollmentAutomation {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// Whose phones.
    pub user_identity_id: UserIdentityId,
    /// The automation's id.
    pub enrollment_automation_id: EnrollmentAutomationId,
    /// With whom they are enrolled.
    pub credential_manager_acs_system_id: AcsSystemId,
    /// Where their credentials are drawn from; absent: the pool that fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acs_credential_pool_id: Option<AcsCredentialPoolId>,
    /// What to do when the credential manager does not know the person.
    pub user_policy: RemoteUserPolicy,
    /// When it was (last) launched.
    pub created_at: Timestamp,
    /// When it was deleted. A deleted one enrols no further phone; the record stays, so that what is enrolled is still known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    /// The person at the credential manager, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_user_id: Option<RemoteUserId>,
    /// The effort to make the person known there.
    #[serde(default, skip_serializing_if = "Effort::is_untouched")]
    pub ensure_user: Effort,
    /// The effort to read the person back from there. Several records wait for the same read, hence it stands here.
    #[serde(default, skip_serializing_if = "Effort::is_untouched")]
    pub read: Effort,
    /// What callbacks said, as hints: they only make us look.
    #[serde(default)]
    pub hints: Hints,
    /// When everything about this person is looked at again though nothing happened: the net under a lost stream record.
    pub review_at: Timestamp,
}

/// What to do when the credential manager does not know the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemoteUserPolicy {
    /// Make one, or take the one that has our id or the same e-mail address and no other owner.
    CreateOrAdopt,
    /// Only take one that is there.
    AdoptOnly,
}

/// Callbacks seen and acted on. Counters and not times: no two clocks have to agree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hints {
    /// Callbacks about invitations and endpoints.
    #[serde(default)]
    pub enrollment: u64,
    /// How many of those a read has covered.
    #[serde(default)]
    pub enrollment_read: u64,
    /// Callbacks about credentials.
    #[serde(default)]
    pub credential: u64,
    /// How many of those a read has covered.
    #[serde(default)]
    pub credential_read: u64,
    /// Which endpoint came from which invitation, as callbacks said. It names; a read confirms.
    #[serde(default)]
    pub pairings: BTreeMap<EndpointId, InvitationId>,
    /// What callbacks said that their operator trusts, oldest first, until it is believed or counted among the hints above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trusted: Vec<TrustedNews>,
}

impl EnrollmentAutomation {
    /// What is tried for it.
    pub const fn efforts_mut(&mut self) -> [&mut Effort; 2] {
        [&mut self.ensure_user, &mut self.read]
    }

    /// Everything about the person is to be looked at now, and not only when its day comes. Answers whether that is news.
    pub fn call_review(&mut self, now: Timestamp) -> bool {
        let is_news = self.review_at > now;
        self.review_at = self.review_at.min(now);
        is_news
    }

    /// Whether new phones are enrolled.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.deleted_at.is_none()
    }
}
