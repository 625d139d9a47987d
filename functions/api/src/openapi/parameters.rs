//! The parameters of an endpoint, found by running its handler again and again: with nothing, with each parameter alone, with each
//! object empty. What is missing then tells which parameters are needed, and which others will do instead.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    asked::{Asked, OwnedKind},
    words::meaning,
};
use crate::{endpoint::Endpoint, fields::LONGEST_TEXT};

/// All parameters of an endpoint.
#[derive(Clone, Debug)]
pub(super) struct Parameters {
    /// By path, outermost name first.
    kinds: BTreeMap<Vec<String>, OwnedKind>,
    /// Which parameters have to be there: one of these sets. Never empty; the empty set needs nothing.
    pub(super) alternatives: Vec<BTreeSet<String>>,
    /// Inside an object: what has to be there if the object is.
    needed_within: BTreeSet<Vec<String>>,
}

impl Parameters {
    pub(super) async fn of(endpoint: &Endpoint) -> Self {
        let bare = endpoint.ask(json!({})).await;
        let mut names: BTreeSet<String> = bare.parameters.iter().filter_map(|(path, _)| only(path)).collect();
        names.extend(bare.looked_for.clone());
        let mut kinds: BTreeMap<Vec<String>, OwnedKind> = bare.parameters.iter().cloned().collect();
        let mut sets = vec![outermost(&bare)];
        let mut needed_within = BTreeSet::new();
        for name in names {
            let Some(asked) = ask_with(endpoint, &name, &kinds).await else {
                continue;
            };
            for (path, kind) in asked.parameters.clone() {
                kinds.entry(path).or_insert(kind);
            }
            needed_within.extend(asked.missing.iter().filter(|path| path.len() > 1).cloned());
            let mut set = outermost(&asked);
            set.insert(name);
            sets.push(set);
        }
        Self {
            kinds,
            alternatives: smallest(sets),
            needed_within,
        }
    }

    /// Names and schemas of the outermost ones.
    pub(super) fn outermost(&self) -> impl Iterator<Item = (&str, Value)> {
        let paths = self.kinds.keys().filter(|path| path.len() == 1);
        paths.map(|path| (path[0].as_str(), self.schema(path)))
    }

    /// What is needed whichever way is chosen.
    pub(super) fn always_needed(&self) -> BTreeSet<&str> {
        let mut sets = self.alternatives.iter();
        let first: BTreeSet<&str> = sets.next().into_iter().flatten().map(String::as_str).collect();
        sets.fold(first, |common, set| common.into_iter().filter(|name| set.contains(*name)).collect())
    }

    /// The schema of a body.
    pub(super) fn body(&self) -> Value {
        let always = self.always_needed();
        let properties: Map<String, Value> = self
            .outermost()
            .map(|(name, schema)| {
                let schema = if always.contains(name) { needed(schema) } else { or_null(schema) };
                (name.to_owned(), schema)
            })
            .collect();
        let mut body = json!({"type": "object", "properties": properties});
        if !always.is_empty() {
            body["required"] = json!(always);
        }
        if self.alternatives.len() > 1 {
            // What is chosen must be there with a value: null counts as absent, and so does a list of nothing.
            let ways = self.alternatives.iter().map(|set| {
                let given: Map<String, Value> = set
                    .iter()
                    .map(|name| (name.clone(), json!({"not": {"type": "null"}, "minItems": 1})))
                    .collect();
                json!({"required": set, "properties": given})
            });
            body["anyOf"] = ways.collect();
        }
        body
    }

