//! `/user_identities/enrollment_automations/*`.

use fobless::{
    domain::{
        aggregate::Versioned,
        deletion::Deletable,
        enrollment_automation::EnrollmentAutomation,
        ids::{EnrollmentAutomationId, UserIdentityId},
        user_identity::UserIdentity,
    },
    store::Collection,
};

use super::launch_enrollment_automation::{launch, launch_as_provisioning_automation};
use crate::{
    endpoint::{Accepts, Call, Endpoint, endpoint},
    envelope::Answer,
    problem::Problem,
    scoped_call::ScopedCall,
    shown::Shown,
    wire::enrollment_automation::EnrollmentAutomationObject,
};

pub(crate) fn routes() -> Vec<Endpoint> {
    vec![
        endpoint("/user_identities/enrollment_automations/launch", Accepts::Create, launch),
        endpoint(
            "/acs/credential_provisioning_automations/launch",
            Accepts::Create,
            launch_as_provisioning_automation,
        ),
        endpoint("/user_identities/enrollment_automations/get", Accepts::Read, get),
        endpoint("/user_identities/enrollment_automations/list", Accepts::Read, list),
        endpoint("/user_identities/enrollment_automations/delete", Accepts::Delete, delete),
    ]
}

async fn get(call: ScopedCall) -> Result<Answer, Problem> {
    let id: EnrollmentAutomationId = call.read(|fields| fields.required_id("enrollment_automation_id"))?;
    let found = call.find::<EnrollmentAutomation>(Collection::EnrollmentAutomations, id.uuid(), |owner| owner.automation(id));
    let automation = found.await?.ok_or_else(|| not_found(id))?.record;
    let (owner, store) = call.person(automation.user_identity_id).ok_or_else(|| not_found(id))?;
    let person = store.get::<UserIdentity>(owner.identity()).await?;
    let is_person_gone = person.is_some_and(|person| person.record.is_gone());
    if automation.is_running() && !is_person_gone {
        Answer::of("enrollment_automation", &EnrollmentAutomationObject::of(&automation))
    } else {
        Err(not_found(id))
    }
}

async fn list(call: ScopedCall) -> Result<Answer, Problem> {
    let user_identity_id: UserIdentityId = call.read(|fields| fields.required_id("user_identity_id"))?;
    let aggregate = call.load(user_identity_id).await?;
    let mut running: Vec<&EnrollmentAutomation> = aggregate
        .automations
        .iter()
        .map(|found| &found.record)
        .filter(|automation| automation.is_running() && !aggregate.is_person_gone())
        .collect();
    running.sort_by_key(|automation| (automation.created_at, automation.enrollment_automation_id));
    let shown: Vec<_> = running.into_iter().map(EnrollmentAutomationObject::of).collect();
    Answer::of("enrollment_automations", &shown)
}

/// A deleted automation enrols no further phone. What is enrolled stays. Deleting twice is fine: clients repeat a delete whose
/// answer got lost.
async fn delete(call: Call) -> Result<Answer, Problem> {
    let id = call.read(|fields| fields.required_id("enrollment_automation_id"))?;
    let found = find(&call, id).await?;
    call.store
        .amend(found, |automation| {
            let was_running = automation.is_running();
            automation.deleted_at.get_or_insert(call.now);
            was_running
        })
        .await?;
    Ok(Answer::done())
}

async fn find(call: &Call, id: EnrollmentAutomationId) -> Result<Versioned<EnrollmentAutomation>, Problem> {
    let key = call
        .find(Collection::EnrollmentAutomations, id.uuid())
        .await?
        .ok_or_else(|| not_found(id))?;
    call.store.get(key).await?.ok_or_else(|| not_found(id))
}

fn not_found(id: EnrollmentAutomationId) -> Problem {
    Problem::not_found("enrollment_automation_not_found", format!("There is no enrollment automation {id}"))
}
