//! When a phone is told of: as soon as it is in use, and again once it is out of use and holds nothing any more.

use super::{
    aggregate::Aggregate,
    enrollment::EnrollmentState,
    ids::DeviceId,
    phone::{Phone, Presence},
    plan::Step,
    wishes::is_phone_wanted,
};

pub(super) fn plan_announcements(aggregate: &Aggregate, steps: &mut Vec<Step>) {
    for phone in aggregate.phones.iter().map(|found| &found.record) {
        let told = to_be_told(aggregate, phone);
        if !phone.is_listed || told.is_some() {
            steps.push(Step::Announce {
                device: phone.device_id,
                told,
            });
        }
    }
}

/// What is to be told of the phone now, if that is news.
fn to_be_told(aggregate: &Aggregate, phone: &Phone) -> Option<Presence> {
    let news = if is_phone_wanted(aggregate, phone) {
        Presence::Registered
    } else if holds_nothing(aggregate, phone.device_id) {
        Presence::Deactivated
    } else {
        return None;
    };
    (phone.told != Some(news)).then_some(news)
}

/// Whether everything that the phone held, or was about to get, is taken away.
pub(super) fn holds_nothing(aggregate: &Aggregate, device: DeviceId) -> bool {
    let mut enrollments = aggregate.enrollments.iter().map(|found| &found.record);
    let mut children = aggregate.phone_credentials.iter().map(|found| &found.record);
    !enrollments.any(|enrollment| enrollment.device_id == device && !matches!(enrollment.state, EnrollmentState::Deactivated { .. }))
        && !children.any(|child| child.device_id == device && !child.is_all_gone())
}
