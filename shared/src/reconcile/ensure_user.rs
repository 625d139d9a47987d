//! Makes the person known to the credential manager: find, create or adopt.

use super::{
    attempt::{Again, Attempt, Setback},
    step::{Progress, StepContext, settle, write_claim},
};
use crate::{
    credential_manager::{CallError, CredentialManager, EmailOwner, Person},
    domain::{
        aggregate::Versioned,
        audit::has_anything_to_audit,
        deletion::Deletable,
        enrollment_automation::{EnrollmentAutomation, RemoteUserPolicy},
        failure::FailureCode,
        history::Deed,
        ids::{EnrollmentAutomationId, RemoteUserId},
        retry::Pace,
    },
    store::{PartitionOwner, Record, RemoteUserLink, StoreError, WriteError},
};

/// How much is told of the way to a user that was found: every callback about the person writes this record, for one write unit.
const TOLD_OF_USER: usize = 2;

/// How often a link is written anew when somebody was at it.
const LINK_TRIES: usize = 3;

/// What became of the way back from a callback to the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Written,
    /// The user is another person's.
    Anothers,
    /// Somebody was at it each time.
    Unwritten,
}

impl StepContext<'_> {
    pub(super) async fn ensure_user(&self, automation: EnrollmentAutomationId) -> Result<Progress, StoreError> {
        let Some(seen) = self.automation(automation) else {
            return Ok(Progress::LostToAnother);
        };
        let mut record = seen.record.clone();
        let mut attempt = Attempt::claim(&mut record.ensure_user, Deed::EnsureUser, self.now());
        let Some(claimed) = write_claim(self.store, record, Some(seen)).await? else {
            return Ok(Progress::LostToAnother);
        };
        let mut found = match self.manager(&claimed.record) {
            Ok(manager) => self.find_or_create(manager, claimed.record.user_policy, &mut attempt).await,
            Err(error) => Err(error.into()),
        };
        if let Ok(user) = &found {
            match self.link(&claimed.record, user).await? {
                Link::Written => {}
                // Whatever comes next, the user is there: it is looked for before one is made.
                Link::Anothers => found = Err(shared_with_another()),
                Link::Unwritten => {
                    found = Err(CallError::UnknownOutcome("the way back to the person could not be written".to_owned()).into());
                }
            }
        }
        if found.is_ok() {
            tracing::info!(enrollment_automation.id = %automation, "the person is known to the credential manager");
        } else if let Err(Setback::Failed { code, message, .. }) = &found {
            tracing::warn!(enrollment_automation.id = %automation, failure.code = %code, "the person could not be made known: {message}");
        }
        let (now, chance) = (self.now(), self.chance());
        let record_outcome = |automation: &mut EnrollmentAutomation| {
            if !attempt.holds(&automation.ensure_user) {
                return false;
            }
            match &found {
                Ok(user) => {
                    automation.remote_user_id = Some(user.clone());
                    if has_anything_to_audit(self.aggregate, automation) {
                        // What was enrolled with a user before is compared with what this one has.
                        automation.call_review(now);
                    }
                    automation.ensure_user.succeed();
                    automation.ensure_user.history.keep_newest(TOLD_OF_USER);
                }
                Err(setback) => attempt.set_back(&mut automation.ensure_user, setback, now, chance),
            }
            true
        };
        settle(self.store.amend(claimed, record_outcome).await)
    }

    async fn find_or_create(
        &self,
        manager: &dyn CredentialManager,
        policy: RemoteUserPolicy,
        attempt: &mut Attempt,
    ) -> Result<RemoteUserId, Setback> {
        let identity = self.aggregate.identity.as_ref().map(|identity| &identity.record);
        let person = Person {
            external_id: self.owner.user_identity_id,
            full_name: identity.and_then(|identity| identity.full_name.clone()),
            email_address: identity.and_then(|identity| identity.email_address.clone()),
        };
        if attempt.unknown_since().is_some() || policy == RemoteUserPolicy::AdoptOnly {
            if let Some(user) = manager.find_user(person.external_id).await? {
                return Ok(user);
            }
            attempt.nothing_is_unknown();
        }
        if policy == RemoteUserPolicy::CreateOrAdopt {
            match manager.create_user(&person).await {
                Err(CallError::Conflict(_)) => {}
                created => return Ok(created?),
            }
        }
        match manager.find_user_by_email(&person).await? {
            EmailOwner::Ours(user) => Ok(user),
            EmailOwner::SomebodyElse => Err(Setback::because(
                FailureCode::CredentialManagerUserConflict,
                Pace::Glacial,
                "Another user of the credential manager, with an external id that is not ours, has this e-mail address.",
            )),
            // Taken a moment ago, and nobody's now: somebody is being deleted, or the search lags behind.
            EmailOwner::Nobody if policy == RemoteUserPolicy::CreateOrAdopt => Err(Setback::because(
                FailureCode::CredentialManagerUserConflict,
                Pace::Quick,
                "The credential manager says that the e-mail address is taken, but shows nobody who has it.",
            )),
            EmailOwner::Nobody => Err(Setback::because(
                FailureCode::CredentialManagerUserNotFound,
                Pace::Slow,
                "The credential manager has no such user, and the automation may not create one.",
            )),
        }
    }

    /// The way back from a callback to the person. Written before the automation names the user: a callback may come at once. A user that was adopted by
    /// its e-mail address may be another person's, who has or had that address.
    async fn link(&self, automation: &EnrollmentAutomation, user: &RemoteUserId) -> Result<Link, StoreError> {
        let link = RemoteUserLink {
            acs_system_id: automation.credential_manager_acs_system_id,
            remote_user_id: user.clone(),
            workspace_id: automation.workspace_id,
            user_identity_id: automation.user_identity_id,
            enrollment_automation_id: automation.enrollment_automation_id,
        };
        let mut known: Option<Versioned<RemoteUserLink>> = None;
        for _ in 0..LINK_TRIES {
            let written = match &known {
                None => self.store.insert(link.clone()).await,
                Some(known) if known.record.enrollment_automation_id == automation.enrollment_automation_id => return Ok(Link::Written),
                Some(known) if self.is_in_use(&known.record).await? => return Ok(Link::Anothers),
                Some(known) => self.store.replace(link.clone(), known).await,
            };
            match written {
                Ok(_) => return Ok(Link::Written),
                // Somebody wrote it, or DynamoDB was at it in that moment.
                Err(WriteError::Conflict) => known = self.store.get::<RemoteUserLink>(link.key()).await?,
                Err(WriteError::Store(error)) => return Err(error),
            }
        }
        Ok(Link::Unwritten)
    }

    /// Whether the person to whom a link leads still works with that user.
    async fn is_in_use(&self, link: &RemoteUserLink) -> Result<bool, StoreError> {
        let owner = PartitionOwner {
            workspace_id: link.workspace_id,
            user_identity_id: link.user_identity_id,
        };
        let theirs = self.store.load(owner).await?;
        let is_there = theirs.identity.as_ref().is_some_and(|identity| !identity.record.is_gone());
        let automation = theirs.automation(link.enrollment_automation_id).map(|found| &found.record);
        // Who is at it has written the link and is about to name the user.
        let is_named = |automation: &EnrollmentAutomation| {
            automation.remote_user_id.as_ref() == Some(&link.remote_user_id) || !automation.ensure_user.is_free(self.now())
        };
        Ok(is_there && automation.is_some_and(is_named))
    }
}

fn shared_with_another() -> Setback {
    Setback::Failed {
        may_have_worked: true,
        is_permanent: false,
        code: FailureCode::CredentialManagerUserConflict,
        message: "The user of the credential manager that has this e-mail address is another user identity's.".to_owned(),
        again: Again::At(Pace::Slow),
    }
}
