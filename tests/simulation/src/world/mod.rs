//! One person's world: the functions, the table, the far side, and the mail between them.

mod beginning;
mod rest;
mod stream;

pub(crate) use self::stream::Batches;

use std::{cell::OnceCell, collections::VecDeque, sync::Arc};

use fobless::{
    domain::{aggregate::Aggregate, enrollment::EnrollmentState, ids::AcsCredentialId, time::Timestamp},
    store::Store,
};
use fobless_table_in_memory::Database;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    crew::{Crew, Ended, Turn},
    line::{FarLine, Shared, Weather},
    mail::{Functions, Letter, Outcome, Wish},
    manager::Manager,
    records::Names,
    script::{Action, PARENTS},
    store::at_once,
    time::Skew,
    wishes::{PhoneEvent, WishedParent, Wishes},
};

/// The most by which a clock is off. Two may so differ by twice as much.
const MOST_SKEW: i64 = 15_000;
/// A world that is at work for longer than this never comes to rest.
const MOST_TURNS: u32 = 200_000;

/// What is broken on purpose, to show that it would be noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// Every condition of a write holds, also that with the fencing token.
    Conditions,
    /// A read of the far side shows no credentials.
    ReadBack,
}

pub(crate) struct World {
    pub(crate) shared: Shared,
    names: Names,
    wishes: Wishes,
    database: Database,
    onlooker: Store,
    /// The person as the table has them, until something is written.
    loaded: OnceCell<Aggregate>,
    manager: Arc<Manager<FarLine>>,
    functions: Functions,
    skews: Vec<Skew>,
    crew: Crew,
    /// What is on its way, and when it arrives.
    mail: Vec<(Timestamp, Letter)>,
    /// What the API will be asked for, one after the other.
    requests: VecDeque<Wish>,
    is_asking: bool,
    /// Records of the stream that are in no batch yet.
    stream: Vec<Value>,
    is_stormy: bool,
    pub(crate) batches: Batches,
    may_be_late: bool,
    parents: u128,
}

impl World {
    fn now(&self) -> Timestamp {
        self.shared.time().now()
    }

    fn send(&mut self, letter: Letter, within: u64) {
        let arrives = self.now().plus(self.shared.chance().millis(within));
        self.mail.push((arrives, letter));
    }

    /// How long the mail takes, at most.
    const fn mail_time(&self) -> u64 {
        if self.is_stormy { 40_000 } else { 200 }
    }

    pub(crate) fn happen(&mut self, action: Action) {
        self.shared.note(format_args!("{action:?}"));
        match action {
            Action::Register(phone) => self.tell_of_phone(phone, true),
            Action::Deactivate(phone) => self.tell_of_phone(phone, false),
            Action::Repeat => {
                let events = &self.wishes.phone_events;
                if let Some(event) = events.get(self.shared.chance().below(events.len())).copied() {
                    self.send(Letter::Phone(event), self.mail_time());
                }
            }
            Action::CreateParent(slot) => self.create_parent(slot),
            Action::DeleteParent(slot) => {
                if let Some(parent) = self.wishes.parent(slot) {
                    parent.is_deleted = true;
                    let id = parent.id;
                    self.ask(Wish::DeleteParent(id));
                }
            }
            Action::Launch => {
                self.wishes.is_enrolling = true;
                self.ask(Wish::Launch);
            }
            Action::DeleteAutomation => {
                self.wishes.is_enrolling = false;
                self.ask(Wish::DeleteAutomation);
            }
            Action::Redeem(phone) => self.redeem(phone),
            Action::Fetch => self.manager.ledger().fetch(),
            Action::Sweep => self.send(Letter::Sweep, self.mail_time()),
            Action::ClockJumps => {
                let skew = &self.skews[self.shared.chance().below(self.skews.len())];
                skew.set(self.shared.chance().between(-MOST_SKEW, MOST_SKEW));
            }
            Action::WeatherChanges => self.storm(),
        }
        self.collect_callbacks();
    }

    pub(crate) fn storm(&mut self) {
        self.is_stormy = true;
        let chance = self.shared.chance();
        let up_to = |most: usize| u32::try_from(chance.below(most)).unwrap_or_default();
        let weather = Weather {
            crash: up_to(25),
            hold_up: up_to(300),
            table: up_to(80),
            far_side: up_to(300),
            may_be_late: self.may_be_late,
        };
        self.shared.set_weather(weather);
    }

    fn calm(&mut self) {
        self.is_stormy = false;
        self.shared.set_weather(Weather::default());
        for skew in &self.skews {
            skew.set(0);
        }
    }

    fn tell_of_phone(&mut self, phone: usize, is_registration: bool) {
        let event = PhoneEvent {
            phone,
            occurred_at: self.now(),
            is_registration,
        };
        self.wishes.phone_events.push(event);
        self.send(Letter::Phone(event), self.mail_time());
    }

