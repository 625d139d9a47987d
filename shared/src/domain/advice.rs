//! What an operator does about a failure: one sentence for each kind.

use super::failure::FailureCode;

impl FailureCode {
    /// What to do about it.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::CredentialManagerUnavailable => {
                "Nothing to do, it is tried again; if it lasts, look whether the credential manager is down or its address is wrong."
            }
            Self::CredentialManagerBusy => "Nothing to do, it goes on by itself once calls are allowed again.",
            Self::CredentialManagerMisconfigured => {
                "Compare the keys, roles and settings of the credential manager with its portal, and correct them."
            }
            Self::CredentialManagerUserConflict => {
                "Find out whose the user with the person's e-mail address is at the credential manager: change one of the two addresses, or delete that user if it is nobody's."
            }
            Self::CredentialManagerUserNotFound => {
                "Make the person a user of the credential manager, or launch the enrollment automation with leave to create one."
            }
            Self::CredentialManagerRefused => {
                "Read the credential manager's answer, and correct what it names; it is tried again by itself."
            }
            Self::InvitationLimitReached => {
                "Ask the person to open the app on the phone: once the phone registers again, it is invited anew."
            }
            Self::EndpointGone => "Ask the person to open the app: the phone has to redeem its new invitation code.",
            Self::EndpointNotIdentified => {
                "Wait for the credential manager's callback; if none comes, look whether its callbacks are registered, and delete endpoints there that are nobody's."
            }
            Self::CredentialPoolExhausted => "Order more credentials for the pool; it goes on by itself once the pool is refilled.",
            Self::CredentialPoolNotFound => {
                "Give the enrollment automation a pool that the credential manager has, with the card format that is asked for."
            }
            Self::CredentialPoolMismatch => {
                "Change the card format or the facility code of the multi-phone sync credential, or give the enrollment automation another pool."
            }
            Self::PhoneLimitReached => "Deactivate one of the person's other phones; this one is then served by itself.",
            Self::CredentialLimitReached => "Delete one of the person's multi-phone sync credentials; this one is then served by itself.",
            Self::CredentialInvalidated => {
                "If the phone is to have it again, set the multi-phone sync credential to be issued again when somebody revokes it."
            }
            Self::AccessControlUnavailable => {
                "Nothing to do, it is tried again; if it lasts, look whether the access control system or its bridge is down."
            }
            Self::AccessControlRefused => "Read the access control system's answer, and correct the ACS user or the card format there.",
            Self::AccessControlMisconfigured => {
                "Compare the settings of the access control system with the system itself, and correct them."
            }
            Self::CredentialPoolOccupied => "Give one of the two multi-phone sync credentials another pool, or delete it.",
        }
    }
}
