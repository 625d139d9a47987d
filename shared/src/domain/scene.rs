//! Scenes for tests of the rules: one person, built up word by word.

use super::{
    acs::AcsUser,
    aggregate::{Aggregate, Versioned},
    effort::Effort,
    enrollment::{Enrollment, EnrollmentState, Renewal},
    enrollment_automation::{EnrollmentAutomation, Hints, RemoteUserPolicy},
    failure::{Failure, FailureCode},
    ids::{
        AcsCredentialId, AcsSystemId, AcsUserId, ConnectedAccountId, DeviceId, EndpointId, EnrollmentAutomationId, InstallationId,
        InvitationId, RemoteCredentialId, RemoteUserId, UserIdentityId, WorkspaceId,
    },
    multi_phone_sync_credential::{MultiPhoneSyncCredential, WhenInvalidated},
    phone::{Phone, Presence},
    phone_credential::{PhoneCredential, PhoneCredentialState},
    phone_metadata::PhoneMetadata,
    plan::{Step, plan},
    remote_user::{Endpoint, Invitation, InvitationState, RemoteCredential, RemoteCredentialState, RemoteUser},
    secret::Secret,
    time::Timestamp,
    user_identity::UserIdentity,
};

/// The moment of a second of the test.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(second * 1000)
}

/// "Now" in all scenes.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_000_000);

const WORKSPACE: WorkspaceId = WorkspaceId::new(uuid::Uuid::from_u128(1));
const USER: UserIdentityId = UserIdentityId::new(uuid::Uuid::from_u128(2));
pub(crate) const MANAGER: AcsSystemId = AcsSystemId::new(uuid::Uuid::from_u128(3));
pub(crate) const PARENT: AcsCredentialId = AcsCredentialId::new(uuid::Uuid::from_u128(4));

pub(crate) const ACS_USER: AcsUserId = AcsUserId::new(uuid::Uuid::from_u128(5));
const ACS_SYSTEM: AcsSystemId = AcsSystemId::new(uuid::Uuid::from_u128(6));
const ACCOUNT: ConnectedAccountId = ConnectedAccountId::new(uuid::Uuid::from_u128(7));

pub(crate) fn automation_id() -> EnrollmentAutomationId {
    EnrollmentAutomationId::of(WORKSPACE, USER, MANAGER)
}

pub(crate) fn device(name: &str) -> DeviceId {
    DeviceId::of_installation(WORKSPACE, USER, &InstallationId::new(name))
}

pub(crate) fn child_id(name: &str) -> AcsCredentialId {
    AcsCredentialId::of_phone(PARENT, automation_id(), device(name))
}

/// A person and what hangs on the person.
#[derive(Clone, Default)]
pub(crate) struct Scene {
    pub(crate) aggregate: Aggregate,
}

fn seen<T>(record: T) -> Versioned<T> {
    Versioned { record, version: 1 }
}

impl Scene {
    pub(crate) fn plan(&self) -> Vec<Step> {
        plan(&self.aggregate, NOW)
    }

    pub(crate) fn automation(mut self, change: impl FnOnce(&mut EnrollmentAutomation)) -> Self {
        let mut automation = EnrollmentAutomation {
            workspace_id: WORKSPACE,
            user_identity_id: USER,
            enrollment_automation_id: automation_id(),
            credential_manager_acs_system_id: MANAGER,
            acs_credential_pool_id: None,
            user_policy: RemoteUserPolicy::CreateOrAdopt,
            created_at: at(0),
            deleted_at: None,
            remote_user_id: Some(RemoteUserId::new("7")),
            ensure_user: Effort::default(),
            read: Effort::default(),
            hints: Hints::default(),
            review_at: at(1_000_000),
        };
        change(&mut automation);
        self.aggregate.automations.push(seen(automation));
        self
    }

    pub(crate) fn running(self) -> Self {
        self.automation(|_| {})
    }

