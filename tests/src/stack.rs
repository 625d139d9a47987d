//! The system under test, with verbs.

use std::{collections::BTreeSet, ops::Deref, path::Path, time::Duration};

use fobless::{
    aws::AwsAddress,
    domain::{
        ids::{AcsCredentialId, AcsUserId, DeviceId, UserIdentityId},
        phone_metadata::PhoneMetadata,
        secret::Secret,
    },
    store::{Store, connect},
};
use fobless_local::{
    System, SystemOptions, TABLE, loopback_client, seed,
    walk::{Child, Client, Ledger},
};
use serde_json::{Value, json};

use crate::{
    RawTable,
    watched::{Place, Watched, are_functions_watched},
};

/// How long anything may take that nothing holds up.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The whole of `cargo dev` on free ports with throw-away data, and somebody who uses it.
pub struct Stack {
    system: System,
    client: Client,
    /// Where they do not run in this process.
    _functions: Option<Watched>,
    http: reqwest::Client,
}

impl Deref for Stack {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Stack {
    /// Starts it with plenty of calls allowed and a phone that fetches at once.
    pub async fn start() -> Self {
        Self::start_with(SystemOptions::default()).await
    }

    /// Starts it with these options.
    pub async fn start_with(options: SystemOptions) -> Self {
        let (place, clock) = (Place::wanted(), options.clock.clone());
        let system = System::start(SystemOptions {
            fetch_delay: Duration::from_millis(50),
            functions_elsewhere: place.as_ref().map(Place::url),
            ..options
        })
        .await
        .unwrap();
        let functions = match place {
            Some(place) => Some(place.start(Path::new(&system.ready().data_dir), clock).await),
            None => None,
        };
        let client = Client::new(system.ready().clone()).unwrap();
        Self {
            system,
            client,
            _functions: functions,
            http: loopback_client(Duration::from_secs(10)).unwrap(),
        }
    }

    /// The table, as the functions have it.
    #[must_use]
    pub fn store(&self) -> Store {
        let address = AwsAddress::stand_in(self.ready().dynamodb.clone());
        Store::new(connect(&address).unwrap(), TABLE)
    }

    /// The table, without the store before it.
    #[must_use]
    pub fn raw_table(&self) -> RawTable {
        RawTable::at(&self.ready().dynamodb)
    }

    /// Stops it.
    pub async fn stop(self) {
        self.system.stop().await;
    }

    /// A phone is registered.
    pub async fn register(&self, installation: &str) -> DeviceId {
        self.register_phone(installation, PhoneMetadata::default()).await.unwrap()
    }

    /// The phone's invitation code, once there is one.
    pub async fn invitation_code(&self, device: DeviceId) -> Secret {
        self.invitation_code_within(device, PATIENCE).await
    }

    /// The phone's invitation code, once there is one, if it is there in time.
    pub async fn invitation_code_within(&self, device: DeviceId, patience: Duration) -> Secret {
        let look = async || Ok(self.phone(device).await?.and_then(|phone| phone.invitation_code().cloned()));
        self.wait_for("an invitation code", patience, look).await.unwrap()
    }

    /// The phone redeems its code. Answers its endpoint at the credential manager.
    pub async fn redeem_code_of(&self, device: DeviceId) -> String {
        let code = self.invitation_code(device).await;
        self.redeem(&code, "Maker", "Model").await.unwrap().to_string()
    }

    /// The children of `parent`, once `count` of them are issued.
    pub async fn issued(&self, parent: AcsCredentialId, count: usize) -> Vec<Child> {
        self.issued_within(parent, count, PATIENCE).await
    }

    /// The children of `parent`, once `count` of them are issued, if they are in time.
    pub async fn issued_within(&self, parent: AcsCredentialId, count: usize, patience: Duration) -> Vec<Child> {
        let look = async || {
            let children = self.children(parent).await?;
            Ok((children.iter().filter(|child| child.is_issued).count() >= count).then_some(children))
        };
        match self.wait_for("issued credentials", patience, look).await {
            Ok(children) => children,
            Err(error) => {
                let (phones, ledger) = (self.phones_as_shown().await, self.raw_ledger().await);
                panic!("{error}\nphones: {phones:#}\nledger: {ledger:#}")
            }
        }
    }

