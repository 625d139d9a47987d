//! Every state met by every event: what comes of it stands in docs/ARCHITECTURE.md, and is what the rules say.
//!
//! `FOBLESS_WRITE_TABLES=1 cargo test -p fobless state_table` writes the tables anew; what changed there is then to be read.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
};

use super::{
    allocation::Allocation,
    audit::audit,
    deletion::Deletion,
    effort::Effort,
    enrollment::{EnrollmentState, Renewal},
    failure::FailureCode,
    ids::{AcsUserId, EndpointId, InvitationId, RemoteCredentialId},
    observe::observe,
    phone::Presence,
    phone_credential::PhoneCredentialState,
    plan::Step,
    remote_user::{InvitationState, RemoteCredentialState, RemoteUser},
    scene::{NOW, Scene, at, automation_id, endpoint, endpoint_id, given_up, view},
    secret::Secret,
};

/// What is there before the event: the records, and what the credential manager shows of them.
struct Before {
    scene: Scene,
    view: RemoteUser,
}

type State = (&'static str, fn() -> Before);
type Event = (&'static str, fn(&mut Before));

fn open_invitation() -> Renewal {
    Renewal {
        invitation_id: InvitationId::new("I-new"),
        invitation_code: Secret::new("AAAA-BBBB-CCCC-DDDD"),
        invited_at: at(900),
        expires_at: at(100_000),
        next_read_at: at(2_000),
        hints_before: 0,
    }
}

fn enrolling(state: EnrollmentState, effort: Effort, shown: RemoteUser) -> Before {
    let mut scene = Scene::default()
        .identity(|_| {})
        .running()
        .registered("a")
        .enrollment("a", state, effort);
    scene.aggregate.enrollments[0].record.answered_registration = Some(at(0));
    Before { scene, view: shown }
}

fn active() -> EnrollmentState {
    EnrollmentState::Active {
        endpoint_id: endpoint_id("a"),
        invitation_id: InvitationId::new("I-a"),
        enrolled_at: at(900),
    }
}

const REDEEMED: (&str, InvitationState) = ("I-a", InvitationState::Redeemed);

const ENROLLMENT_STATES: &[State] = &[
    ("pending, waiting for its next try", || {
        enrolling(EnrollmentState::Pending, waiting(), view(&[], vec![]))
    }),
    ("invited", || {
        let renewal = open_invitation();
        let state = EnrollmentState::Invited {
            invitation_id: renewal.invitation_id,
            invitation_code: renewal.invitation_code,
            invited_at: renewal.invited_at,
            expires_at: renewal.expires_at,
            next_read_at: renewal.next_read_at,
            hints_before: renewal.hints_before,
        };
        enrolling(state, Effort::default(), view(&[("I-new", InvitationState::Open)], vec![]))
    }),
    ("active", || {
        enrolling(active(), Effort::default(), view(&[REDEEMED], vec![endpoint("E-a", &[])]))
    }),
    ("active, with a renewal", || {
        let shown = view(&[REDEEMED, ("I-new", InvitationState::Open)], vec![endpoint("E-a", &[])]);
        let mut before = enrolling(active(), Effort::default(), shown);
        before.scene.aggregate.enrollments[0].record.renewal = Some(open_invitation());
        before
    }),
    ("deactivating, its last try failed", || {
        let state = EnrollmentState::Deactivating {
            endpoint_id: Some(endpoint_id("a")),
            invitation_id: Some(InvitationId::new("I-a")),
        };
        enrolling(state, waiting(), view(&[REDEEMED], vec![endpoint("E-a", &[])]))
    }),
    ("failed", || {
        enrolling(
            EnrollmentState::Failed,
            given_up(FailureCode::InvitationLimitReached),
            view(&[], vec![]),
        )
    }),
    ("deactivated, its phone is out of use", || {
        let mut before = enrolling(EnrollmentState::Deactivated { at: at(950) }, Effort::default(), view(&[], vec![]));
        before.scene.aggregate.phones[0].record.presence = Presence::Deactivated;
        before.scene.aggregate.phones[0].record.told = Some(Presence::Deactivated);
        before
    }),
];

const ENROLLMENT_EVENTS: &[Event] = &[
    ("nothing", |_| {}),
    ("phone registers anew", |before| {
        let phone = &mut before.scene.aggregate.phones[0].record;
        phone.presence = Presence::Registered;
        phone.occurred_at = at(990);
        phone.registered_at = Some(at(990));
    }),
    ("phone is deactivated", |before| {
        before.scene.aggregate.phones[0].record.presence = Presence::Deactivated;
    }),
    ("automation is deleted", |before| {
        before.scene.aggregate.automations[0].record.deleted_at = Some(at(990));
    }),
    ("person is to be deleted", |before| {
        before.scene.aggregate.identity.as_mut().unwrap().record.deletion = Some(Deletion::requested(at(990)));
    }),
    ("open invitation is redeemed", |before| {
        for seen in &mut before.view.invitations {
            seen.state = InvitationState::Redeemed;
        }
        before.view.endpoints.push(endpoint("E-new", &[]));
        let hints = &mut before.scene.aggregate.automations[0].record.hints;
        hints.pairings.insert(EndpointId::new("E-new"), InvitationId::new("I-new"));
    }),
    ("open invitation ends", |before| {
        let open = before
            .view
            .invitations
            .iter_mut()
            .filter(|seen| seen.state == InvitationState::Open);
        for seen in open {
            seen.state = InvitationState::Closed;
        }
    }),
    ("endpoint is gone", |before| before.view.endpoints.clear()),
];

fn holding(state: PhoneCredentialState, effort: Effort, shown: Option<RemoteCredentialState>) -> Before {
    let is_allocated = matches!(state, PhoneCredentialState::Issued { .. });
    let mut scene = Scene::default()
        .identity(|_| {})
        .running()
        .configured()
        .registered("a")
        .enrolled("a")
        .child("a", state, effort);
    let child = &mut scene.aggregate.phone_credentials[0].record;
    child.allocation = is_allocated.then(|| Allocation {
        acs_system_id: child.acs_system_id,
        acs_user_id: child.acs_user_id,
        card_number: "56".to_owned(),
        generation: 1,
        is_leaving: false,
        period: None,
        unanswered_at: None,
        overtaken_at: None,
        is_told: false,
    });
    let credentials: Vec<_> = shown.map(|shown| ("C-a", shown, None)).into_iter().collect();
    Before {
        scene,
        view: view(&[REDEEMED], vec![endpoint("E-a", &credentials)]),
    }
}

fn remote_id() -> RemoteCredentialId {
    RemoteCredentialId::new("C-a")
}

fn waiting() -> Effort {
    Effort {
        not_before: Some(at(5_000)),
        ..Effort::default()
    }
}

const CREDENTIAL_STATES: &[State] = &[
    ("pending, waiting for its next try", || {
        holding(PhoneCredentialState::Pending, waiting(), None)
    }),
    ("issuing", || {
        let state = PhoneCredentialState::Issuing {
            remote_id: remote_id(),
            card_number: None,
            since: at(950),
            next_read_at: at(2_000),
            hints_before: 0,
        };
        holding(state, Effort::default(), Some(RemoteCredentialState::Issuing))
    }),
    ("importing, its last try failed", || {
        let state = PhoneCredentialState::Importing {
            remote_id: remote_id(),
            card_number: "56".to_owned(),
            since: at(950),
        };
        holding(state, waiting(), Some(RemoteCredentialState::Issued))
    }),
    ("issued", || {
        let state = PhoneCredentialState::Issued {
            remote_id: remote_id(),
            card_number: "56".to_owned(),
            issued_at: at(950),
        };
        holding(state, Effort::default(), Some(RemoteCredentialState::Issued))
    }),
    ("revoking, its last try failed", || {
        let state = PhoneCredentialState::Revoking {
            remote_id: Some(remote_id()),
            shown_by: None,
            is_off_phone: false,
            is_invalidated: false,
        };
        holding(state, waiting(), Some(RemoteCredentialState::Issued))
    }),
    ("failed", || {
        holding(PhoneCredentialState::Failed, given_up(FailureCode::CredentialManagerRefused), None)
    }),
    ("failed: revoked by hand, to be left so", || {
        let mut before = holding(PhoneCredentialState::Failed, given_up(FailureCode::CredentialInvalidated), None);
        before.scene.aggregate.credentials[0].record.when_invalidated = super::multi_phone_sync_credential::WhenInvalidated::Mark;
        before
    }),
    ("revoked, its parent is not in force", || {
        let state = PhoneCredentialState::Revoked {
            at: at(950),
            remote_id: Some(remote_id()),
        };
        let mut before = holding(state, Effort::default(), None);
        before.scene.aggregate.credentials[0].record.ends_at = Some(at(940));
        before
    }),
];

const CREDENTIAL_EVENTS: &[Event] = &[
    ("nothing", |_| {}),
    ("parent comes into force", |before| {
        before.scene.aggregate.credentials[0].record.ends_at = None;
    }),
    ("parent is over, deleted or unassigned; ACS user is suspended", |before| {
        before.scene.aggregate.credentials[0].record.acs_user_id = None;
    }),
    ("parent is assigned to another ACS user", |before| {
        let other = AcsUserId::new(uuid::Uuid::from_u128(99));
        before.scene.aggregate.acs_users[0].record.acs_user_id = other;
        before.scene.aggregate.credentials[0].record.acs_user_id = Some(other);
    }),
    ("phone is deactivated", |before| {
        before.scene.aggregate.phones[0].record.presence = Presence::Deactivated;
    }),
    ("app is installed again", |before| {
        before.scene.aggregate.enrollments[0].record.state = EnrollmentState::Active {
            endpoint_id: EndpointId::new("E-new"),
            invitation_id: InvitationId::new("I-new"),
            enrolled_at: at(990),
        };
        before.view.endpoints.push(endpoint("E-new", &[]));
    }),
    ("credential manager shows it issued", |before| {
        let shown = ("C-a", RemoteCredentialState::Issued, Some("56"));
        before.view.endpoints[0] = endpoint("E-a", &[shown]);
    }),
    ("credential manager shows it revoked or failed", |before| {
        let shown = ("C-a", RemoteCredentialState::Revoked, None);
        before.view.endpoints[0] = endpoint("E-a", &[shown]);
    }),
];

/// Looks at the credential manager, audit included, and takes what it means into the records.
fn look(before: &mut Before) {
    let automation = before.scene.aggregate.automations[0].record.clone();
    let named: Vec<_> = automation.hints.pairings.clone().into_iter().collect();
    let mut seen = observe(&before.scene.aggregate, &automation, &named, &before.view, NOW);
    seen.overlay(audit(&seen.applied_to(&before.scene.aggregate), &automation, &before.view, NOW));
    before.scene.aggregate = seen.applied_to(&before.scene.aggregate);
}

/// What comes of `event` in `state`: the states that the record passes through from there on its own, or that nothing does.
fn outcome(state: &State, event: &Event, name: fn(&Scene) -> &'static str, step: fn(&Step) -> Option<&'static str>) -> String {
    let mut before = state.1();
    event.1(&mut before);
    let was = name(&before.scene);
    look(&mut before);
    let is = name(&before.scene);
    let seen = (is != was).then(|| is.to_owned());
    let planned = before.scene.plan().iter().find_map(step).map(str::to_owned);
    let all: Vec<String> = seen.into_iter().chain(planned).collect();
    if all.is_empty() {
        "ignored".to_owned()
    } else {
        all.join(", then ")
    }
}

fn enrollment_name(scene: &Scene) -> &'static str {
    let enrollment = &scene.aggregate.enrollments[0].record;
    match (&enrollment.state, &enrollment.renewal) {
        (EnrollmentState::Pending, _) => "pending",
        (EnrollmentState::Invited { .. }, _) => "invited",
        (EnrollmentState::Active { endpoint_id, .. }, _) if endpoint_id.as_str() == "E-new" => "active on the new endpoint",
        (EnrollmentState::Active { .. }, None) => "active",
        (EnrollmentState::Active { .. }, Some(_)) => "active, with a renewal",
        (EnrollmentState::Deactivating { .. }, _) => "deactivating",
        (EnrollmentState::Deactivated { .. }, _) => "deactivated",
        (EnrollmentState::Failed, _) => "failed",
    }
}

fn enrollment_step(step: &Step) -> Option<&'static str> {
    match step {
        Step::Invite { automation, .. } if *automation == automation_id() => Some("invite"),
        Step::EndEnrollment { .. } => Some("deactivating"),
        _ => None,
    }
}

