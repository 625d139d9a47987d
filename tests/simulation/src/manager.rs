//! A credential manager in memory: the ledger, behind calls that may fail.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fobless::{
    credential_manager::{
        CallError, CallResult, Callback, Cancellation, CredentialManager, EmailOwner, EndpointPairing, Invitation, Person, PoolLevel,
        Priority, RemoteCredential, RemoteUser,
    },
    domain::{
        ids::{EndpointId, InvitationId, RemoteCredentialId, RemotePoolId, RemoteUserId, UserIdentityId},
        time::Timestamp,
    },
};
use futures_util::future::BoxFuture;

use crate::ledger::{Ledger, Work};

/// When a call that is late is done.
const LATE: Duration = Duration::from_mins(1);

/// What becomes of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is answered.
    Fine,
    /// It does not arrive.
    Before,
    /// It is done, and the reply is lost.
    After,
    /// The reply is lost, and what was asked happens a minute later (where a call can be that slow; else it does not arrive).
    Late,
    /// It is done, and whoever asked dies over it.
    Deadly,
}

/// The line to the far side, on which calls take their time and come to grief.
pub trait Line: std::fmt::Debug + Send + Sync {
    /// What time it is at the far side.
    fn now(&self) -> Timestamp;

    /// The call `name` is on its way; says what becomes of it once it is there.
    fn call(&self, name: &'static str) -> BoxFuture<'_, Fault>;

    /// What was done is on its way back. Never returns to whoever died meanwhile.
    fn reply(&self, fault: Fault) -> BoxFuture<'_, ()>;
}

/// The far side.
#[derive(Debug)]
pub struct Manager<L> {
    ledger: Mutex<Ledger>,
    line: L,
}

#[derive(Clone, Debug)]
enum Kind {
    Read,
    Write,
    Slow(Work),
}

impl<L: Line> Manager<L> {
    /// A far side that knows nobody yet.
    pub fn new(line: L) -> Self {
        Self {
            ledger: Mutex::default(),
            line,
        }
    }

    /// The line to it.
    pub const fn line(&self) -> &L {
        &self.line
    }

    /// The ledger as it is now.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.settle(self.line.now());
        ledger
    }

    async fn call<T: Send>(
        &self,
        name: &'static str,
        kind: Kind,
        work: impl FnOnce(&mut Ledger, Timestamp) -> CallResult<T> + Send,
    ) -> CallResult<T> {
        let fault = self.line.call(name).await;
        let is_write = !matches!(kind, Kind::Read);
        let done = match (fault, kind) {
            (Fault::Fine, _) | (Fault::After | Fault::Deadly, Kind::Write | Kind::Slow(_)) => {
                Some(work(&mut self.ledger(), self.line.now()))
            }
            (Fault::Late, Kind::Slow(late)) => {
                self.ledger().postpone(self.line.now().plus(LATE), late);
                None
            }
            (Fault::Before | Fault::After | Fault::Late | Fault::Deadly, _) => {
                return Err(CallError::Transient("no connection".to_owned()));
            }
        };
        self.line.reply(fault).await;
        match done {
            Some(done) if fault == Fault::Fine => done,
            _ => {
                debug_assert!(is_write, "a read that is not answered changes nothing");
                Err(CallError::UnknownOutcome("no reply".to_owned()))
            }
        }
    }
}

impl<L: Line> CredentialManager for Manager<L> {
    fn create_user<'a>(&'a self, person: &'a Person) -> BoxFuture<'a, CallResult<RemoteUserId>> {
        Box::pin(self.call("create_user", Kind::Write, |ledger, _| ledger.create_user(person.external_id)))
    }

    fn find_user(&self, external_id: UserIdentityId) -> BoxFuture<'_, CallResult<Option<RemoteUserId>>> {
        Box::pin(self.call("find_user", Kind::Read, move |ledger, _| Ok(ledger.find_user(external_id))))
    }

    fn find_user_by_email<'a>(&'a self, _: &'a Person) -> BoxFuture<'a, CallResult<EmailOwner>> {
        Box::pin(self.call("find_user_by_email", Kind::Read, |ledger, _| {
            Ok(ledger.made_by_hand.clone().map_or(EmailOwner::Nobody, EmailOwner::Ours))
        }))
    }

    fn read_user<'a>(&'a self, user: &'a RemoteUserId, _: Priority) -> BoxFuture<'a, CallResult<Option<RemoteUser>>> {
        Box::pin(self.call("read_user", Kind::Read, |ledger, now| Ok(ledger.read_user(user, now))))
    }

    fn invite<'a>(&'a self, user: &'a RemoteUserId) -> BoxFuture<'a, CallResult<Invitation>> {
        Box::pin(self.call("invite", Kind::Write, |ledger, now| ledger.invite(user, now)))
    }

    fn cancel_invitation<'a>(&'a self, invitation: &'a InvitationId) -> BoxFuture<'a, CallResult<Cancellation>> {
        Box::pin(self.call("cancel_invitation", Kind::Write, |ledger, _| Ok(ledger.cancel(invitation))))
    }

    fn remove_endpoint<'a>(&'a self, endpoint: &'a EndpointId) -> BoxFuture<'a, CallResult<()>> {
        Box::pin(self.call("remove_endpoint", Kind::Write, |ledger, _| {
            ledger.remove(endpoint);
            Ok(())
        }))
    }

    fn issue<'a>(&'a self, endpoint: &'a EndpointId, pool: Option<&'a RemotePoolId>) -> BoxFuture<'a, CallResult<RemoteCredential>> {
        let late = Kind::Slow(Work::Issue(endpoint.clone(), pool.cloned()));
        Box::pin(self.call("issue", late, move |ledger, now| ledger.issue(endpoint, pool, now)))
    }

    fn revoke<'a>(&'a self, credential: &'a RemoteCredentialId) -> BoxFuture<'a, CallResult<()>> {
        let late = Kind::Slow(Work::Revoke(credential.clone()));
        Box::pin(self.call("revoke", late, |ledger, _| ledger.revoke(credential)))
    }

    fn pairings<'a>(&'a self, user: &'a RemoteUserId, _: Timestamp) -> BoxFuture<'a, CallResult<Vec<EndpointPairing>>> {
        Box::pin(self.call("pairings", Kind::Read, |ledger, _| {
            let endpoints = ledger.endpoints.iter().filter(|found| found.user == *user);
            let pairings = endpoints.map(|found| EndpointPairing {
                endpoint: found.shown.id.clone(),
                invitation: found.invitation.clone(),
            });
            Ok(pairings.collect())
        }))
    }

    /// A pool is called by the facility code that its credentials carry.
    fn pool_level<'a>(&'a self, pool: &'a RemotePoolId) -> BoxFuture<'a, CallResult<Option<PoolLevel>>> {
        Box::pin(self.call("pool_level", Kind::Read, |_, _| {
            Ok(Some(PoolLevel {
                available: None,
                facility_code: Some(pool.as_str().to_owned()),
                card_format: None,
            }))
        }))
    }

    fn ensure_callback<'a>(&'a self, _: &'a Callback) -> BoxFuture<'a, CallResult<()>> {
        Box::pin(std::future::ready(Ok(())))
    }
}
