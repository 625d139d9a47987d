//! The management API as its clients meet it, over a real (embedded) table.

mod acs;
mod acs_user_changes;
mod acs_user_list;
mod assignment;
mod authentication;
mod client_sessions;
mod credential_changes;
mod credentials;
mod deletions;
mod enrollment_automations;
mod events;
mod harness;
mod keys;
mod listings;
mod lost_phones;
mod phone_sessions;
mod phone_timeline;
mod phones;
mod records;
mod requests;
mod sandbox_phones;
mod session_access;
mod sessions;
mod strangers;
mod user_identities;
mod validation;
