//! `fobless systems add`: an access control system or a credential manager, in the table and, with its keys, in Secrets Manager.

use std::{fs, io::stdin, path::PathBuf};

use clap::{Args, Subcommand};
use fobless::{
    chance,
    config::Settings,
    domain::{
        acs::{AcsCredentialPool, AcsSystem, AcsSystemKind},
        ids::{AcsSystemId, ConnectedAccountId, WorkspaceId},
        time::Timestamp,
    },
    start::StartError,
    store::{Store, WriteError},
};
use serde_json::{Value, json};

use crate::{error::OperatorError, report::Report, secret_document::SecretDocument};

/// The header that callbacks carry their secret in. HID takes any name.
const CALLBACK_HEADER: &str = "x-fobless-callback-secret";
/// 160 bits and more.
const CALLBACK_SECRET_LENGTH: usize = 40;

#[derive(Debug, Subcommand)]
pub(crate) enum AddSystem {
    /// A HID Origo organization, which issues the credentials. Its password is read from a file or from standard input, since other
    /// programs can read a command line.
    HidOrigo(AddHidOrigo),
    /// An access control system whose card numbers Fobless keeps itself.
    Ledger(Named),
    /// An access control system behind a connector of one's own.
    Bridge(AddBridge),
}

#[derive(Args, Debug)]
pub(crate) struct Named {
    /// Which workspace.
    #[arg(long, value_name = "UUID")]
    workspace: WorkspaceId,
    /// What people call it.
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    name: String,
}

#[derive(Args, Debug)]
pub(crate) struct AddHidOrigo {
    #[command(flatten)]
    named: Named,
    /// A part number: a pool that credentials are drawn from. Several are given one by one.
    #[arg(long = "part-number", value_name = "TEXT", required = true)]
    part_numbers: Vec<String>,
    /// The system account, such as `ORGANIZATION-OSRV1`.
    #[arg(long, value_name = "TEXT")]
    client_id: String,
    /// The file with the account's password; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    client_secret_file: PathBuf,
    /// What HID calls your product, `HID-PARTNER-SOLUTION`.
    #[arg(long, value_name = "TEXT")]
    application_id: String,
    /// `production`, `certification`, or a JSON object with the four URLs.
    #[arg(long, value_name = "WHERE", default_value = "production", value_parser = base_urls)]
    base_urls: Value,
    /// How many calls HID allows to the organization.
    #[arg(long, value_name = "CALLS", default_value_t = 300)]
    calls_per_5_minutes: u32,
}

#[derive(Args, Debug)]
pub(crate) struct AddBridge {
    #[command(flatten)]
    named: Named,
    /// Where the connector listens.
    #[arg(long, value_name = "URL")]
    url: String,
    /// The file with what requests to it are signed with, `whsec_...`; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    secret_file: PathBuf,
}

fn base_urls(text: &str) -> Result<Value, serde_json::Error> {
    if text.starts_with('{') {
        serde_json::from_str(text)
    } else {
        Ok(json!(text))
    }
}

impl AddSystem {
    pub(crate) async fn run(&self, store: &Store, settings: &Settings<'_>, now: Timestamp) -> Result<Report, OperatorError> {
        let id = AcsSystemId::generate();
        // The secrets first: what stands there of a system that is not in the table does no harm, and the other way round phones wait.
        let (named, kind, part_numbers) = match self {
            Self::HidOrigo(asked) => {
                asked.keep_secrets(settings, id).await?;
                (&asked.named, AcsSystemKind::HidOrigo, asked.part_numbers.as_slice())
            }
            Self::Ledger(named) => (named, AcsSystemKind::Ledger, [].as_slice()),
            Self::Bridge(asked) => {
                asked.keep_secrets(settings, id).await?;
                (&asked.named, AcsSystemKind::Bridge, [].as_slice())
            }
        };
        let system = AcsSystem {
            workspace_id: named.workspace,
            acs_system_id: id,
            connected_account_id: ConnectedAccountId::generate(),
            name: named.name.clone(),
            kind,
            time_zone: None,
            created_at: now,
            deletion: None,
        };
        // The pools first: nobody finds them before there is the system.
        for part_number in part_numbers {
            add_pool(store, &system, part_number, now).await?;
        }
        let system = store.insert(system).await?.record;
        let json = json!({ "acs_system_id": system.acs_system_id, "name": system.name, "kind": system.kind });
        let next = match kind {
            AcsSystemKind::HidOrigo => "\n\nNow look whether it takes our calls, and have it call back: `fobless systems check`.",
            AcsSystemKind::Ledger | AcsSystemKind::Bridge => "",
        };
        Ok(Report::of(json, format!("{id} ({}){next}", system.name)))
    }
}

/// A part number is one pool, however often it is named.
async fn add_pool(store: &Store, system: &AcsSystem, part_number: &str, now: Timestamp) -> Result<(), OperatorError> {
    let pool = AcsCredentialPool::named(system, part_number, now);
    match store.insert(pool).await {
        Ok(_) | Err(WriteError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

impl AddHidOrigo {
    async fn keep_secrets(&self, settings: &Settings<'_>, id: AcsSystemId) -> Result<(), OperatorError> {
        let managers = SecretDocument::of(settings, settings.credential_managers().map_err(StartError::from)?)?;
        let callbacks = SecretDocument::of(settings, settings.hid_origo_callbacks().map_err(StartError::from)?)?;
        let connection = json!({
            "kind": "hid_origo",
            "base_urls": self.base_urls,
            "client_id": self.client_id,
            "client_secret": read_secret(&self.client_secret_file)?,
            "application_id": self.application_id,
            "calls_per_5_minutes": self.calls_per_5_minutes,
        });
        managers.write(&with(managers.read().await?, id, connection)?).await?;
        let callback = json!({ "header": CALLBACK_HEADER, "secrets": [chance::base58(CALLBACK_SECRET_LENGTH)?] });
        callbacks.write(&with(callbacks.read().await?, id, callback)?).await?;
        Ok(())
    }
}

impl AddBridge {
    async fn keep_secrets(&self, settings: &Settings<'_>, id: AcsSystemId) -> Result<(), OperatorError> {
        let systems = SecretDocument::of(settings, settings.access_control_systems().map_err(StartError::from)?)?;
        let bridge = json!({ "kind": "bridge", "url": self.url, "secret": read_secret(&self.secret_file)? });
        systems.write(&with(systems.read().await?, id, bridge)?).await?;
        Ok(())
    }
}

/// The document with one more system.
fn with(mut document: Value, id: AcsSystemId, entry: Value) -> Result<Value, OperatorError> {
    let systems = document.as_object_mut();
    let systems = systems.ok_or_else(|| OperatorError::NotJson("a secret of the deployment".to_owned()))?;
    systems.insert(id.to_string(), entry);
    Ok(document)
}

/// The text of the file, without the line's end that editors leave.
fn read_secret(path: &PathBuf) -> Result<String, OperatorError> {
    let read = if path.as_os_str() == "-" {
        std::io::read_to_string(stdin())
    } else {
        fs::read_to_string(path)
    };
    let text = read.map_err(|error| OperatorError::File { path: path.clone(), error })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
