//! An access control system behind a connector: a credential counts as issued only when the connector has its number, and the number
//! leaves there first.

use std::time::Duration;

use fobless::domain::ids::{AcsCredentialId, AcsUserId, DeviceId};
use fobless_local::{SystemOptions, seed};
use fobless_tests::{Connector, PATIENCE, Stack};
use serde_json::json;

/// Retries wait for their backoff and for the sweeper's next pass.
const LONG: Duration = Duration::from_mins(1);

struct Bridged {
    stack: Stack,
    connector: Connector,
    acs_user: AcsUserId,
}

impl Bridged {
    async fn start() -> Self {
        let connector = Connector::start().await;
        let stack = Stack::start_with(SystemOptions {
            connector: Some(connector.url()),
            hid_rate_limit: 3_000,
            ..SystemOptions::default()
        })
        .await;
        let acs_user = json!({"acs_system_id": seed::BRIDGED_ACS_SYSTEM, "full_name": "Jane", "user_identity_id": seed::USER_IDENTITY});
        let made = stack.api("/acs/users/create", &acs_user).await.unwrap();
        let acs_user = made["acs_user"]["acs_user_id"].as_str().unwrap().parse().unwrap();
        stack.launch_automation().await.unwrap();
        Self {
            stack,
            connector,
            acs_user,
        }
    }

    async fn create_credential(&self) -> AcsCredentialId {
        let wish = json!({"acs_user_id": self.acs_user, "is_multi_phone_sync_credential": true, "access_method": "mobile_key"});
        let made = self.stack.api("/acs/credentials/create", &wish).await.unwrap();
        made["acs_credential"]["acs_credential_id"].as_str().unwrap().parse().unwrap()
    }

    async fn phone(&self, name: &str) -> DeviceId {
        let phone = self.stack.register(name).await;
        self.stack.redeem_code_of(phone).await;
        phone
    }

    /// The phone's number and whether the API calls it issued.
    async fn number_of(&self, phone: DeviceId) -> Option<(String, bool)> {
        let listed = json!({"user_identity_id": seed::USER_IDENTITY, "is_multi_phone_sync_credential": false});
        let listed = self.stack.api("/acs/credentials/list", &listed).await.unwrap();
        let listed = listed["acs_credentials"].as_array().unwrap();
        let child = listed.iter().find(|child| child["device_id"] == json!(phone))?;
        Some((child["card_number"].as_str()?.to_owned(), child["is_issued"] == json!(true)))
    }

    async fn issued_number_of(&self, phone: DeviceId) -> String {
        let look = async || Ok(self.number_of(phone).await.filter(|(_, is_issued)| *is_issued));
        self.stack.wait_for("an issued number", LONG, look).await.unwrap().0
    }
}

