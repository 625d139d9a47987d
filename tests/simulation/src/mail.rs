//! What is brought to the functions, and brought again until it is taken: webhooks, callbacks, batches of the stream, the sweeper's
//! schedule, and what the API is asked for.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use fobless::{
    domain::{
        aggregate::Versioned,
        deletion::Deletable,
        enrollment_automation::EnrollmentAutomation,
        ids::{AcsCredentialId, RemoteUserId},
        multi_phone_sync_credential::MultiPhoneSyncCredential,
        trusted_news::TrustedNews,
    },
    store::{Key, Record, Store, UserHints, WriteError},
    webhook::{HeaderFamily, SigningKey},
};
use futures_util::future::BoxFuture;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::{records::Names, time::Time, wishes::PhoneEvent};

pub(crate) const WEBHOOK_SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
pub(crate) const CALLBACK_HEADER: &str = "x-callback-secret";
pub(crate) const CALLBACK_SECRET: &str = "of-the-simulation";

/// How long an issuer may work on a batch, as deployed.
const ISSUER_TIME: Duration = Duration::from_secs(50);

/// Something that is brought to a function.
#[derive(Clone, Debug)]
pub(crate) enum Letter {
    Phone(PhoneEvent),
    Callback(RemoteUserId, UserHints),
    /// As Lambda hands it over.
    Batch(Arc<Value>),
    Sweep,
    Wish(Wish),
}

impl Letter {
    pub(crate) fn batch(records: Vec<Value>) -> Self {
        let mut event = json!({});
        event["Records"] = Value::Array(records);
        Self::Batch(Arc::new(event))
    }

    pub(crate) const fn is_batch(&self) -> bool {
        matches!(self, Self::Batch(_))
    }
}

/// What the API is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wish {
    Launch,
    DeleteAutomation,
    CreateParent(usize, AcsCredentialId),
    DeleteParent(AcsCredentialId),
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Outcome {
    Done,
    /// This is to be brought again.
    Again(Letter),
}

/// The functions that take it.
#[derive(Debug)]
pub(crate) struct Functions {
    pub(crate) names: Names,
    pub(crate) time: Time,
    pub(crate) webhook: Arc<phone_webhook::State>,
    pub(crate) issuers: [Arc<credential_issuer::State>; 2],
    pub(crate) sweeper: Arc<sweeper::State>,
    pub(crate) api: Store,
}

impl Functions {
    /// An invocation. `issuer` says which of the two instances it is.
    pub(crate) fn take(&self, letter: Letter, issuer: usize) -> BoxFuture<'static, Outcome> {
        let names = self.names;
        match letter {
            Letter::Phone(event) => {
                let (webhook, time) = (Arc::clone(&self.webhook), self.time.clone());
                Box::pin(async move {
                    let answer = phone_webhook::handle(&webhook, phone_request(&names, event, &time)).await;
                    after(answer.status(), Letter::Phone(event))
                })
            }
            Letter::Callback(user, hints) => {
                let webhook = Arc::clone(&self.webhook);
                Box::pin(async move {
                    let answer = phone_webhook::handle(&webhook, callback_request(&names, &user, &hints)).await;
                    after(answer.status(), Letter::Callback(user, hints))
                })
            }
            Letter::Batch(batch) => {
                let issuer = Arc::clone(&self.issuers[issuer]);
                Box::pin(async move {
                    let answer = credential_issuer::handle_batch(&issuer, &batch, ISSUER_TIME).await;
                    let records = batch["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
                    let failed = answer["batchItemFailures"][0]["itemIdentifier"].as_str();
                    let from = failed.and_then(|failed| records.iter().position(|record| record["dynamodb"]["SequenceNumber"] == failed));
                    from.map_or(Outcome::Done, |from| Outcome::Again(Letter::batch(records[from..].to_vec())))
                })
            }
            Letter::Sweep => {
                let sweeper = Arc::clone(&self.sweeper);
                Box::pin(async move {
                    let _ = sweeper::sweep(&sweeper, Duration::ZERO).await;
                    Outcome::Done
                })
            }
            Letter::Wish(wish) => {
                let (api, time) = (self.api.clone(), self.time.clone());
                Box::pin(async move {
                    match fulfil(&api, &names, wish, &time).await {
                        Ok(()) => Outcome::Done,
                        Err(_) => Outcome::Again(Letter::Wish(wish)),
                    }
                })
            }
        }
    }
}

