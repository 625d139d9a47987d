//! Chooses the pool that a phone credential is drawn from, and checks that it gives what the parent asks for.

use std::time::Duration;

use super::{attempt::Setback, step::StepContext};
use crate::{
    credential_manager::{CallError, CredentialManager, PoolLevel},
    domain::{
        acs::{AcsCredentialPool, KnownPoolLevel},
        enrollment_automation::EnrollmentAutomation,
        failure::FailureCode,
        ids::AcsCredentialPoolId,
        multi_phone_sync_credential::MultiPhoneSyncCredential,
        retry::Pace,
        time::Timestamp,
    },
    store::{Key, StoreError, WriteError},
};

/// How long a level that some instance read is good enough for choosing. A pool's facility code does not change; its stock does,
/// but an empty pool shows itself when it refuses.
const LEVEL_LIFE: Duration = Duration::from_hours(1);
/// How long an empty pool counts as empty without being asked: one look serves all phones that wait for it.
const EMPTY_LIFE: Duration = Duration::from_mins(5);

impl StepContext<'_> {
    /// The pool for a child of `parent`: the automation's own, else the only one whose cards are what the parent asks for.
    /// `Ok(None)`: no pool is known; the credential manager's default has to do. One that is empty is chosen only if no other fits.
    pub(super) async fn choose_pool(
        &self,
        manager: &dyn CredentialManager,
        automation: &EnrollmentAutomation,
        parent: &MultiPhoneSyncCredential,
    ) -> Result<Option<AcsCredentialPool>, Setback> {
        let system = automation.credential_manager_acs_system_id;
        let pools = self.store.pools(automation.workspace_id, system).await.map_err(CallError::from)?;
        let wanted = automation.acs_credential_pool_id;
        let candidates: Vec<AcsCredentialPool> = pools
            .into_iter()
            .filter(|pool| wanted.is_none_or(|wanted| wanted == pool.acs_credential_pool_id))
            .collect();
        if candidates.is_empty() {
            return match wanted {
                None => Ok(None),
                Some(id) => Err(Setback::because(
                    FailureCode::CredentialPoolNotFound,
                    Pace::Slow,
                    format!("The credential manager has no credential pool {id}."),
                )),
            };
        }
        let (mut mismatches, mut empty) = (Vec::new(), None);
        for pool in candidates {
            let name = pool.display_name.clone();
            let pool = self.with_level(manager, pool).await?;
            match pool.level.as_ref().and_then(|level| mismatch(parent, level)) {
                None if pool.level.as_ref().is_some_and(is_empty) => empty = empty.or(Some(pool)),
                None => return Ok(Some(pool)),
                Some(reason) => mismatches.push(format!("{name}: {reason}")),
            }
        }
        if empty.is_some() {
            return Ok(empty);
        }
        Err(Setback::because(
            FailureCode::CredentialPoolMismatch,
            Pace::Slow,
            mismatches.join(" "),
        ))
    }

    /// A pool of the automation's credential manager by its id.
    pub(super) async fn pool(
        &self,
        automation: &EnrollmentAutomation,
        id: AcsCredentialPoolId,
    ) -> Result<Option<AcsCredentialPool>, Setback> {
        let system = automation.credential_manager_acs_system_id;
        let pools = self.store.pools(automation.workspace_id, system).await.map_err(CallError::from)?;
        Ok(pools.into_iter().find(|pool| pool.acs_credential_pool_id == id))
    }

    /// The pool with a level that is not too old. The level is kept in the table, so that one instance asks for all.
    async fn with_level(&self, manager: &dyn CredentialManager, pool: AcsCredentialPool) -> Result<AcsCredentialPool, Setback> {
        let now = self.now();
        let is_fresh = |level: &KnownPoolLevel| now.since(level.read_at) < if is_empty(level) { EMPTY_LIFE } else { LEVEL_LIFE };
        if pool.level.as_ref().is_some_and(is_fresh) {
            return Ok(pool);
        }
        let level = match (manager.pool_level(&pool.remote_id).await, &pool.level) {
            // A pool's format and facility code do not change, and its stock shows itself when it is drawn from.
            (Err(error), Some(level)) if !is_empty(level) => {
                tracing::warn!("the pool's level can't be read, the one known before has to do: {error}");
                return Ok(pool);
            }
            (level, _) => level?,
        };
        let Some(level) = level else {
            let message = format!("The credential manager has no credential pool that is called {}.", pool.remote_id);
            return Err(Setback::because(FailureCode::CredentialPoolNotFound, Pace::Slow, message));
        };
        let pool = AcsCredentialPool {
            level: Some(known(level, now)),
            ..pool
        };
        self.keep_level(&pool).await.map_err(CallError::from)?;
        Ok(pool)
    }
}

