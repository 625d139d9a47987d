//! What Fobless asks of a credential manager, in Fobless's words. A vendor's words stay inside the vendor's adapter.
//!
//! Every method is one call to the far side, or the few that the far side makes of it, and answers what the far side *said*.
//! What to do about it (read back, adopt, wait, give up) is decided by `reconcile` and `domain`, alike for every vendor.
//! No method retries; the only repeat inside an adapter is one renewal of a refused access token.

mod error;

pub mod hid_origo;

use std::time::Duration;

pub use error::{CallError, CallResult};
use futures_util::future::BoxFuture;

pub use crate::domain::remote_user::{
    Endpoint, EndpointPairing, Invitation, InvitationState, PoolLevel, RemoteCredential, RemoteCredentialState, RemoteUser,
};
use crate::domain::{
    ids::{EndpointId, InvitationId, RemoteCredentialId, RemotePoolId, RemoteUserId, UserIdentityId},
    secret::Secret,
    time::Timestamp,
};

/// A system that enrols phones and issues credentials to them.
pub trait CredentialManager: Send + Sync {
    /// Creates the person. [`CallError::Conflict`] when the far side has somebody with the same e-mail address.
    fn create_user<'a>(&'a self, person: &'a Person) -> BoxFuture<'a, CallResult<RemoteUserId>>;

    /// Finds the person by our own id for it. The far side may know several; the oldest counts.
    fn find_user(&self, external_id: UserIdentityId) -> BoxFuture<'_, CallResult<Option<RemoteUserId>>>;

    /// Finds whoever has the e-mail address of `person`, and says whose it is.
    fn find_user_by_email<'a>(&'a self, person: &'a Person) -> BoxFuture<'a, CallResult<EmailOwner>>;

    /// Everything about a person in one read: invitations, endpoints and the credentials on them. `None`: the far side has no such person.
    fn read_user<'a>(&'a self, user: &'a RemoteUserId, priority: Priority) -> BoxFuture<'a, CallResult<Option<RemoteUser>>>;

    /// Makes an invitation, which registers one phone.
    fn invite<'a>(&'a self, user: &'a RemoteUserId) -> BoxFuture<'a, CallResult<Invitation>>;

    /// Cancels an invitation that nobody used. One that is gone already counts as cancelled.
    fn cancel_invitation<'a>(&'a self, invitation: &'a InvitationId) -> BoxFuture<'a, CallResult<Cancellation>>;

    /// Forgets a phone, which makes room for another one: far sides count the phones of a person. One that is gone already counts as
    /// forgotten. Not every far side lets its clients do that, or keeps phones at all.
    fn remove_endpoint<'a>(&'a self, _endpoint: &'a EndpointId) -> BoxFuture<'a, CallResult<()>> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// Issues a credential of `pool` to an endpoint (`None`: the far side's default pool).
    fn issue<'a>(&'a self, endpoint: &'a EndpointId, pool: Option<&'a RemotePoolId>) -> BoxFuture<'a, CallResult<RemoteCredential>>;

    /// Revokes a credential. One that is gone counts as revoked; [`CallError::Precondition`] may mean that it is being revoked already.
    fn revoke<'a>(&'a self, credential: &'a RemoteCredentialId) -> BoxFuture<'a, CallResult<()>>;

    /// Which endpoints came from which invitations since `since`, from the far side's record of events. Asked only when a read leaves it open.
    fn pairings<'a>(&'a self, user: &'a RemoteUserId, since: Timestamp) -> BoxFuture<'a, CallResult<Vec<EndpointPairing>>>;

    /// The level of one pool, read afresh. As urgent as issuing, which waits for it. `None`: no such pool.
    fn pool_level<'a>(&'a self, pool: &'a RemotePoolId) -> BoxFuture<'a, CallResult<Option<PoolLevel>>>;

    /// Makes sure that the far side calls `url` back with the given header when something happens. Idempotent.
    fn ensure_callback<'a>(&'a self, callback: &'a Callback) -> BoxFuture<'a, CallResult<()>>;
}

/// Whom to create at the far side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Our id of the person; the far side keeps it, and it is how the person is found again.
    pub external_id: UserIdentityId,
    /// The person's name, where it is known.
    pub full_name: Option<String>,
    /// The person's e-mail address, where it is known.
    pub email_address: Option<String>,
}

/// What became of an invitation that was to be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancellation {
    /// Nobody can redeem it any more.
    Done,
    /// It was past cancelling: it may have been redeemed, and be an endpoint by now.
    TooLate,
}

/// Who has an e-mail address at the far side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmailOwner {
    /// Nobody (any more).
    Nobody,
    /// The very person, or somebody with no external id, who may be adopted.
    Ours(RemoteUserId),
    /// Somebody with another external id: not ours to touch.
    SomebodyElse,
}

/// Where and how the far side shall call back.
#[derive(Clone, Debug)]
pub struct Callback {
    /// The full URL.
    pub url: String,
    /// The header that carries the secret.
    pub header: String,
    /// What the header must hold.
    pub secret: Secret,
}

/// Who goes first when calls are scarce. Later variants may use the budget less far down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Taking access away.
    Revoke,
    /// Giving a credential to a phone that waits for it.
    Issue,
    /// Letting a new phone in.
    Invite,
    /// Looking whether something has happened.
    Poll,
}

/// The budget of calls that all instances share. Each call asks before it is made.
pub trait CallBudget: Send + Sync {
    /// Takes one call out of the budget, or says when to ask again.
    fn take(&self, priority: Priority) -> BoxFuture<'_, Result<(), CallError>>;

    /// The far side refused a call that the budget allowed, for being too fast or for want of a right: everybody pauses. Answers which it was.
    fn refused(&self, said: Said) -> BoxFuture<'_, Refusal>;

    /// The far side took a call. What is known already costs nothing.
    fn answered(&self) -> BoxFuture<'_, ()>;
}

/// What a refusal says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// That it is about a limit.
    TooFast,
    /// Nothing of use.
    Nothing,
}

/// What a refusal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// We are too fast, or somebody else uses the same account.
    TooFast {
        /// When to try again.
        until: Timestamp,
    },
    /// The account lacks a right: a person must act.
    NotAllowed,
}

/// An access token and how long it is good for.
#[derive(Clone, Debug)]
pub struct FreshToken {
    /// The token.
    pub token: Secret,
    /// How long it lives from now.
    pub expires_in: Duration,
}

/// Fetches a new access token from the far side. One call.
pub trait TokenEndpoint: Send + Sync {
    /// A new token. [`CallError::Misconfigured`] when the far side does not accept our credentials.
    fn fetch(&self) -> BoxFuture<'_, CallResult<FreshToken>>;
}

/// The access token that all instances share.
pub trait SharedToken: Send + Sync {
    /// The current token. With `refused`: one other than that, fetched once however many ask.
    fn get<'a>(&'a self, refused: Option<&'a Secret>) -> BoxFuture<'a, CallResult<Secret>>;
}
