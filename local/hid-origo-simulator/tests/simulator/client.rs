//! A client of HID as one would write it, and a receiver for callbacks.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hid_origo_simulator::{Options, Simulator};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::Instant;

pub(crate) const MEDIA_TYPE: &str = "application/vnd.assaabloy.ma.credential-management-2.2+json";
pub(crate) const ACTION: &str = "urn:hid:scim:api:ma:2.2:UserAction";
pub(crate) const INVITATION: &str = "urn:hid:scim:api:ma:2.2:UserInvitation";
pub(crate) const CONTAINER: &str = "urn:hid:scim:api:ma:2.2:CredentialContainer";
pub(crate) const CREDENTIAL: &str = "urn:hid:scim:api:ma:2.2:Credential";

/// Starts a simulator on a free port.
pub(crate) async fn start(options: Options) -> Simulator {
    Simulator::start(TcpListener::bind("127.0.0.1:0").await.unwrap(), options)
        .await
        .unwrap()
}

/// Options with phones that fetch at once.
pub(crate) fn quick() -> Options {
    Options {
        fetch_delay: Duration::from_millis(20),
        ..Options::default()
    }
}

pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) token: String,
}

impl Client {
    /// A client that has its token.
    pub(crate) async fn of(simulator: &Simulator) -> Self {
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .build()
            .unwrap();
        let mut client = Self {
            http,
            base: simulator.base_url(),
            token: String::new(),
        };
        let (status, body) = client.fetch_token("local-secret-of-1000001-OSRV1").await;
        assert_eq!(status, 200);
        assert_eq!(body["token_type"], "Bearer");
        client.token = body["access_token"].as_str().map(str::to_owned).unwrap();
        client
    }

