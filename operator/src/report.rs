//! What a command tells when it is done: the same for people and for programs.

use serde_json::Value;

/// What to print.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    json: Value,
    text: String,
}

impl Report {
    /// Something said in words.
    pub(crate) fn of(json: Value, text: impl Into<String>) -> Self {
        Self { json, text: text.into() }
    }

    /// A table with a title for each column.
    pub(crate) fn table<const N: usize>(json: Value, titles: [&str; N], rows: Vec<[String; N]>) -> Self {
        let all: Vec<[String; N]> = std::iter::once(titles.map(str::to_owned)).chain(rows).collect();
        let width = |column: usize| all.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let widths: [usize; N] = std::array::from_fn(width);
        let line = |row: &[String; N]| {
            let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            cells.join("  ").trim_end().to_owned()
        };
        Self {
            json,
            text: all.iter().map(line).collect::<Vec<_>>().join("\n"),
        }
    }

    /// For people.
    #[must_use]
    pub fn text(self) -> String {
        self.text
    }

    /// For programs.
    #[must_use]
    pub fn json(self) -> String {
        self.json.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = vec![["1".to_owned(), "ünïcödé".to_owned()], ["22222".to_owned(), String::new()]];
        let report = Report::table(Value::Null, ["id", "name"], rows);
        assert_eq!(report.text(), "id     name\n1      ünïcödé\n22222");
    }
}
