//! What Fobless is about: records, their transitions, and the plan. No I/O, no clock, no randomness.

pub mod acs;
pub mod advice;
pub mod aggregate;
pub mod allocation;
pub mod audit;
pub mod client_session;
pub mod client_session_token;
pub mod deletion;
pub mod effort;
pub mod enrollment;
pub mod enrollment_automation;
pub mod event;
pub mod event_types;
pub mod failure;
pub mod figures;
pub mod happenings;
pub mod history;
pub mod ids;
pub mod limits;
pub mod multi_phone_sync_credential;
pub mod observe;
mod observe_credential;
mod out_of_force;
pub mod pairing;
pub mod phone;
pub mod phone_credential;
pub mod phone_metadata;
pub mod plan;
mod plan_announcements;
mod plan_deletions;
mod plan_invitations;
mod plan_issues;
pub mod plan_reads;
pub mod plan_removals;
pub mod pool_level;
pub mod remote_user;
pub mod retry;
pub mod secret;
pub mod time;
pub mod timeline;
pub mod trusted_news;
pub mod user_identity;
mod waiting;
pub mod webhook;
pub mod webhook_answer;
pub mod webhook_delivery;
pub mod webhook_health;
pub mod wishes;
pub mod workspace;

#[cfg(test)]
mod audit_tests;
#[cfg(test)]
mod history_tests;
#[cfg(test)]
mod observe_tests;
#[cfg(test)]
mod pairing_tests;
#[cfg(test)]
mod phone_credential_tests;
#[cfg(test)]
mod plan_lifecycle_tests;
#[cfg(test)]
mod plan_numbers_tests;
#[cfg(test)]
mod plan_reads_tests;
#[cfg(test)]
mod plan_rest_tests;
#[cfg(test)]
mod plan_room_tests;
#[cfg(test)]
mod plan_tests;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod state_table_tests;
#[cfg(test)]
mod timeline_tests;
#[cfg(test)]
mod trusted_news_tests;
#[cfg(test)]
mod waiting_tests;
#[cfg(test)]
mod webhook_delivery_tests;
