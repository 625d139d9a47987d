//! The management API with a meter between it and the table: what each route costs.

use api::State;
use axum::{Router, body::Body};
use fobless::{
    aws::AwsAddress,
    clock::Clock,
    store::{Store, connect},
    webhook_delivery::WebhookTargets,
};
use fobless_local::TABLE;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{Meter, Stack};

/// An instance of the function over the table of a stack.
pub struct MeteredApi {
    meter: Meter,
    router: Router,
    api_key: String,
}

/// What a request cost, in DynamoDB's units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Read units.
    pub read: f64,
    /// Write units, indexes included.
    pub write: f64,
}

impl MeteredApi {
    /// An instance over the table of `stack`.
    pub async fn over(stack: &Stack) -> Self {
        let meter = Meter::before(&stack.ready().dynamodb).await;
        let address = AwsAddress::stand_in(meter.url());
        let router = api::router(State {
            store: Store::new(connect(&address).unwrap(), TABLE),
            clock: Clock::system(),
            webhook_targets: WebhookTargets::default(),
        });
        Self {
            meter,
            router,
            api_key: stack.ready().api_key.clone(),
        }
    }

    /// What a request costs that must succeed. The first one of an instance reads the key; what is told is what each further one costs.
    pub async fn cost_of(&self, path: &str, body: &Value) -> Cost {
        self.call("/acs/systems/list", &json!({})).await;
        drop(self.meter.take());
        self.call(path, body).await;
        let metered = self.meter.take();
        let sum = |is_write: bool| {
            let requests = metered.iter().filter(|request| request.is_write() == is_write);
            requests.fold(0.0, |sum, request| sum + request.units.unwrap_or_default())
        };
        Cost {
            read: sum(false),
            write: sum(true),
        }
    }

    async fn call(&self, path: &str, body: &Value) {
        let request = http::Request::post(path)
            .header("authorization", format!("Bearer {}", self.api_key))
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()));
        let answer = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }
}
