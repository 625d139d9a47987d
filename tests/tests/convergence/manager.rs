//! A credential manager in memory: the ledger, behind calls that may fail.

use std::{
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use fobless::{
    credential_manager::{
        CallError, CallResult, Callback, CredentialManager, EmailOwner, EndpointPairing, Invitation, Person, PoolLevel, Priority,
        RemoteCredential, RemoteUser,
    },
    domain::{
        ids::{EndpointId, InvitationId, RemoteCredentialId, RemotePoolId, RemoteUserId, UserIdentityId},
        time::Timestamp,
    },
};
use futures_util::future::BoxFuture;

use crate::{
    faults::{Fault, Faults},
    ledger::{Ledger, Work},
    time::VirtualTime,
};

/// How long a call takes.
const CALL: Duration = Duration::from_millis(20);
/// When a call that is late is done.
const LATE: Duration = Duration::from_mins(1);

/// The far side.
#[derive(Debug)]
pub(crate) struct Manager {
    ledger: Mutex<Ledger>,
    faults: Arc<Faults>,
    time: VirtualTime,
    calls: AtomicU64,
}

#[derive(Clone, Debug)]
enum Kind {
    Read,
    Write,
    Slow(Work),
}

impl Manager {
    pub(crate) fn new(faults: Arc<Faults>, time: VirtualTime) -> Self {
        Self {
            ledger: Mutex::default(),
            faults,
            time,
            calls: AtomicU64::new(0),
        }
    }

    /// How many calls there were since it was last asked.
    pub(crate) fn take_calls(&self) -> u64 {
        self.calls.swap(0, Ordering::Relaxed)
    }

    /// The ledger as it is now.
    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        let mut ledger = self.ledger.lock().unwrap();
        ledger.settle(self.time.now());
        ledger
    }

    async fn call<T>(&self, kind: Kind, work: impl FnOnce(&mut Ledger, Timestamp) -> CallResult<T> + Send) -> CallResult<T> {
        self.time.pass(CALL);
        self.calls.fetch_add(1, Ordering::Relaxed);
        // Others that are under way at the same time go on meanwhile.
        tokio::task::yield_now().await;
        let not_reached = || Err(CallError::Transient("no connection".to_owned()));
        match (self.faults.next(), kind) {
            (Fault::Fine, _) => work(&mut self.ledger(), self.time.now()),
            (Fault::Late, Kind::Slow(late)) => {
                self.ledger().postpone(self.time.now().plus(LATE), late);
                Err(CallError::UnknownOutcome("no reply".to_owned()))
            }
            (Fault::After, Kind::Write | Kind::Slow(_)) => {
                let _ = work(&mut self.ledger(), self.time.now());
                Err(CallError::UnknownOutcome("no reply".to_owned()))
            }
            (Fault::Deadly, Kind::Write | Kind::Slow(_)) => {
                let _ = work(&mut self.ledger(), self.time.now());
                self.faults.die().await
            }
            (Fault::Before | Fault::After | Fault::Late | Fault::Deadly, _) => not_reached(),
        }
    }
}

impl CredentialManager for Manager {
    fn create_user<'a>(&'a self, person: &'a Person) -> BoxFuture<'a, CallResult<RemoteUserId>> {
        Box::pin(self.call(Kind::Write, |ledger, _| Ok(ledger.create_user(person.external_id))))
    }

    fn find_user(&self, external_id: UserIdentityId) -> BoxFuture<'_, CallResult<Option<RemoteUserId>>> {
        Box::pin(self.call(Kind::Read, move |ledger, _| Ok(ledger.find_user(external_id))))
    }

    fn find_user_by_email<'a>(&'a self, _: &'a Person) -> BoxFuture<'a, CallResult<EmailOwner>> {
        Box::pin(self.call(Kind::Read, |_, _| Ok(EmailOwner::Nobody)))
    }

    fn read_user<'a>(&'a self, user: &'a RemoteUserId, _: Priority) -> BoxFuture<'a, CallResult<Option<RemoteUser>>> {
        Box::pin(self.call(Kind::Read, |ledger, _| Ok(ledger.read_user(user))))
    }

    fn invite<'a>(&'a self, user: &'a RemoteUserId) -> BoxFuture<'a, CallResult<Invitation>> {
        Box::pin(self.call(Kind::Write, |ledger, now| ledger.invite(user, now)))
    }

    fn cancel_invitation<'a>(&'a self, invitation: &'a InvitationId) -> BoxFuture<'a, CallResult<()>> {
        Box::pin(self.call(Kind::Write, |ledger, _| {
            ledger.cancel(invitation);
            Ok(())
        }))
    }

    fn issue<'a>(&'a self, endpoint: &'a EndpointId, pool: Option<&'a RemotePoolId>) -> BoxFuture<'a, CallResult<RemoteCredential>> {
        let late = Kind::Slow(Work::Issue(endpoint.clone(), pool.cloned()));
        Box::pin(self.call(late, move |ledger, _| ledger.issue(endpoint, pool)))
    }

    fn revoke<'a>(&'a self, credential: &'a RemoteCredentialId) -> BoxFuture<'a, CallResult<()>> {
        let late = Kind::Slow(Work::Revoke(credential.clone()));
        Box::pin(self.call(late, |ledger, _| ledger.revoke(credential)))
    }

    fn pairings<'a>(&'a self, user: &'a RemoteUserId, _: Timestamp) -> BoxFuture<'a, CallResult<Vec<EndpointPairing>>> {
        Box::pin(self.call(Kind::Read, |ledger, _| {
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
        Box::pin(self.call(Kind::Read, |_, _| {
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
