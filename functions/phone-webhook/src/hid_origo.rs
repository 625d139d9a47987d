//! Callbacks of HID Origo. HID signs nothing; a secret in a header is all that it offers. So what it says is only a hint: it is
//! written down, and the issuer looks for itself, unless the operator has said that it is trusted.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use fobless::{
    config::CallbackSecrets,
    credential_manager::hid_origo::callback::{Hint, parse_batch, secret_matches},
    domain::{
        ids::{AcsSystemId, InvitationId, RemoteUserId},
        trusted_news::TrustedNews,
    },
    store::{HintOutcome, StoreError, UserHints},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use http::HeaderMap;

use crate::{Answer, State};

/// How many people's hints are written at once.
const WRITES_AT_ONCE: usize = 8;
/// More names than this in one batch for one person are no person's phones: a user has up to five.
const MOST_NEWS: usize = 20;
/// HID's ids are short numbers; a longer text is none, and must not become a key or an attribute's name.
const LONGEST_ID: usize = 64;

pub(crate) async fn handle(state: &State, system: AcsSystemId, headers: &HeaderMap, body: &Bytes) -> Answer {
    let trust = match believed(state, system, headers).await {
        Ok(trust) => trust,
        Err(doubt) => {
            tracing::warn!(acs_system.id = %system, "refused a HID Origo callback: {doubt}");
            return doubt.into();
        }
    };
    let hints = match parse_batch(body) {
        Ok(hints) => hints,
        Err(problem) => {
            tracing::warn!(acs_system.id = %system, "refused a HID Origo callback: {problem}");
            return Answer::Malformed;
        }
    };
    let events = hints.len();
    match record(state, system, hints, trust).await {
        Ok(known) => {
            tracing::info!(acs_system.id = %system, events, users = known, "took a HID Origo callback");
            Answer::Accepted
        }
        Err(error) => {
            tracing::error!(acs_system.id = %system, error = %error, "a HID Origo callback could not be recorded");
            Answer::SendAgain
        }
    }
}

/// What the operator says of the callbacks that carry the right secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trust {
    /// They make us look.
    Hints,
    /// What they name is so.
    Facts,
}

/// Why a callback is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Doubt {
    #[error("no such organization is set up")]
    UnknownOrganization,
    #[error("its secret's header is missing or doubled")]
    NotOneSecret,
    #[error("its secret is not ours")]
    WrongSecret,
}

impl From<Doubt> for Answer {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::UnknownOrganization => Self::UnknownSource,
            Doubt::NotOneSecret => Self::Malformed,
            Doubt::WrongSecret => Self::Unauthorized,
        }
    }
}

/// Whether the callback carries a secret that is active. The secrets may have changed since they were read.
async fn believed(state: &State, system: AcsSystemId, headers: &HeaderMap) -> Result<Trust, Doubt> {
    let callbacks = state.callbacks.get().await;
    match believe(&callbacks, system, headers) {
        Err(doubt @ (Doubt::UnknownOrganization | Doubt::WrongSecret)) => match state.callbacks.newer_than(&callbacks).await {
            Some(newer) => believe(&newer, system, headers),
            None => Err(doubt),
        },
        done => done,
    }
}

fn believe(callbacks: &BTreeMap<AcsSystemId, CallbackSecrets>, system: AcsSystemId, headers: &HeaderMap) -> Result<Trust, Doubt> {
    let expected = callbacks.get(&system).ok_or(Doubt::UnknownOrganization)?;
    let mut given = headers.get_all(&expected.header).iter();
    let (Some(secret), None) = (given.next(), given.next()) else {
        return Err(Doubt::NotOneSecret);
    };
    if !secret_matches(&expected.secrets, secret.as_bytes()) {
        return Err(Doubt::WrongSecret);
    }
    Ok(if expected.trusted { Trust::Facts } else { Trust::Hints })
}

/// Writes the hints, one write per person however many events are about them. Answers how many of the people are ours.
async fn record(state: &State, system: AcsSystemId, hints: Vec<Hint>, trust: Trust) -> Result<usize, StoreError> {
    // What says only that a code was redeemed adds nothing to what names the endpoint that came from it.
    let named: BTreeSet<InvitationId> = hints
        .iter()
        .filter(|_| trust == Trust::Facts)
        .filter_map(|hint| Some(hint.pairing.as_ref()?.invitation.clone()))
        .collect();
    let is_said_better = |hint: &Hint| hint.acknowledged.as_ref().is_some_and(|invitation| named.contains(invitation));
    let hints = hints.into_iter().filter(|hint| !is_said_better(hint));
    let mut people: BTreeMap<RemoteUserId, UserHints> = BTreeMap::new();
    for hint in hints.filter(|hint| hint.user.as_str().len() <= LONGEST_ID) {
        gather(people.entry(hint.user.clone()).or_default(), hint, trust);
    }
    let writes = stream::iter(people).map(|(user, hints)| async move { state.store.record_hints(system, &user, &hints).await });
    let outcomes: Vec<HintOutcome> = writes.buffer_unordered(WRITES_AT_ONCE).try_collect().await?;
    Ok(outcomes
        .iter()
        .filter(|outcome| matches!(outcome, HintOutcome::Recorded(_)))
        .count())
}

/// Adds one hint to what is known of its person.
fn gather(person: &mut UserHints, hint: Hint, trust: Trust) {
    let pairing = hint.pairing.map(|pairing| (pairing.endpoint, pairing.invitation));
    let pairing = pairing.filter(|(endpoint, invitation)| endpoint.as_str().len().max(invitation.as_str().len()) <= LONGEST_ID);
    let issued = hint.issued.filter(|credential| credential.as_str().len() <= LONGEST_ID);
    let redeemed = pairing.clone().map(|(endpoint_id, invitation_id)| TrustedNews::Redeemed {
        invitation_id,
        endpoint_id,
    });
    let news = redeemed.or(issued.map(|remote_id| TrustedNews::Issued { remote_id }));
    match news.filter(|_| trust == Trust::Facts) {
        Some(news) if person.trusted.contains(&news) => {}
        Some(news) if person.trusted.len() < MOST_NEWS => person.trusted.push(news),
        _ if hint.is_credential => person.credential += 1,
        _ => person.enrollment += 1,
    }
    if let Some((endpoint, invitation)) = pairing
        && person.pairings.len() < MOST_NEWS
        && person.pairings.iter().all(|(named, _)| *named != endpoint)
    {
        person.pairings.push((endpoint, invitation));
    }
}
