//! A reconciler with the settings as they are now: keys of credential managers are replaced without a deployment.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use fobless::{
    access_control::AccessControlSettings,
    clock::Clock,
    config::{ConfigError, CredentialManagerSettings},
    domain::ids::AcsSystemId,
    reconcile::Reconciler,
    secrets::Cached,
    store::Store,
    telemetry::Telemetry,
};

type CredentialManagers = BTreeMap<AcsSystemId, CredentialManagerSettings>;
type AccessControlSystems = BTreeMap<AcsSystemId, AccessControlSettings>;

/// Makes a reconciler anew when what it was made from has changed.
pub struct CurrentReconciler {
    store: Store,
    clock: Clock,
    telemetry: Telemetry,
    credential_managers: Cached<CredentialManagers>,
    access_control_systems: Cached<AccessControlSystems>,
    made: Mutex<Made>,
}

/// A reconciler, and what it was made from.
#[derive(Clone)]
struct Made {
    from: (Arc<CredentialManagers>, Arc<AccessControlSystems>),
    reconciler: Reconciler,
}

impl CurrentReconciler {
    /// Makes the first one. Settings that it can't be made from are an error here, and later only a line in the log.
    pub async fn new(
        store: Store,
        clock: Clock,
        telemetry: Telemetry,
        credential_managers: Cached<CredentialManagers>,
        access_control_systems: Cached<AccessControlSystems>,
    ) -> Result<Self, ConfigError> {
        let from = (credential_managers.get().await, access_control_systems.get().await);
        let reconciler = make(&store, &clock, &telemetry, &from)?;
        Ok(Self {
            store,
            clock,
            telemetry,
            credential_managers,
            access_control_systems,
            made: Mutex::new(Made { from, reconciler }),
        })
    }

    /// The one to work with now.
    pub async fn get(&self) -> Reconciler {
        let now = (self.credential_managers.get().await, self.access_control_systems.get().await);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let is_as_made = Arc::ptr_eq(&made.from.0, &now.0) && Arc::ptr_eq(&made.from.1, &now.1);
        if !is_as_made {
            match make(&self.store, &self.clock, &self.telemetry, &now) {
                Ok(reconciler) => made.reconciler = reconciler,
                Err(error) => tracing::error!(%error, "the settings have changed to what can't be used; what they were is used on"),
            }
            made.from = now;
        }
        made.reconciler.clone()
    }

    /// Looks for newer settings, since somebody did not accept what we have: the next [`get`](Self::get) works with them.
    pub async fn look_again(&self) {
        let from = self.made.lock().unwrap_or_else(PoisonError::into_inner).from.clone();
        self.credential_managers.newer_than(&from.0).await;
        self.access_control_systems.newer_than(&from.1).await;
    }
}

fn make(
    store: &Store,
    clock: &Clock,
    telemetry: &Telemetry,
    (managers, systems): &(Arc<CredentialManagers>, Arc<AccessControlSystems>),
) -> Result<Reconciler, ConfigError> {
    let reconciler = Reconciler::new(store.clone(), clock.clone(), managers.as_ref().clone(), systems.as_ref().clone())?;
    Ok(reconciler.with_telemetry(telemetry.clone()))
}

impl fmt::Debug for CurrentReconciler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CurrentReconciler").finish_non_exhaustive()
    }
}
