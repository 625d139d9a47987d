//! The credential managers of this deployment, each with its shared budget and token.

use std::{collections::BTreeMap, fmt, sync::Arc};

use super::{call_budget::SharedCallBudget, shared_token::TokenInTable};
use crate::{
    clock::Clock,
    config::{ConfigError, CredentialManagerSettings, setting},
    credential_manager::{
        CallError, CallResult, CredentialManager,
        hid_origo::{HidOrigo, HidOrigoTokenEndpoint, http_client},
    },
    domain::{ids::AcsSystemId, time::Timestamp},
    store::Store,
};

/// By the id of the ACS system. Cheap to clone.
#[derive(Clone)]
pub(super) struct Managers(Arc<BTreeMap<AcsSystemId, Arc<dyn CredentialManager>>>);

impl Managers {
    pub(super) fn of(managers: BTreeMap<AcsSystemId, Arc<dyn CredentialManager>>) -> Self {
        Self(Arc::new(managers))
    }

    pub(super) fn connect(
        store: &Store,
        clock: &Clock,
        settings: BTreeMap<AcsSystemId, CredentialManagerSettings>,
    ) -> Result<Self, ConfigError> {
        let connect = |(system, settings)| {
            let unusable = |reason: String| ConfigError::Unusable {
                setting: setting::CREDENTIAL_MANAGERS,
                reason: format!("{system}: {reason}"),
            };
            Ok((system, connect_one(store, clock, system, settings).map_err(unusable)?))
        };
        Ok(Self(Arc::new(
            settings.into_iter().map(connect).collect::<Result<_, ConfigError>>()?,
        )))
    }

    /// The credential manager of that system, or what to show when this deployment has no settings for it.
    pub(super) fn get(&self, system: AcsSystemId) -> CallResult<&dyn CredentialManager> {
        let missing = || CallError::Misconfigured(format!("this deployment has no settings for the credential manager {system}"));
        self.0.get(&system).map(AsRef::as_ref).ok_or_else(missing)
    }
}

fn connect_one(
    store: &Store,
    clock: &Clock,
    system: AcsSystemId,
    settings: CredentialManagerSettings,
) -> Result<Arc<dyn CredentialManager>, String> {
    let CredentialManagerSettings::HidOrigo {
        calls_per_5_minutes,
        connection,
    } = settings;
    if calls_per_5_minutes == 0 {
        return Err("calls_per_5_minutes must be at least 1".to_owned());
    }
    let client = http_client(connection.timeouts()).map_err(|error| error.to_string())?;
    let now: Arc<dyn Fn() -> Timestamp + Send + Sync> = Arc::new({
        let clock = clock.clone();
        move || clock.now()
    });
    let tokens = HidOrigoTokenEndpoint::new(&connection, client.clone(), Arc::clone(&now)).map_err(|error| error.to_string())?;
    let token = TokenInTable::new(store.clone(), clock.clone(), system, Arc::new(tokens));
    let budget = SharedCallBudget::new(store.clone(), clock.clone(), system, calls_per_5_minutes);
    let manager = HidOrigo::new(&connection, client, Arc::new(budget), Arc::new(token), now).map_err(|error| error.to_string())?;
    Ok(Arc::new(manager))
}

impl fmt::Debug for Managers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
