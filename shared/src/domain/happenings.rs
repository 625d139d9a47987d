//! Which events a change of a record means. The store asks this for every write and writes the events together with the record, so
//! each change is told exactly once, whatever is repeated.

use super::{
    acs::AcsUser,
    client_session::ClientSession,
    deletion::Deletable,
    effort::Effort,
    enrollment::{Enrollment, EnrollmentState},
    enrollment_automation::EnrollmentAutomation,
    event::{AcsUserSubject, CredentialSubject, EventKind},
    failure::Failure,
    ids::RemoteCredentialId,
    multi_phone_sync_credential::MultiPhoneSyncCredential,
    phone::{Phone, Presence},
    phone_credential::{PhoneCredential, PhoneCredentialState},
    user_identity::UserIdentity,
    webhook::Webhook,
    webhook_health::WebhookHealth,
};

/// A record whose changes may be worth telling.
pub trait Tells: Sized {
    /// What the change from `before` (`None`: there was none) to `after` means.
    fn tell(_before: Option<&Self>, _after: &Self) -> Vec<EventKind> {
        Vec::new()
    }
}

fn completed<R: Deletable>(before: Option<&R>, after: &R) -> bool {
    after.is_gone() && before.is_none_or(|before| !before.is_gone())
}

/// The failure of `after` that somebody has to do something about, if it is not the one that was told already.
fn new_trouble<'a>(before: Option<&Effort>, after: &'a Effort) -> Option<&'a Failure> {
    let failure = after.last_failure.as_ref().filter(|failure| !failure.code.heals_by_itself())?;
    let known = before.and_then(|before| before.last_failure.as_ref());
    known.is_none_or(|known| known.code != failure.code).then_some(failure)
}

impl Tells for Phone {
    fn tell(before: Option<&Self>, after: &Self) -> Vec<EventKind> {
        let device_id = after.device_id;
        match after.told {
            told if told == before.and_then(|before| before.told) => Vec::new(),
            Some(Presence::Registered) => vec![EventKind::PhoneRegistered { device_id }],
            Some(Presence::Deactivated) => vec![EventKind::PhoneDeactivated { device_id }],
            None => Vec::new(),
        }
    }
}

impl Tells for Enrollment {
    fn tell(before: Option<&Self>, after: &Self) -> Vec<EventKind> {
        let is_active = |enrollment: &Self| matches!(enrollment.state, EnrollmentState::Active { .. });
        let (device_id, enrollment_automation_id) = (after.device_id, after.enrollment_automation_id);
        let mut told = Vec::new();
        if is_active(after) && before.is_none_or(|before| before.endpoint_id() != after.endpoint_id()) {
            told.push(EventKind::PhoneEnrolled {
                device_id,
                enrollment_automation_id,
            });
        }
        let is_new = |id: &&RemoteCredentialId| before.is_none_or(|before| !before.unknown_credentials.contains(*id));
        let unknown = after.unknown_credentials.iter().filter(is_new).cloned();
        told.extend(
            unknown.map(|credential_manager_credential_id| EventKind::PhoneUnknownCredentialFound {
                device_id,
                credential_manager_credential_id,
            }),
        );
        if let Some(failure) = new_trouble(before.map(|before| &before.effort), &after.effort) {
            told.push(EventKind::PhoneEnrollmentFailed {
                device_id,
                enrollment_automation_id,
                error_code: failure.code,
                error_message: failure.message.clone(),
            });
        }
        told
    }
}

impl PhoneCredential {
    fn subject(&self) -> CredentialSubject {
        CredentialSubject {
            acs_credential_id: self.acs_credential_id,
            acs_system_id: self.acs_system_id,
            connected_account_id: self.connected_account_id,
            parent_acs_credential_id: Some(self.parent_acs_credential_id),
            device_id: Some(self.device_id),
        }
    }
}

