//! Performs the plan: the only module that calls the outside.
//!
//! Load the whole user identity, plan, perform the most urgent steps, and again, until nothing is left to do. A step is claim
//! -> call -> record: the claim takes a lease and raises the fencing token, the record is written only while that token still
//! stands. Whatever fails outside is written into the item that it concerns, with the time of the next try; only "our own
//! table can't be used" is an error of `reconcile` itself.

mod access_control;
mod attempt;
mod believe;
mod believed_endpoint;
mod bookkeeping;
mod call_budget;
mod call_turns;
mod call_window;
mod complete;
mod end_enrollment;
mod ensure_user;
mod forget_user;
mod import;
mod invite;
mod issue;
mod issue_read_back;
mod late_endpoints;
mod managers;
mod pools;
mod read;
mod refusals;
mod remove_endpoint;
mod remove_number;
mod retire;
mod shared_token;
mod step;
mod stray_invitations;
mod unanswered_import;
mod withdraw;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

pub use call_window::calls_in_window;
pub use managers::connect_over;

use access_control::AccessControlSystems;
use futures_util::future::join_all;
use managers::Managers;
use step::{Progress, StepContext};

use crate::{
    access_control::{AccessControl, AccessControlSettings},
    clock::Clock,
    config::{ConfigError, CredentialManagerSettings},
    credential_manager::{CallResult, Callback, CredentialManager},
    domain::{
        aggregate::Aggregate,
        figures::Standing,
        ids::{AcsSystemId, DeviceId, RemotePoolId},
        plan::{Step, plan},
        remote_user::PoolLevel,
        time::Timestamp,
    },
    left_alone::leave_alone,
    store::{PartitionOwner, Store, StoreError},
    telemetry::Telemetry,
};

/// Rounds of load, plan, perform in one go. A person with many phones needs five or so; the bound only stops a fight with
/// other writers, after which the next touch goes on.
const ROUNDS: u32 = 40;

/// How far a reconcile came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is left to do now; what waits has its time in the table.
    NothingLeft,
    /// Something is left. Whoever asked has to ask again.
    OutOfTime,
    /// An item of the person can't be used. They are marked, and left as they are: what can't be read may be what says that a
    /// credential is there already, or that it is wished.
    LeftAlone,
}

/// Brings user identities to the state that is wished. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reconciler {
    store: Store,
    clock: Clock,
    managers: Managers,
    access_control: AccessControlSystems,
    telemetry: Telemetry,
    /// Somebody outside did not accept our keys or settings.
    was_refused: Arc<AtomicBool>,
}

impl Reconciler {
    /// A reconciler that works with these credential managers and access control systems.
    pub fn new(
        store: Store,
        clock: Clock,
        managers: BTreeMap<AcsSystemId, CredentialManagerSettings>,
        access_control: BTreeMap<AcsSystemId, AccessControlSettings>,
    ) -> Result<Self, ConfigError> {
        let managers = Managers::connect(&store, &clock, managers)?;
        let access_control = AccessControlSystems::connect(&clock, access_control)?;
        Ok(Self {
            store,
            clock,
            managers,
            access_control,
            telemetry: Telemetry::nowhere(),
            was_refused: Arc::default(),
        })
    }

    /// A reconciler over systems that are connected already: for those that no setting can describe.
    #[must_use]
    pub fn over(
        store: Store,
        clock: Clock,
        managers: BTreeMap<AcsSystemId, Arc<dyn CredentialManager>>,
        access_control: BTreeMap<AcsSystemId, Arc<dyn AccessControl>>,
    ) -> Self {
        Self {
            store,
            clock,
            managers: Managers::of(managers),
            access_control: AccessControlSystems::of(access_control),
            telemetry: Telemetry::nowhere(),
            was_refused: Arc::default(),
        }
    }

    /// The same, but it reports what it measures.
    #[must_use]
    pub fn with_telemetry(self, telemetry: Telemetry) -> Self {
        self.managers.report_to(&telemetry);
        Self { telemetry, ..self }
    }

    /// Where it reports what it measures. Whoever calls tells it when an invocation is over.
    #[must_use]
    pub const fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// Whether somebody outside did not accept our keys or settings since this was last asked.
    #[must_use]
    pub fn take_refusal(&self) -> bool {
        self.was_refused.swap(false, Ordering::Relaxed)
    }

    /// Does what can be done now about one user identity. Repeating it costs one query and changes nothing. No step is begun after
    /// `until`: a function that is cut off in the middle of a call leaves its outcome unknown.
    #[tracing::instrument(skip_all, fields(workspace.id = %owner.workspace_id, user_identity.id = %owner.user_identity_id))]
    pub async fn reconcile(&self, owner: PartitionOwner, until: Timestamp) -> Result<Outcome, StoreError> {
        // On the heap: it is large, and whoever calls has it in a future of their own.
        match Box::pin(self.bring_to_what_is_wished(owner, until)).await {
            Err(error) if error.is_about_an_item() => {
                self.leave_alone(&owner.partition(), &error.to_string()).await?;
                Ok(Outcome::LeftAlone)
            }
            done => done,
        }
    }

    /// Marks what can't be worked on, for an operator: a user identity's partition, or a record of the stream.
    pub async fn leave_alone(&self, name: &str, reason: &str) -> Result<(), StoreError> {
        leave_alone(&self.store, &self.clock, &self.telemetry, name, reason).await
    }