    /// The warnings and errors that a phone shows, by code.
    pub async fn troubles_of(&self, device: DeviceId) -> BTreeSet<String> {
        let phones = self.phones_as_shown().await;
        let phone = phones["phones"]
            .as_array()
            .unwrap()
            .iter()
            .find(|phone| phone["device_id"] == json!(device))
            .cloned();
        let code = |trouble: &Value| {
            trouble["error_code"]
                .as_str()
                .or(trouble["warning_code"].as_str())
                .unwrap()
                .to_owned()
        };
        let listed = |phone: &Value, list: &str| phone[list].as_array().unwrap().iter().map(code).collect::<Vec<_>>();
        phone
            .map(|phone| {
                [listed(&phone, "errors"), listed(&phone, "warnings")]
                    .concat()
                    .into_iter()
                    .collect()
            })
            .unwrap_or_default()
    }

    /// Waits until a phone shows a trouble of this code.
    pub async fn wait_for_trouble(&self, device: DeviceId, code: &str) {
        let look = async || Ok(self.troubles_of(device).await.contains(code).then_some(()));
        self.wait_for(code, PATIENCE, look).await.unwrap();
    }

    /// The person's phones as the API shows them.
    pub async fn phones_as_shown(&self) -> Value {
        self.api("/phones/list", &json!({"owner_user_identity_id": seed::USER_IDENTITY}))
            .await
            .unwrap()
    }

    /// Whether the values of a header that is given twice reach the functions as one, as they do behind AWS's gateways.
    #[must_use]
    pub fn joins_headers(&self) -> bool {
        are_functions_watched()
    }

    /// What HID's callbacks carry here.
    #[must_use]
    pub fn callback_secret(&self) -> String {
        let path = std::path::Path::new(&self.ready().data_dir).join("secrets.json");
        let secrets: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        secrets["callback_secret"].as_str().unwrap().to_owned()
    }

    /// The far side forgets all access tokens.
    pub async fn revoke_tokens(&self) {
        let answer = self
            .http
            .put(format!("{}/simulator/tokens/revoke", self.ready().simulator))
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success());
    }

    /// Somebody whom we know nothing of has this address at the far side.
    pub async fn claim_email_at_the_far_side(&self, address: &str) {
        let user = json!({
            "schemas": ["urn:hid:scim:api:ma:2.2:UserAction", "urn:ietf:params:scim:schemas:core:2.0:User"],
            "externalId": "somebody-else",
            "name": {"familyName": "Else", "givenName": "Somebody"},
            "emails": [{"value": address}],
            "urn:hid:scim:api:ma:2.2:UserAction": {"createInvitationCode": "N", "sendInvitationEmail": "N", "assignCredential": "N", "partNumber": "", "credential": ""},
            "meta": {"resourceType": "PACSUser"}
        });
        assert_eq!(self.call_the_far_side(reqwest::Method::POST, "/users", user.to_string()).await, 201);
    }

    /// Somebody removes a phone by hand, in HID's portal.
    pub async fn delete_endpoint_at_the_far_side(&self, endpoint: i64) {
        let path = format!("/credential-container/{endpoint}");
        assert_eq!(self.call_the_far_side(reqwest::Method::DELETE, &path, String::new()).await, 204);
    }

    /// Somebody revokes a credential by hand, in HID's portal.
    pub async fn revoke_at_the_far_side(&self, credential: i64) {
        let path = format!("/credential/{credential}");
        let status = self.call_the_far_side(reqwest::Method::DELETE, &path, String::new()).await;
        assert!(status == 200 || status == 204, "{status}");
    }

