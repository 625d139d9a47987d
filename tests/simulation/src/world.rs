//! One person's world: the functions, the table, the far side, and the mail between them.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, VecDeque},
    sync::{Arc, OnceLock},
    time::Duration,
};

use fobless::{
    config::CallbackSecrets,
    credential_manager::CredentialManager,
    domain::{
        acs::AcsSystemKind, aggregate::Aggregate, enrollment::EnrollmentState, ids::AcsCredentialId, secret::Secret, time::Timestamp,
    },
    reconcile::Reconciler,
    store::Store,
    telemetry::Telemetry,
    webhook::{ActiveKey, VerificationKey},
};
use fobless_table_in_memory::{Database, Snapshot};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    crew::{Crew, Ended, Turn},
    judge,
    line::{FarLine, Shared, TableGate, Weather},
    mail::{CALLBACK_HEADER, CALLBACK_SECRET, Functions, Letter, Outcome, WEBHOOK_SECRET, Wish},
    manager::Manager,
    monotony,
    records::Names,
    script::{Action, PARENTS, PHONES},
    store::{TABLE, at_once, database, onlooker, store},
    time::Skew,
    wishes::{PhoneEvent, WishedParent, Wishes},
};

/// The most by which a clock is off. Two may so differ by twice as much.
const MOST_SKEW: i64 = 15_000;
/// A world that is at work for longer than this never comes to rest.
const MOST_TURNS: u32 = 200_000;
/// When everything has to be as wished, at the latest: some failures are tried again after hours.
const PATIENCE: Duration = Duration::from_hours(60);
/// What the far side does late is done by then.
const QUIET: Duration = Duration::from_mins(5);

/// What is in the table when a world begins: the same in each.
static BEGINNING: OnceLock<Snapshot> = OnceLock::new();

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
    may_be_late: bool,
    parents: u128,
}

