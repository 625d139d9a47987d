//! What is sent to the system, and sent again until it is taken: webhooks about phones, and what an operator asks for.

use fobless::{
    domain::time::Timestamp,
    webhook::{HeaderFamily, MessageId, SigningKey},
};
use fobless_local::{
    Ready, seed,
    walk::{Client, WalkError},
};
use serde_json::{Value, json};

use super::people::Person;

/// Something to send.
#[derive(Clone, Debug)]
pub(crate) enum Letter {
    /// A signed event about a phone. A repeat has the same id and the same body, and another signature.
    Phone { id: MessageId, body: String },
    /// The multi-phone sync credential of a person is wished.
    Create(usize),
    /// It is no more.
    Delete(usize),
}

impl Letter {
    /// The app's backend tells of a phone.
    pub(crate) fn about_phone(person: &Person, installation: &str, is_in_use: bool, at: Timestamp, number: usize) -> Self {
        let body = json!({
            "event_type": if is_in_use { "phone.registered" } else { "phone.deactivated" },
            "workspace_id": seed::WORKSPACE,
            "created_at": at.to_string(),
            "occurred_at": at.to_string(),
            "user_identity_id": person.user_identity,
            "custom_sdk_installation_id": installation,
        });
        Self::Phone {
            id: format!("msg_{number}").parse().unwrap(),
            body: body.to_string(),
        }
    }

    /// Sends it once. An error says that nobody knows whether it arrived.
    pub(crate) async fn send(&self, client: &Client, http: &reqwest::Client, people: &[Person], now: Timestamp) -> Result<(), String> {
        match self {
            Self::Phone { id, body } => deliver(client.ready(), http, id, body, now).await,
            Self::Create(person) => create(&people[*person].client(client)).await.map_err(|error| error.to_string()),
            Self::Delete(person) => delete(&people[*person].client(client)).await.map_err(|error| error.to_string()),
        }
    }
}

async fn deliver(ready: &Ready, http: &reqwest::Client, id: &MessageId, body: &str, now: Timestamp) -> Result<(), String> {
    let key = SigningKey::parse(&ready.webhook_secret).unwrap();
    let mut request = http.post(format!("{}/webhooks/phones", ready.api));
    for (name, value) in key.headers(HeaderFamily::Standard, id, now, body.as_bytes()) {
        request = request.header(name, value);
    }
    let request = request.header("content-type", "application/json").body(body.to_owned());
    let answer = request.send().await.map_err(|error| error.to_string())?;
    assert!(!answer.status().is_client_error(), "{} for {body}", answer.status());
    if answer.status().is_success() {
        Ok(())
    } else {
        Err(answer.status().to_string())
    }
}

/// An operator who got no answer looks first whether it is there.
async fn create(client: &Client) -> Result<(), WalkError> {
    if parents(client).await?.is_empty() {
        let wish = json!({"acs_user_id": client.acs_user(), "is_multi_phone_sync_credential": true, "access_method": "mobile_key"});
        client.api("/acs/credentials/create", &wish).await?;
    }
    Ok(())
}

async fn delete(client: &Client) -> Result<(), WalkError> {
    for parent in parents(client).await? {
        let id = parent["acs_credential_id"].as_str().unwrap().parse().unwrap();
        client.delete_credential(id).await?;
    }
    Ok(())
}

/// The multi-phone sync credentials of the person.
pub(crate) async fn parents(client: &Client) -> Result<Vec<Value>, WalkError> {
    credentials(client, true).await
}

/// Those that phones have.
pub(crate) async fn children(client: &Client) -> Result<Vec<Value>, WalkError> {
    credentials(client, false).await
}

async fn credentials(client: &Client, is_multi_phone_sync_credential: bool) -> Result<Vec<Value>, WalkError> {
    let which = json!({"acs_user_id": client.acs_user(), "is_multi_phone_sync_credential": is_multi_phone_sync_credential});
    let mut answer = client.api("/acs/credentials/list", &which).await?;
    Ok(serde_json::from_value(answer["acs_credentials"].take()).unwrap())
}
