//! `cargo demo`: one person, three phones, one multi-phone sync credential. The first phone is there before the credential is
//! configured, two come after; all three end the same.

use std::{fmt::Write as _, io::Write as _, time::Duration};

use fobless::{
    clock::Clock,
    domain::{
        ids::{AcsCredentialId, DeviceId},
        phone_metadata::{DeviceType, PhoneMetadata},
        secret::Secret,
        time::Timestamp,
    },
};

use crate::{
    Ready,
    http_client::HttpClientError,
    walk::{Child, Client, Credential, Ledger, WalkError},
};

/// How long a step may take before the demo gives up.
const PATIENCE: Duration = Duration::from_mins(1);

/// A phone of the story.
#[derive(Clone, Copy)]
struct Phone {
    name: &'static str,
    installation: &'static str,
    device_type: DeviceType,
    manufacturer: &'static str,
    model: &'static str,
}

const A: Phone = Phone {
    name: "phone A",
    installation: "demo-a",
    device_type: DeviceType::IosPhone,
    manufacturer: "Apple",
    model: "iPhone 17",
};
const B: Phone = Phone {
    name: "phone B",
    installation: "demo-b",
    device_type: DeviceType::AndroidPhone,
    manufacturer: "Google",
    model: "Pixel 10",
};
const C: Phone = Phone {
    name: "phone C",
    installation: "demo-c",
    device_type: DeviceType::AndroidPhone,
    manufacturer: "Samsung",
    model: "Galaxy S26",
};

/// A phone that went through its enrollment.
struct Enrolled {
    phone: Phone,
    device_id: DeviceId,
    container: i64,
}

impl Enrolled {
    /// What it holds, as either side has it.
    fn held<'a>(&self, children: &'a [Child], ledger: &'a Ledger) -> (Vec<&'a Child>, Vec<&'a Credential>) {
        let ours = children.iter().filter(|child| child.device_id == self.device_id);
        let theirs = ledger
            .credentials
            .iter()
            .filter(|credential| credential.container_id == self.container);
        (ours.collect(), theirs.collect())
    }
}

