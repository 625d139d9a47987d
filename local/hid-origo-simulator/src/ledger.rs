//! `GET /simulator/ledger`: everything that was ever made, the revoked too, with the times between which it was live; and how often what was
//! called.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::failure::Failure;
use crate::origo::Origo;

pub(crate) async fn get(State(origo): State<Arc<Origo>>) -> Result<Json<Value>, Failure> {
    let mut ledger = origo.act(|world| {
        let users: Vec<Value> = world
            .users
            .values()
            .map(|user| json!({ "id": user.id, "external_id": user.external_id, "status": user.status.name() }))
            .collect();
        let invitations: Vec<Value> = world
            .invitations
            .values()
            .map(|invitation| {
                json!({
                    "id": invitation.id,
                    "user_id": invitation.user_id,
                    "code": invitation.code,
                    "status": invitation.status.name(),
                    "expires_at": invitation.expires_at.to_micros_text(),
                })
            })
            .collect();
        let containers: Vec<Value> = world
            .containers
            .values()
            .map(|container| {
                json!({
                    "id": container.id,
                    "user_id": container.user_id,
                    "invitation_id": container.invitation_id,
                    "status": container.status.name(),
                })
            })
            .collect();
        let credentials: Vec<Value> = world
            .credentials
            .values()
            .map(|credential| {
                json!({
                    "id": credential.id,
                    "container_id": credential.container_id,
                    "part_number": world.pools.get(&credential.pool_id).map(|pool| pool.part_number.as_str()),
                    "card_number": credential.card_number.to_string(),
                    "status": credential.status.name(),
                    "created_at": credential.created_at.to_micros_text(),
                    "made_at": credential.made_at.to_micros_text(),
                    "ended_at": credential.ended_at.map(Timestamp::to_micros_text),
                })
            })
            .collect();
        Ok(json!({ "users": users, "invitations": invitations, "containers": containers, "credentials": credentials }))
    })?;
    let counts = origo.calls.counts();
    ledger["calls"] = json!(counts.calls);
    ledger["refused"] = json!(counts.refused);
    Ok(Json(ledger))
}