    fn create_parent(&mut self, slot: usize) {
        // Each parent has a pool of its own, by which the ledger tells them apart.
        if slot >= PARENTS || self.wishes.parent(slot).is_some() {
            return;
        }
        self.parents += 1;
        let id = AcsCredentialId::new(Uuid::from_u128(0x0191_0000_0000_7000_8000_0000_0000_0000 | self.parents));
        let now = self.now();
        self.wishes.parents.push(WishedParent {
            slot,
            id,
            holder: Some(self.names.acs_users[0]),
            ends_at: None,
            is_deleted: false,
            assigned_at: vec![now],
        });
        self.ask(Wish::CreateParent(slot, id));
    }

    /// The API's caller waits for one answer before it asks for the next thing.
    fn ask(&mut self, wish: Wish) {
        self.requests.push_back(wish);
        self.ask_next();
    }

    fn ask_next(&mut self) {
        if !self.is_asking
            && let Some(wish) = self.requests.pop_front()
        {
            self.is_asking = true;
            self.send(Letter::Wish(wish), 50);
        }
    }

    /// The phone's app asks for its code and redeems it.
    fn redeem(&self, phone: usize) {
        if !self.manager.ledger().is_inviting() {
            return;
        }
        let aggregate = self.load();
        let enrollment = aggregate.enrollment(self.names.automation_id(), self.names.device(phone));
        let Some(enrollment) = enrollment.map(|found| &found.record) else {
            return;
        };
        let mut ledger = self.manager.ledger();
        let code = match (&enrollment.state, &enrollment.renewal) {
            (EnrollmentState::Invited { invitation_code, .. }, _) => Some(invitation_code.clone()),
            (_, Some(renewal)) => Some(renewal.invitation_code.clone()),
            // It saw the code before it was lost.
            (EnrollmentState::Deactivating { invitation_id, .. }, None) => invitation_id.as_ref().and_then(|id| ledger.code_of(id)),
            _ => None,
        };
        if let Some(code) = code {
            ledger.redeem(&code, phone, self.shared.time().now());
        }
    }

    pub(crate) fn load(&self) -> &Aggregate {
        self.loaded.get_or_init(|| at_once(self.onlooker.load(self.names.owner)).unwrap())
    }

    /// Callbacks may come twice, late, in another order, or never.
    fn collect_callbacks(&mut self) {
        let callbacks = std::mem::take(&mut self.manager.ledger().callbacks);
        for (user, hints) in callbacks {
            if self.is_stormy && self.shared.chance().happens(250) {
                continue;
            }
            let letter = Letter::Callback(user, hints);
            if self.is_stormy && self.shared.chance().happens(150) {
                self.send(letter.clone(), self.mail_time());
            }
            self.send(letter, self.mail_time());
        }
    }

    fn ended(&mut self, ended: Ended) {
        match ended {
            Ended::Answered(letter, Outcome::Done) => {
                if matches!(letter, Letter::Wish(_)) {
                    self.is_asking = false;
                    self.ask_next();
                } else if self.is_stormy && self.shared.chance().happens(100) {
                    self.send(letter, self.mail_time());
                }
            }
            Ended::Answered(_, Outcome::Again(letter)) => self.send(letter, 5_000),
            Ended::Died(Letter::Sweep) => {}
            Ended::Died(letter) => self.send(letter, 90_000),
        }
    }

    /// Goes on until nobody has anything to do, or until a moment.
    pub(crate) fn go_on(&mut self, until: Option<Timestamp>) -> Result<(), String> {
        for _ in 0..MOST_TURNS {
            let now = self.now();
            let (due, waiting) = std::mem::take(&mut self.mail).into_iter().partition(|(arrives, _)| *arrives <= now);
            self.mail = waiting;
            let due: Vec<(Timestamp, Letter)> = due;
            for (_, letter) in due {
                let issuer = if self.is_stormy { self.shared.chance().below(2) } else { 0 };
                let work = self.functions.take(letter.clone(), issuer);
                self.crew.hire(letter, work);
            }
            let turn = self.crew.go_on(self.shared.chance(), &self.shared);
            if !matches!(turn, Turn::EverybodyWaits) {
                if let Turn::Ended(ended) = turn {
                    self.ended(ended);
                }
                self.collect_callbacks();
                self.collect_stream()?;
                self.check_always()?;
                continue;
            }
            let next = self
                .mail
                .iter()
                .map(|(arrives, _)| *arrives)
                .chain(self.shared.time().next_alarm())
                .min();
            match (next, until) {
                (Some(next), until) if until.is_none_or(|until| next <= until) => self.shared.time().go_on(next),
                (None, None) if !self.stream.is_empty() => {
                    let batch = std::mem::take(&mut self.stream);
                    self.send(Letter::batch(batch), 0);
                }
                (_, Some(until)) => {
                    self.shared.time().go_on(until);
                    return Ok(());
                }
                (_, None) => {
                    return if self.crew.is_idle() {
                        Ok(())
                    } else {
                        Err("somebody waits for nothing".to_owned())
                    };
                }
            }
        }
        Err("it never comes to rest".to_owned())
    }

    fn check_always(&self) -> Result<(), String> {
        match self.manager.ledger().violations.first() {
            Some(violation) => Err(violation.clone()),
            None => Ok(()),
        }
    }
}
