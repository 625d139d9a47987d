//! The names under which HID keeps things in its JSON.

pub(super) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(super) const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
pub(super) const USER_ACTION: &str = "urn:hid:scim:api:ma:2.2:UserAction";
pub(super) const USER_INVITATION: &str = "urn:hid:scim:api:ma:2.2:UserInvitation";
pub(super) const CREDENTIAL_CONTAINER: &str = "urn:hid:scim:api:ma:2.2:CredentialContainer";
pub(super) const CREDENTIAL: &str = "urn:hid:scim:api:ma:2.2:Credential";
pub(super) const PART_NUMBER: &str = "urn:hid:scim:api:ma:2.2:PartNumber";