    pub(crate) fn parent(mut self, change: impl FnOnce(&mut MultiPhoneSyncCredential)) -> Self {
        let mut parent = MultiPhoneSyncCredential {
            workspace_id: WORKSPACE,
            user_identity_id: USER,
            acs_credential_id: PARENT,
            acs_user_id: Some(ACS_USER),
            acs_system_id: ACS_SYSTEM,
            connected_account_id: ACCOUNT,
            credential_manager_acs_system_id: None,
            card_format: None,
            facility_code: None,
            starts_at: None,
            ends_at: None,
            next_change_at: None,
            created_at: at(0),
            when_invalidated: WhenInvalidated::Reissue,
            deletion: None,
        };
        change(&mut parent);
        self.aggregate.credentials.push(seen(parent));
        if self.aggregate.acs_users.is_empty() {
            return self.acs_user(|_| {});
        }
        self
    }

    pub(crate) fn acs_user(mut self, change: impl FnOnce(&mut AcsUser)) -> Self {
        let mut user = AcsUser {
            workspace_id: WORKSPACE,
            acs_user_id: ACS_USER,
            acs_system_id: ACS_SYSTEM,
            connected_account_id: ACCOUNT,
            user_identity_id: Some(USER),
            full_name: "Jane Doe".to_owned(),
            email_address: None,
            phone_number: None,
            suspended_at: None,
            created_at: at(0),
            deletion: None,
        };
        change(&mut user);
        self.aggregate.acs_users.push(seen(user));
        self
    }

    pub(crate) fn identity(mut self, change: impl FnOnce(&mut UserIdentity)) -> Self {
        let mut identity = UserIdentity {
            workspace_id: WORKSPACE,
            user_identity_id: USER,
            user_identity_key: None,
            email_address: None,
            phone_number: None,
            full_name: None,
            created_at: at(0),
            deletion: None,
        };
        change(&mut identity);
        self.aggregate.identity = Some(seen(identity));
        self
    }

    pub(crate) fn configured(self) -> Self {
        self.parent(|_| {})
    }

    pub(crate) fn phone(mut self, name: &str, presence: Presence) -> Self {
        self.aggregate.phones.push(seen(Phone {
            workspace_id: WORKSPACE,
            user_identity_id: USER,
            device_id: device(name),
            installation_id: Some(InstallationId::new(name)),
            metadata: PhoneMetadata::default(),
            presence,
            occurred_at: at(0),
            registered_at: Some(at(0)),
            created_at: at(0),
            is_listed: true,
            told: Some(presence),
        }));
        self
    }

    pub(crate) fn registered(self, name: &str) -> Self {
        self.phone(name, Presence::Registered)
    }

    pub(crate) fn deactivated(self, name: &str) -> Self {
        self.phone(name, Presence::Deactivated)
    }

    pub(crate) fn enrollment(mut self, name: &str, state: EnrollmentState, effort: Effort) -> Self {
        let begun_at = at(i64::try_from(self.aggregate.enrollments.len()).unwrap());
        self.aggregate.enrollments.push(seen(Enrollment {
            invitations: 1,
            state,
            effort,
            ..Enrollment::begun(WORKSPACE, USER, device(name), automation_id(), begun_at)
        }));
        self
    }

    /// The phone has the invitation `invitation`, which is looked at again at `next_read_at`.
    pub(crate) fn invited(self, name: &str, invitation: &str, next_read_at: Timestamp) -> Self {
        let state = EnrollmentState::Invited {
            invitation_id: InvitationId::new(invitation),
            invitation_code: Secret::new("AAAA-BBBB-CCCC-DDDD"),
            invited_at: at(900),
            expires_at: at(100_000),
            next_read_at,
            hints_before: 0,
        };
        self.enrollment(name, state, Effort::default())
    }

    /// The phone is the endpoint `E-name`.
    pub(crate) fn enrolled(self, name: &str) -> Self {
        let state = EnrollmentState::Active {
            endpoint_id: endpoint_id(name),
            invitation_id: InvitationId::new(format!("I-{name}")),
            enrolled_at: at(900),
        };
        self.enrollment(name, state, Effort::default())
    }

