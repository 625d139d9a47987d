//! `/user_identities/enrollment_automations/launch`: from now on, each phone of this person is enrolled with this credential manager.
//!
//! There is one automation per person and credential manager, with a computed id. A repeated launch, by a client that lost the
//! answer or by a second caller at the same moment, answers with the same one.

use std::time::Duration;

use fobless::{
    domain::{
        acs::AcsCredentialPool,
        aggregate::Versioned,
        effort::Effort,
        enrollment_automation::{EnrollmentAutomation, Hints, RemoteUserPolicy},
        ids::{AcsCredentialPoolId, AcsSystemId, AcsUserId, EnrollmentAutomationId, UserIdentityId},
    },
    store::{Key, WriteError},
};

use crate::{
    endpoint::Call,
    envelope::Answer,
    fields::Fields,
    problem::Problem,
    wire::enrollment_automation::{CredentialProvisioningAutomationObject, EnrollmentAutomationObject},
};

/// When everything is looked at though nothing happened.
const UNTIL_REVIEW: Duration = Duration::from_hours(24);

const CREDENTIAL_MANAGER: &str = "credential_manager_acs_system_id";
const CREDENTIAL_MANAGER_USER: &str = "credential_manager_acs_user_id";

struct Launch {
    user_identity_id: UserIdentityId,
    credential_manager: AcsSystemId,
    pool: Option<AcsCredentialPoolId>,
    credential_manager_user: Option<AcsUserId>,
}

impl Launch {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let user_identity_id = fields.required_id("user_identity_id");
        let credential_manager = fields.required_id(CREDENTIAL_MANAGER);
        let pool = fields.id("acs_credential_pool_id");
        let creates_user = fields.flag("create_credential_manager_user");
        let credential_manager_user = fields.id(CREDENTIAL_MANAGER_USER);
        if creates_user == Some(true) && credential_manager_user.is_some() {
            fields.issue(
                CREDENTIAL_MANAGER_USER,
                "create_credential_manager_user makes a user, so an existing one can't be named as well",
            );
        }
        Some(Self {
            user_identity_id: user_identity_id?,
            credential_manager: credential_manager?,
            pool,
            credential_manager_user,
        })
    }

    /// Whether all that the launch refers to exists and fits together.
    async fn check(&self, call: &Call) -> Result<(), Problem> {
        call.referenced_identity("user_identity_id", self.user_identity_id).await?;
        call.referenced_credential_manager(CREDENTIAL_MANAGER, self.credential_manager)
            .await?;
        if let Some(pool) = self.pool {
            let key = Key::pool(call.workspace_id, self.credential_manager, pool);
            let found = call.store.get::<AcsCredentialPool>(key).await?;
            let message = || format!("The credential manager {} has no credential pool {pool}", self.credential_manager);
            found.ok_or_else(|| Problem::unknown_reference("acs_credential_pool_not_found", message()))?;
        }
        if let Some(user) = self.credential_manager_user {
            let user = call.referenced_acs_user(CREDENTIAL_MANAGER_USER, user).await?.record;
            if user.acs_system_id != self.credential_manager {
                return Err(Problem::invalid_field(
                    CREDENTIAL_MANAGER_USER,
                    "This ACS user is in another ACS system",
                ));
            }
            if user.user_identity_id != Some(self.user_identity_id) {
                return Err(Problem::invalid_field(
                    CREDENTIAL_MANAGER_USER,
                    "This ACS user is not linked to the user identity",
                ));
            }
        }
        Ok(())
    }

    fn automation(&self, call: &Call) -> EnrollmentAutomation {
        EnrollmentAutomation {
            workspace_id: call.workspace_id,
            user_identity_id: self.user_identity_id,
            enrollment_automation_id: EnrollmentAutomationId::of(call.workspace_id, self.user_identity_id, self.credential_manager),
            credential_manager_acs_system_id: self.credential_manager,
            acs_credential_pool_id: self.pool,
            user_policy: self.policy(),
            created_at: call.now,
            deleted_at: None,
            remote_user_id: None,
            ensure_user: Effort::default(),
            read: Effort::default(),
            hints: Hints::default(),
            review_at: call.now.plus(UNTIL_REVIEW),
        }
    }

    const fn policy(&self) -> RemoteUserPolicy {
        match self.credential_manager_user {
            Some(_) => RemoteUserPolicy::AdoptOnly,
            None => RemoteUserPolicy::CreateOrAdopt,
        }
    }
}

pub(super) async fn launch(call: Call) -> Result<Answer, Problem> {
    let running = ensure_running(&call).await?;
    Answer::of("enrollment_automation", &EnrollmentAutomationObject::of(&running))
}

/// `/acs/credential_provisioning_automations/launch`: the same under the name that it had before.
pub(super) async fn launch_as_provisioning_automation(call: Call) -> Result<Answer, Problem> {
    let running = ensure_running(&call).await?;
    Answer::of(
        "acs_credential_provisioning_automation",
        &CredentialProvisioningAutomationObject::of(&running),
    )
}

async fn ensure_running(call: &Call) -> Result<EnrollmentAutomation, Problem> {
    let launch = call.read(Launch::read)?;
    launch.check(call).await?;
    let wanted = launch.automation(call);
    match call.store.insert(wanted.clone()).await {
        Ok(written) => Ok(written.record),
        Err(WriteError::Conflict) => existing(call, &wanted).await,
        Err(error) => Err(error.into()),
    }
}

/// The automation that is there: as it is while it runs, launched anew where it was deleted. What is known about the person at
/// the credential manager is kept.
async fn existing(call: &Call, wanted: &EnrollmentAutomation) -> Result<EnrollmentAutomation, Problem> {
    let key = call.owner(wanted.user_identity_id).automation(wanted.enrollment_automation_id);
    let found: Option<Versioned<EnrollmentAutomation>> = call.store.get(key.clone()).await?;
    let found = found.ok_or_else(|| Problem::internal(format!("{key} is there and is not")))?;
    let seen = found.record.clone();
    let relaunched = call.store.amend(found, |automation| {
        let was_deleted = !automation.is_running();
        automation.deleted_at = None;
        // What kept it from starting may be mended by now.
        automation.ensure_user.not_before = None;
        automation.created_at = wanted.created_at;
        automation.acs_credential_pool_id = wanted.acs_credential_pool_id;
        automation.user_policy = wanted.user_policy;
        automation.review_at = wanted.review_at;
        was_deleted
    });
    Ok(relaunched.await?.map_or(seen, |relaunched| relaunched.record))
}
