//! In what each backend is known to differ from DynamoDB, and why that is so or does no harm. The simulation's table differs in nothing.

mod dynamodb_local;
mod embedded;
mod ministack;
mod moto;

use crate::{backend::Backend, case::Case};

/// A difference that is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KnownDifference {
    /// The case's name: `group::sentence`.
    pub(crate) case: &'static str,
    /// What the backend does instead: a part of what the case finds.
    pub(crate) instead: &'static str,
    /// Why it does so, or why that does no harm.
    pub(crate) reason: &'static str,
}

/// Differences with one reason.
struct Because {
    reason: &'static str,
    /// Case, and what happens instead.
    cases: &'static [(&'static str, &'static str)],
}

const fn of(backend: Backend) -> &'static [Because] {
    match backend {
        Backend::InMemory | Backend::InMemoryHandingOver => &[],
        Backend::Embedded => embedded::DIFFERENCES,
        Backend::Moto => moto::DIFFERENCES,
        Backend::Ministack => ministack::DIFFERENCES,
        Backend::DynamoDbLocal => dynamodb_local::DIFFERENCES,
    }
}

fn all(backend: Backend) -> impl Iterator<Item = KnownDifference> {
    of(backend).iter().flat_map(|because| {
        let known = |(case, instead): &(&'static str, &'static str)| KnownDifference {
            case,
            instead,
            reason: because.reason,
        };
        because.cases.iter().map(known)
    })
}

/// The difference that is known of a backend in a case.
pub(crate) fn known(backend: Backend, case: &Case) -> Option<KnownDifference> {
    let name = case.name();
    all(backend).find(|known| known.case == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cases;

    #[test]
    fn every_known_difference_is_about_a_case_and_says_why() {
        let cases: BTreeSet<String> = cases::all().map(Case::name).collect();
        for backend in Backend::ALL {
            let mut seen = BTreeSet::new();
            for known in all(backend) {
                let case = known.case;
                assert!(cases.contains(case), "{backend}: there is no case {case}");
                assert!(seen.insert(case), "{backend}: {case} is listed twice");
                assert!(
                    !known.instead.is_empty() && !known.reason.is_empty(),
                    "{backend}: {case} gives no reason"
                );
            }
        }
    }

    #[test]
    fn no_two_cases_have_one_name() {
        let mut seen = BTreeSet::new();
        assert!(cases::all().all(|case| seen.insert(case.name())));
    }
}
