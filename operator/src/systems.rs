//! `fobless systems`: the access control systems and credential managers of a workspace, and whether the latter take our calls.

use clap::Subcommand;
use fobless::{
    clock::Clock,
    config::Settings,
    credential_manager::{CallError, Callback},
    domain::{
        acs::{AcsCredentialPool, AcsSystem},
        ids::{AcsSystemId, WorkspaceId},
        time::Timestamp,
    },
    reconcile::Reconciler,
    start::{StartError, secret},
    store::Store,
};
use serde_json::{Value, json};

use crate::{add_system::AddSystem, error::OperatorError, report::Report};

#[derive(Debug, Subcommand)]
pub(crate) enum SystemsCommand {
    /// List the systems.
    List {
        /// Of which workspace.
        #[arg(long, value_name = "UUID")]
        workspace: WorkspaceId,
    },
    /// Add a system. What it needs of secrets is kept in Secrets Manager, where the functions find it within five minutes.
    #[command(subcommand)]
    Add(AddSystem),
    /// Call a credential manager as the functions do, and register where it calls back, with the secrets that they have.
    Check {
        /// The workspace that it belongs to.
        #[arg(long, value_name = "UUID")]
        workspace: WorkspaceId,
        /// Where the webhook function is (the stack's output `WebhookUrl`). Without it no callback is registered.
        #[arg(long, value_name = "URL")]
        webhook_url: Option<String>,
        /// The credential manager, by its `acs_system_id`.
        system: AcsSystemId,
    },
}

/// One thing that was looked at, and what was found.
struct Finding {
    what: String,
    result: Result<String, CallError>,
}

impl SystemsCommand {
    pub(crate) async fn run(&self, store: &Store, settings: &Settings<'_>, now: Timestamp) -> Result<Report, OperatorError> {
        match self {
            Self::Add(system) => system.run(store, settings, now).await,
            Self::List { workspace } => Ok(list(&store.acs_systems(*workspace).await?)),
            Self::Check {
                workspace,
                webhook_url,
                system,
            } => check(store, settings, *workspace, *system, webhook_url.as_deref()).await,
        }
    }
}

fn list(systems: &[AcsSystem]) -> Report {
    let state = |system: &AcsSystem| if system.deletion.is_some() { "deleted" } else { "in use" };
    let shown = |system: &AcsSystem| {
        json!({
            "acs_system_id": system.acs_system_id,
            "name": system.name,
            "kind": system.kind,
            "created_at": system.created_at.to_string(),
            "state": state(system),
        })
    };
    let row = |system: &AcsSystem| {
        let kind = serde_json::to_value(system.kind).unwrap_or_default();
        [
            system.acs_system_id.to_string(),
            system.name.clone(),
            kind.as_str().unwrap_or_default().to_owned(),
            system.created_at.to_string(),
            state(system).to_owned(),
        ]
    };
    Report::table(
        systems.iter().map(shown).collect(),
        ["ID", "NAME", "KIND", "CREATED", "STATE"],
        systems.iter().map(row).collect(),
    )
}

async fn check(
    store: &Store,
    settings: &Settings<'_>,
    workspace: WorkspaceId,
    system: AcsSystemId,
    webhook_url: Option<&str>,
) -> Result<Report, OperatorError> {
    let systems = store.acs_systems(workspace).await?;
    if !systems
        .iter()
        .any(|found| found.acs_system_id == system && found.is_credential_manager())
    {
        return Err(OperatorError::UnknownCredentialManager(system));
    }
    let clock = Clock::system();
    let managers = secret(settings, settings.credential_managers().map_err(StartError::from)?, &clock)
        .await?
        .get()
        .await;
    let callbacks = secret(settings, settings.hid_origo_callbacks().map_err(StartError::from)?, &clock)
        .await?
        .get()
        .await;
    let reconciler = Reconciler::new(store.clone(), clock, managers.as_ref().clone(), [].into()).map_err(StartError::from)?;
    let mut findings = Vec::new();
    for pool in store.pools(workspace, system).await? {
        findings.push(look_at(&reconciler, system, &pool).await);
    }
    if let Some(url) = webhook_url {
        let secrets = callbacks.get(&system);
        let registered = match secrets.and_then(|callback| Some((&callback.header, callback.secrets.first()?))) {
            Some((header, secret)) => {
                let callback = Callback {
                    url: format!("{}/webhooks/hid-origo/{system}", url.trim_end_matches('/')),
                    header: header.clone(),
                    secret: secret.clone(),
                };
                let registered = reconciler.ensure_callback(system, &callback).await;
                let trust = secrets
                    .filter(|callback| callback.trusted)
                    .map_or("", |_| ", and what it names is trusted");
                registered.map(|()| format!("registered: {}{trust}", callback.url))
            }
            None => Err(CallError::Misconfigured(
                "FOBLESS_HID_ORIGO_CALLBACKS has no secret of this system".to_owned(),
            )),
        };
        findings.push(Finding {
            what: "callback".to_owned(),
            result: registered,
        });
    }
    let report = told(&findings);
    if findings.iter().all(|finding| finding.result.is_ok()) {
        Ok(report)
    } else {
        Err(OperatorError::Check(report.text()))
    }
}

/// The level is read afresh: with the token, the product's name, and the right to see part numbers.
async fn look_at(reconciler: &Reconciler, system: AcsSystemId, pool: &AcsCredentialPool) -> Finding {
    let level = reconciler.pool_level(system, &pool.remote_id).await;
    let result = level.and_then(|level| match level {
        Some(level) => Ok(level
            .available
            .map_or_else(|| "there, and not counted".to_owned(), |left| format!("{left} left"))),
        None => Err(CallError::NotFound(format!("the pool {}", pool.remote_id))),
    });
    Finding {
        what: format!("pool {}", pool.display_name),
        result,
    }
}

fn told(findings: &[Finding]) -> Report {
    let said = |finding: &Finding| finding.result.as_ref().map_or_else(ToString::to_string, Clone::clone);
    let shown = |finding: &Finding| json!({ "what": finding.what, "is_good": finding.result.is_ok(), "found": said(finding) });
    let row = |finding: &Finding| {
        let verdict = if finding.result.is_ok() { "ok" } else { "FAILED" };
        [finding.what.clone(), verdict.to_owned(), said(finding)]
    };
    let json: Vec<Value> = findings.iter().map(shown).collect();
    Report::table(json.into(), ["WHAT", "IS", "FOUND"], findings.iter().map(row).collect())
}
