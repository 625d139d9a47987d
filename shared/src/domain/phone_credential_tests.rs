//! What a phone credential tells of itself.

use super::{
    ids::{AcsCredentialPoolId, EndpointId, RemoteCredentialId},
    phone_credential::{FormerCredential, PhoneCredential, PhoneCredentialState},
    retry::settled_at,
    scene::{NOW, Scene},
};

fn child(change: impl FnOnce(&mut PhoneCredential)) -> PhoneCredential {
    let scene = Scene::default().running().configured().registered("a").enrolled("a").issued("a");
    let mut child = scene.aggregate.phone_credentials[0].record.clone();
    change(&mut child);
    child
}

#[test]
fn its_number_is_known_from_when_it_is_on_the_phone() {
    assert_eq!(child(|_| {}).card_number(), Some("56"));
    let importing = child(|child| {
        child.state = PhoneCredentialState::Importing {
            remote_id: RemoteCredentialId::new("C-a"),
            card_number: "57".to_owned(),
            since: NOW,
        };
    });
    assert_eq!(importing.card_number(), Some("57"));
    assert_eq!(child(|child| child.state = PhoneCredentialState::Pending).card_number(), None);
}

#[test]
fn one_that_was_written_with_long_names_is_read() {
    let child = child(|child| child.acs_credential_pool_id = Some(AcsCredentialPoolId::generate()));
    let mut written = serde_json::to_value(&child).unwrap();
    for (short, long) in [
        ("w", "workspace_id"),
        ("u", "user_identity_id"),
        ("c", "acs_credential_id"),
        ("p", "parent_acs_credential_id"),
        ("d", "device_id"),
        ("a", "enrollment_automation_id"),
        ("e", "endpoint_id"),
        ("h", "acs_user_id"),
        ("s", "acs_system_id"),
        ("n", "connected_account_id"),
        ("o", "acs_credential_pool_id"),
    ] {
        let id = written.as_object_mut().unwrap().remove(short).unwrap();
        written[long] = id;
    }
    assert_eq!(serde_json::from_value::<PhoneCredential>(written).unwrap(), child);
}

#[test]
fn one_that_is_on_its_way_may_not_be_shown_yet_also_while_it_is_taken_away() {
    let issuing = child(|child| {
        child.state = PhoneCredentialState::Issuing {
            remote_id: RemoteCredentialId::new("C-a"),
            card_number: None,
            since: NOW,
            next_read_at: NOW,
            hints_before: 0,
        };
    });
    assert_eq!(issuing.shown_by(), Some(settled_at(NOW)));
    let revoking = child(|child| {
        child.state = PhoneCredentialState::Revoking {
            remote_id: Some(RemoteCredentialId::new("C-a")),
            shown_by: issuing.shown_by(),
            is_off_phone: false,
            is_invalidated: false,
        };
    });
    assert_eq!(revoking.shown_by(), Some(settled_at(NOW)));
    assert_eq!(child(|_| {}).shown_by(), None);
}

#[test]
fn what_it_ever_named_is_its_own_also_after_it_was_revoked_or_left_behind() {
    let named = |child: &PhoneCredential| ["C-a", "C-former", "C-b"].map(|id| child.has_ever_named(&RemoteCredentialId::new(id)));
    let former = || FormerCredential {
        endpoint_id: EndpointId::new("E-former"),
        remote_id: RemoteCredentialId::new("C-former"),
        shown_by: None,
        allocation: None,
    };
    assert_eq!(named(&child(|_| {})), [true, false, false]);
    assert_eq!(named(&child(|child| child.former.push(former()))), [true, true, false]);
    let revoked = child(|child| {
        child.state = PhoneCredentialState::Revoked {
            at: NOW,
            remote_id: Some(RemoteCredentialId::new("C-a")),
        };
    });
    assert_eq!(named(&revoked), [true, false, false]);
    assert_eq!(
        named(&child(|child| child.state = PhoneCredentialState::Pending)),
        [false, false, false]
    );
}
