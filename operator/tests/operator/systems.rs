//! `fobless systems`, against a simulated HID Origo.

use fobless::domain::acs::AcsSystemKind;
use hid_origo_simulator::{Options, PartNumber, Simulator};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    desk::{Desk, ELSEWHERE},
    person::{BEGIN, Person},
};

const WEBHOOK_URL: &str = "https://webhooks.fobless.example/";

/// A workspace with a credential manager and one pool, at a desk that has the settings of the functions too.
struct Office {
    desk: Desk,
    simulator: Simulator,
    workspace: String,
    system: String,
}

impl Office {
    async fn open(name: &str, client_secret: &str) -> Self {
        let mut desk = Desk::prepared(name).await;
        let names = Person::with_an_automation(&desk).await.names;
        desk.store
            .insert(names.system(names.manager, AcsSystemKind::HidOrigo, BEGIN))
            .await
            .unwrap();
        desk.store
            .insert(names.system(names.doors, AcsSystemKind::Ledger, BEGIN))
            .await
            .unwrap();
        let pool = names.pool(0, BEGIN);
        let options = Options {
            part_numbers: vec![PartNumber {
                part_number: pool.remote_id.to_string(),
                available: 17,
                ..PartNumber::default()
            }],
            ..Options::default()
        };
        desk.store.insert(pool).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let simulator = Simulator::start(listener, options.clone()).await.unwrap();
        let url = simulator.base_url();
        let system = names.manager.to_string();
        let settings = json!({ &system: {
            "kind": "hid_origo",
            "base_urls": {
                "authentication": url,
                "mobile_identities": format!("{url}/credential-management"),
                "events": url,
                "callback": url,
            },
            "client_id": options.client_id,
            "client_secret": client_secret,
            "application_id": options.application_id,
        }});
        desk.set("FOBLESS_CREDENTIAL_MANAGERS", &settings.to_string());
        let callbacks = json!({ &system: { "header": "x-secret", "secrets": ["what-the-callbacks-carry"] } });
        desk.set("FOBLESS_HID_ORIGO_CALLBACKS", &callbacks.to_string());
        Self {
            desk,
            simulator,
            workspace: names.owner.workspace_id.to_string(),
            system,
        }
    }

    fn check<'a>(&'a self, system: &'a str) -> [&'a str; 7] {
        let workspace = &self.workspace;
        ["systems", "check", "--workspace", workspace, "--webhook-url", WEBHOOK_URL, system]
    }
}

#[tokio::test]
async fn systems_are_listed() {
    let office = Office::open("systems", &Options::default().client_secret).await;
    let listed = office.desk.json(&["systems", "list", "--workspace", &office.workspace]).await;
    let kinds: Vec<&Value> = listed.as_array().unwrap().iter().map(|system| &system["kind"]).collect();
    assert!(
        kinds.contains(&&Value::from("hid_origo")) && kinds.contains(&&Value::from("ledger")),
        "{listed}"
    );
    office.simulator.stop().await;
}

#[tokio::test]
async fn a_credential_manager_that_takes_our_calls_is_told_where_to_call_back() {
    let office = Office::open("check", &Options::default().client_secret).await;
    // Twice is fine.
    for _ in 0..2 {
        let said = office.desk.text(&office.check(&office.system)).await;
        assert!(said.contains("17 left"), "{said}");
        let url = format!("{WEBHOOK_URL}webhooks/hid-origo/{}", office.system);
        assert!(said.contains(&format!("registered: {url}")), "{said}");
    }
    office.simulator.stop().await;
}

#[tokio::test]
async fn one_that_refuses_us_is_said_to_without_the_secret() {
    let office = Office::open("refused", "a-password-of-yesterday").await;
    let output = office.desk.run(&office.check(&office.system)).await;
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("FAILED") && said.contains("does not accept our settings"), "{said}");
    assert!(!said.contains("a-password-of-yesterday"), "{said}");
    office.simulator.stop().await;
}

#[tokio::test]
async fn what_is_no_credential_manager_here_is_not_called() {
    let office = Office::open("elsewhere", &Options::default().client_secret).await;
    let output = office.desk.run(&office.check(ELSEWHERE)).await;
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        said,
        format!("error: there is no credential manager {ELSEWHERE} in this workspace\n")
    );
    office.simulator.stop().await;
}
