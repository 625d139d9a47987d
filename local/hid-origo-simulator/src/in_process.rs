//! A simulator without a listener: requests are handed to it as values. For tests in which time is not the machine's.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::{Request, Response};
use tower::ServiceExt;

use crate::delivery::Deliveries;
use crate::faults::Faults;
use crate::options::Options;
use crate::origo::Origo;
use crate::server::{SimulatorError, routes};
use crate::world::World;

/// What it calls itself in replies.
const BASE_URL: &str = "http://127.0.0.1:9001";

/// A simulator that lives in memory and is asked directly. What happens by itself happens when it is asked next.
#[derive(Clone)]
pub struct InProcess {
    routes: Router,
}

impl InProcess {
    /// Starts from nothing; a data file is not taken up.
    pub fn start(options: &Options) -> Result<Self, SimulatorError> {
        let world = World::load(options, BASE_URL.to_owned(), None)?;
        let faults = Arc::new(Faults::default());
        let deliveries = Deliveries::new(faults.clone())?;
        let origo = Arc::new(Origo::new(options, world, None, faults, deliveries));
        Ok(Self { routes: routes(&origo) })
    }

    /// The base URL of what it serves.
    #[must_use]
    pub const fn base_url(&self) -> &'static str {
        BASE_URL
    }

    /// Answers a request.
    pub async fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
        // Routes answer everything, so neither of these two fails.
        let answer = self.routes.clone().oneshot(request.map(Body::from)).await.unwrap_or_default();
        let (parts, body) = answer.into_parts();
        Response::from_parts(parts, to_bytes(body, usize::MAX).await.unwrap_or_default())
    }
}
