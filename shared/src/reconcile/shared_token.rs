//! The access token that all instances share: fetched once however many ask, since the far side allows few token calls.

use std::{sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::Mutex;

use crate::{
    clock::Clock,
    credential_manager::{CallError, CallResult, SharedToken, TokenEndpoint},
    domain::{aggregate::Versioned, ids::AcsSystemId, secret::Secret, time::Timestamp},
    store::{Key, Store, TokenState, WriteError},
};

/// How long one instance may take to fetch; then another one takes over.
const FETCH_LEASE: Duration = Duration::from_secs(15);
/// After a fetch that failed nobody tries again for this long: 50 token calls are allowed in five minutes.
const FETCH_REST: Duration = Duration::from_secs(7);
/// A token that replaced a refused one a moment ago and is refused too shows that something else is wrong: fetching more of them helps nobody.
const FRESH: Duration = Duration::from_secs(30);
/// A token is used for at least this long, whatever the far side says of its life.
const SHORTEST_USE: Duration = Duration::from_secs(30);
/// How long to wait for another instance's fetch, and how often to look.
const LOOKS: u32 = 100;
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The token of one credential manager.
pub(super) struct TokenInTable {
    store: Store,
    clock: Clock,
    system: AcsSystemId,
    endpoint: Arc<dyn TokenEndpoint>,
    /// What this instance saw last, so that most calls read nothing.
    seen: Mutex<Option<(Secret, Timestamp)>>,
}

impl TokenInTable {
    pub(super) fn new(store: Store, clock: Clock, system: AcsSystemId, endpoint: Arc<dyn TokenEndpoint>) -> Self {
        Self {
            store,
            clock,
            system,
            endpoint,
            seen: Mutex::new(None),
        }
    }

    /// The lock is held over the fetch: inside one instance, too, only one asks.
    async fn current(&self, refused: Option<&Secret>) -> CallResult<Secret> {
        let mut seen = self.seen.lock().await;
        if let Some((token, renew_at)) = seen.as_ref()
            && *renew_at > self.clock.now()
            && refused != Some(token)
        {
            return Ok(token.clone());
        }
        for _ in 0..LOOKS {
            let now = self.clock.now();
            let state = self.store.get::<TokenState>(Key::token(self.system)).await?;
            let known = state.as_ref().map(|state| &state.record);
            if let Some(TokenState {
                token: Some(token),
                renew_at,
                ..
            }) = known
                && *renew_at > now
                && refused != Some(token)
            {
                *seen = Some((token.clone(), *renew_at));
                return Ok(token.clone());
            }
            let is_fresh = |state: &TokenState| state.replaced_refused_at.is_some_and(|replaced_at| now.since(replaced_at) < FRESH);
            if refused.is_some() && known.is_some_and(|state| state.token.as_ref() == refused && is_fresh(state)) {
                return Err(CallError::Misconfigured("a new access token is refused too".to_owned()));
            }
            if known.and_then(|state| state.fetching_until).is_none_or(|until| until <= now)
                && let Some(claim) = self.claim(state, now).await?
            {
                let (token, renew_at) = self.fetch(claim, refused.is_some()).await?;
                *seen = Some((token.clone(), renew_at));
                return Ok(token);
            }
            self.clock.sleep(LOOK_EVERY).await;
        }
        Err(CallError::Transient(
            "there is no access token; another instance is fetching one".to_owned(),
        ))
    }

    async fn claim(&self, state: Option<Versioned<TokenState>>, now: Timestamp) -> CallResult<Option<Versioned<TokenState>>> {
        let claim = TokenState {
            acs_system_id: self.system,
            token: None,
            renew_at: now,
            replaced_refused_at: None,
            fetching_until: Some(now.plus(FETCH_LEASE)),
        };
        let written = match state {
            Some(seen) => self.store.replace(claim, &seen).await,
            None => self.store.insert(claim).await,
        };
        match written {
            Ok(claim) => Ok(Some(claim)),
            Err(WriteError::Conflict) => Ok(None),
            Err(WriteError::Store(error)) => Err(error.into()),
        }
    }

    async fn fetch(&self, claim: Versioned<TokenState>, is_replacement: bool) -> CallResult<(Secret, Timestamp)> {
        let fetched = self.endpoint.fetch().await;
        let now = self.clock.now();
        let mut state = claim.record.clone();
        match &fetched {
            Ok(fresh) => {
                // Renewed well before its end, so that no call starts with a token that ends on the way.
                state.renew_at = now.plus(fresh.expires_in.mul_f64(0.8).max(SHORTEST_USE));
                state.replaced_refused_at = is_replacement.then_some(now);
                state.token = Some(fresh.token.clone());
                state.fetching_until = None;
            }
            Err(_) => state.fetching_until = Some(now.plus(FETCH_REST)),
        }
        let renew_at = state.renew_at;
        match self.store.replace(state, &claim).await {
            // Another instance took over since this one was slow; this token is as good as that one.
            Ok(_) | Err(WriteError::Conflict) => {}
            Err(WriteError::Store(error)) => tracing::warn!(error = %error, "the access token could not be kept for others"),
        }
        fetched.map(|fresh| (fresh.token, renew_at))
    }
}

impl SharedToken for TokenInTable {
    fn get<'a>(&'a self, refused: Option<&'a Secret>) -> BoxFuture<'a, CallResult<Secret>> {
        self.current(refused).boxed()
    }
}
