//! What a case's outcome means, given what is known of the backend.

use crate::{difference::Outcome, known_differences::KnownDifference};

/// Fails a difference that is not listed, one that is listed otherwise, and one that is listed and gone.
pub(crate) fn verdict(outcome: Outcome, known: Option<KnownDifference>) -> Result<(), String> {
    match (outcome, known) {
        (Ok(()), None) => Ok(()),
        (Err(found), Some(known)) if found.to_string().contains(known.instead) => Ok(()),
        (Err(found), Some(KnownDifference { instead, reason, .. })) => Err(format!(
            "it differs, but not as is listed\n found: {found}\nlisted: {instead}\n        {reason}"
        )),
        (Err(found), None) => Err(format!("a difference that is not listed\n found: {found}")),
        (Ok(()), Some(KnownDifference { instead, reason, .. })) => Err(format!(
            "it does as DynamoDB does: the difference has gone away, so take it from the list\nlisted: {instead}\n        {reason}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::difference::Difference;

    const KNOWN: KnownDifference = KnownDifference {
        case: "streams::a_write_that_changes_nothing_leaves_no_record",
        instead: "a MODIFY",
        reason: "it looks at no image",
    };

    fn differs(what: &str) -> Outcome {
        Err(Difference::new(what))
    }

    #[test]
    fn what_is_as_expected_passes() {
        assert_eq!(verdict(Ok(()), None), Ok(()));
        assert_eq!(verdict(differs("found a MODIFY"), Some(KNOWN)), Ok(()));
    }

    #[test]
    fn a_difference_that_is_not_listed_fails() {
        assert!(verdict(differs("found a MODIFY"), None).is_err());
    }

    #[test]
    fn a_difference_that_is_listed_otherwise_fails() {
        assert!(verdict(differs("found a REMOVE"), Some(KNOWN)).is_err());
    }

    #[test]
    fn a_listed_difference_that_has_gone_away_fails() {
        assert!(verdict(Ok(()), Some(KNOWN)).is_err());
    }
}
