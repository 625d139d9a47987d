//! The phone on its own: with nothing but its client session's token it registers, learns its code, gets its credential, and gives it
//! up for good.

use fobless::domain::secret::Secret;
use fobless_local::{loopback_client, seed};
use fobless_tests::{PATIENCE, Stack};
use serde_json::{Value, json};

const INSTALLATION: &str = "the-persons-phone";

/// The app on a phone. All that it has is the token.
struct App<'s> {
    stack: &'s Stack,
    http: reqwest::Client,
    token: String,
}

impl<'s> App<'s> {
    /// The app's backend makes a session, and the app logs in with it.
    async fn logged_in(stack: &'s Stack) -> Self {
        let wish = json!({"user_identity_id": seed::USER_IDENTITY});
        let made = stack.api("/client_sessions/create", &wish).await.unwrap();
        Self {
            stack,
            http: loopback_client(PATIENCE).unwrap(),
            token: made["client_session"]["token"].as_str().unwrap().to_owned(),
        }
    }

    async fn ask(&self, path: &str, body: Value) -> (u16, Value) {
        let request = self.http.post(format!("{}{path}", self.stack.ready().api)).bearer_auth(&self.token);
        let request = request.header("content-type", "application/json").body(body.to_string());
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
    }

    async fn start(&self) -> (u16, Value) {
        let phone = json!({
            "custom_sdk_installation_id": INSTALLATION, "phone_os": "android",
            "phone_device_metadata": {"manufacturer": "Google", "model": "Pixel 9", "os_version": "16"}
        });
        let (status, body) = self.ask("/seam/mobile_sdk/v1/phone_sessions/get_or_create", phone).await;
        (status, body)
    }

    /// The phone's one provider session, once it is as the app waits for it to be.
    async fn waits_for(&self, what: &str, is_there: impl Fn(&Value) -> bool) -> Value {
        let look = async || {
            let (status, body) = self.start().await;
            assert_eq!(status, 200, "{body}");
            let entry = body["phone_session"]["provider_sessions"][0].clone();
            Ok(is_there(&entry).then_some(entry))
        };
        self.stack.wait_for(what, PATIENCE, look).await.unwrap()
    }

    async fn credentials(&self) -> Vec<Value> {
        let (status, body) = self.ask("/seam/mobile_sdk/v1/acs/credentials/list", json!({})).await;
        assert_eq!(status, 200, "{body}");
        body["acs_credentials"].as_array().unwrap().clone()
    }
}

fn is_issued(entry: &Value) -> bool {
    entry["acs_credentials"][0]["is_issued"] == true
}

/// The app registers its phone, redeems its code and waits for its credential. Answers that.
async fn enrol(app: &App<'_>) -> Value {
    let has_code = |entry: &Value| entry["phone_registration"]["provider_state"]["invitation_code"].is_string();
    let entry = app.waits_for("its invitation code", has_code).await;
    let registration = &entry["phone_registration"];
    assert_eq!(registration["is_being_activated"], true, "{entry}");
    let code = Secret::new(registration["provider_state"]["invitation_code"].as_str().unwrap());
    app.stack.redeem(&code, "Google", "Pixel 9").await.unwrap();
    app.waits_for("its credential", is_issued).await["acs_credentials"][0].clone()
}

#[tokio::test]
async fn a_phone_needs_nothing_but_its_session_and_loses_everything_with_it() {
    let stack = Stack::start().await;
    stack.launch_automation().await.unwrap();
    let parent = stack.create_credential().await.unwrap();
    let app = App::logged_in(&stack).await;
    let credential = enrol(&app).await;
    assert_eq!(credential["parent_acs_credential_id"], json!(parent));
    assert_eq!(app.credentials().await.len(), 1);
    // It was asked for many times, and registered once: nothing was renewed.
    let ledger = stack.ledger().await.unwrap();
    assert_eq!((ledger.invitations.len(), ledger.credentials.len()), (1, 1), "{ledger:?}");

    let (_, body) = app.start().await;
    let device = body["phone_session"]["device_id"].clone();
    let (status, body) = app.ask("/phones/deactivate", json!({"device_id": device})).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(app.credentials().await, Vec::<Value>::new());
    let look = async || {
        let ledger = stack.ledger().await?;
        let is_live = ledger.credentials.iter().any(fobless_local::walk::Credential::is_live);
        Ok((!is_live).then_some(()))
    };
    stack.wait_for("the credential to be revoked", PATIENCE, look).await.unwrap();

    // Whoever has the phone has its token, and that opens this phone no more.
    let (status, body) = app.start().await;
    assert_eq!((status, &body["error"]["type"]), (403, &json!("phone_deactivated")));
    let again = App::logged_in(&stack).await;
    let renewed = enrol(&again).await;
    assert_ne!(renewed["card_number"], credential["card_number"]);
}

#[tokio::test]
async fn a_phone_is_simulated_in_the_local_workspace() {
    let stack = Stack::start().await;
    stack.launch_automation().await.unwrap();
    let wish = json!({"user_identity_id": seed::USER_IDENTITY, "custom_sdk_installation_id": "simulated"});
    let made = stack.api("/phones/simulate/create_sandbox_phone", &wish).await.unwrap();
    let device = made["phone"]["device_id"].as_str().unwrap().parse().unwrap();
    stack.redeem_code_of(device).await;
}
