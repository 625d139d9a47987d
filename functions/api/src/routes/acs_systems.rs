//! `/acs/systems/*`.

use fobless::domain::{
    acs::AcsSystem,
    deletion::Deletable,
    ids::{AcsSystemId, ConnectedAccountId},
};

use super::change_acs_system::{create, delete, update};
use crate::{
    endpoint::{Accepts, Call, Endpoint, endpoint},
    envelope::Answer,
    fields::Fields,
    problem::Problem,
    wire::acs_system::AcsSystemObject,
};

pub(crate) fn routes() -> Vec<Endpoint> {
    vec![
        endpoint("/acs/systems/create", Accepts::Create, create),
        endpoint("/acs/systems/get", Accepts::Read, get),
        endpoint("/acs/systems/list", Accepts::Read, list),
        endpoint(
            "/acs/systems/list_compatible_credential_manager_acs_systems",
            Accepts::Read,
            list_compatible_credential_managers,
        ),
        endpoint("/acs/systems/update", Accepts::Update, update),
        endpoint("/acs/systems/delete", Accepts::Delete, delete),
    ]
}

struct Filter {
    connected_account_id: Option<ConnectedAccountId>,
    search: Option<String>,
    /// Systems belong to no customer here, so whoever asks for a customer's gets none.
    is_for_customer: bool,
}

impl Filter {
    #[expect(clippy::unnecessary_wraps, reason = "it is what reading parameters looks like")]
    fn read(fields: &Fields<'_>) -> Option<Self> {
        Some(Self {
            connected_account_id: fields.id("connected_account_id"),
            search: fields.text("search").map(|text| text.to_lowercase()),
            is_for_customer: fields.text("customer_key").is_some(),
        })
    }

    fn takes(&self, system: &AcsSystem) -> bool {
        !self.is_for_customer
            && self.connected_account_id.is_none_or(|wanted| system.connected_account_id == wanted)
            && self.search.as_ref().is_none_or(|text| system.name.to_lowercase().contains(text))
    }
}

async fn get(call: Call) -> Result<Answer, Problem> {
    let id: AcsSystemId = call.read(|fields| fields.required_id("acs_system_id"))?;
    let found = call.acs_system(id).await?.filter(Deletable::is_wanted);
    let system = found.ok_or_else(|| not_found(id))?;
    Answer::of("acs_system", &AcsSystemObject::of(&system))
}

async fn list(call: Call) -> Result<Answer, Problem> {
    let filter = call.read(Filter::read)?;
    answer(&call, |system| filter.takes(system)).await
}

/// Every credential manager of the workspace can serve every access control system of it: what it hands out is a card number.
async fn list_compatible_credential_managers(call: Call) -> Result<Answer, Problem> {
    let id: AcsSystemId = call.read(|fields| fields.required_id("acs_system_id"))?;
    let asked = call
        .acs_system(id)
        .await?
        .filter(Deletable::is_wanted)
        .ok_or_else(|| not_found(id))?;
    answer(&call, |system| system.is_credential_manager() && !asked.is_credential_manager()).await
}

async fn answer(call: &Call, is_asked_for: impl Fn(&AcsSystem) -> bool + Send) -> Result<Answer, Problem> {
    let systems = call.store.acs_systems(call.workspace_id).await?;
    let shown: Vec<_> = systems
        .iter()
        .filter(|system| system.is_wanted() && is_asked_for(system))
        .map(AcsSystemObject::of)
        .collect();
    Answer::of("acs_systems", &shown)
}

pub(super) fn not_found(id: AcsSystemId) -> Problem {
    Problem::not_found("acs_system_not_found", format!("There is no ACS system {id}"))
}
