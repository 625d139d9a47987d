//! `fobless status`: how a workspace stands. Everybody in it is read, strongly consistent: about a read unit for each person.

use std::{collections::BTreeMap, time::Duration};

use clap::Args;
use fobless::{
    domain::{
        acs::{AcsCredentialPool, AcsSystem},
        aggregate::{Aggregate, Versioned},
        figures::Standing,
        ids::WorkspaceId,
        time::Timestamp,
    },
    reconcile::calls_in_window,
    store::{CallBudgetState, Key, Store},
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{error::OperatorError, people::People, report::Report};

#[derive(Args, Debug)]
pub(crate) struct Status {
    /// Which workspace.
    #[arg(long, value_name = "UUID")]
    workspace: WorkspaceId,
}

/// What is counted, by name.
type Counts = BTreeMap<String, usize>;

/// How all people of a workspace stand.
#[derive(Debug, Default)]
struct Census {
    user_identities: usize,
    phones: Counts,
    enrollments: Counts,
    phone_credentials: Counts,
    /// What is tried again or given up, by the reason of its last failure.
    failures: Counts,
    /// For how long a step has been tried that works not yet, though nobody has to do anything about it. The longest.
    pending: Option<Duration>,
    budgets: Vec<Budget>,
}

/// What was called at a credential manager.
#[derive(Debug)]
struct Budget {
    system: String,
    calls: u32,
    paused_until: Option<Timestamp>,
}

impl Budget {
    async fn of(store: &Store, system: &AcsSystem, now: Timestamp) -> Result<Self, OperatorError> {
        let state: Option<Versioned<CallBudgetState>> = store.get(Key::call_budget(system.acs_system_id)).await?;
        Ok(Self {
            system: system.name.clone(),
            calls: state.as_ref().map_or(0, |state| calls_in_window(&state.record.calls, now)),
            paused_until: state.and_then(|state| state.record.paused_until).filter(|until| *until > now),
        })
    }
}

impl Status {
    pub(crate) async fn run(&self, store: &Store, now: Timestamp) -> Result<Report, OperatorError> {
        let mut census = Census::default();
        let mut people = People::of(store, self.workspace);
        while let Some((_, person)) = people.next().await? {
            census.count(&person, now);
        }
        let mut pools = Vec::new();
        for system in store.acs_systems(self.workspace).await? {
            if system.is_credential_manager() {
                pools.extend(store.pools(self.workspace, system.acs_system_id).await?);
                census.budgets.push(Budget::of(store, &system, now).await?);
            }
        }
        Ok(Report::of(census.shown(&pools), census.in_words(&pools)))
    }
}

impl Census {
    fn count(&mut self, person: &Aggregate, now: Timestamp) {
        self.user_identities += 1;
        for phone in &person.phones {
            count(&mut self.phones, &phone.record.presence);
        }
        for enrollment in &person.enrollments {
            count(&mut self.enrollments, &enrollment.record.state);
        }
        for child in &person.phone_credentials {
            count(&mut self.phone_credentials, &child.record.state);
        }
        for failure in person.efforts().filter_map(|effort| effort.last_failure.as_ref()) {
            count(&mut self.failures, &failure.code);
        }
        self.pending = self.pending.max(Standing::of(person).figures(person, now).pending);
    }

    fn groups(&self) -> [(&'static str, &Counts); 4] {
        [
            ("phones", &self.phones),
            ("enrollments", &self.enrollments),
            ("phone credentials", &self.phone_credentials),
            ("failures", &self.failures),
        ]
    }

    fn in_words(&self, pools: &[AcsCredentialPool]) -> String {
        let mut rows = vec![["user identities".to_owned(), String::new(), self.user_identities.to_string()]];
        for (group, counts) in self.groups() {
            rows.extend(
                counts
                    .iter()
                    .map(|(name, count)| [group.to_owned(), name.clone(), count.to_string()]),
            );
        }
        let oldest = self
            .pending
            .map_or_else(|| "-".to_owned(), |pending| format!("{} s", pending.as_secs()));
        rows.push(["oldest pending".to_owned(), String::new(), oldest]);
        for Budget {
            system,
            calls,
            paused_until,
        } in &self.budgets
        {
            let paused = paused_until.map_or_else(String::new, |until| format!(", paused until {until}"));
            rows.push(["calls in 5 minutes".to_owned(), system.clone(), format!("{calls}{paused}")]);
        }
        for pool in pools {
            let left = pool.level.as_ref().and_then(|level| level.available);
            let left = left.map_or_else(|| "not known".to_owned(), |left| format!("{left} left"));
            rows.push(["pool".to_owned(), pool.display_name.clone(), left]);
        }
        Report::table(Value::Null, ["WHAT", "WHICH", "HOW MANY"], rows).text()
    }

    fn shown(&self, pools: &[AcsCredentialPool]) -> Value {
        let pool = |pool: &AcsCredentialPool| {
            json!({
                "acs_credential_pool_id": pool.acs_credential_pool_id,
                "display_name": pool.display_name,
                "available": pool.level.as_ref().and_then(|level| level.available),
                "read_at": pool.level.as_ref().map(|level| level.read_at.to_string()),
            })
        };
        json!({
            "user_identities": self.user_identities,
            "phones": self.phones,
            "enrollments": self.enrollments,
            "phone_credentials": self.phone_credentials,
            "failures": self.failures,
            "oldest_pending_seconds": self.pending.map(|pending| pending.as_secs()),
            "budgets": self.budgets.iter().map(|budget| json!({
                "acs_system_name": budget.system,
                "calls_in_5_minutes": budget.calls,
                "paused_until": budget.paused_until.map(|until| until.to_string()),
            })).collect::<Vec<Value>>(),
            "pools": pools.iter().map(pool).collect::<Vec<Value>>(),
        })
    }
}

/// Counts a state by the name that its record has for it: a text of its own, or the tag `status`.
fn count(counts: &mut Counts, state: &impl Serialize) {
    let state = serde_json::to_value(state).unwrap_or_default();
    let name = state.as_str().or_else(|| state["status"].as_str()).unwrap_or("?");
    *counts.entry(name.to_owned()).or_default() += 1;
}
