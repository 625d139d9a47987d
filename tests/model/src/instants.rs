//! The instants within a step: each is one call to the credential manager, or one write of the outcome.

use crate::{
    action::Turn,
    credential_manager::CredentialName,
    issuer::{Claim, Doubt, Instant, Issue, Withdrawal},
    protocol::Protocol,
    record::{LastCall, Lease, RecordState},
    world::World,
};

impl Protocol {
    /// The issuer's next instant.
    pub(crate) fn go(&self, world: &mut World, issuer: usize, turn: Turn) {
        let Some(mut claim) = world.issuers[issuer] else { return };
        let next = match claim.next {
            Instant::ReadBack => Some(self.read_back(world, &mut claim, turn)),
            Instant::Issue => Some(self.issue(world, &mut claim, turn)),
            Instant::ReadBackAfter(doubt) => Some(read_back_after(world, &claim, doubt, turn)),
            Instant::RevokeNamed(name) => Some(self.revoke_named(world, &claim, name, turn)),
            Instant::Look => Some(self.look(world, &claim, turn)),
            Instant::RevokeFound { found, is_final } => Some(self.revoke_found(world, &claim, found, is_final, turn)),
            Instant::AskClock => Some(Instant::RecordWithdrawal(withdrawal(is_final(world, &claim)))),
            Instant::RecordIssue(issue) => {
                if self.may_record(world, &claim) {
                    self.record_issue(world, &claim, issue);
                }
                None
            }
            Instant::RecordWithdrawal(withdrawal) => {
                if self.may_record(world, &claim) {
                    record_withdrawal(world, &claim, withdrawal);
                }
                None
            }
        };
        world.issuers[issuer] = next.map(|next| Claim { next, ..claim });
    }

    /// `Attempt::holds`.
    fn may_record(&self, world: &World, claim: &Claim) -> bool {
        let is_held = claim.holds && world.phones[claim.phone].record.lease != Lease::Free;
        is_held || !self.mechanisms.fencing_token
    }

    fn read_back(&self, world: &World, claim: &mut Claim, turn: Turn) -> Instant {
        if turn != Turn::Well {
            return Instant::RecordIssue(Issue::Failed { may_have_worked: true });
        }
        if let Some(name) = world.phones[claim.phone].endpoint.live().next() {
            return Instant::RecordIssue(Issue::Held(name));
        }
        claim.unknown = claim.earlier_call == LastCall::AtWork && self.mechanisms.doubts_early_looks;
        Instant::Issue
    }

    fn issue(&self, world: &mut World, claim: &mut Claim, turn: Turn) -> Instant {
        claim.is_unanswered = !matches!(turn, Turn::Well | Turn::RefusedForGood);
        match turn {
            Turn::Well => match self.take_effect(world, claim.phone) {
                Some(name) => Instant::RecordIssue(Issue::Held(name)),
                None => self.doubt(Doubt::Refused),
            },
            Turn::RefusedForGood => Instant::RecordIssue(Issue::Refused),
            Turn::LostOnTheWay => self.doubt(Doubt::Unanswered),
            Turn::ReplyLost => {
                self.take_effect(world, claim.phone);
                self.doubt(Doubt::Unanswered)
            }
            Turn::ArrivesLate => {
                world.phones[claim.phone].endpoint.arriving += 1;
                self.doubt(Doubt::Unanswered)
            }
        }
    }

    fn doubt(&self, doubt: Doubt) -> Instant {
        match doubt {
            doubt if self.mechanisms.reads_back_after_doubt => Instant::ReadBackAfter(doubt),
            Doubt::Refused => Instant::RecordIssue(Issue::Refused),
            Doubt::Unanswered => Instant::RecordIssue(Issue::Failed { may_have_worked: true }),
        }
    }

    /// The credential manager issues, or refuses since there is one already.
    pub(crate) fn take_effect(&self, world: &mut World, phone: usize) -> Option<CredentialName> {
        if self.assumptions.repeats_are_refused && world.phones[phone].endpoint.live_count() > 0 {
            return None;
        }
        let name = world.new_name(phone);
        world.phones[phone].endpoint.issue(name);
        Some(name)
    }

    fn revoke_named(&self, world: &mut World, claim: &Claim, name: CredentialName, turn: Turn) -> Instant {
        match revoke(world, claim.phone, name, turn) {
            Err(unanswered) => unanswered,
            Ok(()) => self.look_or_end(self.mechanisms.remembers_unanswered_calls && claim.earlier_call != LastCall::Answered),
        }
    }