    /// The last phone that was enrolled registered anew, and has the invitation `invitation`.
    pub(crate) fn renewed(mut self, invitation: &str) -> Self {
        let enrollment = self.aggregate.enrollments.last_mut().unwrap();
        enrollment.record.renewal = Some(Renewal {
            invitation_id: InvitationId::new(invitation),
            invitation_code: Secret::new("AAAA-BBBB-CCCC-DDDD"),
            invited_at: at(950),
            expires_at: at(100_000),
            next_read_at: NOW,
            hints_before: 0,
        });
        self
    }

    pub(crate) fn child(mut self, name: &str, state: PhoneCredentialState, effort: Effort) -> Self {
        self.aggregate.phone_credentials.push(seen(PhoneCredential {
            workspace_id: WORKSPACE,
            user_identity_id: USER,
            acs_credential_id: child_id(name),
            parent_acs_credential_id: PARENT,
            device_id: device(name),
            enrollment_automation_id: automation_id(),
            endpoint_id: endpoint_id(name),
            acs_user_id: ACS_USER,
            acs_system_id: ACS_SYSTEM,
            connected_account_id: ACCOUNT,
            acs_credential_pool_id: None,
            allocation: None,
            allocations: 0,
            is_left_revoked: false,
            former: Vec::new(),
            retirement: Effort::default(),
            created_at: at(0),
            state,
            effort,
        }));
        self
    }

    pub(crate) fn issued(self, name: &str) -> Self {
        let remote_id = RemoteCredentialId::new(format!("C-{name}"));
        self.child(
            name,
            PhoneCredentialState::Issued {
                remote_id,
                card_number: "56".to_owned(),
                issued_at: at(950),
            },
            Effort::default(),
        )
    }

    pub(crate) fn issuing(self, name: &str, next_read_at: Timestamp) -> Self {
        let remote_id = RemoteCredentialId::new(format!("C-{name}"));
        let state = PhoneCredentialState::Issuing {
            remote_id,
            card_number: None,
            since: at(950),
            next_read_at,
            hints_before: 0,
        };
        self.child(name, state, Effort::default())
    }
}

pub(crate) fn endpoint_id(name: &str) -> EndpointId {
    EndpointId::new(format!("E-{name}"))
}

/// An endpoint as the credential manager shows it, with the credentials `(id, state, card number)`.
pub(crate) fn endpoint(id: &str, credentials: &[(&str, RemoteCredentialState, Option<&str>)]) -> Endpoint {
    let credential = |(id, state, number): &(&str, RemoteCredentialState, Option<&str>)| RemoteCredential {
        id: RemoteCredentialId::new(*id),
        pool: None,
        state: *state,
        card_number: number.map(str::to_owned),
    };
    Endpoint {
        id: EndpointId::new(id),
        active: true,
        manufacturer: None,
        model: None,
        credentials: credentials.iter().map(credential).collect(),
    }
}

/// What the credential manager shows: invitations `(id, state)` and endpoints.
pub(crate) fn view(invitations: &[(&str, InvitationState)], endpoints: Vec<Endpoint>) -> RemoteUser {
    let invitation = |(id, state): &(&str, InvitationState)| Invitation {
        id: InvitationId::new(*id),
        code: None,
        state: *state,
        created_at: None,
        expires_at: None,
    };
    RemoteUser {
        active: true,
        invitations: invitations.iter().map(invitation).collect(),
        endpoints,
    }
}

/// An effort that was given up until somebody acts, or until there is room.
pub(crate) fn given_up(code: FailureCode) -> Effort {
    let mut effort = Effort::default();
    let failure = Failure {
        code,
        message: "full".to_owned(),
        at: at(990),
    };
    effort.fail(None, failure, Timestamp::MAX);
    effort
}