impl Tells for PhoneCredential {
    fn tell(before: Option<&Self>, after: &Self) -> Vec<EventKind> {
        let mut told = Vec::new();
        let is_issued = |child: &Self| matches!(child.state, PhoneCredentialState::Issued { .. });
        let is_revoked = |child: &Self| matches!(child.state, PhoneCredentialState::Revoked { .. });
        if is_issued(after) && !before.is_some_and(is_issued) {
            let is_first = after.allocations <= 1;
            told.push(if is_first {
                EventKind::AcsCredentialIssued(after.subject())
            } else {
                EventKind::AcsCredentialReissued(after.subject())
            });
        }
        let is_invalidated = |child: &Self| matches!(child.state, PhoneCredentialState::Revoking { is_invalidated: true, .. });
        if is_invalidated(after) && !before.is_some_and(is_invalidated) {
            told.push(EventKind::AcsCredentialInvalidated(after.subject()));
        }
        // One that no customer ever saw as issued, or on its way, is not worth telling of.
        if is_revoked(after) && before.is_some_and(|before| !is_revoked(before)) {
            told.push(EventKind::AcsCredentialDeleted(after.subject()));
        }
        let is_to_be_given = matches!(
            after.state,
            PhoneCredentialState::Pending
                | PhoneCredentialState::Issuing { .. }
                | PhoneCredentialState::Importing { .. }
                | PhoneCredentialState::Failed
        );
        if is_to_be_given && let Some(failure) = new_trouble(before.map(|before| &before.effort), &after.effort) {
            told.push(EventKind::AcsCredentialFailedToIssue {
                subject: after.subject(),
                error_code: failure.code,
                error_message: failure.message.clone(),
            });
        }
        told
    }
}

impl Tells for MultiPhoneSyncCredential {
    fn tell(before: Option<&Self>, after: &Self) -> Vec<EventKind> {
        let subject = || CredentialSubject {
            acs_credential_id: after.acs_credential_id,
            acs_system_id: after.acs_system_id,
            connected_account_id: after.connected_account_id,
            parent_acs_credential_id: None,
            device_id: None,
        };
        let is_gone = completed(before, after);
        is_gone.then(|| EventKind::AcsCredentialDeleted(subject())).into_iter().collect()
    }
}

impl Tells for EnrollmentAutomation {
    fn tell(before: Option<&Self>, after: &Self) -> Vec<EventKind> {
        let is_ended = !after.is_running() && before.is_some_and(Self::is_running);
        let enrollment_automation_id = after.enrollment_automation_id;
        is_ended
            .then_some(EventKind::EnrollmentAutomationDeleted { enrollment_automation_id })
            .into_iter()
            .collect()
    }
}

impl Tells for AcsUser {
    fn tell(before: Option<&Self>, after: &Self) -> Vec<EventKind> {
        let subject = || AcsUserSubject {
            acs_user_id: after.acs_user_id,
            acs_system_id: after.acs_system_id,
            connected_account_id: after.connected_account_id,
        };
        if before.is_none() {
            vec![EventKind::AcsUserCreated(subject())]
        } else if completed(before, after) {
            vec![EventKind::AcsUserDeleted(subject())]
        } else {
            Vec::new()
        }
    }
}

impl Tells for ClientSession {
    fn tell(before: Option<&Self>, after: &Self) -> Vec<EventKind> {
        let client_session_id = after.client_session_id;
        completed(before, after)
            .then_some(EventKind::ClientSessionDeleted { client_session_id })
            .into_iter()
            .collect()
    }
}

impl Tells for UserIdentity {
    fn tell(before: Option<&Self>, after: &Self) -> Vec<EventKind> {
        let is_gone = completed(before, after);
        is_gone.then_some(EventKind::UserIdentityDeleted).into_iter().collect()
    }
}

impl Tells for Webhook {
    fn tell(before: Option<&Self>, after: &Self) -> Vec<EventKind> {
        let WebhookHealth::Disabled { because, .. } = after.health else {
            return Vec::new();
        };
        let is_news = before.is_some_and(Self::is_enabled);
        let told = EventKind::WebhookDisabled {
            webhook_id: after.webhook_id,
            disabled_because: because,
        };
        is_news.then_some(told).into_iter().collect()
    }
}
