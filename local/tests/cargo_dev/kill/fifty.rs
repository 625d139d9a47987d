//! Killed fifty times at random instants, under a stream of webhooks for 200 phones, with faults at the credential manager: in the end the
//! three books agree. docs/decisions/0021-killed-fifty-times.md says why it is done so.

use std::time::Duration;

use fobless::clock::Clock;
use fobless_local::walk::Client;
use fobless_tests::Connector;

use super::{books, story::Story};
use crate::process::{Place, Running};

const KILLS: usize = 50;
/// In so many lives CI keeps what is logged.
const WATCHED_LIVES: usize = 5;
/// The longest life, from the moment at which everything answers.
const LONGEST_LIFE: u64 = 1_100;
/// By so much the clocks are ahead of before in each life, in seconds: a lease of 90 s has run out in some and not in others.
const AHEAD: std::ops::Range<u64> = 5..140;
/// What waits for something waits no longer than this: an unanswered call for two minutes, a failure's backoff for a while.
const AHEAD_AT_THE_END: u64 = 150;
/// The books agree after so many calm lives, or never.
const MOST_CALM_LIVES: usize = 40;
/// How long one calm life lasts at most, while they do not agree.
const CALM_LIFE: Duration = Duration::from_secs(4);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_fifty_times_under_webhooks_for_two_hundred_phones_the_three_books_agree() {
    let seed = seed();
    println!("again with the same choices: FOBLESS_KILL_SEED={seed}");
    let (clock, begun) = (Clock::system(), Clock::system().now());
    let mut stage = Stage::set().await;
    let first = stage.start();
    let mut story = Story::begin(seed, &first.client).await;
    stage.kill(first);

    for life in 0..KILLS - 1 {
        stage.ahead += story.rng().u64(AHEAD);
        if story.rng().u8(..8) == 0 {
            let delay = story.rng().u64(..200);
            stage.kill_while_it_starts(Duration::from_millis(delay)).await;
            continue;
        }
        let running = stage.start();
        let client = stage.client(&running);
        story.draw(&client, KILLS - 1 - life);
        story.set_faults(&client).await;
        if story.rng().u8(..3) == 0 {
            stage.connector.refuse_next(&[503, 503]);
        }
        let life = Duration::from_millis(story.rng().u64(..LONGEST_LIFE));
        let _ = tokio::time::timeout(life, story.live(&client)).await;
        stage.kill(running);
    }
    let calm_since = clock.now();
    let calm = stage.until_the_books_agree(&mut story).await;
    println!(
        "{} kills, {} phones, {} webhooks in {} attempts; {} calm lives; {:.0} + {:.0} s",
        stage.kills,
        story.people.iter().map(|person| person.phones.len()).sum::<usize>(),
        story.letters,
        story.attempts,
        calm,
        calm_since.since(begun).as_secs_f64(),
        clock.now().since(calm_since).as_secs_f64()
    );
    assert_eq!(stage.kills, KILLS);
}

/// Which choices: the same in each run, unless somebody asks for others.
#[expect(clippy::disallowed_methods, reason = "which seed a person wants is no setting of the product")]
fn seed() -> u64 {
    std::env::var("FOBLESS_KILL_SEED").map_or(1, |seed| seed.parse().unwrap())
}

/// What outlives a life: the data, the access control system's connector, and how far time has come.
struct Stage {
    place: Place,
    connector: Connector,
    ahead: u64,
    kills: usize,
}

impl Stage {
    async fn set() -> Self {
        Self {
            place: Place::new("kill-fifty"),
            connector: Connector::start().await,
            ahead: 0,
            kills: 0,
        }
    }

    fn options(&self) -> [String; 6] {
        let (ahead, connector) = (self.ahead.to_string(), self.connector.url().to_string());
        ["--ahead", &ahead, "--connector", &connector, "--hid-rate-limit", "100000"].map(str::to_owned)
    }

    fn start(&self) -> Running {
        let options = self.options();
        self.place.start_with(&options.each_ref().map(String::as_str))
    }

    /// Somebody whose clock is as far ahead as the system's.
    fn client(&self, running: &Running) -> Client {
        running.client.ahead(Duration::from_secs(self.ahead))
    }

    fn kill(&mut self, running: Running) {
        running.kill();
        self.count_kill();
    }

    fn count_kill(&mut self) {
        self.kills += 1;
        if self.kills == WATCHED_LIVES {
            self.place.watch_no_more();
        }
    }

    async fn kill_while_it_starts(&mut self, delay: Duration) {
        let options = self.options();
        let mut child = self.place.spawn_with(&options.each_ref().map(String::as_str));
        tokio::time::sleep(delay).await;
        child.kill().unwrap();
        child.wait().unwrap();
        self.count_kill();
    }

    /// Nothing goes wrong any more, and time goes on, until the books agree. Answers after how many lives.
    async fn until_the_books_agree(&mut self, story: &mut Story) -> usize {
        let mut problems = Vec::new();
        for life in 1..=MOST_CALM_LIVES {
            self.ahead += AHEAD_AT_THE_END;
            let running = self.start();
            let client = self.client(&running);
            let until = client.now().plus(CALM_LIFE);
            while client.now() < until {
                story.send(&client).await;
                story.redeem_all(&client).await.unwrap();
                problems = books::compare(&client, &story.people, &self.connector.told()).await.unwrap();
                if problems.is_empty() && story.all_is_taken() {
                    assert_eq!(running.terminate(), Some(0));
                    return life;
                }
            }
            assert_eq!(running.terminate(), Some(0));
        }
        panic!("the books do not agree: {problems:#?}");
    }
}
