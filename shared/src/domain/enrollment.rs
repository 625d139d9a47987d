//! One phone with one credential manager: invitation, then endpoint.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    effort::Effort,
    ids::{DeviceId, EndpointId, EnrollmentAutomationId, InvitationId, RemoteCredentialId, UserIdentityId, WorkspaceId},
    retry::SHOWN_WITHIN,
    secret::Secret,
    time::Timestamp,
};

/// So many invitations that were given up are remembered.
const MOST_LOST_INVITATIONS: usize = 4;

/// An enrollment: (phone x enrollment automation).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrollment {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// Whose phone.
    pub user_identity_id: UserIdentityId,
    /// Which phone.
    pub device_id: DeviceId,
    /// Through which automation.
    pub enrollment_automation_id: EnrollmentAutomationId,
    /// When the effort began.
    pub created_at: Timestamp,
    /// How many invitations were made since one was redeemed.
    #[serde(default)]
    pub invitations: u32,
    /// Which registration of the phone the effort answers: a newer one starts it afresh after it was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_registration: Option<Timestamp>,
    /// Endpoints that this phone had before. The credential manager goes on listing them, and they are nobody else's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_endpoints: Vec<EndpointId>,
    /// Those of them that still take room at the credential manager, since the phone left them for another one, or made them as it was let go: each goes
    /// once nothing of ours is on it any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub abandoned_endpoints: Vec<EndpointId>,
    /// The effort to remove them.
    #[serde(default, skip_serializing_if = "Effort::is_untouched")]
    pub removal: Effort,
    /// Invitations that its former endpoints redeemed. The credential manager goes on listing them too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_invitations: Vec<InvitationId>,
    /// Invitations that were given up and may have been redeemed all the same: the credential manager said that it was too late to cancel them, or did not
    /// show that they had ended. Whoever redeemed one is this phone, and its endpoint is nobody else's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost_invitations: Vec<InvitationId>,
    /// The invitation of an enrolled phone that registered anew: the app may have been installed again, and is then another endpoint.
    /// Until it is redeemed, the phone keeps the endpoint that it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal: Option<Renewal>,
    /// Live credentials on the endpoint that are none of ours, as the last audit saw them. They are reported and never touched.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unknown_credentials: BTreeSet<RemoteCredentialId>,
    /// Endpoints that it has, or has left for another one, by a trusted callback's word alone: each until a read shows it with its person. Before
    /// that nothing is removed by its id, which may be somebody else's.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub believed_endpoints: BTreeSet<EndpointId>,
    /// Where it stands.
    pub state: EnrollmentState,
    /// The effort to make the next step of this state happen.
    #[serde(default)]
    pub effort: Effort,
}

/// An open invitation of a phone that is enrolled already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewal {
    /// The invitation.
    pub invitation_id: InvitationId,
    /// Its code: a bearer secret until it is used.
    pub invitation_code: Secret,
    /// When it was made.
    pub invited_at: Timestamp,
    /// When the code stops working.
    pub expires_at: Timestamp,
    /// When to look whether it was redeemed, should no callback come.
    pub next_read_at: Timestamp,
    /// How many callbacks about invitations had come before it was made: none of them is about it.
    #[serde(default)]
    pub hints_before: u64,
}

/// Where an enrollment stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum EnrollmentState {
    /// To be invited.
    Pending,
    /// There is a code that the phone has yet to redeem.
    Invited {
        /// The invitation.
        invitation_id: InvitationId,
        /// Its code: a bearer secret until it is used.
        invitation_code: Secret,
        /// When it was made.
        invited_at: Timestamp,
        /// When the code stops working.
        expires_at: Timestamp,
        /// When to look whether it was redeemed, should no callback come.
        next_read_at: Timestamp,
        /// How many callbacks about invitations had come before it was made: none of them is about it.
        #[serde(default)]
        hints_before: u64,
    },
    /// The phone is an endpoint of the credential manager.
    Active {
        /// The endpoint.
        endpoint_id: EndpointId,
        /// The invitation that it redeemed, so that nobody else takes it for theirs.
        invitation_id: InvitationId,
        /// Since when we know.
        enrolled_at: Timestamp,
    },
    /// The phone is gone; its open invitation is being cancelled or its credentials revoked.
    Deactivating {
        /// The endpoint, if it had come that far.
        endpoint_id: Option<EndpointId>,
        /// The invitation, to be cancelled if it is open.
        invitation_id: Option<InvitationId>,
    },
    /// Over.
    Deactivated {
        /// Since when.
        at: Timestamp,
    },
    /// Given up for now: a person must act. Tried again about every hour; after too many invitations only when the phone registers
    /// anew.
    Failed,
}

