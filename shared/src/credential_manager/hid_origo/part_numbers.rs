//! Part numbers: HID's pools of credentials. They are configured and issued from by name but read by id, and the list shows
//! only ids; so the first look at a pool costs a call for each part number, and every later one a single call.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

use super::{
    call::{Call, Service},
    http::Http,
    identifier,
    json::{self, Unreadable},
    urn,
};
use crate::{
    credential_manager::{CallError, CallResult, PoolLevel, Priority},
    domain::ids::RemotePoolId,
};

/// More pages than any organization fills; a list that goes on longer is going round in circles.
const MOST_PAGES: usize = 10;
/// Each part number costs a call. No organization has more.
const MOST_PART_NUMBERS: usize = 200;

/// The name of each part number that was ever read, by id. It lives as long as the process.
#[derive(Default)]
pub(super) struct PartNumberIds(Mutex<HashMap<String, RemotePoolId>>);

impl PartNumberIds {
    fn names(&self) -> MutexGuard<'_, HashMap<String, RemotePoolId>> {
        // Each change is a single insertion or removal: a panic elsewhere can't have left it half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn id_of(&self, name: &RemotePoolId) -> Option<String> {
        self.names().iter().find(|(_, known)| *known == name).map(|(id, _)| id.clone())
    }
}

/// The level of a pool, read afresh.
pub(super) async fn level(http: &Http, ids: &PartNumberIds, pool: &RemotePoolId) -> CallResult<Option<PoolLevel>> {
    if let Some(id) = ids.id_of(pool)
        && let Some(level) = level_if_named(http, ids, id, pool).await?
    {
        return Ok(Some(level));
    }
    for id in list(http).await? {
        // Whoever asked at the same moment may have learned the wanted one's id meanwhile; that one has to be read all the same.
        let is_another = ids.names().get(&id).is_some_and(|name| name != pool);
        if !is_another && let Some(level) = level_if_named(http, ids, id, pool).await? {
            return Ok(Some(level));
        }
    }
    Ok(None)
}

/// Reads one part number, remembers its name, and answers its level if it is the one looked for.
async fn level_if_named(http: &Http, ids: &PartNumberIds, id: String, pool: &RemotePoolId) -> CallResult<Option<PoolLevel>> {
    let path = format!("/part-number/{}", identifier::segment(&id)?);
    let call = Call::get(Service::MobileIdentities, path, Priority::Issue).about(format!("the part number {id}"));
    let reply = match http.send_for_json(&call).await {
        Err(CallError::NotFound(_)) => {
            ids.names().remove(&id);
            return Ok(None);
        }
        other => other?,
    };
    let Ok([part_number]) = json::wrapped_or_bare(&reply, urn::PART_NUMBER) else {
        tracing::warn!("HID shows a part number that can't be read; it is left out");
        return Ok(None);
    };
    let Some(name) = json::text(part_number, "partNumber").map(RemotePoolId::new) else {
        tracing::warn!("HID shows a part number without a name; it is left out");
        return Ok(None);
    };
    let is_wanted = name == *pool;
    ids.names().insert(id, name);
    Ok(is_wanted.then(|| parse(part_number)))
}

/// The ids of all part numbers. The list holds nothing but locations.
///
/// Not established: whether the list is paged. Further pages are asked for only when the reply itself counts more than it shows.
async fn list(http: &Http) -> CallResult<Vec<String>> {
    let mut ids: Vec<String> = Vec::new();
    let mut path = "/part-number".to_owned();
    for _ in 0..MOST_PAGES {
        let call = Call::get(Service::MobileIdentities, path, Priority::Issue).about("the list of part numbers");
        let reply = http.send_for_json(&call).await?;
        if !reply.is_object() {
            return Err(call.unreadable(Unreadable("the list of part numbers")));
        }
        let page = json::list(&reply, "Resources").map_err(|part| call.unreadable(part))?;
        let before = ids.len();
        for id in page.iter().filter_map(identifier::of_resource) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let total = reply
            .get("totalResults")
            .and_then(Value::as_u64)
            .and_then(|total| usize::try_from(total).ok());
        if ids.len() == before || ids.len() >= MOST_PART_NUMBERS || total.is_none_or(|total| total <= ids.len()) {
            break;
        }
        path = format!("/part-number?startIndex={}&count=20", ids.len() + 1);
    }
    ids.truncate(MOST_PART_NUMBERS);
    Ok(ids)
}

