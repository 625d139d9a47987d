//! `fobless webhook`: the keys that sign phone events, and an event to try a deployment out with.

use clap::{Args, Subcommand};
use fobless::{
    clock::Clock,
    config::Settings,
    digest::hex_sha256,
    domain::{
        ids::{InstallationId, UserIdentityId, WorkspaceId},
        phone_metadata::PhoneMetadata,
        time::Timestamp,
    },
    http_client::post,
    start::{StartError, secret},
    webhook::{
        draw_secret,
        signed_webhook::{PhoneEvent, PhoneEventType, SignedWebhook},
    },
};
use serde_json::{Value, json};

use crate::{confirm::Consent, error::OperatorError, report::Report, secret_document::SecretDocument};

/// So much of a hash tells keys apart.
const FINGERPRINT_LENGTH: usize = 12;

#[derive(Debug, Subcommand)]
pub(crate) enum WebhookCommand {
    /// Draw a key for whoever signs phone events of a workspace. It is shown this once. The functions take it within five minutes, and
    /// at once when the first event comes that it signed.
    AddKey {
        /// Which workspace's events it signs.
        #[arg(long, value_name = "UUID")]
        workspace: WorkspaceId,
    },
    /// List the keys by their fingerprints.
    ListKeys,
    /// Take a key away. The functions refuse what it signs within five minutes.
    RemoveKey {
        #[command(flatten)]
        consent: Consent,
        /// The key's fingerprint, as it is listed.
        fingerprint: String,
    },
    /// Print a signed phone event: header lines, an empty line, the body.
    Sign(Event),
    /// Send a signed phone event, and tell the answer's status.
    Send {
        /// Where to: the stack's output `WebhookUrl` and `webhooks/phones`.
        #[arg(long, value_name = "URL")]
        url: String,
        #[command(flatten)]
        event: Event,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Event {
    /// Whose key signs it, and the workspace of the person.
    #[arg(long, value_name = "UUID")]
    workspace: WorkspaceId,
    /// Whose phone it is.
    #[arg(long, value_name = "UUID")]
    user_identity: UserIdentityId,
    /// The app's own name for its installation.
    #[arg(long, value_name = "NAME")]
    installation: String,
    /// What happened: `phone.registered` or `phone.deactivated`.
    #[arg(long = "type", value_name = "TYPE", default_value = "phone.registered")]
    what: PhoneEventType,
}

impl WebhookCommand {
    pub(crate) async fn run(&self, settings: &Settings<'_>, now: Timestamp) -> Result<Report, OperatorError> {
        match self {
            Self::AddKey { workspace } => add_key(settings, *workspace).await,
            Self::ListKeys => list_keys(settings).await,
            Self::RemoveKey { consent, fingerprint } => {
                consent.ask(&format!("Refuse from now on what the key {fingerprint} signs?"))?;
                remove_key(settings, fingerprint).await
            }
            Self::Sign(event) => {
                let webhook = event.sign(settings, now).await?;
                let headers = webhook.headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
                let json = json!({ "headers": headers.collect::<serde_json::Map<_, _>>(), "body": webhook.body });
                Ok(Report::of(json, webhook.as_message()))
            }
            Self::Send { url, event } => {
                let SignedWebhook { headers, body } = event.sign(settings, now).await?;
                let status = post(url, &headers, body).await.map_err(OperatorError::Sending)?;
                let report = Report::of(json!({ "status": status.as_u16() }), status.to_string());
                if status.is_success() {
                    Ok(report)
                } else {
                    Err(OperatorError::Refused(status))
                }
            }
        }
    }
}

async fn add_key(settings: &Settings<'_>, workspace: WorkspaceId) -> Result<Report, OperatorError> {
    let document = SecretDocument::of(settings, settings.phone_webhook_keys().map_err(StartError::from)?)?;
    let mut keys = list(document.read().await?)?;
    let key = draw_secret().map_err(|_| OperatorError::NoRandomness)?;
    keys.push(json!({ "workspace_id": workspace, "secret": key.expose() }));
    document.write(&Value::Array(keys)).await?;
    let fingerprint = fingerprint(key.expose());
    let text = format!(
        "{}\n\nThis is the only time that the key is shown. Its fingerprint is {fingerprint}.",
        key.expose()
    );
    let json = json!({ "workspace_id": workspace, "fingerprint": fingerprint, "key": key.expose() });
    Ok(Report::of(json, text))
}

async fn list_keys(settings: &Settings<'_>) -> Result<Report, OperatorError> {
    let document = SecretDocument::of(settings, settings.phone_webhook_keys().map_err(StartError::from)?)?;
    let keys = list(document.read().await?)?;
    let shown = |key: &Value| json!({ "workspace_id": key["workspace_id"], "fingerprint": fingerprint(text(&key["secret"])) });
    let row = |key: &Value| [text(&key["workspace_id"]).to_owned(), fingerprint(text(&key["secret"]))];
    Ok(Report::table(
        keys.iter().map(shown).collect(),
        ["WORKSPACE", "FINGERPRINT"],
        keys.iter().map(row).collect(),
    ))
}

async fn remove_key(settings: &Settings<'_>, asked: &str) -> Result<Report, OperatorError> {
    let document = SecretDocument::of(settings, settings.phone_webhook_keys().map_err(StartError::from)?)?;
    let keys = list(document.read().await?)?;
    let (gone, left): (Vec<Value>, Vec<Value>) = keys.into_iter().partition(|key| fingerprint(text(&key["secret"])) == asked);
    if gone.is_empty() {
        return Err(OperatorError::UnknownWebhookKey(asked.to_owned()));
    }
    document.write(&Value::Array(left)).await?;
    let said = format!("what the key {asked} signs is refused, five minutes from now at the latest");
    Ok(Report::of(json!({ "removed": asked }), said))
}

impl Event {
    /// Signed with the first key of the workspace.
    async fn sign(&self, settings: &Settings<'_>, now: Timestamp) -> Result<SignedWebhook, OperatorError> {
        let setting = settings.phone_webhook_secrets().map_err(StartError::from)?;
        let keys = secret(settings, setting, &Clock::system()).await?.get().await;
        let key = keys.iter().find(|key| key.workspace_id == self.workspace);
        let key = key.ok_or(OperatorError::NoWebhookKey(self.workspace))?;
        let event = PhoneEvent {
            event_type: self.what,
            workspace_id: self.workspace,
            user_identity_id: self.user_identity,
            installation_id: InstallationId::new(&self.installation),
            metadata: PhoneMetadata::default(),
            occurred_at: now,
        };
        Ok(event.sign(key.secret.expose(), now)?)
    }
}

fn list(document: Value) -> Result<Vec<Value>, OperatorError> {
    match document {
        Value::Array(keys) => Ok(keys),
        _ => Err(OperatorError::NotJson("the secret of phone events".to_owned())),
    }
}

fn fingerprint(secret: &str) -> String {
    hex_sha256(secret)[..FINGERPRINT_LENGTH].to_owned()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
