//! `/health`: whether the function answers. It asks for no key and reads no table.

use axum::{Router, routing::get};

use crate::{endpoint::Server, envelope::Answer, problem::Problem};

pub(crate) fn routes() -> Router<Server> {
    Router::new().route("/health", get(health).fallback(only_get))
}

async fn health() -> Answer {
    Answer::done()
}

/// An answer to every other method.
pub(super) async fn only_get() -> Problem {
    Problem::MethodNotAllowed { accepted: "GET" }
}