/// Who sends something sends it again until it is taken.
fn after(status: StatusCode, letter: Letter) -> Outcome {
    assert!(status.is_success() || status.is_server_error(), "{status} for {letter:?}");
    if status.is_success() {
        Outcome::Done
    } else {
        Outcome::Again(letter)
    }
}

fn phone_request(names: &Names, event: PhoneEvent, time: &Time) -> Request<Option<Bytes>> {
    let now = time.now();
    let body = json!({
        "event_type": if event.is_registration { "phone.registered" } else { "phone.deactivated" },
        "occurred_at": event.occurred_at.to_string(),
        "created_at": now.to_string(),
        "user_identity_id": names.owner.user_identity_id,
        "custom_sdk_installation_id": Names::installation(event.phone),
    });
    let body = body.to_string();
    let id = format!("msg_{}", event.occurred_at.millis()).parse().unwrap();
    let headers = SigningKey::parse(WEBHOOK_SECRET)
        .unwrap()
        .headers(HeaderFamily::Standard, &id, now, body.as_bytes());
    let request = Request::post("/webhooks/phones");
    let request = headers
        .into_iter()
        .fold(request, |request, (name, value)| request.header(name, value));
    request.body(Some(body.into())).unwrap()
}

fn callback_request(names: &Names, user: &RemoteUserId, hints: &UserHints) -> Request<Option<Bytes>> {
    let pairings = hints.pairings.iter().map(|(endpoint, invitation)| {
        json!({
            "type": "com.origo.mi.endpoint",
            "data": { "userId": user, "status": "ENDPOINT_ACTIVE", "endpointId": endpoint, "invitationId": invitation },
        })
    });
    let credentials = hints.trusted.iter().filter_map(|news| match news {
        TrustedNews::Issued { remote_id } => Some(json!({
            "type": "com.origo.mi.credential",
            "data": { "userId": user, "status": "CREDENTIAL_ISSUED", "mid": remote_id },
        })),
        TrustedNews::Redeemed { .. } => None,
    });
    let events: Vec<Value> = pairings.chain(credentials).collect();
    let request = Request::post(format!("/webhooks/hid-origo/{}", names.manager));
    let request = request.header(CALLBACK_HEADER, CALLBACK_SECRET);
    request.body(Some(json!(events).to_string().into())).unwrap()
}

/// Writes a wish as the API writes it. Its caller asks again when it fails, so what is done already is no failure.
async fn fulfil(store: &Store, names: &Names, wish: Wish, time: &Time) -> Result<(), WriteError> {
    let now = time.now();
    match wish {
        Wish::CreateParent(slot, id) => {
            let parent = names.parent(id, slot, names.acs_users[0], now);
            match store.insert(parent).await {
                // Either it is there, or somebody's transaction was in the way.
                Err(WriteError::Conflict) => change(store, names.owner.credential(id), |_: &mut MultiPhoneSyncCredential| false).await,
                written => written.map(drop),
            }
        }
        Wish::DeleteParent(id) => {
            change(store, names.owner.credential(id), |parent: &mut MultiPhoneSyncCredential| {
                parent.request_deletion(now)
            })
            .await
        }
        Wish::Launch => {
            let wanted = names.automation(now);
            match store.insert(wanted.clone()).await {
                Err(WriteError::Conflict) => {}
                written => return written.map(drop),
            }
            let relaunch = |automation: &mut EnrollmentAutomation| {
                let was_deleted = !automation.is_running();
                automation.deleted_at = None;
                automation.ensure_user.not_before = None;
                automation.created_at = wanted.created_at;
                automation.review_at = wanted.review_at;
                was_deleted
            };
            change(store, names.owner.automation(names.automation_id()), relaunch).await
        }
        Wish::DeleteAutomation => {
            let delete = |automation: &mut EnrollmentAutomation| {
                let was_running = automation.is_running();
                automation.deleted_at.get_or_insert(now);
                was_running
            };
            change(store, names.owner.automation(names.automation_id()), delete).await
        }
    }
}

async fn change<R: Record>(store: &Store, key: Key, change: impl FnMut(&mut R) -> bool + Send) -> Result<(), WriteError> {
    let found: Option<Versioned<R>> = store.get(key).await?;
    match found {
        Some(found) => store.amend(found, change).await.map(drop),
        None => Err(WriteError::Conflict),
    }
}
