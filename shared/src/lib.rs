//! Fobless gives every phone of a person the same mobile access credential, by itself.
//!
//! Data flows one way: event -> record -> plan -> step -> record. `domain` holds the rules and knows no I/O; only `reconcile`
//! and `webhook_delivery` call the outside; only `store` knows DynamoDB, and only `secrets`
//! Secrets Manager; only `config` reads the environment; only `clock` reads the time.

pub mod access_control;
pub mod api_key;
pub mod aws;
pub mod chance;
pub mod clock;
pub mod config;
pub mod credential_manager;
pub mod deadline;
pub mod digest;
pub mod domain;
pub mod http_client;
pub mod left_alone;
pub mod reconcile;
mod same_secret;
pub mod secrets;
pub mod start;
pub mod store;
pub mod stream_batch;
pub mod telemetry;
pub mod webhook;
pub mod webhook_delivery;
pub mod wire;
