//! The credential managers of this deployment, each with its shared budget and token.

use std::{collections::BTreeMap, fmt, sync::Arc};

use super::{call_budget::SharedCallBudget, shared_token::TokenInTable};
use crate::{
    clock::Clock,
    config::{ConfigError, CredentialManagerSettings, setting},
    credential_manager::{
        CallBudget, CallError, CallResult, CredentialManager,
        hid_origo::{HidOrigo, HidOrigoTokenEndpoint, Line, http_client},
    },
    domain::{ids::AcsSystemId, time::Timestamp},
    store::Store,
    telemetry::Telemetry,
};

/// By the id of the ACS system. Cheap to clone.
#[derive(Clone)]
pub(super) struct Managers {
    by_system: Arc<BTreeMap<AcsSystemId, Arc<dyn CredentialManager>>>,
    /// Of those that this deployment connected itself.
    budgets: Vec<Arc<SharedCallBudget>>,
}

impl Managers {
    pub(super) fn of(managers: BTreeMap<AcsSystemId, Arc<dyn CredentialManager>>) -> Self {
        Self {
            by_system: Arc::new(managers),
            budgets: Vec::new(),
        }
    }

    pub(super) fn connect(
        store: &Store,
        clock: &Clock,
        settings: BTreeMap<AcsSystemId, CredentialManagerSettings>,
    ) -> Result<Self, ConfigError> {
        let (mut by_system, mut budgets) = (BTreeMap::new(), Vec::new());
        for (system, settings) in settings {
            let unusable = |reason: String| ConfigError::Unusable {
                setting: setting::CREDENTIAL_MANAGERS,
                reason: format!("{system}: {reason}"),
            };
            let (manager, budget) = connect_one(store, clock, system, settings, None).map_err(unusable)?;
            by_system.insert(system, manager);
            budgets.push(budget);
        }
        Ok(Self {
            by_system: Arc::new(by_system),
            budgets,
        })
    }

    /// From now on they report what they measure.
    pub(super) fn report_to(&self, telemetry: &Telemetry) {
        for budget in &self.budgets {
            budget.report_to(telemetry);
        }
    }

    /// The credential manager of that system, or what to show when this deployment has no settings for it.
    pub(super) fn get(&self, system: AcsSystemId) -> CallResult<&dyn CredentialManager> {
        let missing = || CallError::Misconfigured(format!("this deployment has no settings for the credential manager {system}"));
        self.by_system.get(&system).map(AsRef::as_ref).ok_or_else(missing)
    }
}

/// A credential manager as a deployment connects it, with its share of the budget and the token that all instances have in `store`, but over a
/// line of one's own: for tests of many instances.
pub fn connect_over(
    store: &Store,
    clock: &Clock,
    system: AcsSystemId,
    settings: CredentialManagerSettings,
    line: Arc<dyn Line>,
) -> Result<Arc<dyn CredentialManager>, String> {
    connect_one(store, clock, system, settings, Some(line)).map(|(manager, _)| manager)
}

fn connect_one(
    store: &Store,
    clock: &Clock,
    system: AcsSystemId,
    settings: CredentialManagerSettings,
    line: Option<Arc<dyn Line>>,
) -> Result<(Arc<dyn CredentialManager>, Arc<SharedCallBudget>), String> {
    let CredentialManagerSettings::HidOrigo {
        calls_per_5_minutes,
        connection,
    } = settings;
    if calls_per_5_minutes == 0 {
        return Err("calls_per_5_minutes must be at least 1".to_owned());
    }
    let client = http_client(connection.timeouts()).map_err(|error| error.to_string())?;
    let line = line.unwrap_or_else(|| Arc::new(client.clone()));
    let now: Arc<dyn Fn() -> Timestamp + Send + Sync> = Arc::new({
        let clock = clock.clone();
        move || clock.now()
    });
    let tokens = HidOrigoTokenEndpoint::new(&connection, client.clone(), Arc::clone(&now)).map_err(|error| error.to_string())?;
    let tokens = tokens.over(Arc::clone(&line));
    let token = TokenInTable::new(store.clone(), clock.clone(), system, Arc::new(tokens));
    let budget = Arc::new(SharedCallBudget::new(store.clone(), clock.clone(), system, calls_per_5_minutes));
    let share = Arc::clone(&budget) as Arc<dyn CallBudget>;
    let manager = HidOrigo::new(&connection, client, share, Arc::new(token), now).map_err(|error| error.to_string())?;
    Ok((Arc::new(manager.over(line)), budget))
}

impl fmt::Debug for Managers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.by_system.keys()).finish()
    }
}
