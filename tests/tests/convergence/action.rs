//! What can happen to a person: a case is a sequence of such.

use fobless_simulation::manager::Fault;
use proptest::{collection::vec, prelude::*};

/// Phones, parents and ACS users of the person.
pub(crate) const PHONES: usize = 3;
pub(crate) const PARENTS: usize = 2;
pub(crate) const ACS_USERS: usize = 2;

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    RegisterPhone(usize),
    DeactivatePhone(usize),
    /// One of the phone events comes again.
    RepeatPhoneEvent(usize),
    /// A phone event comes that is so many seconds old.
    LatePhoneEvent {
        phone: usize,
        is_registration: bool,
        seconds: u32,
    },
    CreateParent(usize),
    DeleteParent(usize),
    /// The parent's time ends in so many seconds (or did), or never.
    SetEnd(usize, Option<i32>),
    SuspendUser(usize),
    UnsuspendUser(usize),
    Assign(usize, usize),
    Unassign(usize),
    DeleteAutomation,
    Launch,
    DeleteIdentity,
    RedeemOpenCode(usize),
    FetchCredentials,
    /// Somebody revokes one of the live credentials at the far side.
    RevokeByHand(usize),
    DeliverCallbacks,
    DropCallbacks,
    Reconcile,
    PassTime(u32),
    Faults(Vec<Fault>),
}

/// A person's fate.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// What chance in the system begins with.
    pub(crate) seed: u64,
    /// Whether the access control system is the table itself.
    pub(crate) keeps_numbers: bool,
    pub(crate) actions: Vec<Action>,
}

/// A person with two enrolled phones and a parent, on its way to them.
pub(crate) fn beginning() -> Vec<Action> {
    use Action::{CreateParent, DeliverCallbacks, FetchCredentials, Launch, Reconcile, RedeemOpenCode, RegisterPhone};
    vec![
        Launch,
        RegisterPhone(0),
        RegisterPhone(1),
        CreateParent(0),
        Reconcile,
        RedeemOpenCode(0),
        RedeemOpenCode(1),
        DeliverCallbacks,
        Reconcile,
        FetchCredentials,
        DeliverCallbacks,
    ]
}

fn phone_event() -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => (0..PHONES).prop_map(Action::RegisterPhone),
        2 => (0..PHONES).prop_map(Action::DeactivatePhone),
        1 => (0..20_usize).prop_map(Action::RepeatPhoneEvent),
        1 => (0..PHONES, any::<bool>(), 0..600_u32).prop_map(|(phone, is_registration, seconds)| Action::LatePhoneEvent {
            phone,
            is_registration,
            seconds,
        }),
    ]
}

fn wish() -> impl Strategy<Value = Action> {
    let end = prop_oneof![Just(None), (-3600..0_i32).prop_map(Some), (1..7200_i32).prop_map(Some)];
    prop_oneof![
        3 => (0..PARENTS).prop_map(Action::CreateParent),
        2 => (0..PARENTS).prop_map(Action::DeleteParent),
        2 => (0..PARENTS, end).prop_map(|(parent, end)| Action::SetEnd(parent, end)),
        1 => (0..ACS_USERS).prop_map(Action::SuspendUser),
        2 => (0..ACS_USERS).prop_map(Action::UnsuspendUser),
        3 => (0..PARENTS, 0..ACS_USERS).prop_map(|(parent, user)| Action::Assign(parent, user)),
        1 => (0..PARENTS).prop_map(Action::Unassign),
    ]
}

fn far_event() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => (0..PHONES).prop_map(Action::RedeemOpenCode),
        3 => Just(Action::FetchCredentials),
        1 => (0..6_usize).prop_map(Action::RevokeByHand),
        2 => Just(Action::DeliverCallbacks),
        1 => Just(Action::DropCallbacks),
    ]
}

fn time() -> impl Strategy<Value = Action> {
    prop_oneof![4 => 1..60_u32, 4 => 60..1800_u32, 2 => 1800..90_000_u32].prop_map(Action::PassTime)
}

fn faults() -> impl Strategy<Value = Action> {
    let fault = prop_oneof![
        6 => Just(Fault::Fine),
        2 => Just(Fault::Before),
        4 => Just(Fault::After),
        1 => Just(Fault::Late),
        1 => Just(Fault::Deadly),
    ];
    prop_oneof![3 => vec(fault, 1..5), 1 => Just(Vec::new())].prop_map(Action::Faults)
}

fn anything(faults_weight: u32) -> BoxedStrategy<Action> {
    prop_oneof![
        20 => phone_event(),
        20 => wish(),
        20 => far_event(),
        30 => Just(Action::Reconcile),
        15 => time(),
        faults_weight => faults(),
        3 => Just(Action::DeleteAutomation),
        3 => Just(Action::Launch),
        1 => Just(Action::DeleteIdentity),
    ]
    .boxed()
}

/// Cases; `faults_weight`: how often something goes wrong on the way, against a hundred other things.
pub(crate) fn case(faults_weight: u32) -> impl Strategy<Value = Case> {
    let actions = vec(anything(faults_weight), 1..25);
    (any::<u64>(), any::<bool>(), prop::bool::weighted(0.7), actions).prop_map(|(seed, keeps_numbers, has_begun, later)| {
        let mut actions = if has_begun { beginning() } else { vec![Action::Launch] };
        actions.extend(later);
        Case {
            seed,
            keeps_numbers,
            actions,
        }
    })
}
