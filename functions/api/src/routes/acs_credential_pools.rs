//! `/acs/credential_pools/*`.

use fobless::domain::{deletion::Deletable, ids::AcsSystemId};

use crate::{
    endpoint::{Accepts, Call, Endpoint, endpoint},
    envelope::Answer,
    problem::Problem,
    wire::acs_credential_pool::AcsCredentialPoolObject,
};

pub(crate) fn routes() -> Vec<Endpoint> {
    vec![endpoint("/acs/credential_pools/list", Accepts::Read, list)]
}

async fn list(call: Call) -> Result<Answer, Problem> {
    let system: AcsSystemId = call.read(|fields| fields.required_id("acs_system_id"))?;
    // What a deleted system had is shown no more than the system.
    let pools = match call.acs_system(system).await?.filter(Deletable::is_wanted) {
        Some(_) => call.store.pools(call.workspace_id, system).await?,
        None => Vec::new(),
    };
    let shown: Vec<_> = pools.iter().map(AcsCredentialPoolObject::of).collect();
    Answer::of("acs_credential_pools", &shown)
}
