//! The data file.

use std::path::PathBuf;
use std::time::Duration;

use hid_origo_simulator::Options;
use serde_json::json;

use crate::client::{Client, Receiver, quick, start};

/// A file of its own for each test, removed at the end.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hid-origo-simulator-{name}-{}.sqlite", std::process::id()));
        let _ = std::fs::remove_file(&path);
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", self.0.display()));
        }
    }
}

#[tokio::test]
async fn a_restart_keeps_everything_and_what_was_under_way_goes_on() {
    let file = File::new("restart");
    let options = Options {
        data_file: Some(file.0.clone()),
        ..quick()
    };
    let simulator = start(Options {
        fetch_delay: Duration::from_millis(500),
        ..options.clone()
    })
    .await;
    let client = Client::of(&simulator).await;
    let (receiver, url) = Receiver::start().await;
    client.events("POST", "/callback", Some(&json!({ "url": url }))).await;
    let user = client.make_user("jane").await;
    let container = client.add_phone(user).await;
    let unused = client.invite(user).await;
    client.issue(container).await;
    let before = client.ledger().await;
    simulator.stop().await;

    let simulator = start(options).await;
    let client = Client::of(&simulator).await;
    let after = client.ledger().await;
    for kind in ["users", "invitations", "containers"] {
        assert_eq!(after[kind], before[kind]);
    }
    client.wait_for_status(container, Some("ISSUED")).await;
    assert_eq!(
        client.issue(client.add_phone(user).await).await.1["cardNumber"],
        "2",
        "the sequence goes on"
    );
    assert_eq!(client.redeem(&unused).await.0, 200);
    while !receiver.statuses().contains(&"CREDENTIAL_ISSUED".to_owned()) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_clock_that_is_ahead_after_a_restart_finds_expired_what_was_open_before() {
    let file = File::new("ahead");
    let options = Options {
        data_file: Some(file.0.clone()),
        ..quick()
    };
    let simulator = start(options.clone()).await;
    let client = Client::of(&simulator).await;
    let invitation = client.invite(client.make_user("jane").await).await;
    simulator.stop().await;

    let two_days = Duration::from_hours(48);
    let simulator = start(Options {
        ahead: two_days,
        ..options
    })
    .await;
    let client = Client::of(&simulator).await;
    assert_eq!(client.redeem(&invitation).await.0, 410);
    assert_eq!(client.ledger().await["invitations"][0]["status"], "EXPIRED");
}

#[tokio::test]
async fn what_is_answered_is_in_the_file_so_that_a_kill_loses_nothing() {
    let file = File::new("kill");
    let simulator = start(Options {
        data_file: Some(file.0.clone()),
        ..quick()
    })
    .await;
    let client = Client::of(&simulator).await;
    let reader = rusqlite::Connection::open(&file.0).unwrap();
    let count = |kind: &str| -> i64 {
        reader
            .query_row("SELECT count(*) FROM entities WHERE kind = ?1", [kind], |row| row.get(0))
            .unwrap()
    };
    let user = client.make_user("jane").await;
    assert_eq!(count("user"), 1);
    let container = client.add_phone(user).await;
    assert_eq!((count("invitation"), count("container")), (1, 1));
    client.issue(container).await;
    assert_eq!(count("credential"), 1);
}

#[tokio::test]
async fn a_stopped_simulator_can_be_started_again_on_its_port_and_its_file() {
    let file = File::new("port");
    let options = Options {
        data_file: Some(file.0.clone()),
        ..quick()
    };
    let simulator = start(options.clone()).await;
    let client = Client::of(&simulator).await;
    let address = client.base.strip_prefix("http://").unwrap().to_owned();
    simulator.stop().await;
    let listener = tokio::net::TcpListener::bind(&address).await.unwrap();
    let simulator = hid_origo_simulator::Simulator::start(listener, options).await.unwrap();
    assert_eq!(simulator.base_url(), client.base);
    assert_eq!(client.call("GET", "", None).await.0, 200, "tokens survive");
}