    pub(crate) async fn fetch_token(&self, secret: &str) -> (u16, Value) {
        let request = self
            .http
            .post(format!("{}/authentication/customer/1000001/token", self.base))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!(
                "client_id=1000001-OSRV1&client_secret={secret}&grant_type=client_credentials"
            ));
        answer(request).await.unwrap()
    }

    /// A call to Mobile Identities with all its headers, not sent yet.
    pub(crate) fn request(&self, method: &str, path: &str, body: Option<&Value>) -> reqwest::RequestBuilder {
        let url = format!("{}/credential-management/customer/1000001{path}", self.base);
        let request = self
            .http
            .request(method.parse().unwrap(), url)
            .header("authorization", format!("Bearer {}", self.token))
            .header("application-id", "HID-FOBLESS-LOCAL")
            .header("application-version", "1.0");
        match body {
            Some(body) => request.header("content-type", MEDIA_TYPE).body(body.to_string()),
            None => request,
        }
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        answer(self.request(method, path, body)).await.unwrap()
    }

    /// A call to the events or the callback service.
    pub(crate) async fn events(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let request = self
            .http
            .request(method.parse().unwrap(), format!("{}/organization/1000001{path}", self.base))
            .header("authorization", format!("Bearer {}", self.token));
        answer(match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        })
        .await
        .unwrap()
    }

    /// A call to the simulator's own routes.
    pub(crate) async fn simulator(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}/simulator{path}", self.base);
        answer(self.http.request(method.parse().unwrap(), url).body(body.to_string()))
            .await
            .unwrap()
    }

    pub(crate) async fn ledger(&self) -> Value {
        self.simulator("GET", "/ledger", &Value::Null).await.1
    }

    pub(crate) async fn make_user(&self, external_id: &str) -> i64 {
        let (status, user) = self.call("POST", "/users", Some(&user(external_id))).await;
        assert_eq!(status, 201, "{user}");
        user["id"].as_i64().unwrap()
    }

    pub(crate) async fn invite(&self, user_id: i64) -> Value {
        let (status, body) = self
            .call("POST", &format!("/users/{user_id}/invitation"), Some(&invitation("N")))
            .await;
        assert_eq!(status, 201, "{body}");
        body[INVITATION][0].clone()
    }

    pub(crate) async fn redeem(&self, invitation: &Value) -> (u16, Value) {
        self.simulator("POST", "/phones", &json!({ "invitation_code": invitation["invitationCode"] }))
            .await
    }

    /// A user's new phone.
    pub(crate) async fn add_phone(&self, user_id: i64) -> i64 {
        let (status, body) = self.redeem(&self.invite(user_id).await).await;
        assert_eq!(status, 200, "{body}");
        body["container_id"].as_i64().unwrap()
    }

    pub(crate) async fn issue(&self, container_id: i64) -> (u16, Value) {
        self.call("POST", &format!("/credential-container/{container_id}/credential"), Some(&issue()))
            .await
    }

    /// The status of the first credential in a container, or nothing.
    pub(crate) async fn shown_status(&self, container_id: i64) -> Option<String> {
        let (_, body) = self.call("GET", &format!("/credential-container/{container_id}"), None).await;
        body[CONTAINER][0][CREDENTIAL][0]["status"].as_str().map(str::to_owned)
    }

    pub(crate) async fn wait_for_status(&self, container_id: i64, status: Option<&str>) {
        let start = Instant::now();
        while self.shown_status(container_id).await.as_deref() != status {
            assert!(start.elapsed() < Duration::from_secs(5), "the credential never becomes {status:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

pub(crate) async fn answer(request: reqwest::RequestBuilder) -> Result<(u16, Value), reqwest::Error> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let body = response.bytes().await?;
    Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

pub(crate) fn user(external_id: &str) -> Value {
    json!({
        "schemas": [ACTION, "urn:ietf:params:scim:schemas:core:2.0:User"],
        "externalId": external_id,
        "name": { "familyName": "Doe", "givenName": "Jane" },
        "emails": [{ "value": format!("{external_id}@example.com") }],
        ACTION: {
            "createInvitationCode": "N", "sendInvitationEmail": "N", "assignCredential": "N", "partNumber": "", "credential": ""
        },
        "meta": { "resourceType": "PACSUser" },
    })
}

pub(crate) fn invitation(assign_credential: &str) -> Value {
    json!({
        "schemas": [ACTION],
        ACTION: { "createInvitationCode": "Y", "sendInvitationEmail": "N", "assignCredential": assign_credential, "partNumber": "", "credential": "" },
        "meta": { "resourceType": "PACSUser" },
    })
}

pub(crate) fn issue() -> Value {
    json!({ "schemas": [ACTION], ACTION: { "assignCredential": "Y", "partNumber": "MID-SUB-CRD_FTPN_0001", "credential": "" } })
}

/// Somewhere callbacks are sent to: the batches in order, each with its headers.
#[derive(Clone, Default)]
pub(crate) struct Receiver {
    batches: Arc<Mutex<Vec<(HeaderMap, Value)>>>,
}

impl Receiver {
    /// Listens, and answers 200 to everything.
    pub(crate) async fn start() -> (Self, String) {
        let receiver = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/callback", listener.local_addr().unwrap());
        let take = |State(receiver): State<Self>, headers: HeaderMap, body: String| async move {
            receiver
                .batches
                .lock()
                .unwrap()
                .push((headers, serde_json::from_str(&body).unwrap()));
            StatusCode::OK
        };
        let app = Router::new().route("/callback", post(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (receiver, url)
    }

    pub(crate) fn batches(&self) -> Vec<(HeaderMap, Value)> {
        self.batches.lock().unwrap().clone()
    }

    pub(crate) fn statuses(&self) -> Vec<String> {
        let batches = self.batches();
        let events = batches.iter().flat_map(|(_, batch)| batch.as_array().unwrap());
        events.map(|event| event["data"]["status"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) async fn wait_for(&self, number: usize) -> Vec<String> {
        let start = Instant::now();
        while self.statuses().len() < number {
            assert!(start.elapsed() < Duration::from_secs(5), "only {:?} came", self.statuses());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.statuses()
    }
}
