//! HID Origo, Mobile Identities 2.2, as a credential manager.
//!
//! HID documents less than it does, hence three rules hold in here. Replies are read with as little demand as is safe: ids
//! and statuses, each in any of the ways that HID writes them, from sets that stay open. What isn't established sits behind
//! one function that says so. And when in doubt whether something was done the answer is "unknown", since reading back is
//! cheap and a second credential isn't.

pub mod callback;

mod call;
mod classify;
mod client;
mod cloud_event;
mod credentials;
mod endpoints;
mod events;
mod http;
mod identifier;
mod invitations;
mod json;
mod line;
mod part_numbers;
mod percent;
mod registration;
pub(crate) mod safe_text;
mod settings;
mod token;
mod urn;
mod user_search;
mod user_view;
mod users;

#[cfg(test)]
pub(crate) mod scripted;

use std::sync::Arc;

use futures_util::future::BoxFuture;

pub use self::{
    client::http_client,
    line::Line,
    settings::{BaseUrls, Settings, SettingsError, Timeouts},
    token::HidOrigoTokenEndpoint,
};
use self::{http::Http, part_numbers::PartNumberIds, settings::Config};
use super::{
    CallBudget, CallResult, Callback, Cancellation, CredentialManager, EmailOwner, EndpointPairing, Invitation, Person, PoolLevel,
    Priority, RemoteCredential, RemoteUser, SharedToken,
};
use crate::domain::{
    ids::{EndpointId, InvitationId, RemoteCredentialId, RemotePoolId, RemoteUserId, UserIdentityId},
    time::Timestamp,
};

/// Tells what time it is. The adapter doesn't ask the system, so that a test can decide.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// HID Origo for one organization.
pub struct HidOrigo {
    http: Http,
    part_numbers: PartNumberIds,
    clock: Clock,
}

impl HidOrigo {
    /// An adapter that sends over `client` (see [`http_client`]) and shares `budget` and `token` with all other instances.
    pub fn new(
        settings: &Settings,
        client: reqwest::Client,
        budget: Arc<dyn CallBudget>,
        token: Arc<dyn SharedToken>,
        clock: Clock,
    ) -> Result<Self, SettingsError> {
        let http = Http::new(client, Config::parse(settings)?, budget, token);
        Ok(Self {
            http,
            part_numbers: PartNumberIds::default(),
            clock,
        })
    }

    /// The same, but what it sends goes over `line`.
    #[must_use]
    pub fn over(self, line: Arc<dyn Line>) -> Self {
        Self {
            http: self.http.over(line),
            ..self
        }
    }
}

impl CredentialManager for HidOrigo {
    fn create_user<'a>(&'a self, person: &'a Person) -> BoxFuture<'a, CallResult<RemoteUserId>> {
        Box::pin(users::create(&self.http, person))
    }

    fn find_user(&self, external_id: UserIdentityId) -> BoxFuture<'_, CallResult<Option<RemoteUserId>>> {
        Box::pin(user_search::by_external_id(&self.http, external_id))
    }

    fn find_user_by_email<'a>(&'a self, person: &'a Person) -> BoxFuture<'a, CallResult<EmailOwner>> {
        Box::pin(user_search::by_email(&self.http, person))
    }

    fn read_user<'a>(&'a self, user: &'a RemoteUserId, priority: Priority) -> BoxFuture<'a, CallResult<Option<RemoteUser>>> {
        Box::pin(user_view::read(&self.http, user, priority))
    }

    fn invite<'a>(&'a self, user: &'a RemoteUserId) -> BoxFuture<'a, CallResult<Invitation>> {
        Box::pin(invitations::invite(&self.http, user))
    }

    fn cancel_invitation<'a>(&'a self, invitation: &'a InvitationId) -> BoxFuture<'a, CallResult<Cancellation>> {
        Box::pin(invitations::cancel(&self.http, invitation))
    }

    fn issue<'a>(&'a self, endpoint: &'a EndpointId, pool: Option<&'a RemotePoolId>) -> BoxFuture<'a, CallResult<RemoteCredential>> {
        Box::pin(credentials::issue(&self.http, endpoint, pool))
    }

    fn remove_endpoint<'a>(&'a self, endpoint: &'a EndpointId) -> BoxFuture<'a, CallResult<()>> {
        Box::pin(endpoints::remove(&self.http, endpoint))
    }

    fn revoke<'a>(&'a self, credential: &'a RemoteCredentialId) -> BoxFuture<'a, CallResult<()>> {
        Box::pin(credentials::revoke(&self.http, credential))
    }

    fn pairings<'a>(&'a self, user: &'a RemoteUserId, since: Timestamp) -> BoxFuture<'a, CallResult<Vec<EndpointPairing>>> {
        Box::pin(events::pairings(&self.http, user, since, (self.clock)()))
    }

    fn pool_level<'a>(&'a self, pool: &'a RemotePoolId) -> BoxFuture<'a, CallResult<Option<PoolLevel>>> {
        Box::pin(part_numbers::level(&self.http, &self.part_numbers, pool))
    }

    fn ensure_callback<'a>(&'a self, callback: &'a Callback) -> BoxFuture<'a, CallResult<()>> {
        Box::pin(registration::ensure(&self.http, callback))
    }
}
