//! `/acs/credentials/delete`: takes a multi-phone sync credential from all phones. Only the wish is written here; the issuer takes the
//! children away one by one, and the credential is gone once the last one is.

use fobless::domain::{deletion::Deletable, ids::AcsCredentialId};

use super::named_parent::NamedParent;
use crate::{endpoint::Call, envelope::Answer, problem::Problem};

const INSTEAD: &str = "deactivate the phone, or delete the multi-phone sync credential that it belongs to";

/// Deleting twice is fine: clients repeat a delete whose answer got lost.
pub(super) async fn delete(call: Call) -> Result<Answer, Problem> {
    let id: AcsCredentialId = call.read(|fields| fields.required_id("acs_credential_id"))?;
    let parent = NamedParent::find(&call, id, INSTEAD).await?;
    call.store.amend(parent.found, |parent| parent.request_deletion(call.now)).await?;
    Ok(Answer::done())
}
