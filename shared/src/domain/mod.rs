//! What Fobless is about: records, their transitions, and the plan. No I/O, no clock, no randomness.

pub mod acs;
pub mod aggregate;
pub mod audit;
pub mod deletion;
pub mod effort;
pub mod enrollment;
pub mod enrollment_automation;
pub mod event;
pub mod failure;
pub mod happenings;
pub mod ids;
pub mod limits;
pub mod multi_phone_sync_credential;
pub mod observe;
pub mod phone;
pub mod phone_credential;
pub mod phone_metadata;
pub mod plan;
mod plan_announcements;
mod plan_deletions;
pub mod pool_level;
pub mod remote_user;
pub mod retry;
pub mod secret;
pub mod time;
pub mod user_identity;
pub mod wishes;

#[cfg(test)]
mod audit_tests;
#[cfg(test)]
mod observe_tests;
#[cfg(test)]
mod plan_lifecycle_tests;
#[cfg(test)]
mod plan_tests;
#[cfg(test)]
mod scene;