impl Enrollment {
    /// What is tried for it.
    pub const fn efforts_mut(&mut self) -> [&mut Effort; 2] {
        [&mut self.effort, &mut self.removal]
    }

    /// A phone that is to be enrolled through an automation, of which nothing is done yet.
    #[must_use]
    pub fn begun(
        workspace_id: WorkspaceId,
        user_identity_id: UserIdentityId,
        device_id: DeviceId,
        enrollment_automation_id: EnrollmentAutomationId,
        now: Timestamp,
    ) -> Self {
        Self {
            workspace_id,
            user_identity_id,
            device_id,
            enrollment_automation_id,
            created_at: now,
            invitations: 0,
            answered_registration: None,
            former_endpoints: Vec::new(),
            abandoned_endpoints: Vec::new(),
            removal: Effort::default(),
            former_invitations: Vec::new(),
            lost_invitations: Vec::new(),
            renewal: None,
            unknown_credentials: BTreeSet::new(),
            believed_endpoints: BTreeSet::new(),
            state: EnrollmentState::Pending,
            effort: Effort::default(),
        }
    }

    /// The renewal, while the phone may come by it to another endpoint: that of a phone that is let go is only there to be cancelled.
    fn open_renewal(&self) -> Option<&Renewal> {
        let is_enrolled = matches!(self.state, EnrollmentState::Active { .. });
        self.renewal.as_ref().filter(|_| is_enrolled)
    }

    /// The invitation that the phone is to redeem.
    #[must_use]
    pub fn open_invitation_id(&self) -> Option<&InvitationId> {
        match &self.state {
            EnrollmentState::Invited { invitation_id, .. } => Some(invitation_id),
            _ => self.open_renewal().map(|renewal| &renewal.invitation_id),
        }
    }

    /// The invitations of which it is not known whether an endpoint came from them: what is to be redeemed, and what may have been redeemed though it was
    /// given up or the phone is let go.
    pub fn unpaired_invitation_ids(&self) -> impl Iterator<Item = &InvitationId> {
        let first = self.invitation_id().filter(|_| self.endpoint_id().is_none());
        let renewal = self.renewal.as_ref().map(|renewal| &renewal.invitation_id);
        first.into_iter().chain(renewal).chain(&self.lost_invitations)
    }

    /// Gives an invitation up that may be redeemed all the same. Only the newest are kept: a code lives for days, and a phone that redeems none is
    /// invited anew once in that time.
    pub fn lose_invitation(&mut self, invitation: InvitationId) {
        self.lost_invitations.retain(|known| *known != invitation);
        self.lost_invitations.push(invitation);
        let surplus = self.lost_invitations.len().saturating_sub(MOST_LOST_INVITATIONS);
        self.lost_invitations.drain(..surplus);
    }

    /// Every invitation that this enrollment names now.
    pub fn invitation_ids(&self) -> impl Iterator<Item = &InvitationId> {
        self.invitation_id()
            .into_iter()
            .chain(self.renewal.as_ref().map(|renewal| &renewal.invitation_id))
            .chain(&self.lost_invitations)
    }

    /// Since when there is an open invitation.
    #[must_use]
    pub fn open_since(&self) -> Option<Timestamp> {
        match &self.state {
            EnrollmentState::Invited { invited_at, .. } => Some(*invited_at),
            _ => self.open_renewal().map(|renewal| renewal.invited_at),
        }
    }

