//! What a walker reads of the management API's objects. The rest is for those who need it.

use fobless::domain::{
    ids::{AcsCredentialId, DeviceId},
    secret::Secret,
};
use serde::Deserialize;

/// A phone.
#[derive(Clone, Debug, Deserialize)]
pub struct Phone {
    /// Its id.
    pub device_id: DeviceId,
    /// What it is called.
    pub display_name: String,
    properties: PhoneProperties,
}

#[derive(Clone, Debug, Deserialize)]
struct PhoneProperties {
    #[serde(default)]
    hid_origo_metadata: Option<Enrollment>,
}

/// How far a phone's enrollment has come.
#[derive(Clone, Debug, Deserialize)]
pub struct Enrollment {
    /// `pending`, `invited`, `active`, ...
    pub status: String,
    /// The phone, as the credential manager knows it.
    #[serde(default)]
    pub endpoint_id: Option<String>,
    /// The code that the app redeems, while the invitation is open.
    #[serde(default)]
    pub invitation_code: Option<Secret>,
}

impl Phone {
    /// The enrollment with the credential manager.
    #[must_use]
    pub const fn enrollment(&self) -> Option<&Enrollment> {
        self.properties.hid_origo_metadata.as_ref()
    }

    /// The code of the open invitation.
    #[must_use]
    pub fn invitation_code(&self) -> Option<&Secret> {
        self.enrollment()?.invitation_code.as_ref()
    }
}

/// The credential of one phone.
#[derive(Clone, Debug, Deserialize)]
pub struct Child {
    /// Its id.
    pub acs_credential_id: AcsCredentialId,
    /// The multi-phone sync credential that it comes from.
    pub parent_acs_credential_id: AcsCredentialId,
    /// The phone that holds it.
    pub device_id: DeviceId,
    /// The number that readers see, once it is known.
    #[serde(default)]
    pub card_number: Option<String>,
    /// Whether it is on the phone, and its number allocated.
    pub is_issued: bool,
    properties: ChildProperties,
}

#[derive(Clone, Debug, Deserialize)]
struct ChildProperties {
    hid_origo_metadata: ChildMetadata,
}

#[derive(Clone, Debug, Deserialize)]
struct ChildMetadata {
    endpoint_id: String,
    status: String,
}

impl Child {
    /// `pending`, `issuing`, `issued`, ...
    #[must_use]
    pub fn status(&self) -> &str {
        &self.properties.hid_origo_metadata.status
    }

    /// The phone that it was issued to, as the credential manager knows it.
    #[must_use]
    pub fn endpoint_id(&self) -> &str {
        &self.properties.hid_origo_metadata.endpoint_id
    }
}
