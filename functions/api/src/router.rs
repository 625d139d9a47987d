//! Which path leads where.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    middleware::from_fn,
    response::{IntoResponse, Response},
};

use crate::{State, cors, endpoint::Server, key_cache::KeyCache, problem::Problem, request_log, routes};

/// The API under its public paths.
pub fn router(state: State) -> Router {
    let clock = state.clock.clone();
    let server = Server {
        state,
        keys: Arc::new(KeyCache::default()),
    };
    Router::new()
        .merge(routes::acs_credential_pools::routes())
        .merge(routes::acs_credentials::routes())
        .merge(routes::acs_systems::routes())
        .merge(routes::acs_users::routes())
        .merge(routes::enrollment_automations::routes())
        .merge(routes::events::routes())
        .merge(routes::health::routes())
        .merge(routes::phone_timeline::routes())
        .merge(routes::phones::routes())
        .merge(routes::user_identities::routes())
        .merge(routes::webhooks::routes())
        .fallback(unknown_path)
        .with_state(server)
        .layer(from_fn(cors::layer))
        .layer(from_fn(move |request, next| request_log::layer(clock.clone(), request, next)))
}

async fn unknown_path(request: Request) -> Response {
    let path = request.uri().path();
    let shown: String = path.chars().take(200).collect();
    Problem::not_found("not_found", format!("There is nothing at {shown}")).into_response()
}
