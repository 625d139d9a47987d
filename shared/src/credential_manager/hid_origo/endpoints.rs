//! Endpoints, which HID calls credential containers: the phones of a person. HID shows no identity of the hardware, so a
//! reinstalled app is a new endpoint.

use serde_json::Value;

use super::{
    credentials, identifier,
    json::{self, Unreadable},
    urn,
};
use crate::{credential_manager::Endpoint, domain::ids::EndpointId};

/// The endpoints in one list. One without an id is left out: it can't be told apart, and nothing can be issued to it.
pub(super) fn parse_all(list: &[Value]) -> Result<Vec<Endpoint>, Unreadable> {
    list.iter().filter(|entry| !entry.is_null()).filter_map(parse).collect()
}

fn parse(entry: &Value) -> Option<Result<Endpoint, Unreadable>> {
    let Some(id) = identifier::of_resource(entry) else {
        tracing::warn!("HID shows an endpoint without an id; it is left out");
        return None;
    };
    Some(json::list(entry, urn::CREDENTIAL).map(|list| Endpoint {
        id: EndpointId::new(id),
        active: is_active(entry),
        manufacturer: json::text(entry, "manufacturer").map(str::to_owned),
        model: json::text(entry, "model").map(str::to_owned),
        credentials: credentials::parse_all(list),
    }))
}

/// Not established: the statuses other than `ACTIVE`. HID issues to none of the others that clients have met.
fn is_active(entry: &Value) -> bool {
    json::status(entry, "ENDPOINT_").as_deref() == Some("ACTIVE")
}