    /// Somebody issues a credential by hand, in HID's portal.
    pub async fn issue_by_hand_at_the_far_side(&self, endpoint: i64, pool: &str) {
        let body = json!({
            "schemas": ["urn:hid:scim:api:ma:2.2:UserAction"],
            "urn:hid:scim:api:ma:2.2:UserAction": {"assignCredential": "Y", "partNumber": pool, "credential": ""}
        });
        let path = format!("/credential-container/{endpoint}/credential");
        let status = self.call_the_far_side(reqwest::Method::POST, &path, body.to_string()).await;
        assert!((200..300).contains(&status), "{status}");
    }

    /// A call to the far side that is none of the system's. Answers the status.
    async fn call_the_far_side(&self, method: reqwest::Method, path: &str, body: String) -> u16 {
        let account = hid_origo_simulator::Options::default();
        let (base, organization) = (&self.ready().simulator, &account.organization_id);
        let form = format!(
            "client_id={}&client_secret={}&grant_type=client_credentials",
            account.client_id, account.client_secret
        );
        let token = self.http.post(format!("{base}/authentication/customer/{organization}/token"));
        let token = token
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await
            .unwrap();
        let token: Value = serde_json::from_slice(&token.bytes().await.unwrap()).unwrap();
        let request = self
            .http
            .request(method, format!("{base}/credential-management/customer/{organization}{path}"));
        let request = request.bearer_auth(token["access_token"].as_str().unwrap());
        let request = request.header("content-type", "application/vnd.assaabloy.ma.credential-management-2.2+json");
        let request = request
            .header("application-id", account.application_id)
            .header("application-version", "1");
        request.body(body).send().await.unwrap().status().as_u16()
    }

    async fn raw_ledger(&self) -> Value {
        let ledger = self.ledger().await.unwrap();
        json!({"calls": ledger.calls, "refused": ledger.refused, "credentials": ledger.credentials.len()})
    }

    /// Another person, with an ACS user, made through the API.
    pub async fn another_person(&self, name: &str) -> Client {
        let made = self
            .api(
                "/user_identities/create",
                &json!({"full_name": name, "email_address": format!("{name}@example.com")}),
            )
            .await
            .unwrap();
        let user_identity: UserIdentityId = made["user_identity"]["user_identity_id"].as_str().unwrap().parse().unwrap();
        let acs_user = json!({"acs_system_id": seed::ACS_SYSTEM, "full_name": name, "user_identity_id": user_identity});
        let made = self.api("/acs/users/create", &acs_user).await.unwrap();
        let acs_user: AcsUserId = made["acs_user"]["acs_user_id"].as_str().unwrap().parse().unwrap();
        self.in_the_name_of(user_identity, acs_user)
    }

    /// Every one of `devices` holds exactly one credential of `parent`: in the API and in the far side's ledger, each with its own
    /// number, each on the endpoint that its own invitation made, and none was issued beside or before.
    pub async fn assert_one_credential_each(&self, parent: AcsCredentialId, devices: &[DeviceId]) {
        let children = self.issued(parent, devices.len()).await;
        let ledger = self.ledger().await.unwrap();
        assert_eq!(children.len(), devices.len(), "children in the API: {children:#?}");
        assert_eq!(
            ledger.credentials.len(),
            devices.len(),
            "credentials that were ever made: {:#?}",
            ledger.credentials
        );
        let numbers: BTreeSet<_> = children.iter().map(|child| child.card_number.clone().unwrap()).collect();
        let endpoints: BTreeSet<_> = children.iter().map(Child::endpoint_id).collect();
        assert_eq!((numbers.len(), endpoints.len()), (devices.len(), devices.len()), "{children:#?}");
        for device in devices {
            let child = children
                .iter()
                .find(|child| child.device_id == *device)
                .expect("a child for each phone");
            assert_is_in_ledger(child, &ledger);
        }
    }
}

fn assert_is_in_ledger(child: &Child, ledger: &Ledger) {
    let on_endpoint: Vec<_> = ledger
        .credentials
        .iter()
        .filter(|credential| credential.is_live() && credential.container_id.to_string() == child.endpoint_id())
        .collect();
    let [credential] = on_endpoint.as_slice() else {
        panic!("endpoint {} holds {on_endpoint:#?}", child.endpoint_id());
    };
    assert_eq!(Some(&credential.card_number), child.card_number.as_ref());
}
