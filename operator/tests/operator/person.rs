//! A person in the table, as the functions would have left them.

use std::time::Duration;

use fobless::domain::{
    effort::Effort,
    enrollment::{Enrollment, EnrollmentState},
    failure::{Failure, FailureCode},
    ids::WorkspaceId,
    phone::{Phone, Presence},
    phone_metadata::PhoneMetadata,
    time::Timestamp,
};
use fobless_simulation::records::Names;

use crate::desk::Desk;

/// When everything began: long ago, so that what was put off is over.
pub(crate) const BEGIN: Timestamp = Timestamp::from_millis(1_704_969_745_848);

/// A person of whom nothing is there yet but an automation.
pub(crate) struct Person<'a> {
    pub(crate) desk: &'a Desk,
    pub(crate) names: Names,
}

impl<'a> Person<'a> {
    pub(crate) async fn with_an_automation(desk: &'a Desk) -> Self {
        let names = Names::generated();
        desk.store.insert(names.identity(BEGIN)).await.unwrap();
        desk.store.insert(names.automation(BEGIN)).await.unwrap();
        Self { desk, names }
    }

    pub(crate) fn workspace(&self) -> WorkspaceId {
        self.names.owner.workspace_id
    }

    pub(crate) async fn has_phone(&self, phone: usize) {
        let registered = Phone {
            workspace_id: self.workspace(),
            user_identity_id: self.names.owner.user_identity_id,
            device_id: self.names.device(phone),
            installation_id: None,
            metadata: PhoneMetadata::default(),
            presence: Presence::Registered,
            occurred_at: BEGIN,
            registered_at: Some(BEGIN),
            created_at: BEGIN,
            is_listed: true,
            told: None,
        };
        self.desk.store.insert(registered).await.unwrap();
    }

    pub(crate) async fn enrolling_failed(&self, phone: usize, code: FailureCode) {
        let mut effort = Effort::default();
        let failure = Failure {
            code,
            message: format!("what the far side said about {code:?}"),
            at: BEGIN,
        };
        effort.fail_untried(None, failure, BEGIN.plus(Duration::from_hours(1_000_000)));
        let (owner, names) = (self.names.owner, &self.names);
        let enrollment = Enrollment {
            state: EnrollmentState::Failed,
            effort,
            ..Enrollment::begun(
                owner.workspace_id,
                owner.user_identity_id,
                names.device(phone),
                names.automation_id(),
                BEGIN,
            )
        };
        self.desk.store.insert(enrollment).await.unwrap();
    }
}
