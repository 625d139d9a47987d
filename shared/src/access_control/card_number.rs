//! A card number as an access control system has to know it: whose it is, what readers see, and when it counts.

use crate::domain::{
    ids::{AcsCredentialId, AcsSystemId, AcsUserId, WorkspaceId},
    time::Timestamp,
};

/// The card number of one phone, and the details that all phones of the person share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardNumber {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The system that is to hold the number.
    pub acs_system_id: AcsSystemId,
    /// The person inside that system.
    pub acs_user_id: AcsUserId,
    /// The phone's credential, which bears the number.
    pub acs_credential_id: AcsCredentialId,
    /// Raised each time the number's fate is decided anew. A repeat of a call has the same generation; a number that comes back
    /// after it was removed has another, or a system that remembers what it was asked would take the second import for a repeat
    /// of the first.
    pub generation: u32,
    /// The number that readers see.
    pub card_number: String,
    /// The card format, where it is known.
    pub card_format: Option<String>,
    /// The facility code, where it is known.
    pub facility_code: Option<String>,
    /// From when on the number counts; at once if absent.
    pub starts_at: Option<Timestamp>,
    /// Until when the number counts; for ever if absent.
    pub ends_at: Option<Timestamp>,
}
