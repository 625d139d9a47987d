//! The callback service: where events are to be sent, and which.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::origo::Origo;
use crate::random;
use crate::records::Callback;
use crate::scim;
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CallbackBody {
    url: String,
    filter_id: Option<String>,
    http_header: Option<String>,
    secret: Option<String>,
}

/// `POST /organization/{org}/callback`. There is no handshake, and any number of callbacks, for one URL too.
pub(crate) async fn create(State(origo): State<Arc<Origo>>, body: Bytes) -> Result<(StatusCode, Json<Value>), Failure> {
    let wanted: CallbackBody = scim::parse(&body)?;
    if !wanted
        .url
        .parse::<reqwest::Url>()
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
    {
        return Err(Failure::bad_request("url is not a URL of http or https"));
    }
    let header = match (wanted.http_header, wanted.secret) {
        (Some(name), Some(secret)) if name.parse::<HeaderName>().is_ok() && HeaderValue::from_str(&secret).is_ok() => Some((name, secret)),
        (None, None) => None,
        _ => {
            return Err(Failure::bad_request(
                "httpHeader and secret come together, and must fit into a header",
            ));
        }
    };
    origo.act(|world| {
        let callback = Callback {
            id: random::uuid(),
            url: wanted.url,
            filter_id: wanted.filter_id,
            header,
        };
        let statuses = world.statuses_for(&callback)?;
        origo.deliveries.start(&callback, statuses);
        let body = callback_json(&callback);
        world.callbacks.insert(callback.id.clone(), callback);
        Ok((StatusCode::CREATED, Json(body)))
    })
}

/// `GET /organization/{org}/callback`.
pub(crate) async fn list(State(origo): State<Arc<Origo>>) -> Result<Json<Value>, Failure> {
    origo.act(|world| Ok(Json(world.callbacks.values().map(callback_json).collect())))
}

/// `DELETE /organization/{org}/callback/{id}`: what is still waiting to be sent there is not.
pub(crate) async fn delete(State(origo): State<Arc<Origo>>, Path((_, id)): Path<(String, String)>) -> Result<Response, Failure> {
    origo.act(|world| {
        world.callbacks.remove(&id).ok_or_else(|| Failure::not_found("the callback"))?;
        origo.deliveries.stop(&id);
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

/// Takes up the callbacks of the data file. What was not delivered before the restart is lost, as it may be at HID.
pub(crate) fn resume(origo: &Origo) -> Result<(), Failure> {
    origo.act(|world| {
        for callback in world.callbacks.values() {
            origo.deliveries.start(callback, world.statuses_for(callback)?);
        }
        Ok(())
    })
}

impl World {
    /// The statuses that a callback asks for; without a filter it is all of them.
    fn statuses_for(&self, callback: &Callback) -> Result<Option<BTreeSet<String>>, Failure> {
        callback
            .filter_id
            .as_ref()
            .map(|id| Ok(self.filter(id)?.statuses.clone()))
            .transpose()
    }
}

/// The secret is not given back. Under which name HID tells the id is not established, so it stands under both likely ones.
fn callback_json(callback: &Callback) -> Value {
    json!({
        "id": callback.id,
        "callbackId": callback.id,
        "url": callback.url,
        "filterId": callback.filter_id,
        "httpHeader": callback.header.as_ref().map(|(name, _)| name),
    })
}