/// The demo broke off.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A step did not work.
    #[error("{0}")]
    Walk(#[from] WalkError),
    /// No HTTP client.
    #[error("{0}")]
    HttpClient(#[from] HttpClientError),
}

/// Tells the story with the time since its beginning.
struct Narrator {
    clock: Clock,
    begun: Timestamp,
}

impl Narrator {
    fn say(&self, who: &str, what: &str) {
        let elapsed = self.clock.now().since(self.begun).as_millis();
        print(&format!("{elapsed:>6} ms  {who:<9}  {what}"));
    }
}

fn print(line: &str) {
    // Whoever stops reading misses the end of the story; the exit status tells it all the same.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Plays the story against a running system, and answers whether every phone holds exactly one credential.
pub async fn run(ready: &Ready) -> Result<bool, DemoError> {
    let client = Client::new(ready.clone())?;
    let clock = Clock::system();
    let narrator = Narrator { begun: clock.now(), clock };
    print("One person, three phones, one multi-phone sync credential.\n");
    narrator.say(
        "system",
        &format!("functions at {}, HID Origo simulator at {}", ready.api, ready.simulator),
    );

    let automation = client.launch_automation().await?;
    narrator.say("operator", &format!("launches enrollment automation {automation}"));
    let first = enrol(&client, &narrator, A).await?;
    narrator.say("fobless", "phone A is enrolled, and waits: no credential is configured yet");

    let parent = client.create_credential().await?;
    narrator.say("operator", &format!("creates multi-phone sync credential {parent}"));
    wait_until_issued(&client, &narrator, parent, &first).await?;

    let later = async |phone| {
        let enrolled = enrol(&client, &narrator, phone).await?;
        wait_until_issued(&client, &narrator, parent, &enrolled).await?;
        Ok::<_, DemoError>(enrolled)
    };
    let (second, third) = tokio::try_join!(later(B), later(C))?;

    let ledger = settled_ledger(&client).await?;
    let children = client.children(parent).await?;
    let phones = [first, second, third];
    print(&table(&phones, &children, &ledger));
    let is_right = is_right(&phones, &children, &ledger);
    let verdict = if is_right {
        "Every phone holds exactly one credential, and both sides agree."
    } else {
        "The two sides do not agree."
    };
    print(verdict);
    Ok(is_right)
}

/// Registers a phone and redeems its invitation, up to the active enrollment.
async fn enrol(client: &Client, narrator: &Narrator, phone: Phone) -> Result<Enrolled, DemoError> {
    let metadata = PhoneMetadata {
        device_type: Some(phone.device_type),
        manufacturer: Some(phone.manufacturer.to_owned()),
        model: Some(phone.model.to_owned()),
        ..PhoneMetadata::default()
    };
    narrator.say(
        phone.name,
        &format!("{} {} is registered by the app's backend", phone.manufacturer, phone.model),
    );
    let device_id = client.register_phone(phone.installation, metadata).await?;
    let look = async || Ok(client.phone(device_id).await?.and_then(|found| found.invitation_code().cloned()));
    let code = client
        .wait_for(&format!("an invitation for {}", phone.name), PATIENCE, look)
        .await?;
    narrator.say("fobless", &format!("{} is invited, code {}", phone.name, masked(&code)));
    let container = client.redeem(&code, phone.manufacturer, phone.model).await?;
    narrator.say(phone.name, "redeems the code");
    let look = async || {
        let endpoint = client
            .phone(device_id)
            .await?
            .and_then(|found| found.enrollment()?.endpoint_id.clone());
        Ok(endpoint.filter(|endpoint| *endpoint == container.to_string()))
    };
    let endpoint = client.wait_for(&format!("{} as an endpoint", phone.name), PATIENCE, look).await?;
    narrator.say("fobless", &format!("{} is enrolled, endpoint {endpoint}", phone.name));
    Ok(Enrolled {
        phone,
        device_id,
        container,
    })
}

async fn wait_until_issued(client: &Client, narrator: &Narrator, parent: AcsCredentialId, enrolled: &Enrolled) -> Result<(), DemoError> {
    let look = async || {
        let children = client.children(parent).await?;
        Ok(children
            .into_iter()
            .find(|child| child.device_id == enrolled.device_id && child.is_issued))
    };
    let name = enrolled.phone.name;
    let child = client.wait_for(&format!("a credential on {name}"), PATIENCE, look).await?;
    let card_number = child.card_number.unwrap_or_default();
    narrator.say(
        "fobless",
        &format!("{name} has its credential, card number {card_number}, allocated to the ACS user"),
    );
    Ok(())
}

/// The simulator's ledger, once nothing there is on its way any more.
async fn settled_ledger(client: &Client) -> Result<Ledger, WalkError> {
    let look = async || {
        let ledger = client.ledger().await?;
        let is_settled = ledger
            .credentials
            .iter()
            .all(|credential| !credential.status.ends_with("_INITIATED"));
        Ok(is_settled.then_some(ledger))
    };
    client.wait_for("a settled ledger", PATIENCE, look).await
}

/// Enough of a code to tell it from others, too little to use it.
fn masked(code: &Secret) -> String {
    let (shown, hidden) = code.expose().split_at_checked(4).unwrap_or_default();
    format!("{shown}{}", hidden.replace(|letter: char| letter.is_ascii_alphanumeric(), "*"))
}

/// One row per phone, with what each side has on it.
fn table(phones: &[Enrolled], children: &[Child], ledger: &Ledger) -> String {
    let mut table = format!(
        "\n{:<8} | {:<24} | {}\n{:<8} | {:<12} {:<11} | {:<10} {:<22} {:<12} {}\n{:-<9}+{:-<26}+{:-<60}\n",
        "", "Fobless", "HID Origo", "phone", "card number", "status", "container", "part number", "card number", "status", "", "", ""
    );
    for enrolled in phones {
        let (ours, theirs) = enrolled.held(children, ledger);
        for row in 0..ours.len().max(theirs.len()).max(1) {
            let (card_number, status) = ours
                .get(row)
                .map_or(("-", "none"), |child| (child.card_number.as_deref().unwrap_or("-"), child.status()));
            let _ = write!(
                table,
                "{:<8} | {card_number:<12} {status:<11} | {:<10} ",
                enrolled.phone.name, enrolled.container
            );
            let _ = match theirs.get(row) {
                None => writeln!(table, "{:<22} {:<12} none", "-", "-"),
                Some(credential) => {
                    let part_number = credential.part_number.as_deref().unwrap_or("-");
                    writeln!(table, "{part_number:<22} {:<12} {}", credential.card_number, credential.status)
                }
            };
        }
    }
    table
}

/// Every phone has exactly one credential on either side, of the same number, and nobody else has any.
fn is_right(phones: &[Enrolled], children: &[Child], ledger: &Ledger) -> bool {
    let each_has_one = phones.iter().all(|enrolled| {
        let (ours, theirs) = enrolled.held(children, ledger);
        match (ours.as_slice(), theirs.as_slice()) {
            ([ours], [theirs]) => {
                let same_number = ours.card_number.as_deref() == Some(theirs.card_number.as_str());
                ours.is_issued && theirs.status == "ISSUED" && same_number
            }
            _ => false,
        }
    });
    each_has_one && children.len() == phones.len() && ledger.credentials.len() == phones.len()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const PARENT: &str = "22222222-2222-4222-8222-222222222222";

    fn enrolled() -> Enrolled {
        Enrolled {
            phone: A,
            device_id: PARENT.parse().unwrap(),
            container: 7,
        }
    }

    fn child(card_number: &str) -> Child {
        let metadata = json!({"hid_origo_metadata": {"endpoint_id": "7", "status": "issued"}});
        serde_json::from_value(json!({
            "acs_credential_id": PARENT, "parent_acs_credential_id": PARENT, "device_id": PARENT, "card_number": card_number,
            "is_issued": true, "properties": metadata
        }))
        .unwrap()
    }

    fn ledger(credentials: &[Value]) -> Ledger {
        let nothing: [Value; 0] = [];
        let everything = json!({
            "users": nothing, "invitations": nothing, "containers": nothing, "credentials": credentials, "calls": {}, "refused": {}
        });
        serde_json::from_value(everything).unwrap()
    }

    fn credential(id: i64, card_number: &str) -> Value {
        json!({"id": id, "container_id": 7, "part_number": "MID", "card_number": card_number, "status": "ISSUED", "made_at": "2026-11-27T12:00:00.000000Z"})
    }

    #[test]
    fn only_one_credential_per_phone_with_the_same_number_on_both_sides_is_right() {
        let phones = [enrolled()];
        let one = ledger(&[credential(1, "42")]);
        assert!(is_right(&phones, &[child("42")], &one));
        assert!(!is_right(&phones, &[child("43")], &one));
        assert!(!is_right(&phones, &[], &one));
        assert!(!is_right(
            &phones,
            &[child("42")],
            &ledger(&[credential(1, "42"), credential(2, "43")])
        ));
    }

    #[test]
    fn the_table_shows_what_either_side_lacks() {
        let shown = table(&[enrolled()], &[child("42")], &ledger(&[credential(1, "42"), credential(2, "43")]));
        let rows: Vec<&str> = shown.lines().skip(4).collect();
        assert_eq!(rows.len(), 2, "{shown}");
        assert!(rows[1].contains("none") && rows[1].contains("43"), "{shown}");
    }

    #[test]
    fn a_code_is_masked() {
        assert_eq!(masked(&Secret::new("ABCD-EFGH-2345")), "ABCD-****-****");
        assert_eq!(masked(&Secret::new("ABC")), "");
    }
}
