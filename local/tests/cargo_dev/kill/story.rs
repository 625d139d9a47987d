//! What happens in the story: phones are registered, lost and found, credentials wished and withdrawn, codes redeemed. A seed makes every
//! choice; how far each attempt comes before the kill is up to the machine.

use std::{collections::BTreeSet, time::Duration};

use fastrand::Rng;
use fobless::domain::time::Timestamp;
use fobless_local::{
    loopback_client,
    walk::{Client, WalkError},
};
use futures_util::{StreamExt as _, stream};

use super::{
    faults,
    people::{Person, Wish},
    post::Letter,
};

const PEOPLE: usize = 50;
/// One less than the credential manager allows: a phone that is registered anew keeps its place until its app has redeemed the new code.
const PHONES_EACH: usize = 4;
/// How many letters are on their way at once.
const AT_ONCE: usize = 8;
/// How many people's apps look for a code in one turn.
const APPS_AT_ONCE: usize = 6;

/// The people, and what is still to be sent.
pub(crate) struct Story {
    rng: Rng,
    pub(crate) people: Vec<Person>,
    http: reqwest::Client,
    to_send: Vec<Letter>,
    /// What was taken, and may be sent once more.
    taken: Vec<Letter>,
    /// Codes that an app redeemed, or found used.
    redeemed: BTreeSet<String>,
    pub(crate) letters: usize,
    pub(crate) attempts: usize,
}

impl Story {
    /// Makes the people. Nothing is killed meanwhile.
    pub(crate) async fn begin(seed: u64, client: &Client) -> Self {
        let mut people = Vec::new();
        for number in 0..PEOPLE {
            people.push(Person::make(client, &format!("person-{number}"), PHONES_EACH).await.unwrap());
        }
        Self {
            rng: Rng::with_seed(seed),
            people,
            http: loopback_client(Duration::from_secs(10)).unwrap(),
            to_send: Vec::new(),
            taken: Vec::new(),
            redeemed: BTreeSet::new(),
            letters: 0,
            attempts: 0,
        }
    }

    pub(crate) fn rng(&mut self) -> &mut Rng {
        &mut self.rng
    }

    /// Draws what happens during a life. In the last one everything has happened that is to happen.
    pub(crate) fn draw(&mut self, client: &Client, lives_left: usize) {
        let untold: Vec<(usize, usize)> = self.phones_that(|is_in_use| is_in_use.is_none());
        let new = untold.len().div_ceil(lives_left);
        let mut drawn: Vec<(usize, usize, bool)> = Vec::new();
        for (person, phone) in self.some_of(untold, new) {
            drawn.push((person, phone, true));
        }
        // One or two are lost, and now and then one is found again.
        let in_use = self.phones_that(|is_in_use| is_in_use == Some(true));
        let lost = self.rng.usize(..3);
        for (person, phone) in self.some_of(in_use, lost) {
            drawn.push((person, phone, false));
        }
        let lost = self.phones_that(|is_in_use| is_in_use == Some(false));
        let found = usize::from(self.rng.u8(..3) == 0);
        for (person, phone) in self.some_of(lost, found) {
            drawn.push((person, phone, true));
        }
        // Each later than the one before, whatever order they arrive in, and none ahead of its time: what is dated ahead gives way to a loss.
        let mut at = client.now().minus(Duration::from_secs(1));
        for (person, phone, is_in_use) in drawn {
            at = at.plus(Duration::from_millis(1));
            self.tell(person, phone, is_in_use, at);
        }
        let unwished: Vec<usize> = self.people_with(Wish::None);
        for person in self.some_of(unwished.clone(), unwished.len().div_ceil(lives_left)) {
            self.people[person].wish = Wish::Credential;
            self.to_send.push(Letter::Create(person));
        }
        if self.rng.u8(..6) == 0 {
            let wished = self.people_with(Wish::Credential);
            for person in self.some_of(wished, 1) {
                // An operator takes back only what was made.
                if !self
                    .to_send
                    .iter()
                    .any(|letter| matches!(letter, Letter::Create(wished) if *wished == person))
                {
                    self.people[person].wish = Wish::Withdrawn;
                    self.to_send.push(Letter::Delete(person));
                }
            }
        }
        // A sender that missed our answer sends again what was taken long ago.
        let again = self.rng.usize(..3);
        let repeated = self.some_of(self.taken.clone(), again);
        self.to_send.extend(repeated);
        self.rng.shuffle(&mut self.to_send);
    }

