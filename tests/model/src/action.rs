//! What can happen, and what it changes: claims, time, the network and the credential manager. The instants within a step are in
//! `instants.rs`.

use crate::{
    issuer::{Claim, Instant},
    protocol::Protocol,
    record::{LastCall, Lease, RecordState},
    world::World,
};

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A webhook of a phone is delivered: for the first time, again, or after a newer one.
    Deliver {
        /// The phone.
        phone: usize,
        /// Which of its webhooks.
        webhook: u8,
    },
    /// Somebody deletes the multi-phone sync credential.
    DeleteParent,
    /// An issuer loads, plans and claims an issue.
    ClaimIssue {
        /// Who.
        issuer: usize,
        /// For which phone.
        phone: usize,
    },
    /// An issuer loads, plans and claims a withdrawal.
    ClaimWithdrawal {
        /// Who.
        issuer: usize,
        /// For which phone.
        phone: usize,
    },
    /// An issuer goes on to its next instant.
    Go {
        /// Who.
        issuer: usize,
        /// How the call goes.
        turn: Turn,
    },
    /// An issuer reads the person, and writes what that shows of a credential on its way.
    Read {
        /// Of which phone.
        phone: usize,
    },
    /// An issuer is gone; what it knew is lost.
    Crash {
        /// Who.
        issuer: usize,
    },
    /// An issuer is gone while its call to issue is on the way.
    CrashInCall {
        /// Who.
        issuer: usize,
    },
    /// The lease of a worker that is gone runs out; the sweeper finds the record due.
    EndLease {
        /// Of which phone's record.
        phone: usize,
    },
    /// The lease of a worker that is still there runs out.
    Overrun {
        /// Of which phone's record.
        phone: usize,
    },
    /// The credential manager comes to a call that nobody waits for.
    Arrive {
        /// For which phone.
        phone: usize,
    },
    /// So much time passes that the slowest call of the record would be over.
    EndLastCall {
        /// Of which phone's record.
        phone: usize,
    },
}

/// How a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is answered.
    Well,
    /// It never arrives.
    LostOnTheWay,
    /// It works, and its reply is lost.
    ReplyLost,
    /// It is given up, and arrives later.
    ArrivesLate,
    /// It is refused for a reason that only a person can mend, such as an empty pool.
    RefusedForGood,
}

impl Protocol {
    /// Does `action`.
    pub(crate) fn act(&self, world: &mut World, action: Action) {
        match action {
            Action::Deliver { phone, webhook } => {
                let newest = &mut world.phones[phone].newest_webhook;
                *newest = webhook.max(*newest);
            }
            Action::DeleteParent => world.is_parent_deleted = true,
            Action::ClaimIssue { issuer, phone } => self.claim_issue(world, issuer, phone),
            Action::ClaimWithdrawal { issuer, phone } => self.claim_withdrawal(world, issuer, phone),
            Action::Go { issuer, turn } => {
                if turn != Turn::Well {
                    world.left.faults -= 1;
                }
                self.go(world, issuer, turn);
            }
            Action::Read { phone } => read(world, phone),
            Action::Crash { issuer } => {
                world.left.crashes -= 1;
                world.issuers[issuer] = None;
            }
            Action::CrashInCall { issuer } => {
                world.left.crashes -= 1;
                if let Some(claim) = world.issuers[issuer].take() {
                    world.phones[claim.phone].endpoint.arriving += 1;
                }
            }
            Action::EndLease { phone } => world.phones[phone].record.lease = Lease::RanOut,
            Action::Overrun { phone } => {
                world.left.overruns -= 1;
                world.phones[phone].record.lease = Lease::RanOut;
            }
            Action::Arrive { phone } => {
                world.phones[phone].endpoint.arriving -= 1;
                self.take_effect(world, phone);
            }
            Action::EndLastCall { phone } => {
                let record = &mut world.phones[phone].record;
                record.waits_for_last_call = false;
                record.last_call = match record.state {
                    // What arrived was refused, since the named one is there; nothing is left to look for.
                    RecordState::Issuing(_) | RecordState::Issued(_) => LastCall::Answered,
                    _ => LastCall::Over,
                };
            }
        }
    }

    /// `StepContext::issue`, as far as its claim.
    fn claim_issue(&self, world: &mut World, issuer: usize, phone: usize) {
        let before = world.phones[phone].record;
        let reads_back = before.unknown && self.mechanisms.reads_back_before_repeating;
        world.write_state(phone, RecordState::Pending);
        world.phones[phone].record.last_call = LastCall::AtWork;
        let claim = Claim {
            phone,
            holds: true,
            unknown: reads_back,
            earlier_call: before.last_call,
            is_unanswered: false,
            next: if reads_back { Instant::ReadBack } else { Instant::Issue },
        };
        take(world, issuer, claim);
    }

    /// `StepContext::withdraw`, as far as its claim.
    fn claim_withdrawal(&self, world: &mut World, issuer: usize, phone: usize) {
        let before = world.phones[phone].record;
        world.write_state(phone, RecordState::Revoking(before.state.name()));
        let claim = Claim {
            phone,
            holds: true,
            unknown: before.unknown,
            earlier_call: before.last_call,
            is_unanswered: false,
            next: match before.state.name() {
                Some(name) => Instant::RevokeNamed(name),
                None => self.look_or_end(before.unknown || before.last_call != LastCall::Answered),
            },
        };
        take(world, issuer, claim);
    }
}

/// Raises the fencing token: whoever had the record's holds it no more.
fn take(world: &mut World, issuer: usize, claim: Claim) {
    for other in world.issuers.iter_mut().flatten().filter(|other| other.phone == claim.phone) {
        other.holds = false;
    }
    world.phones[claim.phone].record.claim();
    world.issuers[issuer] = Some(claim);
}

/// `observe_credential`.
fn read(world: &mut World, phone: usize) {
    let RecordState::Issuing(name) = world.phones[phone].record.state else {
        return;
    };
    if world.phones[phone].endpoint.is_live(name) {
        world.write_state(phone, RecordState::Issued(name));
        world.phones[phone].record.succeed();
    } else {
        world.write_state(phone, RecordState::Pending);
        world.phones[phone].record.set_back(false);
    }
}
