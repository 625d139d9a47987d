//! Why something waits or failed, in words that an operator can act on.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// A failure as the record keeps it and the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure it is; stable, for programs.
    pub code: FailureCode,
    /// What happened, for people. No secrets, no codes.
    pub message: String,
    /// When it happened.
    pub at: Timestamp,
}

/// The kinds of failure. The text of each is part of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureCode {
    /// The far side could not be reached, or answered with an error of its own; it is tried again.
    CredentialManagerUnavailable,
    /// Calls are scarce; it goes on by itself.
    CredentialManagerBusy,
    /// Keys, roles or settings of the credential manager are wrong; a person must act.
    CredentialManagerMisconfigured,
    /// Somebody else at the credential manager has the person's e-mail address.
    CredentialManagerUserConflict,
    /// The automation may only adopt a user of the credential manager, and there is none.
    CredentialManagerUserNotFound,
    /// The credential manager says that what we asked can't be done.
    CredentialManagerRefused,
    /// Phones do not redeem their invitations: the bound on new ones is reached.
    InvitationLimitReached,
    /// The credential manager does not know the phone any more; it is invited again.
    EndpointGone,
    /// It is not certain which phone an endpoint belongs to.
    EndpointNotIdentified,
    /// The pool has no credentials left; it goes on by itself once the pool is refilled.
    CredentialPoolExhausted,
    /// No pool of the credential manager can be used for this credential.
    CredentialPoolNotFound,
    /// The card format or facility code asked for is not what the pool gives.
    CredentialPoolMismatch,
    /// The person has as many phones with the credential manager as it allows; served once one of them is deactivated.
    PhoneLimitReached,
    /// The phone holds as many credentials as the credential manager allows; served once one of them is gone.
    CredentialLimitReached,
    /// Somebody revoked the credential at the credential manager, and its multi-phone sync credential says to leave it so.
    CredentialInvalidated,
    /// The access control system could not be reached, or answered with an error of its own; it is tried again.
    AccessControlUnavailable,
    /// The access control system says that what we asked can't be done.
    AccessControlRefused,
    /// Settings of the access control system are missing or wrong; a person must act.
    AccessControlMisconfigured,
    /// The phone already holds another credential of the same pool; the credential manager allows one.
    CredentialPoolOccupied,
}

impl fmt::Display for FailureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CredentialManagerUnavailable => "credential_manager_unavailable",
            Self::CredentialManagerBusy => "credential_manager_busy",
            Self::CredentialManagerMisconfigured => "credential_manager_misconfigured",
            Self::CredentialManagerUserConflict => "credential_manager_user_conflict",
            Self::CredentialManagerUserNotFound => "credential_manager_user_not_found",
            Self::CredentialManagerRefused => "credential_manager_refused",
            Self::InvitationLimitReached => "invitation_limit_reached",
            Self::EndpointGone => "endpoint_gone",
            Self::EndpointNotIdentified => "endpoint_not_identified",
            Self::CredentialPoolExhausted => "credential_pool_exhausted",
            Self::CredentialPoolNotFound => "credential_pool_not_found",
            Self::CredentialPoolMismatch => "credential_pool_mismatch",
            Self::PhoneLimitReached => "phone_limit_reached",
            Self::CredentialLimitReached => "credential_limit_reached",
            Self::CredentialInvalidated => "credential_invalidated",
            Self::AccessControlUnavailable => "access_control_unavailable",
            Self::AccessControlRefused => "access_control_refused",
            Self::AccessControlMisconfigured => "access_control_misconfigured",
            Self::CredentialPoolOccupied => "credential_pool_occupied",
        })
    }
}

impl FailureCode {
    /// Whether it says that there is no room: then it waits for room, not for a time.
    #[must_use]
    pub const fn waits_for_room(self) -> bool {
        matches!(self, Self::PhoneLimitReached | Self::CredentialLimitReached)
    }

    /// Whether somebody outside does not accept our keys or settings.
    #[must_use]
    pub const fn is_misconfiguration(self) -> bool {
        matches!(self, Self::CredentialManagerMisconfigured | Self::AccessControlMisconfigured)
    }

    /// Whether it goes away by itself, so that the API shows it as a warning rather than an error.
    #[must_use]
    pub const fn heals_by_itself(self) -> bool {
        matches!(
            self,
            Self::CredentialManagerUnavailable
                | Self::CredentialManagerBusy
                | Self::AccessControlUnavailable
                | Self::EndpointGone
                | Self::EndpointNotIdentified
        )
    }
}
