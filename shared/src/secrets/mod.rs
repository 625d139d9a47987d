//! Secrets that are kept outside of the table: read when a function starts, kept in memory, and read anew from time to time, so that one
//! is replaced without a deployment. The only module that knows Secrets Manager.

mod cached;
mod secrets_manager;

#[cfg(test)]
mod cached_tests;

pub use self::{
    cached::Cached,
    secrets_manager::{SecretId, SecretsError, SecretsManager},
};