    /// Looks for what has no name, if there may be such.
    pub(crate) fn look_or_end(&self, may_be_there: bool) -> Instant {
        if may_be_there && self.mechanisms.looks_for_the_unnamed {
            Instant::Look
        } else {
            Instant::RecordWithdrawal(Withdrawal::Gone)
        }
    }

    fn look(&self, world: &World, claim: &Claim, turn: Turn) -> Instant {
        let is_final = is_final(world, claim);
        match world.phones[claim.phone].endpoint.live().next() {
            _ if turn != Turn::Well => Instant::RecordWithdrawal(Withdrawal::Unanswered),
            Some(found) => Instant::RevokeFound { found, is_final },
            None => self.end_of_look(is_final),
        }
    }

    fn revoke_found(&self, world: &mut World, claim: &Claim, found: CredentialName, is_final: bool, turn: Turn) -> Instant {
        match revoke(world, claim.phone, found, turn) {
            Err(unanswered) => unanswered,
            Ok(()) => self.end_of_look(is_final),
        }
    }

    fn end_of_look(&self, is_final: bool) -> Instant {
        if self.mechanisms.asks_the_clock_before_looking {
            Instant::RecordWithdrawal(withdrawal(is_final))
        } else {
            Instant::AskClock
        }
    }

    fn record_issue(&self, world: &mut World, claim: &Claim, issue: Issue) {
        world.phones[claim.phone].record.last_call = unanswered_call(world, claim);
        match issue {
            Issue::Held(name) => {
                world.write_state(claim.phone, RecordState::Issuing(name));
                let record = &mut world.phones[claim.phone].record;
                record.succeed();
                if !self.mechanisms.remembers_unanswered_calls || record.last_call == LastCall::Over {
                    record.last_call = LastCall::Answered;
                }
            }
            Issue::Failed { may_have_worked } => {
                world.phones[claim.phone].record.set_back(claim.unknown || may_have_worked);
            }
            Issue::Refused => {
                world.write_state(claim.phone, RecordState::Parked);
                world.phones[claim.phone].record.set_back(claim.unknown);
            }
        }
    }
}

/// `Attempt::unanswered_call_at`: what an earlier call left open stays open, also when this claim's own call was answered.
fn unanswered_call(world: &World, claim: &Claim) -> LastCall {
    match (claim.is_unanswered, claim.earlier_call, world.phones[claim.phone].record.last_call) {
        (false, LastCall::Answered, _) => LastCall::Answered,
        (_, _, LastCall::Over) | (false, LastCall::Over, _) => LastCall::Over,
        _ => LastCall::AtWork,
    }
}

fn read_back_after(world: &World, claim: &Claim, doubt: Doubt, turn: Turn) -> Instant {
    let seen = world.phones[claim.phone].endpoint.live().next();
    Instant::RecordIssue(match seen {
        _ if turn != Turn::Well => Issue::Failed { may_have_worked: true },
        Some(name) => Issue::Held(name),
        None => Issue::Failed {
            may_have_worked: doubt == Doubt::Unanswered,
        },
    })
}

fn record_withdrawal(world: &mut World, claim: &Claim, withdrawal: Withdrawal) {
    if withdrawal == Withdrawal::Gone {
        world.write_state(claim.phone, RecordState::Revoked);
        let record = &mut world.phones[claim.phone].record;
        record.succeed();
        record.last_call = LastCall::Answered;
        return;
    }
    let record = &mut world.phones[claim.phone].record;
    record.set_back(claim.unknown || withdrawal == Withdrawal::Unanswered);
    record.waits_for_last_call = withdrawal == Withdrawal::TooEarly && record.last_call == LastCall::AtWork;
}

fn revoke(world: &mut World, phone: usize, name: CredentialName, turn: Turn) -> Result<(), Instant> {
    if turn != Turn::LostOnTheWay {
        world.phones[phone].endpoint.revoke(name);
    }
    match turn {
        Turn::Well => Ok(()),
        _ => Err(Instant::RecordWithdrawal(Withdrawal::Unanswered)),
    }
}

fn is_final(world: &World, claim: &Claim) -> bool {
    world.phones[claim.phone].record.last_call != LastCall::AtWork
}

fn withdrawal(is_final: bool) -> Withdrawal {
    if is_final { Withdrawal::Gone } else { Withdrawal::TooEarly }
}
