//! Parameters as they were given: a tree whose leaves are JSON values from the body or texts from the query string. What a text
//! means ("1" as a number, as a flag, as a name) is known only to whoever reads the parameter.

use std::collections::BTreeMap;

use serde_json::Value;

/// Parameters by name.
pub(crate) type Parameters = BTreeMap<String, Given>;

/// Deeper names than this are nobody's: no endpoint has them.
const DEEPEST_NAME: usize = 4;

/// One parameter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Given {
    /// A value from the body.
    Json(Value),
    /// Texts from the query string.
    Query(QueryTexts),
    /// Parameters inside a parameter: an object in the body, dotted names in the query string.
    Object(Parameters),
}

/// The texts under one name of the query string.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct QueryTexts {
    /// In their order.
    pub(crate) texts: Vec<String>,
    /// The name was written `name[]`.
    pub(crate) is_bracketed: bool,
    /// The name was written in several ways that can't be one value: `a=1&a[]=2`, `a=1&a.b=2`.
    pub(crate) is_mixed: bool,
}

impl Given {
    /// A value from the body.
    pub(crate) fn of_json(value: Value) -> Self {
        match value {
            Value::Object(fields) => Self::Object(fields.into_iter().map(|(name, value)| (name, Self::of_json(value))).collect()),
            other => Self::Json(other),
        }
    }

    /// Whether there is a value: `null`, a list of nothing and an empty text of the query string count as absent.
    pub(crate) fn has_value(&self) -> bool {
        match self {
            Self::Json(Value::Null) => false,
            Self::Json(Value::Array(values)) => !values.is_empty(),
            Self::Query(query) => query.texts.iter().any(|text| !text.trim().is_empty()),
            Self::Json(_) | Self::Object(_) => true,
        }
    }

    /// The same text for the same meaning, wherever the parameter came from.
    pub(crate) fn canonical(&self) -> Value {
        match self {
            Self::Json(value) => canonical_json(value),
            Self::Query(query) => match query.texts.as_slice() {
                [only] if !query.is_bracketed => Value::String(only.trim().to_owned()),
                texts => Value::Array(texts.iter().map(|text| Value::String(text.trim().to_owned())).collect()),
            },
            Self::Object(fields) => {
                let pairs = fields
                    .iter()
                    .map(|(name, given)| Value::Array(vec![Value::String(name.clone()), given.canonical()]));
                Value::Array(pairs.collect())
            }
        }
    }
}

fn canonical_json(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.trim().to_owned()),
        Value::Array(values) => Value::Array(values.iter().map(canonical_json).collect()),
        other => Value::String(other.to_string()),
    }
}

/// The parameters of a query string's pairs.
pub(crate) fn of_query(pairs: Vec<(String, String)>) -> Parameters {
    let mut root = Parameters::new();
    for (name, text) in pairs {
        let (name, is_bracketed) = name.strip_suffix("[]").map_or((name.as_str(), false), |plain| (plain, true));
        let parts: Vec<&str> = name.split('.').collect();
        if let Some((last, parents)) = parts.split_last()
            && parts.len() <= DEEPEST_NAME
        {
            place(&mut root, parents, last, text, is_bracketed);
        }
    }
    root
}

fn place(root: &mut Parameters, parents: &[&str], last: &str, text: String, is_bracketed: bool) {
    let mut node = root;
    for &part in parents {
        match node.entry(part.to_owned()).or_insert_with(|| Given::Object(Parameters::new())) {
            Given::Object(inner) => node = inner,
            Given::Query(query) => {
                query.is_mixed = true;
                return;
            }
            Given::Json(_) => return,
        }
    }
    let entry = node.entry(last.to_owned()).or_insert_with(|| {
        Given::Query(QueryTexts {
            is_bracketed,
            ..QueryTexts::default()
        })
    });
    match entry {
        Given::Query(query) => {
            query.is_mixed |= query.is_bracketed != is_bracketed;
            query.texts.push(text);
        }
        other => {
            *other = Given::Query(QueryTexts {
                texts: vec![text],
                is_bracketed,
                is_mixed: true,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Parameters {
        of_query(pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    }

    #[test]
    fn dotted_names_make_objects() {
        let given = query(&[("a.b", "1"), ("a.c", "2")]);
        let Some(Given::Object(inner)) = given.get("a") else {
            panic!("{given:?}")
        };
        assert_eq!(inner.len(), 2);
    }

    #[test]
    fn names_that_contradict_each_other_are_marked() {
        for pairs in [[("a", "1"), ("a[]", "2")], [("a", "1"), ("a.b", "2")], [("a.b", "1"), ("a", "2")]] {
            let given = query(&pairs);
            assert!(
                matches!(given.get("a"), Some(Given::Query(QueryTexts { is_mixed: true, .. }))),
                "{given:?}"
            );
        }
    }

    #[test]
    fn the_same_wish_is_the_same_text_from_query_and_body() {
        let from_body = Given::of_json(json!({"flag": true, "count": 5, "names": ["a", "b"]}));
        let from_query = Given::Object(query(&[("flag", "true"), ("count", "5"), ("names", "a"), ("names", "b")]));
        assert_eq!(from_body.canonical(), from_query.canonical());
    }
}
