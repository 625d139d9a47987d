//! A workspace with an API in front of it, and the verbs to use it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use api::State;
use axum::{Router, body::Body};
use fobless::{
    aws::AwsAddress,
    clock::Clock,
    domain::time::Timestamp,
    store::{ApiKey, DEFINITION, Key, Record, Store},
    webhook_delivery::WebhookTargets,
};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::records;

/// 2024-01-11T10:42:25.848Z.
const NOON: i64 = 1_704_969_745_848;
const TABLE: &str = "fobless-api-test";
pub(crate) const KEY: &str = "seam_test1_abcdefghijklmnop";

/// The API over a table of its own.
pub(crate) struct World {
    pub(crate) store: Store,
    router: Router,
    database: dynoxide::Database,
    now: Arc<AtomicI64>,
}

/// What the API answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl World {
    /// A workspace with the person, the systems and the pool of the examples.
    pub(crate) async fn prepared() -> Self {
        let world = Self::empty().await;
        world
            .put(ApiKey::new(api::hash_api_key(KEY), records::workspace(), "test", world.now()))
            .await;
        world.put(records::identity()).await;
        world.put(records::credential_manager()).await;
        world.put(records::access_control_system()).await;
        world.put(records::pool()).await;
        world.put(records::acs_user()).await;
        world
    }

    async fn empty() -> Self {
        let database = dynoxide::Database::memory().expect("a database");
        let request = serde_json::from_value(DEFINITION.create_request(TABLE)).expect("a request");
        database.create_table(request).expect("a table");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(dynoxide::server::serve_with_shutdown(
            listener,
            database.clone(),
            std::future::pending(),
        ));
        let address = AwsAddress::stand_in(endpoint);
        let now = Arc::new(AtomicI64::new(NOON));
        let clock = Arc::clone(&now);
        let clock = Clock::of(move || Timestamp::from_millis(clock.load(Ordering::SeqCst)));
        let store = Store::new(fobless::store::connect(&address).expect("a client"), TABLE).with_clock(clock.clone());
        let router = api::router(State {
            store: store.clone(),
            clock,
            webhook_targets: WebhookTargets::Public,
        });
        Self {
            store,
            router,
            database,
            now,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::SeqCst))
    }

    pub(crate) fn pass_seconds(&self, seconds: i64) {
        self.now.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// All items of the table in whose keys this text stands.
    pub(crate) fn items_of(&self, text: &str) -> Vec<Value> {
        let request = serde_json::from_value(serde_json::json!({"TableName": TABLE})).expect("a request");
        let answer = serde_json::to_value(self.database.scan(request).expect("a table")).expect("an answer");
        let items = answer["Items"].as_array().cloned().unwrap_or_default();
        let names = |item: &Value| item["pk"]["S"].as_str().is_some_and(|key| key.contains(text));
        items.into_iter().filter(names).collect()
    }

    /// Takes the table away.
    pub(crate) fn lose_table(&self) {
        let request = serde_json::from_value(serde_json::json!({"TableName": TABLE})).expect("a request");
        self.database.delete_table(request).expect("the table was there");
    }

    /// Puts a record into the table, as some other part of the system would.
    pub(crate) async fn put<R: Record + std::fmt::Debug>(&self, record: R) {
        self.store.insert(record).await.expect("the record is new");
    }

    /// Puts an item into the table, as an older version wrote it.
    pub(crate) fn put_raw(&self, item: &Value) {
        let request = serde_json::json!({"TableName": TABLE, "Item": item});
        let request = serde_json::from_value(request).expect("a request");
        self.database.put_item(request).expect("it is written");
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        let request = signed("POST", path).header(header::CONTENT_TYPE, "application/json;charset=utf-8");
        self.send(request.body(Body::from(body.to_string())).expect("a request")).await
    }

    pub(crate) async fn get(&self, path_and_query: &str) -> Reply {
        self.send(signed("GET", path_and_query).body(Body::empty()).expect("a request"))
            .await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Reply {
        let request = signed("PATCH", path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).expect("a request")).await
    }

    pub(crate) async fn put_json(&self, path: &str, body: &Value) -> Reply {
        let request = signed("PUT", path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).expect("a request")).await
    }

    /// Changes a record in the table, as some other part of the system would.
    pub(crate) async fn change<R: Record>(&self, key: Key, mut change: impl FnMut(&mut R) + Send) {
        let found = self.store.get::<R>(key).await.expect("the table answers").expect("it is there");
        let written = self.store.amend(found, |record| {
            change(record);
            true
        });
        written.await.expect("it is written");
    }

    /// A record of the table.
    pub(crate) async fn stored<R: Record>(&self, key: Key) -> R {
        self.store
            .get::<R>(key)
            .await
            .expect("the table answers")
            .expect("it is there")
            .record
    }

    pub(crate) async fn delete(&self, path_and_query: &str) -> Reply {
        self.send(signed("DELETE", path_and_query).body(Body::empty()).expect("a request"))
            .await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Reply {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// Launches the automation of the examples and answers its id.
    pub(crate) async fn launch(&self) -> String {
        let reply = self
            .post("/user_identities/enrollment_automations/launch", &records::launch())
            .await
            .ok();
        reply["enrollment_automation"]["enrollment_automation_id"]
            .as_str()
            .expect("an id")
            .to_owned()
    }

    /// Creates the credential of the examples and answers its id.
    pub(crate) async fn create_credential(&self) -> String {
        let reply = self.post("/acs/credentials/create", &records::creation()).await.ok();
        reply["acs_credential"]["acs_credential_id"].as_str().expect("an id").to_owned()
    }
}

/// A request with the workspace's key.
pub(crate) fn signed(method: &str, path_and_query: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path_and_query)
        .header(header::AUTHORIZATION, format!("Bearer {KEY}"))
}

impl Reply {
    /// The body of a good answer.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        assert_eq!(self.body["ok"], true, "{}", self.body);
        assert!(self.headers.contains_key("seam-request-id"));
        self.body
    }

    /// Status, type and message of a refusal.
    #[track_caller]
    pub(crate) fn refusal(&self) -> (u16, &str, &str) {
        assert_eq!(self.body["ok"], false, "{}", self.body);
        assert!(self.headers.contains_key("seam-request-id"));
        let text = |key: &str| self.body["error"][key].as_str().expect("a text");
        (self.status.as_u16(), text("type"), text("message"))
    }

    /// Status and type of a refusal.
    #[track_caller]
    pub(crate) fn refused_as(&self) -> (u16, &str) {
        let (status, kind, _) = self.refusal();
        (status, kind)
    }
}
