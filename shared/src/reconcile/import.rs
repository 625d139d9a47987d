//! Brings the number of a phone's credential into the access control system and gives it to the ACS user. Only then does the
//! credential count as issued.
//!
//! Each call is idempotent, so nothing has to be read back. What the system may hold is written before it is told: whatever happens
//! after that, it is known what has to be taken out again.

use super::{
    attempt::{Again, Attempt, Setback},
    step::{Progress, StepContext, settle, write_claim},
    unanswered_import::Unanswered,
};
use crate::{
    access_control::{AccessControl, AccessControlError, AccessControlResult, CardNumber},
    domain::{
        acs::AcsSystem,
        allocation::{Allocation, Period},
        failure::FailureCode,
        history::Deed,
        ids::{AcsCredentialId, AcsSystemId},
        phone_credential::{PhoneCredential, PhoneCredentialState},
        retry::Pace,
        time::Timestamp,
        wishes::is_allocated_as_wished,
    },
    store::{Key, StoreError},
};

impl StepContext<'_> {
    pub(super) async fn import(&self, credential: AcsCredentialId) -> Result<Progress, StoreError> {
        let Some(seen) = self.aggregate.phone_credential(credential) else {
            return Ok(Progress::LostToAnother);
        };
        let parent = self
            .aggregate
            .credential(seen.record.parent_acs_credential_id)
            .map(|found| &found.record);
        let Some((parent, acs_user_id)) = parent.and_then(|parent| Some((parent, parent.acs_user_id?))) else {
            return Ok(Progress::LostToAnother);
        };
        let now = self.now();
        let mut record = seen.record.clone();
        let (remote_id, card_number, since) = match &seen.record.state {
            PhoneCredentialState::Importing {
                remote_id,
                card_number,
                since,
            } => (remote_id.clone(), card_number.clone(), *since),
            PhoneCredentialState::Issued {
                remote_id, card_number, ..
            } => (remote_id.clone(), card_number.clone(), now),
            _ => return Ok(Progress::LostToAnother),
        };
        // A number that another ACS user holds leaves there first.
        let is_astray = !is_allocated_as_wished(parent, &record);
        // One that is there and only counts for another time goes on opening doors meanwhile.
        let is_told_anew = !is_astray && matches!(record.state, PhoneCredentialState::Issued { .. });
        if !is_told_anew {
            record.state = PhoneCredentialState::Importing {
                remote_id: remote_id.clone(),
                card_number: card_number.clone(),
                since,
            };
        }
        if is_astray {
            record.claim_removal(now);
            if let Some(allocation) = &mut record.allocation {
                allocation.is_leaving = true;
            }
        } else {
            record.acs_user_id = acs_user_id;
            record.acs_system_id = parent.acs_system_id;
            record.connected_account_id = parent.connected_account_id;
            let period = (!self.keeps_numbers(parent.acs_system_id).await?).then(|| parent.period());
            allocate(&mut record, &card_number, period);
        }
        let attempt = Attempt::claim(&mut record.effort, Deed::Import, now);
        let unanswered = (!is_astray).then(|| Unanswered::claim(&mut record));
        let Some(claimed) = write_claim(self.store, record, Some(seen)).await? else {
            return Ok(Progress::LostToAnother);
        };
        let told = if is_astray {
            self.remove_from_access_control(&claimed.record).await
        } else {
            self.bring_into_access_control(&claimed.record).await
        };
        if let Err(setback) = &told {
            tracing::warn!(acs_credential.id = %credential, setback = ?setback, "the access control system did not take the number");
        }
        let (now, chance) = (self.now(), self.chance());
        let record_outcome = |child: &mut PhoneCredential| {
            let is_there = matches!(
                child.state,
                PhoneCredentialState::Importing { .. } | PhoneCredentialState::Issued { .. }
            );
            if !attempt.holds(&child.effort) || !is_there {
                return false;
            }
            let again_at = unanswered.and_then(|unanswered| unanswered.record(child, told.as_ref().err(), now));
            if let Some(allocation) = child.allocation.as_mut().filter(|_| is_astray) {
                allocation.record_removal(now);
            }
            match &told {
                Ok(()) => {
                    child.effort.succeed_despite_unanswered_call();
                    child.effort.not_before = again_at;
                    if is_astray {
                        child.allocation = None;
                    } else if !is_told_anew {
                        child.state = PhoneCredentialState::Issued {
                            remote_id: remote_id.clone(),
                            card_number: card_number.clone(),
                            issued_at: now,
                        };
                    }
                }
                Err(setback) => {
                    attempt.set_back(&mut child.effort, setback, now, chance);
                    child.effort.unknown_since = None;
                }
            }
            true
        };
        settle(self.store.amend(claimed, record_outcome).await)
    }

    async fn bring_into_access_control(&self, child: &PhoneCredential) -> Result<(), Setback> {
        let Some(allocation) = &child.allocation else { return Ok(()) };
        let number = self.number_of(child, allocation);
        let system = self.acs_system(number.acs_system_id).await?;
        let told: AccessControlResult<()> = async {
            let system = self.access_control.get(&system)?;
            system.import(&number).await?;
            system.allocate(&number).await
        }
        .await;
        told.map_err(|error| setback(&error))
    }

    /// In a system that Fobless keeps itself the record is the allocation: a credential that is on its phone is issued with the same
    /// write, and there is nobody to tell.
    pub(super) async fn issue_where_kept(&self, child: &mut PhoneCredential, now: Timestamp) -> Result<(), StoreError> {
        let PhoneCredentialState::Importing {
            remote_id, card_number, ..
        } = child.state.clone()
        else {
            return Ok(());
        };
        // The parent as it is now: it may have been assigned anew since the issue began, or to nobody.
        let parent = self.aggregate.credential(child.parent_acs_credential_id).map(|found| &found.record);
        let Some((parent, acs_user_id)) = parent.and_then(|parent| Some((parent, parent.acs_user_id?))) else {
            return Ok(());
        };
        if child.allocation.is_none() && self.keeps_numbers(parent.acs_system_id).await? {
            child.acs_user_id = acs_user_id;
            child.acs_system_id = parent.acs_system_id;
            child.connected_account_id = parent.connected_account_id;
            allocate(child, &card_number, None);
            child.state = PhoneCredentialState::Issued {
                remote_id,
                card_number,
                issued_at: now,
            };
        }
        Ok(())
    }

    /// Whether Fobless keeps the system's numbers itself.
    async fn keeps_numbers(&self, id: AcsSystemId) -> Result<bool, StoreError> {
        let found = self.store.get::<AcsSystem>(Key::acs_system(self.owner.workspace_id, id)).await?;
        Ok(found.is_some_and(|found| self.access_control.get(&found.record).is_ok_and(AccessControl::is_the_table)))
    }

    pub(super) async fn acs_system(&self, id: AcsSystemId) -> Result<AcsSystem, Setback> {
        let found = self.store.get::<AcsSystem>(Key::acs_system(self.owner.workspace_id, id)).await;
        let missing = || {
            Setback::because(
                FailureCode::AccessControlMisconfigured,
                Pace::Slow,
                format!("There is no ACS system {id}."),
            )
        };
        match found {
            Ok(Some(found)) => Ok(found.record),
            Ok(None) => Err(missing()),
            Err(error) => Err(crate::credential_manager::CallError::from(error).into()),
        }
    }

    /// What the access control system is told: the number, whose it is, and what all cards of its parent share.
    pub(super) fn number_of(&self, child: &PhoneCredential, allocation: &Allocation) -> CardNumber {
        let parent = self.aggregate.credential(child.parent_acs_credential_id).map(|found| &found.record);
        CardNumber {
            workspace_id: child.workspace_id,
            acs_system_id: allocation.acs_system_id,
            acs_user_id: allocation.acs_user_id,
            acs_credential_id: child.acs_credential_id,
            card_number: allocation.card_number.clone(),
            generation: allocation.generation,
            card_format: parent.and_then(|parent| parent.card_format.clone()),
            facility_code: parent.and_then(|parent| parent.facility_code.clone()),
            starts_at: allocation.period.and_then(|period| period.starts_at),
            ends_at: allocation.period.and_then(|period| period.ends_at),
        }
    }
}

