//! `/webhooks/*`: where the workspace wants to be told what happens. Only the wish is written here; the sender of webhooks does the rest.

use fobless::{
    domain::{
        aggregate::Versioned,
        deletion::Deletable,
        event_types::EventTypes,
        ids::WebhookId,
        webhook::{WEBHOOKS_PER_WORKSPACE, Webhook, WebhookUrl},
    },
    store::Key,
    webhook::draw_secret,
    webhook_delivery::WebhookTargets,
};

use crate::{
    endpoint::{Accepts, Call, Endpoint, endpoint},
    envelope::Answer,
    fields::Fields,
    problem::Problem,
    wire::webhook::WebhookObject,
};

const EVENT_TYPES: &str = "event_types";

pub(crate) fn routes() -> Vec<Endpoint> {
    vec![
        endpoint("/webhooks/create", Accepts::Create, create),
        endpoint("/webhooks/get", Accepts::Read, get),
        endpoint("/webhooks/list", Accepts::Read, list),
        endpoint("/webhooks/update", Accepts::Put, update),
        endpoint("/webhooks/delete", Accepts::Delete, delete),
    ]
}

async fn create(call: Call) -> Result<Answer, Problem> {
    let (url, event_types) = call.read(|fields| {
        let url = url(fields, call.webhook_targets);
        let event_types = if fields.is_given(EVENT_TYPES) {
            event_types(fields)
        } else {
            Some(EventTypes::All)
        };
        Some((url?, event_types?))
    })?;
    let present = call.store.webhooks(call.workspace_id).await?;
    if present.iter().filter(|webhook| webhook.is_wanted()).count() >= WEBHOOKS_PER_WORKSPACE {
        return Err(Problem::too_many_webhooks(WEBHOOKS_PER_WORKSPACE));
    }
    let secret = draw_secret().map_err(|error| Problem::internal(error.to_string()))?;
    let webhook = Webhook::new(call.workspace_id, WebhookId::generate(), url, event_types, secret, call.now);
    call.store.transaction().create(&webhook)?.write().await?;
    Answer::of("webhook", &WebhookObject::with_secret(&webhook))
}

async fn get(call: Call) -> Result<Answer, Problem> {
    let id = call.read(|fields| fields.required_id("webhook_id"))?;
    let found = wanted(&call, id).await?;
    Answer::of("webhook", &WebhookObject::with_secret(&found.record))
}

async fn list(call: Call) -> Result<Answer, Problem> {
    call.read_nothing()?;
    let webhooks = call.store.webhooks(call.workspace_id).await?;
    let shown: Vec<WebhookObject> = webhooks
        .iter()
        .filter(|webhook| webhook.is_wanted())
        .map(WebhookObject::of)
        .collect();
    Answer::of("webhooks", &shown)
}

/// Changes what a webhook is told of, and enables one that was disabled. Its address can't be changed: who has another one makes
/// another webhook, with a secret of its own.
async fn update(call: Call) -> Result<Answer, Problem> {
    let (id, event_types) = call.read(|fields| {
        let id = fields.required_id("webhook_id");
        fields.note_if_missing(EVENT_TYPES);
        let event_types = fields.is_given(EVENT_TYPES).then(|| event_types(fields)).flatten();
        Some((id?, event_types?))
    })?;
    let found = wanted(&call, id).await?;
    let written = call.store.amend(found, |webhook| {
        webhook.is_wanted() && webhook.subscribe(event_types.clone(), call.now)
    });
    written.await?;
    Ok(Answer::done())
}

/// Deleting twice is fine: clients repeat a delete whose answer got lost.
async fn delete(call: Call) -> Result<Answer, Problem> {
    let id = call.read(|fields| fields.required_id("webhook_id"))?;
    let found = find(&call, id).await?;
    call.store.amend(found, |webhook| webhook.delete(call.now)).await?;
    Ok(Answer::done())
}

/// The webhook, be it gone or not.
async fn find(call: &Call, id: WebhookId) -> Result<Versioned<Webhook>, Problem> {
    let found = call.store.get(Key::webhook(call.workspace_id, id)).await?;
    found.ok_or_else(|| not_found(id))
}

async fn wanted(call: &Call, id: WebhookId) -> Result<Versioned<Webhook>, Problem> {
    let found = find(call, id).await?;
    if found.record.is_wanted() { Ok(found) } else { Err(not_found(id)) }
}

fn not_found(id: WebhookId) -> Problem {
    Problem::not_found("webhook_not_found", format!("There is no webhook {id}"))
}

fn url(fields: &Fields<'_>, targets: WebhookTargets) -> Option<WebhookUrl> {
    let text = fields.required_text("url")?;
    match targets.parse(&text) {
        Ok(_) => Some(WebhookUrl::new(text)),
        Err(refusal) => {
            fields.issue("url", format!("Invalid url: it {refusal}"));
            None
        }
    }
}

fn event_types(fields: &Fields<'_>) -> Option<EventTypes> {
    let names = fields.texts(EVENT_TYPES)?;
    if names.is_empty() {
        fields.issue(EVENT_TYPES, "Array must contain at least 1 element(s)");
        return None;
    }
    match EventTypes::parse(names) {
        Ok(types) => Some(types),
        Err(odd) => {
            fields.refuse(Problem::invalid_event_types(odd.to_string()));
            None
        }
    }
}
