//! Part numbers: the pools that credentials are drawn from, each with a stock and a running sequence of card numbers.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::options::PartNumber;
use crate::origo::Origo;
use crate::records::Pool;
use crate::scim;
use crate::world::World;

/// `GET /part-number`: hits hold nothing but where to read them, so a client needs one more call for each.
pub(crate) async fn list(State(origo): State<Arc<Origo>>) -> Result<Response, Failure> {
    origo.act(|world| {
        let hits: Vec<Value> = world
            .pools
            .values()
            .map(|pool| json!({ "meta": { "location": world.location(&path_of(pool)) } }))
            .collect();
        Ok(scim::reply(StatusCode::OK, &scim::list(&hits, hits.len(), 1)))
    })
}

/// `GET /part-number/{id}`.
pub(crate) async fn get(State(origo): State<Arc<Origo>>, Path((_, id)): Path<(String, String)>) -> Result<Response, Failure> {
    origo.act(|world| {
        let pool = world
            .pools
            .values()
            .find(|pool| public_id(pool) == id)
            .ok_or_else(|| Failure::not_found("the part number"))?;
        let body = json!({ "schemas": [scim::PART_NUMBER], scim::PART_NUMBER: [world.pool_json(pool)] });
        Ok(scim::reply(StatusCode::OK, &body))
    })
}

impl World {
    /// Makes a pool, unless the organization has it already.
    pub(crate) fn add_pool(&mut self, new: &PartNumber) {
        if self.index.pool_by_part_number.contains_key(&new.part_number) {
            return;
        }
        let id = self.pools.last_id().map_or(1, |id| id + 1);
        self.index.pool_by_part_number.insert(new.part_number.clone(), id);
        let pool = Pool {
            id,
            part_number: new.part_number.clone(),
            friendly_name: new.friendly_name.clone(),
            available: new.available,
            consumed: 0,
            first_card_number: new.first_card_number,
            next_card_number: new.first_card_number,
            facility_code: new.facility_code.clone(),
            format_number: new.format_number.clone(),
        };
        self.pools.insert(id, pool);
    }

    /// The pool of that name; the first one stands for the organization's default.
    pub(crate) fn pool(&self, part_number: &str) -> Result<&Pool, Failure> {
        let pool = if part_number.is_empty() {
            self.pools.values().next()
        } else {
            self.index.pool_by_part_number.get(part_number).and_then(|id| self.pools.get(id))
        };
        pool.ok_or_else(|| Failure::bad_request(format!("there is no part number '{part_number}'")))
    }

    /// Fills a pool up, or empties it.
    pub(crate) fn stock_pool(&mut self, part_number: &str, available: u64) -> Result<(), Failure> {
        let id = self.pool(part_number)?.id;
        if let Some(pool) = self.pools.get_mut(&id) {
            pool.available = available;
        }
        Ok(())
    }

    /// Draws one credential and answers its card number. What HID answers when nothing is left was seen nowhere; 412 is likely.
    pub(crate) fn draw(&mut self, pool_id: u32) -> Result<u64, Failure> {
        if self.pools.get(&pool_id).is_none_or(|pool| pool.available == 0) {
            return Err(Failure::precondition("No credential is available for this part number"));
        }
        let pool = self.pools.get_mut(&pool_id).ok_or_else(|| Failure::not_found("the part number"))?;
        pool.available -= 1;
        pool.consumed += 1;
        let card_number = pool.next_card_number;
        pool.next_card_number += 1;
        Ok(card_number)
    }

    /// Puts back what was reserved and never delivered. Its card number is not used again.
    pub(crate) fn put_back(&mut self, pool_id: u32) {
        if let Some(pool) = self.pools.get_mut(&pool_id) {
            pool.available += 1;
            pool.consumed = pool.consumed.saturating_sub(1);
        }
    }

    pub(crate) fn pool_json(&self, pool: &Pool) -> Value {
        // The keys of this object have spaces at HID.
        let mut programming_data = json!({ "incremental_card id number": pool.next_card_number.to_string() });
        if let Some(facility_code) = &pool.facility_code {
            programming_data["facility code"] = json!(facility_code);
        }
        if let Some(format_number) = &pool.format_number {
            programming_data["format_number"] = json!(format_number);
        }
        json!({
            "meta": { "resourceType": "PartNumber", "location": self.location(&path_of(pool)) },
            "id": public_id(pool),
            "partNumber": pool.part_number,
            "friendlyName": pool.friendly_name,
            "availableQty": pool.available,
            "offset": "0",
            "prefix": "",
            "suffix": "",
            "nextNumber": pool.next_card_number.to_string(),
            "lastNumber": pool.next_card_number.saturating_add(pool.available).saturating_sub(1).to_string(),
            "badge_type": "",
            "programmingData": programming_data,
            "replenishmentState": "Not Needed",
        })
    }
}

/// Part numbers have ids of their own form: text, not an integer.
fn public_id(pool: &Pool) -> String {
    format!("4924_{:06}", pool.id)
}

fn path_of(pool: &Pool) -> String {
    format!("/part-number/{}", public_id(pool))
}
