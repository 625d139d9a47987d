//! Everything about one user identity: one partition of the table, loaded by one strongly consistent query.

use super::{
    acs::AcsUser,
    effort::Effort,
    enrollment::Enrollment,
    enrollment_automation::EnrollmentAutomation,
    ids::{AcsCredentialId, AcsUserId, DeviceId, EnrollmentAutomationId},
    multi_phone_sync_credential::MultiPhoneSyncCredential,
    phone::{Phone, Presence},
    phone_credential::PhoneCredential,
    time::Timestamp,
    user_identity::UserIdentity,
};

/// A record and the version under which it was read. Every later write of it is conditional on that version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned<T> {
    /// The record.
    pub record: T,
    /// Raised by every write of the item, by whomever.
    pub version: u64,
}

/// A user identity with all that hangs on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aggregate {
    /// The person.
    pub identity: Option<Versioned<UserIdentity>>,
    /// The person in access control systems.
    pub acs_users: Vec<Versioned<AcsUser>>,
    /// With whom the person's phones are enrolled.
    pub automations: Vec<Versioned<EnrollmentAutomation>>,
    /// The parents.
    pub credentials: Vec<Versioned<MultiPhoneSyncCredential>>,
    /// The phones.
    pub phones: Vec<Versioned<Phone>>,
    /// (phone x automation).
    pub enrollments: Vec<Versioned<Enrollment>>,
    /// (enrollment x parent).
    pub phone_credentials: Vec<Versioned<PhoneCredential>>,
}

impl Aggregate {
    /// The ACS user with this id.
    #[must_use]
    pub fn acs_user(&self, id: AcsUserId) -> Option<&Versioned<AcsUser>> {
        self.acs_users.iter().find(|found| found.record.acs_user_id == id)
    }

    /// The automation with this id.
    #[must_use]
    pub fn automation(&self, id: EnrollmentAutomationId) -> Option<&Versioned<EnrollmentAutomation>> {
        self.automations.iter().find(|found| found.record.enrollment_automation_id == id)
    }

    /// The phone with this id.
    #[must_use]
    pub fn phone(&self, id: DeviceId) -> Option<&Versioned<Phone>> {
        self.phones.iter().find(|found| found.record.device_id == id)
    }

    /// When one of the person's phones was last put out of use, as far as it is out of use still.
    #[must_use]
    pub fn last_deactivation(&self) -> Option<Timestamp> {
        let phones = self.phones.iter().map(|found| &found.record);
        let deactivated = phones.filter(|phone| phone.presence == Presence::Deactivated);
        deactivated.map(|phone| phone.occurred_at).max()
    }

    /// The parent with this id.
    #[must_use]
    pub fn credential(&self, id: AcsCredentialId) -> Option<&Versioned<MultiPhoneSyncCredential>> {
        self.credentials.iter().find(|found| found.record.acs_credential_id == id)
    }

    /// The enrollment of a phone through an automation.
    #[must_use]
    pub fn enrollment(&self, automation: EnrollmentAutomationId, device: DeviceId) -> Option<&Versioned<Enrollment>> {
        self.enrollments_of(automation).find(|found| found.record.device_id == device)
    }

    /// The child with this id.
    #[must_use]
    pub fn phone_credential(&self, id: AcsCredentialId) -> Option<&Versioned<PhoneCredential>> {
        self.phone_credentials.iter().find(|found| found.record.acs_credential_id == id)
    }

    /// Everything that is tried for the person.
    pub fn efforts(&self) -> impl Iterator<Item = &Effort> {
        let automations = self.automations.iter().map(|found| &found.record);
        let enrollments = self.enrollments.iter().map(|found| &found.record);
        let children = self.phone_credentials.iter().map(|found| &found.record);
        automations
            .flat_map(|automation| [&automation.ensure_user, &automation.read])
            .chain(enrollments.flat_map(|enrollment| [&enrollment.effort, &enrollment.removal]))
            .chain(children.flat_map(|child| [&child.effort, &child.retirement]))
    }

    /// The enrollments of an automation.
    pub fn enrollments_of(&self, automation: EnrollmentAutomationId) -> impl Iterator<Item = &Versioned<Enrollment>> {
        self.enrollments
            .iter()
            .filter(move |found| found.record.enrollment_automation_id == automation)
    }

    /// The children that came about through an automation.
    pub fn phone_credentials_of(&self, automation: EnrollmentAutomationId) -> impl Iterator<Item = &Versioned<PhoneCredential>> {
        self.phone_credentials
            .iter()
            .filter(move |found| found.record.enrollment_automation_id == automation)
    }
}
