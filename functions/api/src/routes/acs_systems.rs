//! `/acs/systems/*`.

use axum::Router;
use fobless::domain::{
    acs::AcsSystem,
    ids::{AcsSystemId, ConnectedAccountId},
};

use crate::{
    endpoint::{Accepts, Call, Server, endpoint},
    envelope::Answer,
    fields::Fields,
    problem::Problem,
    wire::acs_system::AcsSystemObject,
};

pub(crate) fn routes() -> Router<Server> {
    Router::new()
        .route("/acs/systems/get", endpoint(Accepts::Read, get))
        .route("/acs/systems/list", endpoint(Accepts::Read, list))
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
    let found = call.acs_system(id).await?;
    let system = found.ok_or_else(|| Problem::not_found("acs_system_not_found", format!("There is no ACS system {id}")))?;
    Answer::of("acs_system", &AcsSystemObject::of(&system))
}

async fn list(call: Call) -> Result<Answer, Problem> {
    let filter = call.read(Filter::read)?;
    let systems = call.store.acs_systems(call.workspace_id).await?;
    let shown: Vec<_> = systems
        .iter()
        .filter(|system| filter.takes(system))
        .map(AcsSystemObject::of)
        .collect();
    Answer::of("acs_systems", &shown)
}
