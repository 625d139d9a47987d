//! Events of phones, from the customer's mobile backend.

use bytes::Bytes;
use fobless::{
    domain::{
        aggregate::Versioned,
        ids::{DeviceId, UserIdentityId, WorkspaceId},
        time::Timestamp,
        user_identity::UserIdentity,
    },
    store::{Collection, FactOutcome, PartitionOwner, PhoneFact, PhoneFactKind, StoreError},
    webhook::{PhoneEvent, PhoneReference, Rejection, RejectionClass, UnverifiedWebhook, VerifiedWebhook},
};
use http::HeaderMap;

use crate::{Answer, State};

/// What an event comes to.
enum Meaning {
    Fact(PhoneFact),
    UnknownUserIdentity,
    NotOurs,
}

pub(crate) async fn handle(state: &State, headers: &HeaderMap, body: &Bytes) -> Answer {
    let now = state.clock.now();
    let webhook = match verified(state, headers, body, now).await {
        Ok(webhook) => webhook,
        Err(rejection) => {
            tracing::warn!(webhook.rejection = rejection.name(), "refused a phone webhook");
            return match rejection.class() {
                RejectionClass::Malformed => Answer::Malformed,
                RejectionClass::Unauthorized => Answer::Unauthorized,
            };
        }
    };
    let message = webhook.message_id();
    let event = match PhoneEvent::parse(&webhook, now) {
        Ok(event) => event,
        Err(problem) => {
            tracing::warn!(webhook.message_id = %message, "refused a phone webhook: {problem}");
            return Answer::Malformed;
        }
    };
    let recorded = async {
        match meaning(state, webhook.workspace_id(), event).await? {
            Meaning::NotOurs => Ok(Answer::NotOurs),
            Meaning::UnknownUserIdentity => {
                tracing::warn!(webhook.message_id = %message, "refused a phone webhook: the user identity is not known");
                Ok(Answer::UnknownUserIdentity)
            }
            Meaning::Fact(fact) => {
                let outcome = state.store.record_phone_fact(&fact, now).await?;
                let is_new = matches!(outcome, FactOutcome::Recorded(_));
                tracing::info!(webhook.message_id = %message, phone.id = %fact.device_id, is_new, "took a phone webhook");
                Ok(Answer::Accepted)
            }
        }
    };
    recorded.await.unwrap_or_else(|error: StoreError| {
        tracing::error!(webhook.message_id = %message, error = %error, "a phone webhook could not be recorded");
        Answer::SendAgain
    })
}

/// The event, if a key that is active signed it. The keys may have changed since they were read.
async fn verified<'r>(state: &State, headers: &'r HeaderMap, body: &'r Bytes, now: Timestamp) -> Result<VerifiedWebhook<'r>, Rejection> {
    let keys = state.keys.get().await;
    let verified = UnverifiedWebhook::new(headers, body).verify(&keys, now);
    if !matches!(verified, Err(Rejection::NoKeyMatches)) {
        return verified;
    }
    match state.keys.newer_than(&keys).await {
        Some(newer) => UnverifiedWebhook::new(headers, body).verify(&newer, now),
        None => verified,
    }
}

/// What the event says about which phone. The key's workspace counts: an event that names another one is not about anybody here.
async fn meaning(state: &State, workspace: WorkspaceId, event: PhoneEvent) -> Result<Meaning, StoreError> {
    let (named, occurred_at) = match &event {
        PhoneEvent::NotOurs { event_type } => {
            tracing::info!(event.r#type = event_type, "a phone webhook is not ours");
            return Ok(Meaning::NotOurs);
        }
        PhoneEvent::Registered {
            workspace_id, occurred_at, ..
        }
        | PhoneEvent::Deactivated {
            workspace_id, occurred_at, ..
        } => (*workspace_id, *occurred_at),
    };
    if named.is_some_and(|named| named != workspace) {
        return Ok(Meaning::UnknownUserIdentity);
    }
    let (phone, kind) = match event {
        PhoneEvent::Registered {
            user_identity_id,
            installation_id,
            metadata,
            ..
        } => {
            let device_id = DeviceId::of_installation(workspace, user_identity_id, &installation_id);
            let phone = person(state, workspace, user_identity_id).await?.map(|owner| (owner, device_id));
            (
                phone,
                PhoneFactKind::Registered {
                    installation_id,
                    metadata: metadata.cut(),
                },
            )
        }
        PhoneEvent::Deactivated { phone, .. } => (deactivated(state, workspace, phone).await?, PhoneFactKind::Deactivated),
        PhoneEvent::NotOurs { .. } => return Ok(Meaning::NotOurs),
    };
    let fact = phone.map(|(owner, device_id)| PhoneFact {
        owner,
        device_id,
        occurred_at,
        kind,
    });
    Ok(fact.map_or(Meaning::UnknownUserIdentity, Meaning::Fact))
}

async fn deactivated(
    state: &State,
    workspace: WorkspaceId,
    phone: PhoneReference,
) -> Result<Option<(PartitionOwner, DeviceId)>, StoreError> {
    match phone {
        PhoneReference::ByInstallation {
            user_identity_id,
            installation_id,
        } => {
            let device_id = DeviceId::of_installation(workspace, user_identity_id, &installation_id);
            Ok(person(state, workspace, user_identity_id).await?.map(|owner| (owner, device_id)))
        }
        PhoneReference::ByDevice {
            device_id,
            user_identity_id: Some(user_identity_id),
        } => Ok(person(state, workspace, user_identity_id).await?.map(|owner| (owner, device_id))),
        // Seam's own event names the device alone.
        PhoneReference::ByDevice {
            device_id,
            user_identity_id: None,
        } => {
            let key = state.store.find(Collection::Phones, workspace, device_id.uuid()).await?;
            Ok(key
                .and_then(|key| PartitionOwner::of_partition(&key.partition))
                .map(|owner| (owner, device_id)))
        }
    }
}

async fn person(state: &State, workspace_id: WorkspaceId, user_identity_id: UserIdentityId) -> Result<Option<PartitionOwner>, StoreError> {
    let owner = PartitionOwner {
        workspace_id,
        user_identity_id,
    };
    let known: Option<Versioned<UserIdentity>> = state.store.get(owner.identity()).await?;
    Ok(known.map(|_| owner))
}
