//! AWS's own DynamoDB Local 3.3.

use super::Because;

pub(super) const DIFFERENCES: &[Because] = &[Because {
    reason: "It judges the second part by what the first would leave. It is refused all the same, and the store puts no item into a \
             transaction twice.",
    cases: &[(
        "transaction_refusals::two_parts_over_one_item_are_refused",
        "two puts: refused with TransactionCanceledException",
    )],
}];
