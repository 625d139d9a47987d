//! The HID Origo simulator behind the adapter's line, and the log of every call that arrived there.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use fobless::{credential_manager::hid_origo::Line, domain::time::Timestamp};
use futures_util::future::BoxFuture;
use hid_origo_simulator::{InProcess, Options, PartNumber, TimeSource};
use http::{Method, Request};
use serde_json::{Value, json};

use crate::{records::Names, time::Time};

/// How long a call takes each way.
const ON_THE_WAY: Duration = Duration::from_millis(40);

/// A call that arrived.
#[derive(Clone, Debug)]
pub struct Call {
    /// When.
    pub at: Timestamp,
    /// `METHOD path`.
    pub route: String,
    /// What was answered.
    pub status: u16,
}

impl Call {
    /// Whether it counts for the limit of Mobile Identities.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        self.route.contains("/credential-management/")
    }
}

/// The far side. Clones are the same one.
#[derive(Clone)]
pub struct FarSide {
    simulator: InProcess,
    account: Options,
    time: Time,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl FarSide {
    pub(super) fn start(time: &Time, calls_per_5_minutes: u32) -> Self {
        let telling = time.clone();
        let account = Options {
            calls_per_5_minutes,
            time: TimeSource::told(move || Duration::from_millis(u64::try_from(telling.now().millis()).unwrap())),
            part_numbers: vec![PartNumber {
                part_number: Names::remote_pool(0).to_string(),
                available: 1_000_000,
                ..PartNumber::default()
            }],
            ..Options::default()
        };
        Self {
            simulator: InProcess::start(&account).unwrap(),
            account,
            time: time.clone(),
            calls: Arc::default(),
        }
    }

    /// The settings with which a deployment connects to it.
    pub(super) fn settings(&self) -> Value {
        let base_url = self.simulator.base_url();
        json!({
            "kind": "hid_origo",
            "calls_per_5_minutes": self.account.calls_per_5_minutes,
            "base_urls": {
                "authentication": base_url,
                "mobile_identities": format!("{base_url}/credential-management"),
                "events": base_url,
                "callback": base_url,
            },
            "organization_id": self.account.organization_id,
            "client_id": self.account.client_id,
            "client_secret": self.account.client_secret,
            "application_id": self.account.application_id,
            "application_version": "1",
        })
    }

    /// Every call so far, in order.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks one of the simulator's own routes, which no limit counts.
    pub async fn ask(&self, method: Method, path: &str, body: &Value) -> Value {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let answer = self.simulator.call(request).await;
        serde_json::from_slice(answer.body()).unwrap_or_default()
    }

    /// Somebody else calls with the same account, as often as that.
    pub(super) async fn call_as_somebody_else(&self, times: usize) {
        let form = format!(
            "client_id={}&client_secret={}&grant_type=client_credentials",
            self.account.client_id, self.account.client_secret
        );
        let organization = &self.account.organization_id;
        let request = Request::post(format!("/authentication/customer/{organization}/token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(form))
            .unwrap();
        let token: Value = serde_json::from_slice(self.simulator.call(request).await.body()).unwrap();
        for _ in 0..times {
            let request = Request::get(format!("/credential-management/customer/{organization}/part-number"))
                .header("authorization", format!("Bearer {}", token["access_token"].as_str().unwrap()))
                .header("application-id", &self.account.application_id)
                .header("application-version", "1")
                .header("content-type", "application/vnd.assaabloy.ma.credential-management-2.2+json")
                .body(Bytes::new())
                .unwrap();
            self.simulator.call(request).await;
        }
    }
}

impl Line for FarSide {
    fn send(&self, request: reqwest::Request) -> BoxFuture<'_, reqwest::Result<reqwest::Response>> {
        let (method, url) = (request.method().clone(), request.url().clone());
        let path = url
            .query()
            .map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let mut sent = Request::builder().method(&method).uri(&path);
        *sent.headers_mut().unwrap() = request.headers().clone();
        let body = request.body().and_then(reqwest::Body::as_bytes).map(Bytes::copy_from_slice);
        let sent = sent.body(body.unwrap_or_default()).unwrap();
        Box::pin(async move {
            self.time.wait(ON_THE_WAY).await;
            let at = self.time.now();
            let answer = self.simulator.call(sent).await;
            let call = Call {
                at,
                route: format!("{method} {}", url.path()),
                status: answer.status().as_u16(),
            };
            self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
            self.time.wait(ON_THE_WAY).await;
            Ok(answer.map(reqwest::Body::from).into())
        })
    }
}
