//! DynamoDB's numbers: decimal, exact, with up to 38 digits.

use std::cmp::Ordering;

/// More digits behind or before the point are not needed here, and refused.
const MOST_ZEROS: u32 = 30;
/// The most digits, leading and trailing zeros left out.
const MOST_DIGITS: u32 = 38;

/// A decimal number: `digits` times ten to the power of minus `scale`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number {
    digits: i128,
    scale: u32,
}

impl Number {
    /// Reads a number as DynamoDB's JSON writes it; `None` when it is none, or more exact than is needed here.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        let zeros = Some(scale.min(0).unsigned_abs()).filter(|zeros| *zeros <= MOST_ZEROS)?;
        let scale = u32::try_from(scale.max(0)).ok().filter(|scale| *scale <= MOST_ZEROS)?;
        let digits = digits.checked_mul(10_i128.checked_pow(zeros)?)?;
        Self { digits, scale }.kept()
    }

    /// Whether a number is written as it is kept: a whole one without anything that could be left out, as nearly all are.
    pub(crate) fn is_kept(text: &str) -> bool {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_short = (1..=MOST_ZEROS as usize).contains(&digits.len());
        is_short && !digits.starts_with('0') && digits.bytes().all(|digit| digit.is_ascii_digit())
    }

    /// In its shortest form; `None` when it has too many digits.
    fn kept(mut self) -> Option<Self> {
        while self.scale > 0 && self.digits % 10 == 0 {
            self.digits /= 10;
            self.scale -= 1;
        }
        let mut significant = self.digits.unsigned_abs();
        while significant >= 10_u128.pow(MOST_DIGITS) && significant.is_multiple_of(10) {
            significant /= 10;
        }
        (significant < 10_u128.pow(MOST_DIGITS)).then_some(self)
    }

    fn at_scale(self, scale: u32) -> Option<i128> {
        self.digits.checked_mul(10_i128.checked_pow(scale.checked_sub(self.scale)?)?)
    }

    /// The sum; `None` when it has too many digits.
    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let digits = self.at_scale(scale)?.checked_add(other.at_scale(scale)?)?;
        Self { digits, scale }.kept()
    }

    pub(crate) fn minus(self, other: Self) -> Option<Self> {
        let negative = Self {
            digits: -other.digits,
            ..other
        };
        self.plus(negative)
    }

    pub(crate) fn compare(self, other: Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        match (self.at_scale(scale), other.at_scale(scale)) {
            (Some(one), Some(two)) => one.cmp(&two),
            // Only the one whose digits overflow at the other's scale is that large.
            (None, _) => self.digits.cmp(&0),
            (_, None) => 0.cmp(&other.digits),
        }
    }

    /// How DynamoDB writes it.
    pub(crate) fn text(self) -> String {
        if self.scale == 0 {
            return self.digits.to_string();
        }
        let sign = if self.digits < 0 { "-" } else { "" };
        let scale = usize::try_from(self.scale).unwrap_or_default();
        let digits = format!("{:0>width$}", self.digits.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        format!("{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_their_shortest_form() {
        for (given, written) in [
            ("1.0", "1"),
            ("-0.50", "-0.5"),
            ("1e3", "1000"),
            ("12e-1", "1.2"),
            ("007", "7"),
            ("100", "100"),
        ] {
            assert_eq!(Number::parse(given).unwrap().text(), written);
        }
        for given in ["", "x", "1.x", "1e99", "--1"] {
            assert!(Number::parse(given).is_none(), "{given}");
        }
    }

    #[test]
    fn numbers_are_compared_and_added_as_numbers() {
        let number = |text| Number::parse(text).unwrap();
        assert_eq!(number("9").compare(number("10")), Ordering::Less);
        assert_eq!(number("1.50").compare(number("1.5")), Ordering::Equal);
        assert_eq!(number("0.1").plus(number("0.2")).unwrap().text(), "0.3");
        assert_eq!(number("1").minus(number("1.5")).unwrap().text(), "-0.5");
    }
}
