//! Where in an item something is.

use serde_json::Value;

use super::{Reader, invalid, reserved_words::is_reserved, token::Token};
use crate::{attribute::Item, refusal::Refusal};

/// A place in an item: an attribute, and steps into maps and lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) attribute: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

impl Path {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Refusal> {
        let attribute = Self::name(reader)?;
        let mut steps = Vec::new();
        loop {
            if reader.sign(".") {
                steps.push(Step::Name(Self::name(reader)?));
            } else if reader.sign("[") {
                let Some(Token::Index(index)) = reader.take() else {
                    return Err(invalid("a place in a list expected"));
                };
                reader.expect("]")?;
                steps.push(Step::Index(index));
            } else {
                return Ok(Self { attribute, steps });
            }
        }
    }

    fn name(reader: &mut Reader<'_>) -> Result<String, Refusal> {
        match reader.take() {
            Some(Token::Word(word)) if is_reserved(&word) => Err(invalid(&format!("the word {word} is reserved"))),
            Some(Token::Word(name)) => Ok(name),
            Some(Token::Name(placeholder)) => reader.placeholders.name(&placeholder),
            other => Err(invalid(&format!("an attribute expected, and found {other:?}"))),
        }
    }

    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.attribute == other.attribute && self.steps.starts_with(&other.steps)
    }

    pub(crate) fn is_an_attribute(&self) -> bool {
        self.steps.is_empty()
    }

    /// What is there.
    pub(crate) fn get<'a>(&self, item: &'a Item) -> Option<&'a Value> {
        self.steps.iter().try_fold(item.get(&self.attribute)?, |value, step| match step {
            Step::Name(name) => value.get("M")?.get(name),
            Step::Index(index) => value.get("L")?.get(index),
        })
    }

    /// Puts something there. What it is to be in must be there.
    pub(crate) fn set(&self, item: &mut Item, value: Value) -> Result<(), Refusal> {
        let Some((last, _)) = self.steps.split_last() else {
            item.insert(self.attribute.clone(), value);
            return Ok(());
        };
        let parent = self.parent(item).ok_or_else(no_such_path)?;
        match last {
            Step::Name(name) => {
                let map = parent.get_mut("M").and_then(Value::as_object_mut).ok_or_else(no_such_path)?;
                map.insert(name.clone(), value);
            }
            Step::Index(index) => {
                let elements = parent.get_mut("L").and_then(Value::as_array_mut).ok_or_else(no_such_path)?;
                match elements.get_mut(*index) {
                    Some(place) => *place = value,
                    None => elements.push(value),
                }
            }
        }
        Ok(())
    }

    /// Takes away what is there.
    pub(crate) fn remove(&self, item: &mut Item) -> Result<(), Refusal> {
        let Some((last, _)) = self.steps.split_last() else {
            item.remove(&self.attribute);
            return Ok(());
        };
        let parent = self.parent(item).ok_or_else(no_such_path)?;
        match last {
            Step::Name(name) => {
                parent
                    .get_mut("M")
                    .and_then(Value::as_object_mut)
                    .ok_or_else(no_such_path)?
                    .remove(name);
            }
            Step::Index(index) => {
                let elements = parent.get_mut("L").and_then(Value::as_array_mut).ok_or_else(no_such_path)?;
                if *index < elements.len() {
                    elements.remove(*index);
                }
            }
        }
        Ok(())
    }

    fn parent<'a>(&self, item: &'a mut Item) -> Option<&'a mut Value> {
        let (_, way) = self.steps.split_last()?;
        way.iter().try_fold(item.get_mut(&self.attribute)?, |value, step| match step {
            Step::Name(name) => value.get_mut("M")?.get_mut(name),
            Step::Index(index) => value.get_mut("L")?.get_mut(index),
        })
    }
}

fn no_such_path() -> Refusal {
    Refusal::validation("The document path provided in the update expression is invalid for update")
}
