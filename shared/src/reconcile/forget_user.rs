//! Forgets the user that the credential manager had for a person, once it does not know that user any more: somebody deleted it there.

use super::step::{StepContext, settle};
use crate::{
    domain::{
        enrollment::{Enrollment, EnrollmentState},
        enrollment_automation::EnrollmentAutomation,
        failure::{Failure, FailureCode},
        ids::{EnrollmentAutomationId, RemoteUserId},
        retry::{Pace, wait},
        time::Timestamp,
    },
    store::{StoreError, WriteError},
};

impl StepContext<'_> {
    /// The credential manager does not know its user any more: the automation starts over with making the person known.
    pub(super) async fn forget_remote_user(&self, automation: EnrollmentAutomationId, user: &RemoteUserId) -> Result<(), StoreError> {
        let Some(seen) = self.automation(automation).cloned() else {
            return Ok(());
        };
        tracing::warn!(enrollment_automation.id = %automation, "the credential manager does not know its user any more");
        let (now, chance) = (self.now(), self.chance());
        let forget = |record: &mut EnrollmentAutomation| {
            if record.remote_user_id.as_ref() != Some(user) {
                return false;
            }
            record.remote_user_id = None;
            // A user that is being deleted is not shown any more but still has its e-mail address for a while: without a rest the
            // same user would be found and lost again, call after call. And it is looked for before one is made.
            let message = "The credential manager does not know its user any more.".to_owned();
            let failure = Failure {
                code: FailureCode::CredentialManagerUserNotFound,
                message,
                at: now,
            };
            record
                .ensure_user
                .fail_untried(Some(now), failure, now.plus(wait(Pace::Slow, 1, chance)));
            true
        };
        // The automation last: as long as it names the user, whoever repeats this finds what is left to do.
        for found in self.aggregate.enrollments_of(automation) {
            let Some(changed) = without_code(&found.record, now) else {
                continue;
            };
            match self.store.replace(changed, found).await {
                Ok(_) => {}
                Err(WriteError::Conflict) => return Ok(()),
                Err(WriteError::Store(error)) => return Err(error),
            }
        }
        settle(self.store.amend(seen, forget).await).map(drop)
    }
}

/// The code was the forgotten user's, and nobody may be able to redeem it: another one is asked for.
fn without_code(enrollment: &Enrollment, now: Timestamp) -> Option<Enrollment> {
    let invitation = enrollment.open_invitation_id().filter(|_| enrollment.effort.is_free(now))?;
    let mut changed = enrollment.clone();
    changed.lose_invitation(invitation.clone());
    if !changed.renounce_renewal() {
        changed.state = EnrollmentState::Pending;
    }
    Some(changed)
}
