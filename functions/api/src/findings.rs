//! What is wrong with the parameters of one request: all of it, not only the first thing.

use std::cell::RefCell;

use serde_json::{Map, Value, json};

use crate::problem::Problem;

/// One parameter and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Issue {
    path: Vec<String>,
    message: String,
}

/// The text of the one issue that is worded differently in messages.
pub(crate) const REQUIRED: &str = "Required";

/// Everything that is wrong with the values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Issues(Vec<Issue>);

/// What was found while the parameters were read.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    issues: RefCell<Issues>,
    refusal: RefCell<Option<Problem>>,
    #[cfg(test)]
    asked: RefCell<crate::openapi::Asked>,
}

impl Findings {
    /// A value is wrong.
    pub(crate) fn issue(&self, path: &[&str], message: impl Into<String>) {
        self.issues.borrow_mut().0.push(Issue::new(path, message));
    }

    /// A parameter is asked for.
    #[cfg(test)]
    pub(crate) fn ask<'a>(&self, path: impl Iterator<Item = &'a str>, kind: crate::kind::Kind<'_>) {
        self.asked.borrow_mut().add(path, kind);
    }

    /// It is looked whether a parameter is there.
    #[cfg(test)]
    pub(crate) fn look_for(&self, path: &[&str], name: &str) {
        if path.is_empty() {
            self.asked.borrow_mut().looked_for.insert(name.to_owned());
        }
    }

    /// Which parameters were asked for, and which of them were missing.
    #[cfg(test)]
    pub(crate) fn into_asked(self) -> crate::openapi::Asked {
        let mut asked = self.asked.into_inner();
        let issues = self.issues.into_inner().0;
        asked.missing = issues
            .into_iter()
            .filter(|issue| issue.message.starts_with(REQUIRED))
            .map(|issue| issue.path)
            .collect();
        asked
    }

    /// The request is wrong in a way that has its own type; it goes before all issues.
    pub(crate) fn refuse(&self, problem: Problem) {
        self.refusal.borrow_mut().get_or_insert(problem);
    }

    /// Whether nothing is wrong.
    pub(crate) fn into_result(self) -> Result<(), Problem> {
        if let Some(refusal) = self.refusal.into_inner() {
            return Err(refusal);
        }
        let issues = self.issues.into_inner();
        if issues.0.is_empty() {
            Ok(())
        } else {
            Err(Problem::InvalidInput(issues))
        }
    }
}

impl Issue {
    fn new(path: &[&str], message: impl Into<String>) -> Self {
        Self {
            path: path.iter().map(|&part| part.to_owned()).collect(),
            message: message.into(),
        }
    }

    fn sentence(&self) -> String {
        let path = self.path.join(".");
        match (path.as_str(), self.message.as_str()) {
            ("", message) => message.to_owned(),
            (path, REQUIRED) => format!("{path} is required"),
            (path, message) => format!("{message} for \"{path}\""),
        }
    }
}

impl Issues {
    /// The only thing that is wrong.
    pub(crate) fn one(path: &[&str], message: &str) -> Self {
        Self(vec![Issue::new(path, message)])
    }

    /// All of it in one line.
    pub(crate) fn message(&self) -> String {
        let sentences: Vec<String> = self.0.iter().map(Issue::sentence).collect();
        match sentences.as_slice() {
            [only] => only.clone(),
            several => format!("{} Input Errors: {}", several.len(), several.join(", ")),
        }
    }

    /// The messages under the fields that they are about, nested as the parameters are.
    pub(crate) fn by_field(&self) -> Value {
        let mut root = json!({"_errors": []});
        for issue in &self.0 {
            let mut node = &mut root;
            for part in &issue.path {
                let Value::Object(fields) = node else { break };
                node = fields
                    .entry(part.clone())
                    .or_insert_with(|| Value::Object(Map::from_iter([("_errors".to_owned(), json!([]))])));
            }
            if let Some(errors) = node.get_mut("_errors").and_then(Value::as_array_mut) {
                errors.push(Value::String(issue.message.clone()));
            }
        }
        root
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issues(all: &[(&[&str], &str)]) -> Issues {
        Issues(all.iter().map(|(path, message)| Issue::new(path, *message)).collect())
    }

    #[test]
    fn one_missing_field_reads_as_a_sentence() {
        let issues = issues(&[(&["acs_user_id"], REQUIRED)]);
        assert_eq!(issues.message(), "acs_user_id is required");
        assert_eq!(issues.by_field(), json!({"_errors": [], "acs_user_id": {"_errors": ["Required"]}}));
    }

    #[test]
    fn several_issues_are_counted_and_nested_where_they_belong() {
        let issues = issues(&[(&["a"], REQUIRED), (&["b", "c"], "Invalid uuid"), (&[], "Both or none")]);
        assert_eq!(
            issues.message(),
            "3 Input Errors: a is required, Invalid uuid for \"b.c\", Both or none"
        );
        let nested = json!({
            "_errors": ["Both or none"],
            "a": {"_errors": ["Required"]},
            "b": {"_errors": [], "c": {"_errors": ["Invalid uuid"]}}
        });
        assert_eq!(issues.by_field(), nested);
    }

    #[test]
    fn a_field_called_errors_does_not_confuse_the_nesting() {
        let nested = issues(&[(&["_errors", "x"], "Odd")]).by_field();
        assert_eq!(nested["_errors"], json!([]));
    }
}
