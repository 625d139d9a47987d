//! The events service: what happened, as `CloudEvents`, to be asked for later; and the filters that say which of it matters.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::failure::Failure;
use crate::origo::Origo;
use crate::random;
use crate::records::{Event, Filter};
use crate::scim;
use crate::world::World;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FilterBody {
    /// Names of statuses. Which ones HID accepts is not established, so any is.
    filter_set: Vec<String>,
}

/// `POST /organization/{org}/events/filter`.
pub(crate) async fn create_filter(State(origo): State<Arc<Origo>>, body: Bytes) -> Result<(StatusCode, Json<Value>), Failure> {
    let wanted: FilterBody = scim::parse(&body)?;
    if wanted.filter_set.is_empty() {
        return Err(Failure::bad_request("filterSet is empty"));
    }
    origo.act(|world| {
        let filter = Filter {
            id: random::uuid(),
            statuses: wanted.filter_set.into_iter().collect(),
        };
        let body = filter_json(&filter);
        world.filters.insert(filter.id.clone(), filter);
        Ok((StatusCode::CREATED, Json(body)))
    })
}

/// `GET /organization/{org}/events/filter`.
pub(crate) async fn list_filters(State(origo): State<Arc<Origo>>) -> Result<Json<Value>, Failure> {
    origo.act(|world| Ok(Json(world.filters.values().map(filter_json).collect())))
}

/// `GET /organization/{org}/events/filter/{id}`.
pub(crate) async fn get_filter(State(origo): State<Arc<Origo>>, Path((_, id)): Path<(String, String)>) -> Result<Json<Value>, Failure> {
    origo.act(|world| Ok(Json(filter_json(world.filter(&id)?))))
}

/// `callbackStatus` is let through and ignored: its values are not established.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Window {
    date_from: Option<String>,
    date_to: Option<String>,
    filter_id: Option<String>,
}

/// `GET /organization/{org}/events`: all of the window in one array. Whether HID pages it is not established.
pub(crate) async fn list(State(origo): State<Arc<Origo>>, Query(window): Query<Window>) -> Result<Json<Value>, Failure> {
    let from = window.date_from.as_deref().map(parse_date).transpose()?;
    let to = window.date_to.as_deref().map(parse_date).transpose()?;
    origo.act(|world| {
        let filter = window.filter_id.as_ref().map(|id| world.filter(id)).transpose()?;
        let in_window = |event: &&Event| from.is_none_or(|from| from <= event.at) && to.is_none_or(|to| event.at <= to);
        let wanted = |event: &&Event| filter.is_none_or(|filter| filter.statuses.contains(&event.status));
        Ok(Json(
            world
                .events
                .values()
                .filter(in_window)
                .filter(wanted)
                .map(|event| event.content.clone())
                .collect(),
        ))
    })
}

/// A plus sign that a client left unescaped arrives as a space.
fn parse_date(text: &str) -> Result<Timestamp, Failure> {
    Timestamp::parse(&text.replace(' ', "+")).ok_or_else(|| Failure::bad_request("a date is not RFC 3339"))
}

fn filter_json(filter: &Filter) -> Value {
    json!({ "filterId": filter.id, "filterSet": filter.statuses })
}

impl World {
    pub(crate) fn filter(&self, id: &String) -> Result<&Filter, Failure> {
        self.filters.get(id).ok_or_else(|| Failure::not_found("the filter"))
    }

    /// Records an event of Mobile Identities; callbacks hear of it once the change is written.
    pub(crate) fn tell(&mut self, kind: &str, path: &str, data: &Value) {
        let status = data["status"].as_str().unwrap_or_default().to_owned();
        let content = json!({
            "specversion": "1.0",
            "type": format!("com.origo.mi.{kind}"),
            "source": self.location(path),
            "id": random::uuid(),
            "time": self.now.to_millis_text(),
            "datacontenttype": format!("application/vnd.hidglobal.origo.events.{kind}-2.0+json"),
            "data": data,
        });
        let event = Event {
            at: self.now,
            status,
            content,
        };
        let sequence = self.events.last_id().map_or(1, |last| last + 1);
        self.events.insert(sequence, event.clone());
        self.untold.push(Arc::new(event));
    }
}
