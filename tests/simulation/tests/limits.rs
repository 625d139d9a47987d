//! The limits of others: a backlog uses what HID allows and no more, in the right order, and what is refused all the same does no harm.

#![expect(clippy::unwrap_used, reason = "what does not work ends the test")]

use std::time::Duration;

use fobless_simulation::limits::{Call, Crowd, Deployment};
use mimalloc::MiMalloc;
use serde_json::json;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const LIMIT: u32 = 300;
const WINDOW: Duration = Duration::from_mins(5);
/// For so long a backlog may go on, at most.
const PATIENCE: Duration = Duration::from_hours(8);

#[expect(clippy::disallowed_methods, reason = "what a person wants to see is no setting of the product")]
fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// How many phones, unless `FOBLESS_PHONES` says otherwise: 2,000 take minutes unoptimised.
fn phones() -> usize {
    usize::try_from(asked("FOBLESS_PHONES").unwrap_or(200)).unwrap()
}

fn seed() -> u64 {
    asked("FOBLESS_SEED").unwrap_or(1)
}

fn limited(calls: &[Call]) -> Vec<&Call> {
    calls.iter().filter(|call| call.is_limited()).collect()
}

fn refused(calls: &[Call]) -> usize {
    calls.iter().filter(|call| call.status == 403).count()
}

fn is_token(call: &Call) -> bool {
    call.route.ends_with("/token")
}

#[test]
fn a_backlog_uses_what_is_allowed_and_no_more_and_the_urgent_go_first() {
    let mut deployment = Deployment::start(LIMIT, seed());
    let phones = phones();
    let crowd = Crowd::of(&mut deployment, phones / 5);
    crowd.tell(&mut deployment, crowd.phones(), true);
    let begun = deployment.now();
    let (mut lost, mut lost_at, mut gone_after, mut most_unserved) = (Vec::new(), begun, None, 0);
    loop {
        // Whoever is lost is looked for more often.
        let is_looking = !lost.is_empty() && gone_after.is_none();
        deployment.pass(Duration::from_secs(if is_looking { 10 } else { 180 }));
        let (served, enrolled) = crowd.served_and_enrolled(&deployment);
        most_unserved = most_unserved.max(enrolled - served.len());
        if lost.is_empty() && served.len() * 3 > phones {
            lost = served.iter().copied().take(phones / 100).collect();
            crowd.tell(&mut deployment, lost.iter().copied(), false);
            lost_at = deployment.now();
        } else if is_looking && lost.iter().all(|phone| !served.contains(phone)) {
            gone_after = Some(deployment.now().since(lost_at));
        }
        if served.len() + lost.len() == phones && gone_after.is_some() {
            break;
        }
        let waited = deployment.now().since(begun);
        assert!(waited < PATIENCE, "{} of {phones} phones after {waited:?}", served.len());
    }
    let ended = deployment.now();
    let calls = deployment.far_side.calls();
    // While phones wait for an invitation there is a backlog; afterwards what is left waits for its apps.
    let last_invitation = calls.iter().rposition(|call| call.route.ends_with("/invitation")).unwrap();
    let made = limited(&calls[..=last_invitation]);
    let took = made.last().unwrap().at.since(begun);
    let allowed = f64::from(LIMIT) * took.as_secs_f64() / WINDOW.as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand calls")]
    let used = made.len() as f64 / allowed;
    let tokens = calls.iter().filter(|call| is_token(call)).count();
    println!(
        "{phones} phones, 20 issuers: {} calls in {:.0} minutes of backlog, {:.1} % of what is allowed, {} refused, {tokens} tokens; {} lost phones were cleared within {gone_after:?}, and at most {most_unserved} that were enrolled waited for their credential",
        made.len(),
        took.as_secs_f64() / 60.0,
        used * 100.0,
        refused(&calls),
        lost.len()
    );
    assert_eq!(refused(&calls), 0);
    assert!(used >= 0.95, "{used}");
    assert!(gone_after.is_some_and(|after| after <= Duration::from_mins(1)), "{gone_after:?}");
    // Issues go before invitations: no more wait for their credential than half of the budget lets in at once, however many wait to be let in.
    assert!(most_unserved <= usize::try_from(LIMIT / 2).unwrap(), "{most_unserved}");
    // Nobody is forgotten: the last one is served soon after the last invitation.
    assert!(ended.since(made.last().unwrap().at) <= Duration::from_mins(6));
    assert!(tokens <= 1 + usize::try_from(took.as_secs() / 2_800).unwrap(), "{tokens} tokens");
}

