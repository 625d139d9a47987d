//! The customer: the organization itself, with its licences.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::origo::Origo;
use crate::records::{CredentialStatus, InvitationStatus, UserStatus};
use crate::scim;
use crate::world::{World, ids_of};

/// `GET /` of the customer.
pub(crate) async fn get(State(origo): State<Arc<Origo>>) -> Result<Response, Failure> {
    origo.act(|world| {
        let count = |status| world.users.values().filter(|user| user.status == status).count();
        let pending = world
            .invitations
            .values()
            .filter(|invitation| invitation.status == InvitationStatus::Pending)
            .count();
        let licenses: Vec<Value> = world
            .pools
            .values()
            .map(|pool| {
                json!({
                    "partNumber": pool.part_number,
                    "name": pool.friendly_name,
                    "availableQty": pool.available,
                    "consumedQty": pool.consumed,
                    "licenseState": "ACTIVE",
                })
            })
            .collect();
        let body = json!({
            "schemas": [scim::LICENSE],
            "id": world.organization_id,
            "name": format!("Organization {}", world.organization_id),
            "mobileKeysets": [],
            "subscriptionMode": "Y",
            "activeUsers": count(UserStatus::Active),
            "pendingInvitations": pending,
            "totalUsers": world.users.len() - count(UserStatus::Deleted),
            scim::LICENSE: licenses,
        });
        Ok(scim::reply(StatusCode::OK, &body))
    })
}

impl World {
    /// What a user's phones hold of each part number.
    pub(crate) fn licenses_of_user(&self, user_id: i64) -> Value {
        let mut consumed: BTreeMap<u32, u64> = BTreeMap::new();
        for credential in ids_of(&self.index.credentials_of_user, user_id)
            .iter()
            .filter_map(|id| self.credentials.get(id))
        {
            if credential.status != CredentialStatus::Revoked {
                *consumed.entry(credential.pool_id).or_default() += 1;
            }
        }
        let license = |(pool_id, quantity): (u32, u64)| {
            let pool = self.pools.get(&pool_id)?;
            Some(json!({ "partNumber": pool.part_number, "name": pool.friendly_name, "consumedQty": quantity }))
        };
        consumed.into_iter().filter_map(license).collect()
    }
}
