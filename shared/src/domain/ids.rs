//! Identifiers. One type per thing, so that a device id can never be passed for a credential id.
//!
//! Ids that the API shows are UUIDs. Those of the credential manager are opaque text: HID writes the same id as a number
//! in one place and as a string in another, so they are kept as text and only ever compared.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that is known to name such a thing.
            #[must_use]
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// A new id that sorts by the time it was made (UUID version 7): listings are in order of creation.
            #[must_use]
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }

            /// The UUID itself.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    )+};
}

uuid_id! {
    /// The tenant; an API key belongs to one, every other id lives in one.
    WorkspaceId,
    /// The person who uses the mobile app.
    UserIdentityId,
    /// An access control system, a credential manager among them.
    AcsSystemId,
    /// The person inside an access control system.
    AcsUserId,
    /// A credential: the multi-phone sync parent or a phone's child.
    AcsCredentialId,
    /// Where a credential manager draws credentials from (HID: a part number).
    AcsCredentialPoolId,
    /// "Enrol each phone of this person with this credential manager".
    EnrollmentAutomationId,
    /// One app installation of a user identity.
    DeviceId,
    /// The account through which a system is connected.
    ConnectedAccountId,
    /// Something that happened and was recorded for the customer.
    EventId,
    /// What opens the management API to a customer's programs.
    ApiKeyId,
    /// What opens a person's own part of the API to that person's phone.
    ClientSessionId,
    /// A phone with one credential manager, as the phone's own routes name it.
    PhoneRegistrationId,
    /// Where a workspace wants to be told what happens.
    WebhookId,
}

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps the far side's own name for the thing.
            #[must_use]
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The text as the far side wrote it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

text_id! {
    /// The app's own name for its installation, chosen by the mobile app.
    InstallationId,
    /// A person as the credential manager knows it.
    RemoteUserId,
    /// An invitation at the credential manager: it registers exactly one phone.
    InvitationId,
    /// The phone as the credential manager knows it (HID: credential container).
    EndpointId,
    /// A phone's credential as the credential manager knows it (HID: Mobile ID).
    RemoteCredentialId,
    /// A credential pool as the credential manager names it (HID: part number).
    RemotePoolId,
}

/// The namespace of ids that are computed rather than drawn, so that a repeated wish or event names the same record.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f0b_1e55_7d0c_4c53_9a33_6a1f_2f70_c0de);

impl DeviceId {
    /// The phone of `installation` of this person: the same for every delivery of the same event.
    #[must_use]
    pub fn of_installation(workspace: WorkspaceId, user_identity: UserIdentityId, installation: &InstallationId) -> Self {
        let name = format!("device/{workspace}/{user_identity}/{installation}");
        Self(Uuid::new_v5(&NAMESPACE, name.as_bytes()))
    }
}

impl InstallationId {
    /// The longest name, in bytes: with it a phone's item stays below one kilobyte.
    pub const MOST_BYTES: usize = 128;
}

impl ApiKeyId {
    /// The id of a key that was made before keys had ids.
    #[must_use]
    pub fn of_hash(key_hash: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("api-key/{key_hash}").as_bytes()))
    }
}

impl PhoneRegistrationId {
    /// The registration of a phone through an automation: known before the enrollment has begun.
    #[must_use]
    pub fn of(automation: EnrollmentAutomationId, device: DeviceId) -> Self {
        Self(Uuid::new_v5(
            &NAMESPACE,
            format!("phone-registration/{automation}/{device}").as_bytes(),
        ))
    }
}

impl EnrollmentAutomationId {
    /// The automation of this person with this credential manager. There is at most one, hence a second launch names it too.
    #[must_use]
    pub fn of(workspace: WorkspaceId, user_identity: UserIdentityId, credential_manager: AcsSystemId) -> Self {
        let name = format!("automation/{workspace}/{user_identity}/{credential_manager}");
        Self(Uuid::new_v5(&NAMESPACE, name.as_bytes()))
    }
}

impl AcsCredentialPoolId {
    /// The pool of a credential manager that the credential manager calls so.
    #[must_use]
    pub fn of(credential_manager: AcsSystemId, remote_id: &RemotePoolId) -> Self {
        let name = format!("pool/{credential_manager}/{remote_id}");
        Self(Uuid::new_v5(&NAMESPACE, name.as_bytes()))
    }
}

impl AcsCredentialId {
    /// The child of `parent` on one phone through one automation. There is at most one by construction.
    #[must_use]
    pub fn of_phone(parent: Self, automation: EnrollmentAutomationId, device: DeviceId) -> Self {
        let name = format!("phone-credential/{parent}/{automation}/{device}");
        Self(Uuid::new_v5(&NAMESPACE, name.as_bytes()))
    }
}
