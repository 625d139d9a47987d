//! What a credential manager shows of one person, in our words: what an adapter reads and the rules judge.

use super::{
    ids::{EndpointId, InvitationId, RemoteCredentialId, RemotePoolId},
    secret::Secret,
    time::Timestamp,
};

/// Everything that one read of a person shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RemoteUser {
    /// Whether the far side will do anything for this person (one that is being deleted is there for a while).
    pub active: bool,
    /// The invitations that the far side still shows.
    pub invitations: Vec<Invitation>,
    /// The phones, and what is on each.
    pub endpoints: Vec<Endpoint>,
}

impl RemoteUser {
    /// Whether the endpoint is this person's.
    #[must_use]
    pub fn shows(&self, endpoint: &EndpointId) -> bool {
        self.endpoints.iter().any(|shown| shown.id == *endpoint)
    }
}

/// An invitation: a code that registers one phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The far side's id.
    pub id: InvitationId,
    /// The code, where the far side shows it.
    pub code: Option<Secret>,
    /// Where it stands.
    pub state: InvitationState,
    /// When it was made, where the far side says so.
    pub created_at: Option<Timestamp>,
    /// When it stops working, where the far side says so.
    pub expires_at: Option<Timestamp>,
}

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationState {
    /// The code can be redeemed.
    Open,
    /// A phone redeemed it.
    Redeemed,
    /// It can't be redeemed any more: expired or cancelled.
    Closed,
    /// A status that this adapter does not know. To be read again later.
    Unknown,
}

/// A phone as the credential manager knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The far side's id.
    pub id: EndpointId,
    /// Whether credentials can be issued to it.
    pub active: bool,
    /// The maker of the phone, where it is shown.
    pub manufacturer: Option<String>,
    /// The model of the phone, where it is shown.
    pub model: Option<String>,
    /// What is on it.
    pub credentials: Vec<RemoteCredential>,
}

/// A credential on an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteCredential {
    /// The far side's id.
    pub id: RemoteCredentialId,
    /// The pool that it was drawn from, where it is shown.
    pub pool: Option<RemotePoolId>,
    /// Where it stands.
    pub state: RemoteCredentialState,
    /// The number that readers see, once it is known.
    pub card_number: Option<String>,
}

/// Where a credential stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoteCredentialState {
    /// On its way to the phone.
    Issuing,
    /// On the phone.
    Issued,
    /// Being taken away, or gone.
    Revoked,
    /// The far side gave up.
    Failed,
    /// A status that this adapter does not know. To be read again later, and never issued beside.
    Unknown,
}

impl RemoteCredentialState {
    /// Whether it opens doors now or may do so soon, so that a second one beside it would be a double.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(self, Self::Issuing | Self::Issued | Self::Unknown)
    }
}

/// "This endpoint came from that invitation", as an event of the far side said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointPairing {
    /// The phone.
    pub endpoint: EndpointId,
    /// The invitation that it redeemed.
    pub invitation: InvitationId,
}

/// How much a pool has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolLevel {
    /// Credentials left; `None` where the far side does not count.
    pub available: Option<u64>,
    /// The facility code that its credentials carry, where it is shown.
    pub facility_code: Option<String>,
    /// The card format of its credentials, where it is shown.
    pub card_format: Option<String>,
}
