//! What the organization holds: users, invitations, containers, credentials, pools, filters, callbacks, tokens, events.
//!
//! Nothing is ever taken out of the first four: a revoked credential or a deleted user disappears from HID's replies, not from the ledger.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) external_id: Option<String>,
    pub(crate) family_name: String,
    pub(crate) given_name: String,
    pub(crate) emails: Vec<String>,
    pub(crate) status: UserStatus,
    pub(crate) modified_at: Timestamp,
    /// When a deletion that was asked for is complete.
    pub(crate) deleted_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum UserStatus {
    Active,
    DeleteInitiated,
    Deleted,
}

impl UserStatus {
    /// HID's events name the last two; that the user's own status reads the same is inferred.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::DeleteInitiated => "USER_DELETE_INITIATED",
            Self::Deleted => "USER_DELETED",
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Invitation {
    pub(crate) id: i64,
    pub(crate) user_id: i64,
    /// A bearer secret until it is used.
    pub(crate) code: String,
    pub(crate) status: InvitationStatus,
    pub(crate) created_at: Timestamp,
    pub(crate) modified_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    /// The credential that HID delivers to whichever phone redeems the code.
    pub(crate) reserved_credential: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum InvitationStatus {
    Pending,
    Acknowledged,
    Expired,
    Cancelled,
}

impl InvitationStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Acknowledged => "ACKNOWLEDGED",
            Self::Expired => "EXPIRED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// A phone as HID knows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Container {
    pub(crate) id: i64,
    pub(crate) user_id: i64,
    pub(crate) invitation_id: i64,
    pub(crate) status: ContainerStatus,
    pub(crate) manufacturer: String,
    pub(crate) model: String,
    pub(crate) modified_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ContainerStatus {
    Active,
    /// The app was removed from the phone.
    Inactive,
    /// The container was deleted through the API.
    Deleted,
}

impl ContainerStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
            Self::Deleted => "DELETED",
        }
    }
}

/// A Mobile ID.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Credential {
    pub(crate) id: i64,
    pub(crate) user_id: i64,
    /// The invitation that reserved it, else the one that registered its phone.
    pub(crate) invitation_id: i64,
    /// None as long as it is only reserved.
    pub(crate) container_id: Option<i64>,
    /// The id of the pool it was drawn from.
    pub(crate) pool_id: u32,
    pub(crate) card_number: u64,
    pub(crate) status: CredentialStatus,
    /// When the request for it arrived.
    pub(crate) created_at: Timestamp,
    /// When it was made, which a delay may put off; 1970 in a data file of an older version.
    #[serde(default)]
    pub(crate) made_at: Timestamp,
    pub(crate) modified_at: Timestamp,
    /// When the phone fetches it, or drops it.
    pub(crate) due_at: Option<Timestamp>,
    /// When its revocation began: it is live from `made_at` until then.
    pub(crate) ended_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum CredentialStatus {
    IssueInitiated,
    Issued,
    RevokeInitiated,
    Revoked,
}

impl CredentialStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::IssueInitiated => "ISSUE_INITIATED",
            Self::Issued => "ISSUED",
            Self::RevokeInitiated => "REVOKE_INITIATED",
            Self::Revoked => "REVOKED",
        }
    }
}

/// A part number with its stock.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pool {
    pub(crate) id: u32,
    pub(crate) part_number: String,
    pub(crate) friendly_name: String,
    pub(crate) available: u64,
    pub(crate) consumed: u64,
    pub(crate) first_card_number: u64,
    pub(crate) next_card_number: u64,
    pub(crate) facility_code: Option<String>,
    pub(crate) format_number: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Filter {
    pub(crate) id: String,
    /// Names of statuses, such as `CREDENTIAL_ISSUED`.
    pub(crate) statuses: BTreeSet<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Callback {
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) filter_id: Option<String>,
    /// The name of a header and the secret that each delivery carries in it.
    pub(crate) header: Option<(String, String)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Token {
    pub(crate) expires_at: Timestamp,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) at: Timestamp,
    /// What filters look at: `data.status`.
    pub(crate) status: String,
    /// The `CloudEvent` as it is sent and asked for.
    pub(crate) content: Value,
}
