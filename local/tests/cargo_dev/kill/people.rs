//! The people of the story: what is wished for them, and what became of their phones.

use fobless::domain::ids::{AcsUserId, DeviceId, InstallationId, UserIdentityId};
use fobless_local::{
    seed,
    walk::{Client, WalkError},
};
use serde_json::json;

/// Somebody with phones. Nothing here is read from the system: it is what should be.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) user_identity: UserIdentityId,
    pub(crate) acs_user: AcsUserId,
    pub(crate) wish: Wish,
    pub(crate) phones: Vec<Phone>,
}

/// How it stands with a person's multi-phone sync credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Nobody asked for it yet.
    None,
    /// It is wished.
    Credential,
    /// It was wished, and is no more.
    Withdrawn,
}

/// A phone, as the app's backend tells of it.
#[derive(Clone, Debug)]
pub(crate) struct Phone {
    pub(crate) installation: String,
    /// Whether it is in use; `None`: nobody has told of it yet.
    pub(crate) is_in_use: Option<bool>,
}

impl Person {
    /// Makes somebody who is known to the access control system behind the connector, and whose phones are enrolled from now on.
    pub(crate) async fn make(client: &Client, name: &str, phones: usize) -> Result<Self, WalkError> {
        let made = client.api("/user_identities/create", &json!({"full_name": name})).await?;
        let id = &made["user_identity"]["user_identity_id"];
        let user_identity = id.as_str().unwrap().parse().unwrap();
        let acs_user = json!({"acs_system_id": seed::BRIDGED_ACS_SYSTEM, "full_name": name, "user_identity_id": id});
        let made = client.api("/acs/users/create", &acs_user).await?;
        let acs_user = made["acs_user"]["acs_user_id"].as_str().unwrap().parse().unwrap();
        client.in_the_name_of(user_identity, acs_user).launch_automation().await?;
        let phone = |number| Phone {
            installation: format!("{name}-{number}"),
            is_in_use: None,
        };
        Ok(Self {
            user_identity,
            acs_user,
            wish: Wish::None,
            phones: (0..phones).map(phone).collect(),
        })
    }

    /// Somebody who asks in the person's name.
    pub(crate) fn client(&self, client: &Client) -> Client {
        client.in_the_name_of(self.user_identity, self.acs_user)
    }

    /// The phones that are in use.
    pub(crate) fn devices_in_use(&self) -> Vec<DeviceId> {
        let in_use = self.phones.iter().filter(|phone| phone.is_in_use == Some(true));
        let device = |phone: &Phone| {
            DeviceId::of_installation(
                seed::WORKSPACE,
                self.user_identity,
                &InstallationId::new(phone.installation.as_str()),
            )
        };
        let mut devices: Vec<DeviceId> = in_use.map(device).collect();
        devices.sort_unstable();
        devices
    }
}
