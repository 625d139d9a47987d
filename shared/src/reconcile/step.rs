//! What every step needs, and how a step gets from the plan to its own file.

use super::{access_control::AccessControlSystems, managers::Managers};
use crate::{
    clock::Clock,
    credential_manager::{CallError, CallResult, CredentialManager},
    domain::{
        aggregate::{Aggregate, Versioned},
        enrollment_automation::EnrollmentAutomation,
        ids::EnrollmentAutomationId,
        plan::Step,
        time::Timestamp,
    },
    store::{PartitionOwner, Record, Store, StoreError, WriteError},
    telemetry::Telemetry,
};

/// One round's view: the aggregate as it was loaded, and the means to act.
pub(super) struct StepContext<'a> {
    pub(super) store: &'a Store,
    pub(super) clock: &'a Clock,
    pub(super) managers: &'a Managers,
    pub(super) access_control: &'a AccessControlSystems,
    pub(super) telemetry: &'a Telemetry,
    pub(super) owner: PartitionOwner,
    pub(super) aggregate: &'a Aggregate,
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// It was tried, and what came of it is written.
    Made,
    /// A read found everything as it was loaded; only the automation, that it was looked at.
    NothingNew(Box<Versioned<EnrollmentAutomation>>),
    /// Somebody else wrote the item first; what to do is planned anew.
    LostToAnother,
}

impl StepContext<'_> {
    /// Performs one step.
    pub(super) async fn perform(&self, step: &Step) -> Result<Progress, StoreError> {
        match *step {
            Step::Withdraw { credential } => self.withdraw(credential).await,
            Step::EndEnrollment { automation, device } => self.end_enrollment(automation, device).await,
            Step::Retire { credential } => self.retire(credential).await,
            Step::RemoveEndpoint { automation, device } => self.remove_endpoint(automation, device).await,
            Step::Import { credential } => self.import(credential).await,
            Step::Believe { automation } => self.believe(automation).await,
            Step::EnsureUser { automation } => self.ensure_user(automation).await,
            Step::Issue {
                automation,
                device,
                parent,
            } => self.issue(automation, device, parent).await,
            Step::Invite { automation, device } => self.invite(automation, device).await,
            Step::Read { automation } => self.read(automation).await,
            Step::Announce { device, told } => self.announce(device, told).await,
            Step::Park {
                automation,
                device,
                parent,
            } => self.park(automation, device, parent).await,
            Step::Rest { automation, device } => self.rest(automation, device).await,
            Step::PassChange { parent } => self.pass_change(parent).await,
            Step::PassReview { automation } => self.pass_review(automation).await,
            Step::CompleteCredential { parent } => self.complete_credential(parent).await,
            Step::CompleteAcsUser { user } => self.complete_acs_user(user).await,
            Step::EndAutomation { automation } => self.end_automation(automation).await,
            Step::CompleteIdentity => self.complete_identity().await,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A random number in `0.0..1.0`, for waits. The plan itself knows no chance.
    #[expect(clippy::unused_self, reason = "a simulation will draw from its own seed")]
    pub(super) fn chance(&self) -> f64 {
        fastrand::f64()
    }

    /// The automation of a step. The plan names what the aggregate holds, so its absence only means that the plan is old.
    pub(super) fn automation(&self, id: EnrollmentAutomationId) -> Option<&Versioned<EnrollmentAutomation>> {
        self.aggregate.automation(id)
    }

    /// The credential manager of an automation.
    pub(super) fn manager(&self, automation: &EnrollmentAutomation) -> CallResult<&dyn CredentialManager> {
        self.managers.get(automation.credential_manager_acs_system_id)
    }
}

/// A write that somebody else's write has overtaken is no error: what is true now is planned anew.
pub(super) fn settle<T>(written: Result<Option<T>, WriteError>) -> Result<Progress, StoreError> {
    match written {
        Ok(Some(_)) => Ok(Progress::Made),
        Ok(None) | Err(WriteError::Conflict) => Ok(Progress::LostToAnother),
        Err(WriteError::Store(error)) => Err(error),
    }
}

/// Writes a claim: a new record, or over the one that was seen. `None`: somebody else was first.
pub(super) async fn write_claim<R: Record>(
    store: &Store,
    record: R,
    seen: Option<&Versioned<R>>,
) -> Result<Option<Versioned<R>>, StoreError> {
    let written = match seen {
        Some(seen) => store.replace(record, seen).await,
        None => store.insert(record).await,
    };
    match written {
        Ok(claimed) => Ok(Some(claimed)),
        Err(WriteError::Conflict) => Ok(None),
        Err(WriteError::Store(error)) => Err(error),
    }
}

impl From<StoreError> for CallError {
    fn from(error: StoreError) -> Self {
        // What exactly is for the log of whoever uses the table; this text gets into records that the API shows.
        tracing::error!(error = %error, "the table can't be used in the middle of a step");
        Self::Table("it did not answer as expected".to_owned())
    }
}
