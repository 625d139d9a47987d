//! The parts that all Mobile Identities requests and replies share: URNs, `meta`, lists, flags that are `"Y"` or `"N"`.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::failure::Failure;
use crate::world::World;

/// The media type of all bodies, both ways. With any parameter, `charset` included, HID refuses it.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.assaabloy.ma.credential-management-2.2+json";

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const INVITATION: &str = "urn:hid:scim:api:ma:2.2:UserInvitation";
pub(crate) const CONTAINER: &str = "urn:hid:scim:api:ma:2.2:CredentialContainer";
pub(crate) const CREDENTIAL: &str = "urn:hid:scim:api:ma:2.2:Credential";
pub(crate) const PART_NUMBER: &str = "urn:hid:scim:api:ma:2.2:PartNumber";
pub(crate) const LICENSE: &str = "urn:hid:scim:api:ma:2.2:LicenseInfo";

/// What to do besides: the `UserAction` object of several requests.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Action {
    pub(crate) create_invitation_code: Flag,
    pub(crate) assign_credential: Flag,
    /// Empty stands for the organization's default.
    pub(crate) part_number: String,
}

/// `"Y"` or `"N"`: a boolean is refused, as every client seen sends these strings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum Flag {
    #[serde(rename = "Y")]
    Yes,
    #[default]
    #[serde(rename = "N", alias = "")]
    No,
}

/// A body that holds nothing but an action.
#[derive(Debug, Deserialize)]
pub(crate) struct ActionBody {
    #[serde(rename = "urn:hid:scim:api:ma:2.2:UserAction")]
    pub(crate) action: Action,
}

/// Reads a body, whatever its media type: that was looked at before.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| Failure::bad_request(format!("the body cannot be read: {error}")))
}

/// A reply of Mobile Identities.
pub(crate) fn reply(status: StatusCode, body: &Value) -> Response {
    (status, [(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE))], body.to_string()).into_response()
}

/// Hits `first_index` and following (counted from 1) out of `total`.
pub(crate) fn list(resources: &[Value], total: usize, first_index: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "itemsPerPage": resources.len(),
        "startIndex": first_index,
        "Resources": resources,
    })
}

impl World {
    /// `meta` of a resource, which may be the only place where its id is told.
    pub(crate) fn meta(&self, kind: &str, path: &str, modified_at: Timestamp) -> Value {
        json!({
            "resourceType": kind,
            "lastModified": modified_at.to_millis_text(),
            "location": self.location(path),
        })
    }

    /// The URL of a resource of Mobile Identities.
    pub(crate) fn location(&self, path: &str) -> String {
        format!("{}/credential-management/customer/{}{path}", self.base_url, self.organization_id)
    }
}