    fn schema(&self, path: &[String]) -> Value {
        let mut schema = match &self.kinds[path] {
            OwnedKind::Id => json!({"type": "string", "format": "uuid"}),
            OwnedKind::Ids(most) => json!({"type": "array", "maxItems": most, "items": {"type": "string", "format": "uuid"}}),
            OwnedKind::OnlyId => {
                json!({"type": "array", "maxItems": 1, "items": {"type": "string", "format": "uuid"}})
            }
            OwnedKind::Text => text(),
            OwnedKind::Texts(most) => json!({"type": "array", "maxItems": most, "items": text()}),
            OwnedKind::Word(words) => json!({"type": "string", "enum": words}),
            OwnedKind::Parsed => json!({"type": "string"}),
            OwnedKind::Moment => json!({"type": "string", "format": "date-time"}),
            OwnedKind::MomentPair => {
                json!({"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "string", "format": "date-time"}})
            }
            OwnedKind::Flag => json!({"type": "boolean"}),
            OwnedKind::WholeNumber(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
            OwnedKind::Object => self.object(path),
        };
        schema["description"] = json!(meaning(path));
        schema
    }

    fn object(&self, path: &[String]) -> Value {
        let inner = self
            .kinds
            .keys()
            .filter(|inner| inner.len() == path.len() + 1 && inner.starts_with(path));
        let mut needed = Vec::new();
        let mut properties = Map::new();
        for inner in inner {
            let (Some(name), schema) = (inner.last(), self.schema(inner)) else {
                continue;
            };
            if self.needed_within.contains(inner) {
                needed.push(name.clone());
                properties.insert(name.clone(), schema);
            } else {
                properties.insert(name.clone(), or_null(schema));
            }
        }
        let mut schema = json!({"type": "object", "properties": properties});
        if !needed.is_empty() {
            schema["required"] = json!(needed);
        }
        schema
    }
}

/// Text around which there may be blanks, but which is not blank.
fn text() -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT, "pattern": "\\S"})
}

/// A list of nothing counts as absent.
pub(super) fn needed(mut schema: Value) -> Value {
    if schema["type"] == "array" {
        schema["minItems"] = json!(1);
    }
    schema
}

fn or_null(mut schema: Value) -> Value {
    if let Some(kind) = schema.get("type").cloned() {
        schema["type"] = json!([kind, "null"]);
    }
    if let Some(words) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        words.push(Value::Null);
    }
    schema
}

/// A value that a handler takes without a complaint about its form.
fn example(kind: &OwnedKind) -> Value {
    const ID: &str = "00000000-0000-4000-8000-000000000000";
    const MOMENT: &str = "2024-01-11T10:42:25.848Z";
    match kind {
        OwnedKind::Id => json!(ID),
        OwnedKind::Ids(_) | OwnedKind::OnlyId => json!([ID]),
        OwnedKind::Text | OwnedKind::Parsed => json!("x"),
        OwnedKind::Texts(_) => json!(["x"]),
        OwnedKind::Word(words) => json!(words[0]),
        OwnedKind::Moment => json!(MOMENT),
        OwnedKind::MomentPair => json!([MOMENT, MOMENT]),
        OwnedKind::Flag => json!(true),
        OwnedKind::WholeNumber(least, _) => json!(least),
        OwnedKind::Object => json!({}),
    }
}

/// What is asked for when one parameter is given. Its kind shows when it is read; `None`: it never is, since it is not supported.
async fn ask_with(endpoint: &Endpoint, name: &str, kinds: &BTreeMap<Vec<String>, OwnedKind>) -> Option<Asked> {
    let path = vec![name.to_owned()];
    let given = |kind: &OwnedKind| Value::Object(Map::from_iter([(name.to_owned(), example(kind))]));
    if let Some(kind) = kinds.get(&path) {
        return Some(endpoint.ask(given(kind)).await);
    }
    let first = endpoint.ask(given(&OwnedKind::Id)).await;
    let (_, kind) = first.parameters.iter().find(|(known, _)| *known == path)?;
    Some(endpoint.ask(given(kind)).await)
}

fn only(path: &[String]) -> Option<String> {
    let [name] = path else { return None };
    Some(name.clone())
}

/// Which of the outermost parameters are missing.
fn outermost(asked: &Asked) -> BTreeSet<String> {
    asked.missing.iter().filter_map(|path| only(path)).collect()
}

/// The sets that contain no other one.
fn smallest(mut sets: Vec<BTreeSet<String>>) -> Vec<BTreeSet<String>> {
    sets.sort();
    sets.dedup();
    let contains_another = |set: &BTreeSet<String>| sets.iter().any(|other| other != set && other.is_subset(set));
    sets.iter().filter(|set| !contains_another(set)).cloned().collect()
}
