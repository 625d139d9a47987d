//! The management API as its clients meet it, over a real (embedded) table.

mod acs;
mod authentication;
mod credentials;
mod enrollment_automations;
mod harness;
mod listings;
mod phones;
mod records;
mod requests;
mod user_identities;
mod validation;
