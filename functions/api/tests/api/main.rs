//! The management API as its clients meet it, over a real (embedded) table.

mod acs;
mod acs_user_changes;
mod acs_user_list;
mod assignment;
mod authentication;
mod credential_changes;
mod credentials;
mod deletions;
mod enrollment_automations;
mod events;
mod harness;
mod listings;
mod phone_timeline;
mod phones;
mod records;
mod requests;
mod strangers;
mod user_identities;
mod validation;
mod webhooks;