fn credential_name(scene: &Scene) -> &'static str {
    match scene.aggregate.phone_credentials[0].record.state {
        PhoneCredentialState::Pending => "pending",
        PhoneCredentialState::Issuing { .. } => "issuing",
        PhoneCredentialState::Importing { .. } => "importing",
        PhoneCredentialState::Issued { .. } => "issued",
        PhoneCredentialState::Revoking { is_invalidated: true, .. } => "revoking as invalidated",
        PhoneCredentialState::Revoking { .. } => "revoking",
        PhoneCredentialState::Revoked { .. } => "revoked",
        PhoneCredentialState::Failed => "failed",
    }
}

fn credential_step(step: &Step) -> Option<&'static str> {
    match step {
        Step::Withdraw { .. } => Some("withdraw"),
        Step::Issue { .. } => Some("issue"),
        Step::Import { .. } => Some("import"),
        _ => None,
    }
}

fn table(states: &[State], events: &[Event], name: fn(&Scene) -> &'static str, step: fn(&Step) -> Option<&'static str>) -> String {
    let mut lines = vec![
        format!("| | {} |", states.iter().map(|state| state.0).collect::<Vec<_>>().join(" | ")),
        format!("|{}", " --- |".repeat(states.len() + 1)),
    ];
    for event in events {
        let cells: Vec<String> = states.iter().map(|state| outcome(state, event, name, step)).collect();
        lines.push(format!("| **{}** | {} |", event.0, cells.join(" | ")));
    }
    lines.join("\n")
}

