//! The management API as its clients meet it, over a real (embedded) table.

mod acs;
mod acs_systems;
mod acs_user_changes;
mod acs_user_list;
mod assignment;
mod authentication;
mod credential_changes;
mod credentials;
mod deletions;
mod description;
mod enrollment_automations;
mod events;
mod foreign_ids;
mod harness;
mod linking;
mod listings;
mod matching;
mod phone_timeline;
mod phones;
mod records;
mod requests;
mod strangers;
mod unlinking;
mod user_identities;
mod user_identity_changes;
mod validation;