    /// The phones of which that is so, each as (person, phone).
    fn phones_that(&self, holds: impl Fn(Option<bool>) -> bool) -> Vec<(usize, usize)> {
        let people = self.people.iter().enumerate();
        let phones = people.flat_map(|(person, found)| (0..found.phones.len()).map(move |phone| (person, phone)));
        phones
            .filter(|(person, phone)| holds(self.people[*person].phones[*phone].is_in_use))
            .collect()
    }

    fn people_with(&self, wish: Wish) -> Vec<usize> {
        (0..self.people.len()).filter(|person| self.people[*person].wish == wish).collect()
    }

    fn some_of<T>(&mut self, mut all: Vec<T>, count: usize) -> Vec<T> {
        self.rng.shuffle(&mut all);
        all.truncate(count);
        all
    }

    fn tell(&mut self, person: usize, phone: usize, is_in_use: bool, at: Timestamp) {
        self.letters += 1;
        let found = &mut self.people[person];
        found.phones[phone].is_in_use = Some(is_in_use);
        let installation = found.phones[phone].installation.clone();
        let letter = Letter::about_phone(&self.people[person], &installation, is_in_use, at, self.letters);
        self.to_send.push(letter);
    }

    /// Sets the faults of a life.
    pub(crate) async fn set_faults(&mut self, client: &Client) {
        let faults = faults::draw(&mut self.rng);
        let _ = client.faults(&faults).await;
    }

    /// Sends what is to be sent and lets apps redeem codes, until it is cut off: what got no answer by then is sent again in the next life.
    pub(crate) async fn live(&mut self, client: &Client) {
        loop {
            self.send(client).await;
            self.redeem(client).await;
        }
    }

    /// Sends everything once.
    pub(crate) async fn send(&mut self, client: &Client) {
        let (people, http) = (&self.people, &self.http);
        let mut sending = stream::iter(self.to_send.clone().into_iter().enumerate())
            .map(|(place, letter)| async move {
                let sent = letter.send(client, http, people, client.now()).await;
                (place, sent.is_ok())
            })
            .buffer_unordered(AT_ONCE);
        let mut answered = BTreeSet::new();
        // Only what is answered before the kill counts, so it is written down at once.
        let to_send = &mut self.to_send;
        let letters = to_send.clone();
        while let Some((place, was_taken)) = sending.next().await {
            self.attempts += 1;
            if was_taken {
                answered.insert(place);
                if matches!(letters[place], Letter::Phone { .. }) {
                    self.taken.push(letters[place].clone());
                }
                *to_send = left(&letters, &answered);
            }
        }
    }

    pub(crate) fn all_is_taken(&self) -> bool {
        self.to_send.is_empty()
    }

    /// Some people's apps look for their codes and redeem them.
    async fn redeem(&mut self, client: &Client) {
        let people: Vec<usize> = (0..self.people.len()).collect();
        for person in self.some_of(people, APPS_AT_ONCE) {
            let _ = self.redeem_of(client, person).await;
        }
    }

    /// All apps do.
    pub(crate) async fn redeem_all(&mut self, client: &Client) -> Result<(), WalkError> {
        for person in 0..self.people.len() {
            self.redeem_of(client, person).await?;
        }
        Ok(())
    }

    async fn redeem_of(&mut self, client: &Client, person: usize) -> Result<(), WalkError> {
        let phones = self.people[person].client(client).phones().await?;
        for code in phones.iter().filter_map(|phone| phone.invitation_code()) {
            if self.redeemed.contains(code.expose()) {
                continue;
            }
            match client.redeem(code, "Maker", "Model").await {
                // Used already: the answer of an earlier life was lost. Unknown or expired: it was cancelled meanwhile, and another one comes.
                Ok(_)
                | Err(WalkError::Refused {
                    status: 404 | 409 | 410, ..
                }) => {
                    self.redeemed.insert(code.expose().to_owned());
                }
                // The phone in whose place it comes has not gone yet.
                Err(WalkError::Refused { status: 412, .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn left(letters: &[Letter], answered: &BTreeSet<usize>) -> Vec<Letter> {
    let left = letters.iter().enumerate().filter(|(place, _)| !answered.contains(place));
    left.map(|(_, letter)| letter.clone()).collect()
}
