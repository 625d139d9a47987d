mod event;
mod http_handler;

use std::env;

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use http_handler::{function_handler, State};
use lambda_http::{run, service_fn, tracing, Error};
use standardwebhooks::Webhook;

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();

    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let state = State {
        dynamodb: Client::new(&config),
        table_name: env::var("TABLE_NAME")?,
        webhook: Webhook::new(&env::var("WEBHOOK_SECRET")?)?,
        workspace_id: env::var("WORKSPACE_ID")?.parse()?,
    };

    run(service_fn(|request| function_handler(&state, request))).await
}
