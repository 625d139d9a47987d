//! The protocol as a `stateright` model: what can happen next, and to what state it leads.

use stateright::{Model, Property};

use crate::{
    action::{Action, Turn},
    issuer::Instant,
    mechanisms::{Assumptions, Mechanisms},
    properties::properties,
    record::{LastCall, Lease, RecordState},
    world::{Bounds, ISSUERS, PHONES, World},
};

/// The webhooks of one phone: registered, deactivated, registered again.
const WEBHOOKS: u8 = 3;

/// The model, with its switches.
#[derive(Clone, Copy, Debug)]
pub struct Protocol {
    /// What the code does.
    pub mechanisms: Mechanisms,
    /// What it relies on.
    pub assumptions: Assumptions,
    /// How much may go wrong.
    pub bounds: Bounds,
    /// How many webhooks each phone sends.
    pub webhooks: u8,
}

impl Protocol {
    /// The code as it is, and the world as it is taken to be.
    #[must_use]
    pub fn real() -> Self {
        Self {
            mechanisms: Mechanisms::ALL,
            assumptions: Assumptions::REAL,
            bounds: Bounds {
                crashes: 2,
                faults: 1,
                overruns: 1,
            },
            webhooks: WEBHOOKS,
        }
    }

    /// The same with one crash, and phones that are registered and deactivated once: small, and large enough for counterexamples.
    #[must_use]
    pub fn small() -> Self {
        let mut protocol = Self::real();
        protocol.bounds.crashes = 1;
        protocol.webhooks = 2;
        protocol
    }

    /// Whether the protocol has nothing left to do: only a new wish changes anything. (A fault or a crash needs somebody at work.)
    #[must_use]
    pub fn is_quiet(&self, world: &World) -> bool {
        let mut actions = Vec::new();
        self.work(world, &mut actions);
        actions.is_empty()
    }

    /// What people and phones do.
    fn wishes(&self, world: &World, actions: &mut Vec<Action>) {
        for phone in 0..PHONES {
            // Any webhook, in any order and as often as it likes: the older ones are delivered too, and change nothing.
            actions.extend((1..=self.webhooks).map(|webhook| Action::Deliver { phone, webhook }));
        }
        if !world.is_parent_deleted {
            actions.push(Action::DeleteParent);
        }
    }

    /// What the protocol, the credential manager and the time do by themselves.
    fn work(&self, world: &World, actions: &mut Vec<Action>) {
        for phone in 0..PHONES {
            if let Some(issuer) = world.issuers.iter().position(Option::is_none) {
                if can_issue(world, phone) {
                    actions.push(Action::ClaimIssue { issuer, phone });
                }
                if can_withdraw(world, phone) {
                    actions.push(Action::ClaimWithdrawal { issuer, phone });
                }
            }
            let seen = &world.phones[phone];
            if matches!(seen.record.state, RecordState::Issuing(_)) {
                actions.push(Action::Read { phone });
            }
            if seen.endpoint.arriving > 0 {
                actions.push(Action::Arrive { phone });
            }
            if seen.record.lease == Lease::Held && world.claims_of(phone).all(|claim| !claim.holds) {
                actions.push(Action::EndLease { phone });
            }
            if self.can_be_over(world, phone) {
                actions.push(Action::EndLastCall { phone });
            }
        }
        for issuer in 0..ISSUERS {
            if world.issuers[issuer].is_some() {
                actions.push(Action::Go { issuer, turn: Turn::Well });
            }
        }
    }

    /// What goes wrong.
    fn faults(&self, world: &World, actions: &mut Vec<Action>) {
        for issuer in 0..ISSUERS {
            let Some(claim) = &world.issuers[issuer] else { continue };
            if world.left.crashes > 0 {
                actions.push(Action::Crash { issuer });
                if claim.next == Instant::Issue && self.assumptions.answers_come_late {
                    actions.push(Action::CrashInCall { issuer });
                }
            }
            if world.left.faults > 0 {
                let turns: &[Turn] = match claim.next {
                    Instant::Issue if self.assumptions.answers_come_late => {
                        &[Turn::RefusedForGood, Turn::LostOnTheWay, Turn::ReplyLost, Turn::ArrivesLate]
                    }
                    Instant::Issue => &[Turn::RefusedForGood, Turn::LostOnTheWay, Turn::ReplyLost],
                    Instant::RevokeNamed(_) | Instant::RevokeFound { .. } => &[Turn::LostOnTheWay, Turn::ReplyLost],
                    Instant::ReadBack | Instant::ReadBackAfter(_) | Instant::Look => &[Turn::ReplyLost],
                    Instant::AskClock | Instant::RecordIssue(_) | Instant::RecordWithdrawal(_) => &[],
                };
                actions.extend(turns.iter().map(|turn| Action::Go { issuer, turn: *turn }));
            }
            let may_overrun = !self.assumptions.leases_outlast_callers || !claim.is_before_its_call();
            let is_held = claim.holds && world.phones[claim.phone].record.lease == Lease::Held;
            if world.left.overruns > 0 && is_held && may_overrun {
                actions.push(Action::Overrun { phone: claim.phone });
            }
        }
    }

    /// Whether it may be so late that the slowest call of the record would be over: two minutes after the end of the claim or, once that
    /// was recorded, of the record.
    fn can_be_over(&self, world: &World, phone: usize) -> bool {
        let seen = &world.phones[phone];
        let is_held = seen.record.lease == Lease::Held;
        let may_be_sent = is_held && world.claims_of(phone).any(|claim| claim.holds && claim.may_issue());
        let is_late_enough = if self.mechanisms.counts_from_the_end_of_the_claim {
            !may_be_sent && seen.endpoint.arriving == 0
        } else {
            // Counted from the beginning of the claim: what was sent towards its end may be on its way for as long again.
            !is_held
        };
        seen.record.last_call == LastCall::AtWork && is_late_enough
    }
}

impl Model for Protocol {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self.bounds)]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        self.wishes(world, actions);
        self.work(world, actions);
        self.faults(world, actions);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        self.act(&mut next, action);
        // What changes nothing, such as a webhook that comes twice, leads nowhere.
        (next != *world).then(|| next.representative())
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties()
    }
}

/// `plan_issues`. What is parked is tried again too, about every hour; the model leaves it there, the worst that can become of it.
fn can_issue(world: &World, phone: usize) -> bool {
    let record = &world.phones[phone].record;
    let is_to_be_issued = match record.state {
        RecordState::Absent | RecordState::Pending | RecordState::Revoked => true,
        RecordState::Parked => record.unknown && record.last_call != LastCall::AtWork,
        _ => false,
    };
    is_to_be_issued && world.is_wished(phone) && record.is_free()
}

/// `plan_automation` and `can_be_withdrawn`.
fn can_withdraw(world: &World, phone: usize) -> bool {
    let record = &world.phones[phone].record;
    let is_there = match record.state {
        RecordState::Absent | RecordState::Revoked => false,
        RecordState::Revoking(_) => true,
        _ => !world.is_wished(phone),
    };
    is_there && record.is_free() && !record.waits_for_last_call
}
