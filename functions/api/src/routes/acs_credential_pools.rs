//! `/acs/credential_pools/*`.

use fobless::domain::ids::AcsSystemId;

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
    let pools = call.store.pools(call.workspace_id, system).await?;
    let shown: Vec<_> = pools.iter().map(AcsCredentialPoolObject::of).collect();
    Answer::of("acs_credential_pools", &shown)
}
