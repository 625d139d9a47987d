//! Reads the person back from the credential manager and writes what the read means.

use std::{collections::BTreeSet, time::Duration};

use super::{
    attempt::{Attempt, Setback},
    step::{Progress, StepContext, settle},
};
use crate::{
    credential_manager::{CallError, CallResult, CredentialManager, Priority, RemoteUser},
    domain::{
        aggregate::Versioned,
        audit::{Drift, audit, next_review_at},
        enrollment_automation::EnrollmentAutomation,
        ids::{EndpointId, EnrollmentAutomationId, InvitationId, RemoteUserId},
        limits::PHONES_PER_USER,
        observe::{Observation, observe},
        plan_reads::{has_hints, is_review_due},
    },
    store::{Record, Store, StoreError, WriteError},
    telemetry::Measure,
};

/// Events of the credential manager are asked for from a little before the invitation was made.
pub(super) const EVENTS_MARGIN: Duration = Duration::from_mins(5);

/// So many names of endpoints are left in the automation's item until it is written anyway: one for each phone that a person may have.
const MOST_PAIRINGS_LEFT: usize = PHONES_PER_USER;

impl StepContext<'_> {
    pub(super) async fn read(&self, automation: EnrollmentAutomationId) -> Result<Progress, StoreError> {
        let Some(seen) = self.automation(automation).cloned() else {
            return Ok(Progress::LostToAnother);
        };
        let Some(user) = seen.record.remote_user_id.clone() else {
            return Ok(Progress::LostToAnother);
        };
        let priority = if has_hints(self.aggregate, &seen.record) {
            Priority::Issue
        } else {
            Priority::Poll
        };
        let read = match self.manager(&seen.record) {
            Ok(manager) => self.read_and_pair(manager, &seen.record, &user, priority).await,
            Err(error) => Err(error),
        };
        match read {
            Ok(Some(observation)) => self.write_observation(seen, observation).await,
            Ok(None) => {
                self.forget_remote_user(automation, &user).await?;
                Ok(Progress::Made)
            }
            Err(error) => self.write_read_failure(seen, error).await,
        }
    }

    async fn read_and_pair(
        &self,
        manager: &dyn CredentialManager,
        automation: &EnrollmentAutomation,
        user: &RemoteUserId,
        priority: Priority,
    ) -> CallResult<Option<Observation>> {
        let Some(view) = manager.read_user(user, priority).await? else {
            return Ok(None);
        };
        let now = self.now();
        let mut named: Vec<(EndpointId, InvitationId)> = automation
            .hints
            .pairings
            .iter()
            .map(|(endpoint, invitation)| (endpoint.clone(), invitation.clone()))
            .collect();
        let look = |named: &[(EndpointId, InvitationId)]| {
            let mut observation = observe(self.aggregate, automation, named, &view, now);
            if is_review_due(automation, now) || observation.has_lost_endpoint {
                // Audited is what was observed: one record may be changed by both.
                let drift = audit(&observation.applied_to(self.aggregate), automation, &view, now);
                self.report(&drift);
                observation.overlay(drift);
            }
            observation
        };
        let observation = look(&named);
        if !observation.has_open_pairings || !self.has_unnamed_endpoint(automation, &observation, &view) {
            return Ok(Some(observation));
        }
        // A callback was lost, and the read alone leaves a choice: the credential manager's own record of events knows.
        let waiting = self.aggregate.enrollments_of(automation.enrollment_automation_id);
        let invited_at = waiting.filter_map(|enrollment| enrollment.record.open_since());
        let since = invited_at.min().unwrap_or(now).minus(EVENTS_MARGIN);
        match manager.pairings(user, since).await {
            Ok(pairings) => named.extend(pairings.into_iter().map(|pairing| (pairing.endpoint, pairing.invitation))),
            Err(error) => tracing::warn!("the credential manager's events could not be read: {error}"),
        }
        Ok(Some(look(&named)))
    }

    /// Whether the credential manager shows an endpoint that is no phone's yet.
    fn has_unnamed_endpoint(&self, automation: &EnrollmentAutomation, observation: &Observation, view: &RemoteUser) -> bool {
        let before = self
            .aggregate
            .enrollments_of(automation.enrollment_automation_id)
            .map(|found| &found.record);
        let named: Vec<&EndpointId> = before
            .chain(&observation.enrollments)
            .flat_map(|enrollment| enrollment.endpoint_id().into_iter().chain(&enrollment.former_endpoints))
            .collect();
        view.endpoints
            .iter()
            .any(|endpoint| endpoint.active && !named.contains(&&endpoint.id))
    }

    /// Writes what changed, each record only if it is still as it was when the read was planned; the hints count as read last,
    /// so that a crash or a lost write makes the read happen again. Where nothing waits any more that they could be about, nobody asks
    /// whether they were read, and what waits later knows that they came before it: that write is spared.
    async fn write_observation(
        &self,
        automation: Versioned<EnrollmentAutomation>,
        observation: Observation,
    ) -> Result<Progress, StoreError> {
        let is_nothing_new = observation.enrollments.is_empty() && observation.phone_credentials.is_empty();
        let after = observation.applied_to(self.aggregate);
        let enrollments = after.enrollments_of(automation.record.enrollment_automation_id);
        let unpaired: BTreeSet<&InvitationId> = enrollments.flat_map(|found| found.record.unpaired_invitation_ids()).collect();
        let are_hints_left = has_hints(&after, &automation.record);
        let next_review_at = next_review_at(&after, &automation.record, self.now());
        if !self.write_changes(observation).await? {
            return Ok(Progress::LostToAnother);
        }
        let covered = automation.record.hints.clone();
        let now = self.now();
        let count_as_read = |record: &mut EnrollmentAutomation| {
            let before = record.clone();
            record.hints.enrollment_read = record.hints.enrollment_read.max(covered.enrollment);
            record.hints.credential_read = record.hints.credential_read.max(covered.credential);
            // What a callback named is in the enrollments by now, or nothing waits for it; a name that the read did not show yet stays.
            record
                .hints
                .pairings
                .retain(|endpoint, invitation| !covered.pairings.contains_key(endpoint) || unpaired.contains(invitation));
            record.read.succeed();
            if is_review_due(record, now) {
                record.review_at = next_review_at;
            }
            let is_more_than_tidied = are_hints_left
                || record.read != before.read
                || record.review_at != before.review_at
                || before.hints.pairings.len() > MOST_PAIRINGS_LEFT;
            is_more_than_tidied && *record != before
        };
        match self.store.amend(automation, count_as_read).await {
            // What was loaded is still true, so it need not be loaded again.
            Ok(Some(written)) if is_nothing_new => Ok(Progress::NothingNew(Box::new(written))),
            written => settle(written).map(|_| Progress::Made),
        }
    }

    /// Writes the records that changed. Answers whether all of them were still as they were when the step was planned.
    pub(super) async fn write_changes(&self, observation: Observation) -> Result<bool, StoreError> {
        let mut is_complete = true;
        for enrollment in observation.enrollments {
            let seen = self.aggregate.enrollment(enrollment.enrollment_automation_id, enrollment.device_id);
            is_complete &= replace_seen(self.store, enrollment, seen).await?;
        }
        for mut child in observation.phone_credentials {
            self.issue_where_kept(&mut child, self.now()).await?;
            let seen = self.aggregate.phone_credential(child.acs_credential_id);
            is_complete &= replace_seen(self.store, child, seen).await?;
        }
        Ok(is_complete)
    }

    fn report(&self, drift: &Drift) {
        for enrollment in &drift.enrollments {
            tracing::warn!(phone.id = %enrollment.device_id, unknown_credentials = enrollment.unknown_credentials.len(), endpoint.is_gone = enrollment.endpoint_id().is_none(), "the audit found the phone otherwise than it should be");
            self.telemetry.measure(Measure::AuditDrift);
        }
        for child in &drift.phone_credentials {
            tracing::warn!(acs_credential.id = %child.acs_credential_id, "the audit found the credential revoked at the credential manager");
            self.telemetry.measure(Measure::AuditDrift);
        }
    }

    async fn write_read_failure(&self, automation: Versioned<EnrollmentAutomation>, error: CallError) -> Result<Progress, StoreError> {
        tracing::warn!("the person could not be read back: {error}");
        let (now, chance) = (self.now(), self.chance());
        let setback = Setback::from(error);
        let record_failure = |record: &mut EnrollmentAutomation| {
            // A read changes nothing at the far side: it needs no claim, and nothing of it is ever unknown.
            let mut attempt = Attempt::claim_look(&mut record.read, now);
            attempt.nothing_is_unknown();
            attempt.set_back(&mut record.read, &setback, now, chance);
            record.read.unknown_since = None;
            true
        };
        settle(self.store.amend(automation, record_failure).await)
    }
}

async fn replace_seen<R: Record>(store: &Store, record: R, seen: Option<&Versioned<R>>) -> Result<bool, StoreError> {
    let Some(seen) = seen else { return Ok(false) };
    match store.replace(record, seen).await {
        Ok(_) => Ok(true),
        Err(WriteError::Conflict) => Ok(false),
        Err(WriteError::Store(error)) => Err(error),
    }
}