#[test]
fn somebody_else_uses_the_account_everybody_pauses_and_the_token_is_left_alone() {
    let mut deployment = Deployment::start(LIMIT, seed());
    let crowd = Crowd::of(&mut deployment, 20);
    crowd.tell(&mut deployment, crowd.phones(), true);
    deployment.pass(Duration::from_secs(5));
    deployment.somebody_else_calls(300);
    let begun = deployment.now();
    while crowd.served(&deployment).len() < 100 {
        deployment.pass(Duration::from_secs(30));
        assert!(
            deployment.now().since(begun) < Duration::from_hours(1),
            "{:?}",
            crowd.failures(&deployment)
        );
    }
    let calls = deployment.far_side.calls();
    let refused = refused(&calls);
    println!("{refused} calls were refused");
    // Those that were on their way when the first was refused.
    assert!((1..=20).contains(&refused), "{refused}");
    assert_eq!(calls.iter().filter(|call| is_token(call)).count(), 1);
}

#[test]
fn a_right_that_is_lost_is_shown_as_such_and_nobody_knocks_meanwhile() {
    let mut deployment = Deployment::start(LIMIT, seed());
    let crowd = Crowd::of(&mut deployment, 4);
    crowd.tell(&mut deployment, crowd.phones().take(5), true);
    deployment.pass(Duration::from_mins(2));
    assert_eq!(crowd.served(&deployment).len(), 5);
    let before = limited(&deployment.far_side.calls()).len();
    deployment.faults(json!([{"route": "*", "kind": "status", "value": 403}]));
    crowd.tell(&mut deployment, crowd.phones().skip(5), true);
    deployment.pass(Duration::from_mins(4));
    assert!(
        crowd.failures(&deployment).iter().all(|code| code == "credential_manager_busy"),
        "it may be speed"
    );
    deployment.pass(Duration::from_mins(26));
    let failures = crowd.failures(&deployment);
    assert!(
        failures.iter().any(|code| code == "credential_manager_misconfigured"),
        "after two windows in vain it is no more: {failures:?}"
    );
    let knocked = limited(&deployment.far_side.calls()).len() - before;
    assert!(knocked <= 60, "{knocked} calls in half an hour");
    deployment.faults(json!([]));
    deployment.pass(Duration::from_mins(30));
    assert_eq!(crowd.served(&deployment).len(), 20);
}

#[test]
fn an_account_that_never_worked_lacks_a_right() {
    let mut deployment = Deployment::start(LIMIT, seed());
    deployment.faults(json!([{"route": "*", "kind": "status", "value": 403}]));
    let crowd = Crowd::of(&mut deployment, 1);
    // Tokens are given; what they are good for is not.
    deployment.faults(json!([{"route": "/credential-management", "kind": "status", "value": 403}]));
    crowd.tell(&mut deployment, crowd.phones(), true);
    deployment.pass(Duration::from_mins(2));
    assert_eq!(crowd.failures(&deployment), ["credential_manager_misconfigured"]);
}

#[test]
fn an_outage_of_an_hour_drains_afterwards_without_a_flood() {
    let mut deployment = Deployment::start(LIMIT, seed());
    let crowd = Crowd::of(&mut deployment, 30);
    deployment.faults(json!([{"route": "/credential-management", "kind": "status", "value": 503}]));
    crowd.tell(&mut deployment, crowd.phones(), true);
    deployment.pass(Duration::from_hours(1));
    deployment.faults(json!([]));
    let (back_at, before) = (deployment.now(), deployment.far_side.calls().len());
    while crowd.served(&deployment).len() < 150 {
        deployment.pass(Duration::from_secs(30));
        assert!(
            deployment.now().since(back_at) < Duration::from_hours(2),
            "{} served, {:?}",
            crowd.served(&deployment).len(),
            crowd.failures(&deployment)
        );
    }
    let calls = deployment.far_side.calls();
    let after = &calls[before..];
    let busiest = after.iter().map(|call| {
        let within = |other: &&Call| other.at >= call.at && other.at.since(call.at) < Duration::from_secs(10);
        after.iter().filter(within).count()
    });
    let busiest = busiest.max().unwrap();
    println!(
        "150 phones after an outage: {} calls in {:.0} minutes, {busiest} in the busiest ten seconds",
        after.len(),
        after.last().unwrap().at.since(back_at).as_secs_f64() / 60.0
    );
    assert_eq!(refused(&calls), 0);
    assert!(busiest <= 160, "{busiest}");
}
