//! One event of Mobile Identities, as callbacks and the record of past events show it.

use serde_json::Value;

use super::json;
use crate::{
    credential_manager::EndpointPairing,
    domain::ids::{EndpointId, InvitationId, RemoteCredentialId, RemoteUserId},
};

/// The longest event id that is kept. HID's are UUIDs.
const LONGEST_ID: usize = 200;

/// What an event is about. The code that invitation and endpoint events carry is never kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MobileIdentityEvent {
    pub(super) id: Option<String>,
    pub(super) user: RemoteUserId,
    pub(super) is_credential: bool,
    pub(super) status: Option<String>,
    pub(super) pairing: Option<EndpointPairing>,
    pub(super) issued: Option<RemoteCredentialId>,
    pub(super) acknowledged: Option<InvitationId>,
}

/// Reads an event; `None` for those that don't concern Mobile Identities or don't say whom they are about.
///
/// Types are compared whole: Credential Management 3 sends its events through the same pipe, and they have similar names.
pub(super) fn read(event: &Value) -> Option<MobileIdentityEvent> {
    let (is_endpoint, is_credential) = match json::text(event, "type")? {
        "com.origo.mi.endpoint" => (true, false),
        "com.origo.mi.credential" => (false, true),
        "com.origo.mi.user" | "com.origo.mi.invitation" => (false, false),
        _ => return None,
    };
    let data = event.get("data")?;
    let status = json::text(data, "status").map(str::to_ascii_uppercase);
    let is_pairing = is_endpoint && status.as_deref() == Some("ENDPOINT_ACTIVE");
    let is_acknowledged = status.as_deref() == Some("INVITATION_ACKNOWLEDGED");
    let is_issued = is_credential && status.as_deref() == Some("CREDENTIAL_ISSUED");
    Some(MobileIdentityEvent {
        id: json::text(event, "id").filter(|id| id.len() <= LONGEST_ID).map(str::to_owned),
        user: RemoteUserId::new(json::id(data, "userId")?),
        is_credential,
        status,
        pairing: if is_pairing { pairing(data) } else { None },
        issued: if is_issued { issued(data) } else { None },
        acknowledged: json::id(data, "invitationId").filter(|_| is_acknowledged).map(InvitationId::new),
    })
}

/// By its name `mid`, the Mobile ID, is what calls name the credential by. That is not established; one that fits no credential of ours says
/// only that there is news of some.
fn issued(data: &Value) -> Option<RemoteCredentialId> {
    Some(RemoteCredentialId::new(json::id(data, "mid")?))
}

fn pairing(data: &Value) -> Option<EndpointPairing> {
    Some(EndpointPairing {
        endpoint: EndpointId::new(json::id(data, "endpointId")?),
        invitation: InvitationId::new(json::id(data, "invitationId")?),
    })
}
