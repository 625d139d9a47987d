//! The routes, and the life of a simulator: started on a listener, stopped cleanly.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post, put};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::delivery::{ClientError, Deliveries};
use crate::failure::Failure;
use crate::faults::{self, Faults};
use crate::gate::{self, Gate, Service};
use crate::options::Options;
use crate::origo::Origo;
use crate::persistence::{DataFile, DataFileError};
use crate::world::World;
use crate::{
    callbacks, containers, credentials, customer, events, invitations, ledger, part_numbers, phones, search, settings, tokens, users,
};

/// How long a stop waits for requests that are being answered.
const GRACE: Duration = Duration::from_millis(500);

/// A running simulator. Dropping it stops it, too, without waiting for what is being answered.
pub struct Simulator {
    base_url: String,
    origo: Arc<Origo>,
    server: JoinHandle<std::io::Result<()>>,
    keeper: JoinHandle<()>,
    stop: Option<oneshot::Sender<()>>,
}

/// Why a simulator cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The listener has no address.
    #[error("the listener: {0}")]
    Listener(#[from] std::io::Error),
    /// The data file cannot be opened, read or written.
    #[error("the data file: {0}")]
    DataFile(#[from] DataFileError),
    /// The data file was not read to its end.
    #[error("the data file was not read to its end: {0}")]
    Interrupted(#[from] tokio::task::JoinError),
    /// The client for callbacks cannot be built.
    #[error("the client for callbacks: {0}")]
    Client(#[from] ClientError),
    /// The state of the data file cannot be taken up.
    #[error("the state in the data file does not fit together")]
    State,
}

impl Simulator {
    /// Takes up the data file and serves the listener until it is stopped.
    pub async fn start(listener: TcpListener, options: Options) -> Result<Self, SimulatorError> {
        let base_url = format!("http://{}", listener.local_addr()?);
        let load = {
            let (options, base_url) = (options.clone(), base_url.clone());
            move || {
                let file = options.data_file.as_deref().map(DataFile::open).transpose()?;
                Ok::<_, DataFileError>((World::load(&options, base_url, file.as_ref())?, file))
            }
        };
        let (world, file) = tokio::task::spawn_blocking(load).await??;
        let faults = Arc::new(Faults::default());
        let deliveries = Deliveries::new(faults.clone())?;
        let origo = Arc::new(Origo::new(&options, world, file, faults, deliveries));
        callbacks::resume(&origo).map_err(|_| SimulatorError::State)?;

        let (stop, stopped) = oneshot::channel::<()>();
        let serve = axum::serve(listener, routes(&origo)).with_graceful_shutdown(async {
            // An error says that the simulator was dropped, which comes to the same.
            let _ = stopped.await;
        });
        let server = tokio::spawn(async move { serve.await });
        let keeper = tokio::spawn({
            let origo = origo.clone();
            async move { origo.keep_up().await }
        });
        Ok(Self {
            base_url,
            origo,
            server,
            keeper,
            stop: Some(stop),
        })
    }

    /// Where tokens, events, callbacks and `/simulator/*` are served; Mobile Identities is under `/credential-management` of it.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.base_url.clone()
    }

    /// Answers what has come in, ends everything else, and lets go of the data file.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let _ = tokio::time::timeout(GRACE, &mut self.server).await;
        self.end();
    }

    fn end(&mut self) {
        self.server.abort();
        self.keeper.abort();
        self.origo.stop();
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.end();
    }
}

pub(crate) fn routes(origo: &Arc<Origo>) -> Router {
    Router::new()
        .merge(token_routes(origo))
        .merge(mobile_identities_routes(origo))
        .merge(event_routes(origo))
        .route("/simulator/phones", post(phones::redeem))
        .route("/simulator/phones/{id}", delete(phones::remove))
        .route("/simulator/ledger", get(ledger::get))
        .route("/simulator/settings", put(settings::put))
        .route("/simulator/faults", put(faults::put))
        .route("/simulator/tokens/revoke", put(tokens::revoke_all))
        .fallback(|| async { Failure::not_found("the route") })
        .with_state(origo.clone())
}

fn token_routes(origo: &Arc<Origo>) -> Router<Arc<Origo>> {
    Router::new()
        .route("/authentication/customer/{org}/token", post(tokens::create))
        .route_layer(from_fn_with_state(gate_of(origo, Service::Tokens), gate::pass))
}

fn mobile_identities_routes(origo: &Arc<Origo>) -> Router<Arc<Origo>> {
    let customer = |path: &str| format!("/credential-management/customer/{{org}}{path}");
    Router::new()
        .route(&customer(""), get(customer::get))
        .route(&customer("/"), get(customer::get))
        .route(&customer("/users"), post(users::create))
        .route(&customer("/users/.search"), post(search::search))
        .route(&customer("/users/{id}"), get(users::get).put(users::replace).delete(users::delete))
        .route(&customer("/users/{id}/invitation"), post(invitations::create))
        .route(&customer("/invitation/{id}"), delete(invitations::cancel))
        .route(
            &customer("/credential-container/{id}"),
            get(containers::get).delete(containers::delete),
        )
        .route(&customer("/credential-container/{id}/credential"), post(credentials::issue))
        .route(&customer("/credential/{id}"), delete(credentials::revoke))
        .route(&customer("/part-number"), get(part_numbers::list))
        .route(&customer("/part-number/{id}"), get(part_numbers::get))
        .route_layer(from_fn_with_state(gate_of(origo, Service::MobileIdentities), gate::pass))
}

fn event_routes(origo: &Arc<Origo>) -> Router<Arc<Origo>> {
    Router::new()
        .route("/organization/{org}/events", get(events::list))
        .route(
            "/organization/{org}/events/filter",
            post(events::create_filter).get(events::list_filters),
        )
        .route("/organization/{org}/events/filter/{id}", get(events::get_filter))
        .route("/organization/{org}/callback", post(callbacks::create).get(callbacks::list))
        .route("/organization/{org}/callback/{id}", delete(callbacks::delete))
        .route_layer(from_fn_with_state(gate_of(origo, Service::Events), gate::pass))
}

fn gate_of(origo: &Arc<Origo>, service: Service) -> Gate {
    Gate {
        origo: origo.clone(),
        service,
    }
}