impl World {
    pub(crate) fn begin(shared: Shared, broken: Option<Break>) -> Self {
        let time = shared.time().clone();
        let counter = std::cell::Cell::new(0_u128);
        let names = Names::of(|| {
            counter.set(counter.get() + 1);
            Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | counter.get())
        });
        let database = database(&time);
        let onlooker = onlooker(&database, &time);
        let manager = Arc::new(Manager::new(FarLine(shared.clone())));
        database.restore(BEGINNING.get_or_init(|| {
            prepare(&onlooker, &names, time.now());
            let _ = database.take_stream(TABLE);
            database.snapshot()
        }));
        if broken == Some(Break::Conditions) {
            database.let_every_condition_hold();
        }
        manager.ledger().lets_apps_be_reinstalled = true;
        // Half of the far sides do not look whether there is one already. The others may do what they did not answer a minute later: with
        // both, nothing that is read could keep a repeat from doubling what comes late.
        let takes_repeats = shared.chance().happens(500);
        manager.ledger().takes_repeats = takes_repeats;
        manager.ledger().hides_credentials = broken == Some(Break::ReadBack);
        let gated = store(&database, Arc::new(TableGate(shared.clone())), &time);
        let skews: Vec<Skew> = (0..4).map(|_| Skew::default()).collect();
        let issuer = |skew: &Skew| {
            let clock = time.clock(skew);
            let managers = BTreeMap::from([(names.manager, Arc::clone(&manager) as Arc<dyn CredentialManager>)]);
            let reconciler = Reconciler::over(gated.clone().with_clock(clock.clone()), clock.clone(), managers, BTreeMap::new());
            Arc::new(credential_issuer::State { reconciler, clock })
        };
        let callback = CallbackSecrets {
            header: CALLBACK_HEADER.to_owned(),
            secrets: vec![Secret::new(CALLBACK_SECRET)],
        };
        let key = ActiveKey {
            workspace_id: names.owner.workspace_id,
            key: VerificationKey::parse(WEBHOOK_SECRET).unwrap(),
        };
        let webhook = phone_webhook::State {
            store: gated.clone().with_clock(time.clock(&skews[2])),
            clock: time.clock(&skews[2]),
            keys: Arc::from([key]),
            callbacks: Arc::new(BTreeMap::from([(names.manager, callback)])),
            telemetry: Telemetry::nowhere(),
        };
        let sweeper = sweeper::State {
            store: gated.clone().with_clock(time.clock(&skews[3])),
            clock: time.clock(&skews[3]),
            telemetry: Telemetry::nowhere(),
        };
        let functions = Functions {
            names,
            time: time.clone(),
            webhook: Arc::new(webhook),
            issuers: [issuer(&skews[0]), issuer(&skews[1])],
            sweeper: Arc::new(sweeper),
            api: gated.with_clock(time.clock(&Skew::default())),
        };
        Self {
            shared,
            names,
            wishes: Wishes::default(),
            database,
            onlooker,
            loaded: OnceCell::new(),
            manager,
            functions,
            skews,
            crew: Crew::default(),
            mail: Vec::new(),
            requests: VecDeque::new(),
            is_asking: false,
            stream: Vec::new(),
            is_stormy: false,
            may_be_late: !takes_repeats,
            parents: 0,
        }
    }

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
        self.shared.note(&format!("{action:?}"));
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
        let aggregate = self.load();
        let enrollment = aggregate.enrollment(self.names.automation_id(), self.names.device(phone));
        let Some(enrollment) = enrollment.map(|found| &found.record) else {
            return;
        };
        let code = match (&enrollment.state, &enrollment.renewal) {
            (EnrollmentState::Invited { invitation_code, .. }, _) => Some(invitation_code),
            (_, Some(renewal)) => Some(&renewal.invitation_code),
            _ => None,
        };
        if let Some(code) = code {
            self.manager.ledger().redeem(code, phone);
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

    /// What was written goes into batches.
    fn collect_stream(&mut self) -> Result<(), String> {
        for record in self.database.take_stream(TABLE) {
            self.loaded.take();
            monotony::check(&record)?;
            // The filter of the deployed mapping.
            if record["dynamodb"]["Keys"]["pk"]["S"]
                .as_str()
                .is_some_and(|partition| partition.starts_with("USER#"))
            {
                self.stream.push(record);
            }
        }
        let length = self.stream.len();
        // A batch is made when everybody waits, or by chance: records gather meanwhile.
        if length > 0 && (!self.is_stormy || self.shared.chance().happens(200)) {
            let taken = if self.is_stormy {
                1 + self.shared.chance().below(length)
            } else {
                length
            };
            let batch: Vec<Value> = self.stream.drain(..taken).collect();
            self.send(Letter::Batch(batch), self.mail_time() / 4);
        }
        Ok(())
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
                    self.send(Letter::Batch(batch), 0);
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

    /// Nothing goes wrong any more, phones fetch what is there, and the sweeper comes when something is due: until all is as wished.
    pub(crate) fn rest(&mut self) -> Result<(), String> {
        self.calm();
        let begin = self.now();
        loop {
            self.go_on(None)?;
            for phone in 0..PHONES {
                if self.shared.chance().happens(700) {
                    self.redeem(phone);
                }
            }
            self.manager.ledger().fetch();
            self.collect_callbacks();
            self.go_on(None)?;
            let waited = self.now().since(begin);
            let checked = judge::check(&self.names, &self.wishes, &self.manager.ledger(), self.shared.time(), self.load());
            match checked {
                Ok(()) if waited > QUIET => return Ok(()),
                Err(problem) if waited > PATIENCE => return Err(problem),
                _ => {}
            }
            let due = self.next_due().unwrap_or(Timestamp::MAX);
            // The alarm clock is looked at ever more rarely, and never later than once what is late is done.
            let next = due.max(self.now().plus(waited / 4)).max(self.now().plus(Duration::from_secs(1)));
            let late = begin.plus(QUIET).plus(Duration::from_secs(1));
            let next = if waited <= QUIET { next.min(late) } else { next };
            if next >= Timestamp::MAX {
                return checked;
            }
            self.shared.time().go_on(next);
            self.mail.push((next, Letter::Sweep));
        }
    }

    /// When the next item of the person is due.
    fn next_due(&self) -> Option<Timestamp> {
        let due = self.database.attribute(TABLE, "due_at");
        due.iter()
            .filter_map(|due| due["N"].as_str()?.parse().ok())
            .map(Timestamp::from_millis)
            .min()
    }
}

/// What a person's world begins with.
fn prepare(store: &Store, names: &Names, now: Timestamp) {
    at_once(async {
        store.insert(names.identity(now)).await.unwrap();
        store
            .insert(names.system(names.manager, AcsSystemKind::HidOrigo, now))
            .await
            .unwrap();
        store.insert(names.system(names.doors, AcsSystemKind::Ledger, now)).await.unwrap();
        for slot in 0..PARENTS {
            store.insert(names.pool(slot, now)).await.unwrap();
        }
        for user in names.acs_users {
            store.insert(names.acs_user(user, now)).await.unwrap();
        }
    });
}
