//! Reading template.yaml.

use serde_json::{Value, json};

/// The template as JSON, its short forms as objects: `!Ref Table` is `{"!Ref": "Table"}`.
pub(crate) fn template() -> Value {
    let yaml = serde_yaml_ng::from_str(include_str!("../../../template.yaml")).expect("template.yaml is YAML");
    plain(yaml)
}

fn plain(yaml: serde_yaml_ng::Value) -> Value {
    use serde_yaml_ng::Value as Yaml;
    match yaml {
        Yaml::Tagged(tagged) => json!({ tagged.tag.to_string(): plain(tagged.value) }),
        Yaml::Sequence(items) => items.into_iter().map(plain).collect(),
        Yaml::Mapping(entries) => entries
            .into_iter()
            .map(|(name, value)| (name.as_str().expect("names are text").to_owned(), plain(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        scalar => serde_json::to_value(scalar).expect("a scalar is JSON"),
    }
}

/// What the template has at `path`, names with dots between them.
pub(crate) fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(value, |value, name| {
        value.get(name).unwrap_or_else(|| panic!("template.yaml has no {name} of {path}"))
    })
}

pub(crate) fn table() -> Value {
    at(&template(), "Resources.Table.Properties").clone()
}

/// The properties of a function, those of `Globals` included.
pub(crate) fn function(name: &str) -> Value {
    let template = template();
    let mut properties = at(&template, "Globals.Function").clone();
    merge(&mut properties, at(&template, &format!("Resources.{name}.Properties")));
    properties
}

fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

/// One or several: IAM takes both.
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    value
        .as_str()
        .map_or_else(|| list(value).iter().map(text).collect(), |one| vec![one])
}

pub(crate) fn role_of(function_name: &str) -> String {
    let properties = function(function_name);
    let reference = text(at(&properties, "Role.!GetAtt"));
    reference.strip_suffix(".Arn").expect("a role is given by its ARN").to_owned()
}

pub(crate) fn statements(role: &str) -> Vec<Value> {
    let template = template();
    let policies = list(at(&template, &format!("Resources.{role}.Properties.Policies"))).to_vec();
    policies
        .iter()
        .flat_map(|policy| list(at(policy, "PolicyDocument.Statement")).to_vec())
        .collect()
}

/// The keys of partitions that a condition names in the role's statement about `action`.
pub(crate) fn leading_keys(role: &str, action: &str, operator: &str) -> Vec<String> {
    let statements = statements(role);
    let about_action = |statement: &&Value| texts(at(statement, "Action")).contains(&action) && statement.get("Condition").is_some();
    let statement = statements
        .iter()
        .find(about_action)
        .unwrap_or_else(|| panic!("{role} may not {action} on a condition"));
    texts(&at(statement, "Condition")[operator]["dynamodb:LeadingKeys"])
        .into_iter()
        .map(str::to_owned)
        .collect()
}

pub(crate) fn matches(pattern: &str, key: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == key, |prefix| key.starts_with(prefix))
}