impl StepContext<'_> {
    /// Whether the pool is out of credentials, asked afresh: HID has no error of its own for it, so an unexplained refusal is
    /// explained by reading the pool back. What is found is kept, so that the next phone does not have to ask.
    pub(super) async fn is_exhausted(&self, manager: &dyn CredentialManager, pool: &AcsCredentialPool) -> Result<bool, Setback> {
        let Ok(Some(level)) = manager.pool_level(&pool.remote_id).await else {
            return Ok(false);
        };
        let pool = AcsCredentialPool {
            level: Some(known(level, self.now())),
            ..pool.clone()
        };
        self.keep_level(&pool).await.map_err(CallError::from)?;
        Ok(pool.level.as_ref().is_some_and(is_empty))
    }

    /// Keeps a level that was just read, for all instances, and reports it.
    async fn keep_level(&self, pool: &AcsCredentialPool) -> Result<(), StoreError> {
        self.telemetry.pool_level(pool);
        let key = Key::pool(pool.workspace_id, pool.acs_system_id, pool.acs_credential_pool_id);
        let Some(seen) = self.store.get::<AcsCredentialPool>(key).await? else {
            return Ok(());
        };
        let level = pool.level.clone();
        match self
            .store
            .amend(seen, |kept| std::mem::replace(&mut kept.level, level.clone()) != level)
            .await
        {
            // Somebody else kept a level at the same moment: as good as ours.
            Ok(_) | Err(WriteError::Conflict) => Ok(()),
            Err(WriteError::Store(error)) => Err(error),
        }
    }
}

/// What to show of an empty pool.
pub(super) fn exhausted(pool: &AcsCredentialPool) -> Setback {
    let message = format!("The credential pool {} is empty.", pool.display_name);
    Setback::because(FailureCode::CredentialPoolExhausted, Pace::Slow, message)
}

/// Whether the pool was empty when it was last looked at.
pub(super) fn is_known_to_be_empty(pool: &AcsCredentialPool) -> bool {
    pool.level.as_ref().is_some_and(is_empty)
}

fn is_empty(level: &KnownPoolLevel) -> bool {
    level.available == Some(0)
}

fn known(level: PoolLevel, read_at: Timestamp) -> KnownPoolLevel {
    KnownPoolLevel {
        read_at,
        available: level.available,
        facility_code: level.facility_code,
        card_format: level.card_format,
    }
}

/// Why the pool does not give what the parent asks for; `None` when it does, as far as the credential manager shows it.
///
/// Not established: how HID writes a card format. It is compared as text, without regard to case, and only where it is shown.
fn mismatch(parent: &MultiPhoneSyncCredential, level: &KnownPoolLevel) -> Option<String> {
    let differs = |asked: &Option<String>, given: &Option<String>| match (asked, given) {
        (Some(asked), Some(given)) => !same_value(asked, given),
        _ => false,
    };
    let show = |value: &Option<String>| value.clone().unwrap_or_default();
    if differs(&parent.facility_code, &level.facility_code) {
        return Some(format!(
            "facility code {} was asked for, it gives {}.",
            show(&parent.facility_code),
            show(&level.facility_code)
        ));
    }
    if differs(&parent.card_format, &level.card_format) {
        return Some(format!(
            "card format {} was asked for, it gives {}.",
            show(&parent.card_format),
            show(&level.card_format)
        ));
    }
    None
}

/// Facility codes are numbers written as text: `9`, `09` and `009` are the same one.
fn same_value(one: &str, other: &str) -> bool {
    match (one.trim().parse::<u64>(), other.trim().parse::<u64>()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one.trim().eq_ignore_ascii_case(other.trim()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_facility_code_is_a_number_and_a_card_format_a_word() {
        assert!(same_value("9", "009"));
        assert!(same_value("rfid48", " RFID48"));
        assert!(!same_value("9", "90"));
    }
}
