//! Settings from a file, in the format that `cargo dev` writes and `cargo lambda watch --env-file` reads.

use std::{collections::BTreeMap, fs, path::Path};

use crate::error::OperatorError;

/// Settings by name.
pub(crate) struct EnvironmentFile(BTreeMap<String, String>);

impl EnvironmentFile {
    pub(crate) fn read(path: &Path) -> Result<Self, OperatorError> {
        let text = fs::read_to_string(path).map_err(|error| OperatorError::File {
            path: path.to_owned(),
            error,
        })?;
        parse(&text).map(Self).map_err(|line| OperatorError::Line {
            path: path.to_owned(),
            line,
        })
    }

    /// A setting by its name.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

/// The settings, or the number of the first line that is none.
fn parse(text: &str) -> Result<BTreeMap<String, String>, usize> {
    let lines = text.lines().map(str::trim).zip(1..);
    let settings = lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
    settings
        .map(|(line, number)| setting(line).map(|(name, value)| (name.to_owned(), value.to_owned())).ok_or(number))
        .collect()
}

fn setting(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then_some(())?;
    for quote in ['\'', '"'] {
        if let Some(rest) = value.strip_prefix(quote) {
            return rest.strip_suffix(quote).map(|value| (name, value));
        }
    }
    Some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_quotes_or_plain_beside_comments() {
        let parsed = parse("# local\n\nA='{\"b\": \"c=d\"}'\nB=\"x\"\n C=http://h:1 \nD=\n").unwrap();
        let expected = [("A", "{\"b\": \"c=d\"}"), ("B", "x"), ("C", "http://h:1"), ("D", "")];
        assert_eq!(
            parsed
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect::<Vec<_>>(),
            expected
        );
    }

    #[test]
    fn a_line_that_is_no_setting_is_named_by_its_number() {
        for (text, line) in [("A=1\nB", 2), ("=x", 1), ("\nA='x", 2), ("A B=1", 1)] {
            assert_eq!(parse(text), Err(line), "{text}");
        }
    }
}
