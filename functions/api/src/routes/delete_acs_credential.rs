//! `/acs/credentials/delete`: takes a multi-phone sync credential from all phones. Only the wish is written here; the issuer takes the
//! children away one by one, and the credential is gone once the last one is.

use fobless::domain::{aggregate::Aggregate, deletion::Deletable, ids::AcsCredentialId};

use super::{acs_credentials::not_found, named_parent::NamedParent};
use crate::{endpoint::Call, envelope::Answer, problem::Problem, shown::Shown};

const INSTEAD: &str = "deactivate the phone, or delete the multi-phone sync credential that it belongs to";

/// Deleting twice is fine: clients repeat a delete whose answer got lost. So is deleting a phone's credential that goes with its parent
/// anyway: clients delete all that a listing shows, one after the other.
pub(super) async fn delete(call: Call) -> Result<Answer, Problem> {
    let id: AcsCredentialId = call.read(|fields| fields.required_id("acs_credential_id"))?;
    let aggregate = call.load_owner_of_credential(id).await?.ok_or_else(|| not_found(id))?;
    if !goes_with_its_parent(&aggregate, id) {
        let parent = NamedParent::of(aggregate, id, INSTEAD)?;
        call.store.amend(parent.found, |parent| parent.request_deletion(call.now)).await?;
    }
    Ok(Answer::done())
}

/// Whether this is a child whose parent is deleted, or being deleted.
fn goes_with_its_parent(aggregate: &Aggregate, id: AcsCredentialId) -> bool {
    let child = aggregate.phone_credential(id).map(|found| &found.record);
    let parent = child.and_then(|child| aggregate.credential(child.parent_acs_credential_id));
    parent.is_some_and(|parent| aggregate.deletion_of(&parent.record).is_some())
}