/// Writes down that the ACS user may hold the number from now on. A repeat of an import that was begun is the same allocation; with another period it
/// is another one, also to a system that remembers what it was told.
fn allocate(child: &mut PhoneCredential, card_number: &str, period: Option<Period>) {
    if child.allocation.as_ref().is_some_and(|allocation| allocation.period == period) {
        return;
    }
    let overtaken_at = child
        .allocation
        .as_ref()
        .and_then(|allocation| allocation.unanswered_at.max(allocation.overtaken_at));
    child.allocations = child.allocations.saturating_add(1);
    child.allocation = Some(Allocation {
        acs_system_id: child.acs_system_id,
        acs_user_id: child.acs_user_id,
        card_number: card_number.to_owned(),
        generation: child.allocations,
        is_leaving: false,
        period,
        unanswered_at: None,
        overtaken_at,
        is_told: false,
    });
}

pub(super) fn setback(error: &AccessControlError) -> Setback {
    let (code, pace) = match error {
        AccessControlError::Unavailable(_) => (FailureCode::AccessControlUnavailable, Pace::Quick),
        AccessControlError::Refused(_) => (FailureCode::AccessControlRefused, Pace::Slow),
        AccessControlError::Misconfigured(_) => (FailureCode::AccessControlMisconfigured, Pace::Slow),
    };
    Setback::Failed {
        may_have_worked: false,
        is_permanent: false,
        code,
        message: error.to_string(),
        again: Again::At(pace),
    }
}
