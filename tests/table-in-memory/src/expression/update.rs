//! Updates: what is set, removed and added.

use serde_json::{Value, json};

use super::{Path, Placeholders, Reader, invalid, token::Token};
use crate::{
    attribute::{Item, number},
    refusal::Refusal,
};

/// An update expression.
#[derive(Clone, Debug)]
pub(crate) struct Update {
    changes: Vec<(Path, Change)>,
}

#[derive(Clone, Debug)]
enum Change {
    Set(Operand),
    Remove,
    Add(Value),
}

#[derive(Clone, Debug)]
enum Operand {
    Path(Path),
    Value(Value),
    IfNotExists(Path, Box<Self>),
    ListAppend(Box<Self>, Box<Self>),
    Plus(Box<Self>, Box<Self>),
    Minus(Box<Self>, Box<Self>),
}

impl Update {
    pub(crate) fn parse(expression: &str, placeholders: &Placeholders) -> Result<Self, Refusal> {
        let mut reader = Reader::new(expression, placeholders)?;
        let mut changes: Vec<(Path, Change)> = Vec::new();
        let mut sections = Vec::new();
        while let Some(Token::Word(section)) = reader.take() {
            let section = section.to_ascii_uppercase();
            if sections.contains(&section) {
                return Err(invalid(&format!("{section} can only be used once")));
            }
            loop {
                changes.push(change(&section, &mut reader)?);
                if !reader.sign(",") {
                    break;
                }
            }
            sections.push(section);
        }
        // The reader counts on past the end.
        if reader.next <= reader.tokens.len() {
            return Err(invalid("SET, REMOVE or ADD expected"));
        }
        for (place, (path, _)) in changes.iter().enumerate() {
            let mut others = changes.iter().take(place);
            if others.any(|(other, _)| path.is_within(other) || other.is_within(path)) {
                return Err(invalid("two document paths overlap with each other"));
            }
        }
        Ok(Self { changes })
    }

    /// The attributes that it changes.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = &str> {
        self.changes.iter().map(|(path, _)| path.attribute.as_str())
    }

    /// The item after the update. Everything is computed from the item as it was.
    pub(crate) fn apply(&self, before: &Item) -> Result<Item, Refusal> {
        let mut after = before.clone();
        for (path, change) in &self.changes {
            match change {
                Change::Set(operand) => path.set(&mut after, operand.value(before)?)?,
                Change::Remove => path.remove(&mut after)?,
                Change::Add(added) => {
                    let sum = match path.get(before) {
                        None => added.clone(),
                        Some(present) => sum(present, added)?,
                    };
                    path.set(&mut after, sum)?;
                }
            }
        }
        Ok(after)
    }
}

fn change(section: &str, reader: &mut Reader<'_>) -> Result<(Path, Change), Refusal> {
    let path = Path::read(reader)?;
    let change = match section {
        "SET" => {
            reader.expect("=")?;
            Change::Set(Operand::read(reader)?)
        }
        "REMOVE" => Change::Remove,
        "ADD" if path.is_an_attribute() => match reader.take() {
            Some(Token::Value(placeholder)) => {
                let added = reader.placeholders.value(&placeholder)?;
                // Sets are not known here.
                number(&added).ok_or_else(wrong_type)?;
                Change::Add(added)
            }
            other => return Err(invalid(&format!("a value expected, and found {other:?}"))),
        },
        other => return Err(invalid(&format!("{other} is not known here"))),
    };
    Ok((path, change))
}

impl Operand {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refusal> {
        let left = Self::single(reader)?;
        if reader.sign("+") {
            return Ok(Self::Plus(Box::new(left), Box::new(Self::single(reader)?)));
        }
        if reader.sign("-") {
            return Ok(Self::Minus(Box::new(left), Box::new(Self::single(reader)?)));
        }
        Ok(left)
    }

    fn single(reader: &mut Reader<'_>) -> Result<Self, Refusal> {
        if let Some(function) = reader.function() {
            let operand = match function.as_str() {
                "if_not_exists" => {
                    let path = Path::read(reader)?;
                    reader.expect(",")?;
                    Self::IfNotExists(path, Box::new(Self::read(reader)?))
                }
                "list_append" => {
                    let first = Self::read(reader)?;
                    reader.expect(",")?;
                    let second = Self::read(reader)?;
                    let is_no_list = |operand: &Self| matches!(operand, Self::Value(value) if value.get("L").is_none());
                    if is_no_list(&first) || is_no_list(&second) {
                        return Err(wrong_type());
                    }
                    Self::ListAppend(Box::new(first), Box::new(second))
                }
                other => return Err(invalid(&format!("the function {other} is not known here"))),
            };
            reader.expect(")")?;
            return Ok(operand);
        }
        if let Some(Token::Value(placeholder)) = reader.peek().cloned() {
            reader.take();
            return Ok(Self::Value(reader.placeholders.value(&placeholder)?));
        }
        Ok(Self::Path(Path::read(reader)?))
    }

    fn value(&self, item: &Item) -> Result<Value, Refusal> {
        match self {
            Self::Path(path) => path
                .get(item)
                .cloned()
                .ok_or_else(|| Refusal::validation("The provided expression refers to an attribute that does not exist in the item")),
            Self::Value(value) => Ok(value.clone()),
            Self::IfNotExists(path, otherwise) => path.get(item).cloned().map_or_else(|| otherwise.value(item), Ok),
            Self::ListAppend(first, second) => {
                let list = |operand: &Self| {
                    operand
                        .value(item)?
                        .get("L")
                        .and_then(Value::as_array)
                        .cloned()
                        .ok_or_else(wrong_type)
                };
                let joined = [list(first)?, list(second)?].concat();
                Ok(json!({ "L": joined }))
            }
            Self::Plus(left, right) => sum(&left.value(item)?, &right.value(item)?),
            Self::Minus(left, right) => {
                let (left, right) = (number(&left.value(item)?), number(&right.value(item)?));
                let difference = left.zip(right).and_then(|(left, right)| left.minus(right));
                let difference = difference.ok_or_else(wrong_type)?;
                Ok(json!({ "N": difference.text() }))
            }
        }
    }
}

fn sum(left: &Value, right: &Value) -> Result<Value, Refusal> {
    let sum = number(left).zip(number(right)).and_then(|(left, right)| left.plus(right));
    let sum = sum.ok_or_else(wrong_type)?;
    Ok(json!({ "N": sum.text() }))
}

fn wrong_type() -> Refusal {
    Refusal::validation("An operand in the update expression has an incorrect data type")
}