    async fn bring_to_what_is_wished(&self, owner: PartitionOwner, until: Timestamp) -> Result<Outcome, StoreError> {
        let (mut loaded, mut found) = (None, None);
        for _ in 0..ROUNDS {
            let mut aggregate = match loaded.take() {
                Some(aggregate) => aggregate,
                None => self.store.load(owner).await?,
            };
            let found = found.get_or_insert_with(|| Standing::of(&aggregate));
            let steps = plan(&aggregate, self.clock.now());
            let is_over = self.clock.now() >= until;
            if steps.is_empty() || is_over {
                let figures = found.figures(&aggregate, self.clock.now());
                if figures.failed.iter().any(|code| code.is_misconfiguration()) {
                    self.was_refused.store(true, Ordering::Relaxed);
                }
                self.telemetry.figures(&figures);
                return Ok(if steps.is_empty() {
                    Outcome::NothingLeft
                } else {
                    Outcome::OutOfTime
                });
            }
            let progress = self.perform_most_urgent(owner, &aggregate, steps, until).await?;
            if let [Progress::NothingNew(automation)] = progress.as_slice() {
                let id = automation.record.enrollment_automation_id;
                let replaced = aggregate
                    .automations
                    .iter_mut()
                    .find(|found| found.record.enrollment_automation_id == id);
                if let Some(replaced) = replaced {
                    replaced.clone_from(automation);
                    loaded = Some(aggregate);
                }
            }
        }
        tracing::warn!("stopped before everything was done, since others write the same user identity; they are left to go first");
        Ok(Outcome::OutOfTime)
    }

    /// Makes sure that the credential manager calls us back at `url`. Idempotent.
    pub async fn ensure_callback(&self, system: AcsSystemId, callback: &Callback) -> CallResult<()> {
        self.managers.get(system)?.ensure_callback(callback).await
    }

    /// Reads the level of a pool afresh: whether the credential manager takes our calls, and what is left. `None`: no such pool.
    pub async fn pool_level(&self, system: AcsSystemId, pool: &RemotePoolId) -> CallResult<Option<PoolLevel>> {
        self.managers.get(system)?.pool_level(pool).await
    }

    /// Performs the steps of the most urgent kind, and the bookkeeping, which disturbs none of them. The rest is planned anew
    /// from what is true then.
    async fn perform_most_urgent(
        &self,
        owner: PartitionOwner,
        aggregate: &Aggregate,
        steps: Vec<Step>,
        until: Timestamp,
    ) -> Result<Vec<Progress>, StoreError> {
        let context = StepContext {
            store: &self.store,
            clock: &self.clock,
            managers: &self.managers,
            access_control: &self.access_control,
            telemetry: &self.telemetry,
            owner,
            aggregate,
        };
        let Some(kind) = steps.first().map(std::mem::discriminant) else {
            return Ok(Vec::new());
        };
        let (calls, books): (Vec<&Step>, Vec<&Step>) = steps.iter().partition(|step| !is_bookkeeping(step));
        let urgent = calls.into_iter().filter(|step| std::mem::discriminant(*step) == kind);
        let (invites, mut others): (Vec<&Step>, Vec<&Step>) = urgent.partition(|step| matches!(step, Step::Invite { .. }));
        let mut served = BTreeSet::new();
        others.retain(|step| turn_of(step, aggregate).is_none_or(|phone| served.insert(phone)));
        // All are waited for, whatever becomes of one: a call that is dropped half way has an unknown outcome.
        let performed = join_all(books.into_iter().chain(others).map(|step| context.perform(step))).await;
        let mut progress = performed.into_iter().collect::<Result<Vec<Progress>, StoreError>>()?;
        // One invitation after the other: an invitation whose reply was lost is recognised by being nobody's.
        for invite in invites {
            if self.clock.now() >= until {
                break;
            }
            progress.push(context.perform(invite).await?);
            if progress.last() == Some(&Progress::LostToAnother) {
                break;
            }
        }
        Ok(progress)
    }
}

/// The phone on which the step has to wait for its turn. One credential after the other is issued to a phone, and one after the other
/// is looked for that has no name: the next must know which ones are taken.
fn turn_of(step: &Step, aggregate: &Aggregate) -> Option<DeviceId> {
    match step {
        Step::Issue { device, .. } => Some(*device),
        Step::Retire { credential } => Some(aggregate.phone_credential(*credential)?.record.device_id),
        Step::Withdraw { credential } => {
            let child = &aggregate.phone_credential(*credential)?.record;
            child.remote_id().is_none().then_some(child.device_id)
        }
        _ => None,
    }
}

fn is_bookkeeping(step: &Step) -> bool {
    match step {
        Step::Withdraw { .. }
        | Step::Retire { .. }
        | Step::Import { .. }
        | Step::EndEnrollment { .. }
        | Step::RemoveEndpoint { .. }
        | Step::Believe { .. }
        | Step::EnsureUser { .. }
        | Step::Issue { .. }
        | Step::Invite { .. }
        | Step::Read { .. } => false,
        Step::Announce { .. }
        | Step::Park { .. }
        | Step::Rest { .. }
        | Step::PassChange { .. }
        | Step::PassReview { .. }
        | Step::CompleteCredential { .. }
        | Step::CompleteAcsUser { .. }
        | Step::EndAutomation { .. }
        | Step::CompleteIdentity => true,
    }
}
