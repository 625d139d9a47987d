//! The access control systems of this deployment: the ledger, and a bridge for each one that has to be told.

use std::{collections::BTreeMap, fmt, sync::Arc};

use crate::{
    access_control::{AccessControl, AccessControlError, AccessControlResult, AccessControlSettings, Ledger, bridge::Bridge},
    clock::Clock,
    config::{ConfigError, setting},
    domain::{
        acs::{AcsSystem, AcsSystemKind},
        ids::AcsSystemId,
    },
};

/// The systems that have to be told, by the id of the ACS system. Cheap to clone.
#[derive(Clone)]
pub(super) struct AccessControlSystems(Arc<BTreeMap<AcsSystemId, Arc<dyn AccessControl>>>);

impl AccessControlSystems {
    pub(super) fn of(systems: BTreeMap<AcsSystemId, Arc<dyn AccessControl>>) -> Self {
        Self(Arc::new(systems))
    }

    pub(super) fn connect(clock: &Clock, settings: BTreeMap<AcsSystemId, AccessControlSettings>) -> Result<Self, ConfigError> {
        let connect = |(system, settings)| {
            let AccessControlSettings::Bridge {
                url,
                secret,
                timeout_seconds,
            } = settings;
            let bridge = Bridge::new(clock.clone(), &url, &secret, timeout_seconds).map_err(|error| ConfigError::Unusable {
                setting: setting::ACCESS_CONTROL_SYSTEMS,
                reason: format!("{system}: {error}"),
            })?;
            Ok((system, Arc::new(bridge) as Arc<dyn AccessControl>))
        };
        Ok(Self(Arc::new(
            settings.into_iter().map(connect).collect::<Result<_, ConfigError>>()?,
        )))
    }

    /// Who holds the numbers of that system, or what to show when this deployment can't tell it anything.
    pub(super) fn get(&self, system: &AcsSystem) -> AccessControlResult<&dyn AccessControl> {
        let id = system.acs_system_id;
        let misconfigured = |text: String| Err(AccessControlError::Misconfigured(text));
        match system.kind {
            AcsSystemKind::Ledger => Ok(&Ledger),
            AcsSystemKind::Bridge => match self.0.get(&id) {
                Some(bridge) => Ok(bridge.as_ref()),
                None => misconfigured(format!("this deployment has no settings for the access control system {id}")),
            },
            AcsSystemKind::HidOrigo => misconfigured(format!("{id} is a credential manager, which holds no card numbers")),
        }
    }
}

impl fmt::Debug for AccessControlSystems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{ids::ConnectedAccountId, time::Timestamp};

    const KNOWN: &str = "22222222-2222-4222-8222-222222222222";
    const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn connect(url: &str) -> Result<AccessControlSystems, ConfigError> {
        let settings = json!({ KNOWN: { "kind": "bridge", "url": url, "secret": SECRET } });
        AccessControlSystems::connect(&Clock::system(), serde_json::from_value(settings).unwrap())
    }

    fn system(id: &str, kind: AcsSystemKind) -> AcsSystem {
        AcsSystem {
            workspace_id: id.parse().unwrap(),
            acs_system_id: id.parse().unwrap(),
            connected_account_id: id.parse::<ConnectedAccountId>().unwrap(),
            name: "Garage".to_owned(),
            kind,
            time_zone: None,
            created_at: Timestamp::from_millis(0),
            deletion: None,
        }
    }

    fn is_the_table(id: &str, kind: AcsSystemKind) -> AccessControlResult<bool> {
        let systems = connect("https://doors.example").unwrap();
        systems.get(&system(id, kind)).map(AccessControl::is_the_table)
    }

    #[test]
    fn the_kind_of_a_system_says_who_holds_its_numbers() {
        let unknown = "33333333-3333-4333-8333-333333333333";
        assert_eq!(is_the_table(unknown, AcsSystemKind::Ledger), Ok(true));
        assert_eq!(is_the_table(KNOWN, AcsSystemKind::Bridge), Ok(false));
        let missing = format!("this deployment has no settings for the access control system {unknown}");
        assert_eq!(
            is_the_table(unknown, AcsSystemKind::Bridge),
            Err(AccessControlError::Misconfigured(missing))
        );
        let manager = is_the_table(KNOWN, AcsSystemKind::HidOrigo);
        assert!(matches!(manager, Err(AccessControlError::Misconfigured(_))), "{manager:?}");
    }

    #[test]
    fn a_bridge_over_plain_http_stops_the_start_and_is_named() {
        let error = connect("http://doors.example").unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("FOBLESS_ACCESS_CONTROL_SYSTEMS is not usable: {KNOWN}: `url` must be")),
            "{error}"
        );
        assert!(!error.contains(SECRET) && !error.contains("doors.example"));
    }

    #[test]
    fn debug_shows_which_systems_and_no_secret() {
        assert_eq!(
            format!("{:?}", connect("https://doors.example").unwrap()),
            format!("{{AcsSystemId({KNOWN})}}")
        );
    }
}