fn hold(marker: &str, table: &str) {
    // Both tables stand in one file.
    static FILE: Mutex<()> = Mutex::new(());
    let _guard = FILE.lock().unwrap_or_else(PoisonError::into_inner);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ARCHITECTURE.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {marker} -->\n\n"), format!("\n\n<!-- end of {marker} -->"));
    let (before, rest) = document.split_once(&begin).unwrap();
    let (held, after) = rest.split_once(&end).unwrap();
    #[expect(clippy::disallowed_methods, reason = "it is asked for by hand, and only changes the documentation")]
    if std::env::var_os("FOBLESS_WRITE_TABLES").is_some() {
        std::fs::write(&path, format!("{before}{begin}{table}{end}{after}")).unwrap();
        return;
    }
    assert_eq!(held, table, "docs/ARCHITECTURE.md is not what the rules say");
}

#[test]
fn every_state_of_an_enrollment_meets_every_event_as_documented() {
    hold(
        "enrollment table",
        &table(ENROLLMENT_STATES, ENROLLMENT_EVENTS, enrollment_name, enrollment_step),
    );
}

#[test]
fn every_state_of_a_phone_credential_meets_every_event_as_documented() {
    hold(
        "phone credential table",
        &table(CREDENTIAL_STATES, CREDENTIAL_EVENTS, credential_name, credential_step),
    );
}