    /// When to look whether the open invitation was redeemed.
    #[must_use]
    pub fn next_read_at(&self) -> Option<Timestamp> {
        match &self.state {
            EnrollmentState::Invited { next_read_at, .. } => Some(*next_read_at),
            _ => self.open_renewal().map(|renewal| renewal.next_read_at),
        }
    }

    /// How many callbacks about invitations had come before the open one was made.
    #[must_use]
    pub fn hints_before(&self) -> Option<u64> {
        match &self.state {
            EnrollmentState::Invited { hints_before, .. } => Some(*hints_before),
            _ => self.open_renewal().map(|renewal| renewal.hints_before),
        }
    }

    /// The invitation that the phone is to redeem, as the renewal that it becomes once the phone is enrolled.
    #[must_use]
    pub fn open_invitation(&self) -> Option<Renewal> {
        match &self.state {
            EnrollmentState::Invited {
                invitation_id,
                invitation_code,
                invited_at,
                expires_at,
                next_read_at,
                hints_before,
            } => Some(Renewal {
                invitation_id: invitation_id.clone(),
                invitation_code: invitation_code.clone(),
                invited_at: *invited_at,
                expires_at: *expires_at,
                next_read_at: *next_read_at,
                hints_before: *hints_before,
            }),
            _ => self.open_renewal().cloned(),
        }
    }

    /// The renewal is of no use, and another one is to be asked for: nothing has answered the registration yet. Answers whether there was one.
    pub fn renounce_renewal(&mut self) -> bool {
        let had_one = self.renewal.take().is_some();
        if had_one {
            self.answered_registration = self.answered_registration.map(|_| Timestamp::from_millis(0));
        }
        had_one
    }

    /// Until when the endpoint that it merely believes to be its own may not be shown yet.
    #[must_use]
    pub fn shown_by(&self) -> Option<Timestamp> {
        match &self.state {
            EnrollmentState::Active {
                endpoint_id, enrolled_at, ..
            } if self.merely_believes(endpoint_id) => Some(enrolled_at.plus(SHOWN_WITHIN)),
            _ => None,
        }
    }

    /// The endpoint is gone. An invitation that is open already is the way back; else there will be a new one.
    pub fn start_over(&mut self) {
        self.state = match self.renewal.take() {
            Some(renewal) => EnrollmentState::Invited {
                invitation_id: renewal.invitation_id,
                invitation_code: renewal.invitation_code,
                invited_at: renewal.invited_at,
                expires_at: renewal.expires_at,
                next_read_at: renewal.next_read_at,
                hints_before: renewal.hints_before,
            },
            None => EnrollmentState::Pending,
        };
    }

    /// Whether no read has shown `endpoint` with its person yet.
    #[must_use]
    pub fn merely_believes(&self, endpoint: &EndpointId) -> bool {
        self.believed_endpoints.contains(endpoint)
    }

    /// The invitation that this enrollment made, whatever became of it.
    #[must_use]
    pub fn invitation_id(&self) -> Option<&InvitationId> {
        match &self.state {
            EnrollmentState::Invited { invitation_id, .. } | EnrollmentState::Active { invitation_id, .. } => Some(invitation_id),
            EnrollmentState::Deactivating { invitation_id, .. } => invitation_id.as_ref(),
            EnrollmentState::Pending | EnrollmentState::Deactivated { .. } | EnrollmentState::Failed => None,
        }
    }

    /// The endpoint, where there is one.
    #[must_use]
    pub fn endpoint_id(&self) -> Option<&EndpointId> {
        match &self.state {
            EnrollmentState::Active { endpoint_id, .. } => Some(endpoint_id),
            EnrollmentState::Deactivating { endpoint_id, .. } => endpoint_id.as_ref(),
            EnrollmentState::Pending | EnrollmentState::Invited { .. } | EnrollmentState::Deactivated { .. } | EnrollmentState::Failed => {
                None
            }
        }
    }
}