/// The fields under `programmingData` have names with spaces in them.
fn parse(part_number: &Value) -> PoolLevel {
    let programming = part_number.get("programmingData").unwrap_or(&Value::Null);
    PoolLevel {
        available: json::text_or_number(part_number, "availableQty")
            .and_then(|count| count.parse::<i64>().ok())
            .map(|count| {
                // A pool that is overdrawn has nothing left.
                u64::try_from(count).unwrap_or(0)
            }),
        facility_code: json::text_or_number(programming, "facility code"),
        card_format: json::text_or_number(programming, "format_number"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::credential_manager::{
        CredentialManager,
        hid_origo::scripted::{Bench, Script},
    };

    #[tokio::test]
    async fn a_list_without_end_is_not_read_to_its_end() {
        let ids: Vec<String> = (1..=250).map(|id| id.to_string()).collect();
        let list = list_of(&ids.iter().map(String::as_str).collect::<Vec<_>>(), 10_000);
        let another = || Script::json(200, &json!({ "id": 1, "partNumber": "another" }));
        let scripts = std::iter::once(list).chain(std::iter::repeat_with(another).take(250));
        let bench = Bench::start(scripts).await;
        assert_eq!(bench.adapter.pool_level(&RemotePoolId::new("wanted")).await, Ok(None));
        assert_eq!(bench.hid.requests().len(), 1 + MOST_PART_NUMBERS);
    }

    fn list_of(ids: &[&str], total: usize) -> Script {
        let resources: Vec<_> = ids
            .iter()
            .map(|id| json!({ "meta": { "location": format!("https://x.example/part-number/{id}") } }))
            .collect();
        Script::json(200, &json!({ "totalResults": total, "Resources": resources }))
    }

    fn part_number(name: &str, available: &Value) -> Script {
        let programming = json!({ "facility code": "101", "format_number": 10301, "incremental_card id number": "1" });
        let part_number = json!({ "id": "4924_1", "partNumber": name, "availableQty": available, "programmingData": programming });
        Script::json(200, &json!({ urn::PART_NUMBER: [part_number] }))
    }

    #[tokio::test]
    async fn a_pool_is_found_by_name_once_and_read_by_id_from_then_on() {
        let scripts = [
            list_of(&["1", "2"], 2),
            part_number("A", &json!(1)),
            part_number("B", &json!(5)),
            part_number("B", &json!("4")),
        ];
        let bench = Bench::start(scripts).await;
        let pool = RemotePoolId::new("B");
        let level = bench.adapter.pool_level(&pool).await.unwrap().unwrap();
        let expected = PoolLevel {
            available: Some(5),
            facility_code: Some("101".to_owned()),
            card_format: Some("10301".to_owned()),
        };
        assert_eq!(level, expected);
        assert_eq!(bench.adapter.pool_level(&pool).await.unwrap().unwrap().available, Some(4));
        let asked: Vec<_> = bench.hid.requests().into_iter().map(|request| request.line).collect();
        let base = "GET /credential-management/customer/1000042";
        let expected = ["/part-number", "/part-number/1", "/part-number/2", "/part-number/2"].map(|path| format!("{base}{path}"));
        assert_eq!(asked, expected);
        assert_eq!(bench.budget.taken(), [Priority::Issue; 4]);
    }

    #[tokio::test]
    async fn a_pool_that_is_not_there_is_none_and_known_ones_are_not_read_again() {
        let bench = Bench::start([list_of(&["1"], 1), part_number("A", &json!(1)), list_of(&["1"], 1)]).await;
        assert_eq!(bench.adapter.pool_level(&RemotePoolId::new("B")).await, Ok(None));
        assert_eq!(bench.adapter.pool_level(&RemotePoolId::new("B")).await, Ok(None));
        assert_eq!(bench.hid.requests().len(), 3);
    }

    #[tokio::test]
    async fn a_pool_that_moved_to_another_id_is_found_again() {
        let scripts = [
            list_of(&["1"], 1),
            part_number("A", &json!(1)),
            Script::status(404),
            list_of(&["2"], 1),
            part_number("A", &json!(-3)),
        ];
        let bench = Bench::start(scripts).await;
        let pool = RemotePoolId::new("A");
        bench.adapter.pool_level(&pool).await.unwrap();
        assert_eq!(bench.adapter.pool_level(&pool).await.unwrap().unwrap().available, Some(0));
    }

    #[tokio::test]
    async fn further_pages_are_read_until_nothing_new_comes() {
        let scripts = [
            list_of(&["1"], 3),
            list_of(&["2"], 3),
            list_of(&["2"], 3),
            part_number("A", &json!(1)),
            part_number("B", &json!(null)),
        ];
        let bench = Bench::start(scripts).await;
        assert_eq!(
            bench.adapter.pool_level(&RemotePoolId::new("B")).await.unwrap().unwrap().available,
            None
        );
        assert!(bench.hid.requests()[1].line.ends_with("/part-number?startIndex=2&count=20"));
    }

    #[tokio::test]
    async fn one_odd_part_number_does_not_hide_the_others() {
        let scripts = [
            list_of(&["1", "2", "3"], 3),
            Script::json(200, &json!([])),
            Script::status(404),
            part_number("B", &json!(1)),
        ];
        let bench = Bench::start(scripts).await;
        assert!(bench.adapter.pool_level(&RemotePoolId::new("B")).await.unwrap().is_some());
    }
}
