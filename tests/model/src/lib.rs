//! A model of the protocol between the table, two issuers and the credential manager, explored completely: nothing is lost and nothing
//! is twice, whatever crashes, comes late, twice or never.
//!
//! `cargo test -p fobless-model` visits every state of 2 phones x 1 parent x 2 issuers x 2 crashes and prints how many there are.
//! `tests/mutations.rs` takes one mechanism away at a time and expects the counterexample.
//!
//! # What is in
//!
//! | model | code |
//! | --- | --- |
//! | [`Action::Deliver`], [`World::is_wished`] | the phone's item keeps the newest webhook; `domain/wishes.rs` |
//! | [`Action::ClaimIssue`], [`Action::ClaimWithdrawal`] | load, `plan`, and the claim: `plan_issues`, `can_be_withdrawn`, `Effort::claim` |
//! | [`Instant::ReadBack`], [`Instant::Issue`], [`Instant::ReadBackAfter`] | `issue_or_adopt` in `reconcile/issue.rs` |
//! | [`Instant::RecordIssue`] | `record_issue`, with `Attempt::holds` and `Attempt::set_back` |
//! | [`Instant::RevokeNamed`], [`Instant::Look`], [`Instant::RevokeFound`], [`Instant::RecordWithdrawal`] | `take_away`, `revoke_unnamed` and `record_outcome` in `reconcile/withdraw.rs` |
//! | [`Action::Read`] | `observe_credential` in `domain/observe.rs` |
//! | [`Action::EndLease`], [`Action::EndLastCall`] | `Effort::lease_until`, `Effort::settled_at` |
//!
//! A crash can come before each of these instants, and while a call to issue is on its way.
//!
//! # What was left away, and why that is sound
//!
//! - *Claim and load are one.* A claim is a write over the version that was loaded, so it is lost unless the record is as it was. Only the
//!   wish can have changed in between, and a change of the wish commutes with the claim.
//! - *Who wakes an issuer.* A step may be claimed whenever `plan` would allow it, as if an event or the sweeper came at any time. So all that
//!   holds here holds whatever wakes when. That somebody wakes at all is not shown here: each write leaves a stream record, and what
//!   waits has its time in the table, which the sweeper reads.
//! - *Time* has no figures. That a lease or the slowest call is over is an event that may come at any moment that the figures allow.
//! - *The fencing token* is compared with the record's and with nothing else, and each claim raises that. So a claim knows only whether it
//!   still holds the record; nothing gives that back once it is lost.
//! - *Names* of credentials are only compared. States that differ in names alone, or in which phone or issuer comes first, are one state
//!   ([`World::representative`]).
//! - *Webhooks that repeat* are not counted: each may be delivered at any time and any number of times.
//! - *A worker does one step at a time.* The code performs those of both phones at once; two workers do so here.
//! - *Failures that need a person* park the record. The code tries again about every hour; here it stays parked, unless an earlier call is
//!   unknown and has to be looked for.
//! - *Invitations and imports* are not modelled: a phone is enrolled as soon as it is registered. Nor is a phone's change of endpoint, a
//!   second parent, or what somebody does at the credential manager by hand.
//!
//! # What "eventually" means
//!
//! A state is quiet when only a new wish can change anything. The state graph has no circle, which [`exploration::walk`] shows, so every
//! run in which wishes stop ends in a quiet state; and what is wanted eventually is an `always` of quiet states. That is exact, which
//! `stateright`'s own `eventually` is not where paths join.
//!
//! # What is relied on
//!
//! [`Assumptions`](mechanisms::Assumptions) says it: repeats are refused by the credential manager, a worker that outlived its lease sends no
//! further call (it may still *record*, and calls that it sent may still arrive), and an unanswered call is over two minutes after it was
//! sent. Tests show what fails without the first two.
//!
//! [`Action::Deliver`]: action::Action::Deliver
//! [`Action::ClaimIssue`]: action::Action::ClaimIssue
//! [`Action::ClaimWithdrawal`]: action::Action::ClaimWithdrawal
//! [`Action::Read`]: action::Action::Read
//! [`Action::EndLease`]: action::Action::EndLease
//! [`Action::EndLastCall`]: action::Action::EndLastCall
//! [`Instant::ReadBack`]: issuer::Instant::ReadBack
//! [`Instant::Issue`]: issuer::Instant::Issue
//! [`Instant::ReadBackAfter`]: issuer::Instant::ReadBackAfter
//! [`Instant::RecordIssue`]: issuer::Instant::RecordIssue
//! [`Instant::RevokeNamed`]: issuer::Instant::RevokeNamed
//! [`Instant::Look`]: issuer::Instant::Look
//! [`Instant::RevokeFound`]: issuer::Instant::RevokeFound
//! [`Instant::RecordWithdrawal`]: issuer::Instant::RecordWithdrawal
//! [`World::is_wished`]: world::World::is_wished
//! [`World::representative`]: world::World::representative

pub mod action;
pub mod credential_manager;
pub mod exploration;
mod instants;
pub mod issuer;
pub mod mechanisms;
pub mod properties;
pub mod protocol;
pub mod record;
pub mod world;