#[tokio::test]
async fn a_person_holds_one_number_per_phone_in_the_access_control_system() {
    let bridged = Bridged::start().await;
    bridged.create_credential().await;
    let (one, two) = (bridged.phone("one").await, bridged.phone("two").await);
    let numbers = [bridged.issued_number_of(one).await, bridged.issued_number_of(two).await];
    let told = bridged.connector.told();
    let holder = bridged.acs_user.to_string();
    for number in &numbers {
        assert_eq!(told.holders.get(number), Some(&holder), "{told:#?}");
        let of_number: Vec<&str> = told
            .done
            .iter()
            .filter(|(_, done)| done == number)
            .map(|(kind, _)| kind.as_str())
            .collect();
        assert_eq!(of_number, ["acs_credential.import", "acs_credential.allocate"]);
    }
    assert_eq!(told.holders.len(), 2);

    bridged.stack.deactivate_phone("one").await.unwrap();
    let look = async || Ok((bridged.connector.told().holders.keys().eq([&numbers[1]])).then_some(()));
    bridged
        .stack
        .wait_for("the lost phone's number to leave", LONG, look)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_connector_that_is_down_delays_and_one_that_refuses_is_shown_and_asked_again_when_the_cause_goes() {
    let bridged = Bridged::start().await;
    bridged.create_credential().await;
    bridged.connector.refuse_next(&[503, 503]);
    let phone = bridged.phone("one").await;
    let number = bridged.issued_number_of(phone).await;
    assert_eq!(bridged.connector.told().holders.len(), 1);

    bridged.connector.refuse_next(&[422]);
    let second = bridged.phone("two").await;
    bridged.stack.wait_for_trouble(second, "access_control_refused").await;
    let (refused, is_issued) = bridged.number_of(second).await.unwrap();
    assert!(!is_issued && refused != number);
    assert!(!bridged.connector.told().holders.contains_key(&refused));
}

#[tokio::test]
async fn the_number_leaves_the_access_control_system_before_the_credential_leaves_the_phone() {
    let bridged = Bridged::start().await;
    let parent = bridged.create_credential().await;
    let phone = bridged.phone("one").await;
    bridged.issued_number_of(phone).await;
    // While the far side can't be told, the number is out of the access control system already.
    bridged
        .stack
        .faults(&json!([{"route": "DELETE /credential/", "kind": "status", "value": 500, "times": 3}]))
        .await
        .unwrap();
    bridged.stack.delete_credential(parent).await.unwrap();
    let look = async || Ok(bridged.connector.told().holders.is_empty().then_some(()));
    bridged.stack.wait_for("the number to leave", PATIENCE, look).await.unwrap();
    assert!(
        bridged
            .stack
            .ledger()
            .await
            .unwrap()
            .credentials
            .iter()
            .any(fobless_local::walk::Credential::is_live)
    );
    // And a connector that is down does not keep the credential on the phone.
    let look = async || {
        Ok((!bridged
            .stack
            .ledger()
            .await?
            .credentials
            .iter()
            .any(fobless_local::walk::Credential::is_live))
        .then_some(()))
    };
    bridged
        .stack
        .wait_for("the credential to leave the phone", LONG, look)
        .await
        .unwrap();
    assert_eq!(
        bridged
            .connector
            .told()
            .done
            .iter()
            .filter(|(kind, _)| kind == "acs_credential.remove")
            .count(),
        1
    );
}

#[tokio::test]
async fn a_number_follows_its_parent_to_another_acs_user() {
    let bridged = Bridged::start().await;
    let parent = bridged.stack.create_credential().await.unwrap();
    let phone = bridged.phone("one").await;
    let number = bridged.issued_number_of(phone).await;
    assert!(bridged.connector.told().holders.is_empty(), "it is another system's");
    bridged.stack.assign_credential(parent, bridged.acs_user).await.unwrap();
    let holder = bridged.acs_user.to_string();
    let look = async || Ok((bridged.connector.told().holders.get(&number) == Some(&holder)).then_some(()));
    bridged.stack.wait_for("the number to arrive", LONG, look).await.unwrap();
    bridged.issued_number_of(phone).await;

    bridged.stack.assign_credential(parent, seed::ACS_USER).await.unwrap();
    let look = async || Ok(bridged.connector.told().holders.is_empty().then_some(()));
    bridged.stack.wait_for("the number to leave", LONG, look).await.unwrap();
    assert_eq!(bridged.issued_number_of(phone).await, number);
    assert_eq!(
        bridged.stack.ledger().await.unwrap().credentials.len(),
        1,
        "nothing was issued anew"
    );
}

#[tokio::test]
async fn the_number_of_an_acs_user_who_is_removed_from_the_person_leaves_and_comes_back_with_the_acs_user() {
    let bridged = Bridged::start().await;
    let parent = bridged.create_credential().await;
    let phone = bridged.phone("one").await;
    bridged.issued_number_of(phone).await;
    let link = json!({"user_identity_id": seed::USER_IDENTITY, "acs_user_id": bridged.acs_user});
    bridged.stack.api("/user_identities/remove_acs_user", &link).await.unwrap();
    let look = async || {
        let ledger = bridged.stack.ledger().await?;
        let is_live = ledger.credentials.iter().any(fobless_local::walk::Credential::is_live);
        Ok((bridged.connector.told().holders.is_empty() && !is_live).then_some(()))
    };
    bridged.stack.wait_for("number and credential to leave", LONG, look).await.unwrap();
    let shown = bridged.stack.credential_as_shown(parent).await.unwrap().unwrap();
    assert_eq!(shown.get("acs_user_id"), None);

    bridged.stack.api("/user_identities/add_acs_user", &link).await.unwrap();
    bridged.stack.assign_credential(parent, bridged.acs_user).await.unwrap();
    let number = bridged.issued_number_of(phone).await;
    let holder = bridged.acs_user.to_string();
    assert_eq!(bridged.connector.told().holders.get(&number), Some(&holder));
    let made = bridged.stack.events(&json!({"event_type": "acs_user.created"})).await.unwrap();
    assert_eq!(made.len(), 2, "the seed's and the one in this system, each once: {made:#?}");
}
