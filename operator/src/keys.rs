//! `fobless keys`: the API keys of a workspace.

use clap::Subcommand;
use fobless::{
    api_key::{draw_api_key, hash_api_key},
    domain::{
        ids::{ApiKeyId, WorkspaceId},
        time::Timestamp,
    },
    store::{ApiKey, Store},
};
use serde_json::{Value, json};

use crate::{confirm::Consent, error::OperatorError, report::Report};

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Make a key. It is shown this once; only its hash is kept.
    Create {
        /// Which workspace it opens.
        #[arg(long, value_name = "UUID")]
        workspace: WorkspaceId,
        /// What it is for, for people.
        #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
        name: String,
    },
    /// List the keys, the revoked too.
    List {
        /// Of which workspace.
        #[arg(long, value_name = "UUID")]
        workspace: WorkspaceId,
    },
    /// Revoke a key. It opens nothing any more, a minute from now at the latest.
    Revoke {
        /// The workspace that it opens.
        #[arg(long, value_name = "UUID")]
        workspace: WorkspaceId,
        #[command(flatten)]
        consent: Consent,
        /// The key's id, as it is listed.
        id: ApiKeyId,
    },
}

impl KeysCommand {
    pub(crate) async fn run(&self, store: &Store, now: Timestamp) -> Result<Report, OperatorError> {
        match self {
            Self::Create { workspace, name } => create(store, *workspace, name, now).await,
            Self::List { workspace } => list(store, *workspace).await,
            Self::Revoke { workspace, consent, id } => {
                consent.ask(&format!("Refuse the API key {id} from now on?"))?;
                revoke(store, *workspace, *id, now).await
            }
        }
    }
}

async fn create(store: &Store, workspace: WorkspaceId, name: &str, now: Timestamp) -> Result<Report, OperatorError> {
    let text = draw_api_key()?;
    let key = ApiKey::new(hash_api_key(text.expose()), workspace, name, now);
    let key = store.insert(key).await?.record;
    let mut json = shown(&key);
    json["key"] = Value::String(text.expose().to_owned());
    let text = format!(
        "{}\n\nThis is the only time that the key is shown. Its id is {}.",
        text.expose(),
        key.api_key_id
    );
    Ok(Report::of(json, text))
}

async fn list(store: &Store, workspace: WorkspaceId) -> Result<Report, OperatorError> {
    let keys = store.api_keys(workspace).await?;
    let json = Value::Array(keys.iter().map(shown).collect());
    let rows = keys.into_iter().map(|key| {
        [
            key.api_key_id.to_string(),
            key.name,
            key.created_at.to_string(),
            moment(key.last_used_at),
            moment(key.revoked_at),
        ]
    });
    Ok(Report::table(
        json,
        ["ID", "NAME", "CREATED", "LAST USED", "REVOKED"],
        rows.collect(),
    ))
}

async fn revoke(store: &Store, workspace: WorkspaceId, id: ApiKeyId, now: Timestamp) -> Result<Report, OperatorError> {
    let revoked = store.revoke_api_key(workspace, id, now).await?;
    let key = revoked.ok_or(OperatorError::UnknownKey(id))?;
    let text = format!(
        "The key {id} ({}) opens nothing any more, a minute from now at the latest.",
        key.name
    );
    Ok(Report::of(shown(&key), text))
}

fn moment(moment: Option<Timestamp>) -> String {
    moment.map_or_else(|| "-".to_owned(), |moment| moment.to_string())
}

fn shown(key: &ApiKey) -> Value {
    json!({
        "api_key_id": key.api_key_id,
        "workspace_id": key.workspace_id,
        "name": key.name,
        "created_at": key.created_at.to_string(),
        "last_used_at": key.last_used_at.map(|moment| moment.to_string()),
        "revoked_at": key.revoked_at.map(|moment| moment.to_string()),
    })
}
