//! Conditions: of writes, of queries' keys, of filters.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::{Path, Placeholders, Reader, invalid, token::Token};
use crate::{
    attribute::{Item, compare, typed},
    refusal::Refusal,
};

/// A condition.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    Any(Vec<Self>),
    All(Vec<Self>),
    Not(Box<Self>),
    Exists(Path),
    Compare(&'static str, Operand, Operand),
    Between(Operand, Operand, Operand),
    In(Operand, Vec<Operand>),
    BeginsWith(Operand, Operand),
    Contains(Path, Operand),
}

/// What is compared.
#[derive(Clone, Debug)]
pub(crate) enum Operand {
    Path(Path),
    Value(Value),
    Size(Path),
}

impl Condition {
    pub(crate) fn parse(expression: &str, placeholders: &Placeholders) -> Result<Self, Refusal> {
        let mut reader = Reader::new(expression, placeholders)?;
        let condition = Self::any(&mut reader)?;
        reader.end()?;
        Ok(condition)
    }

    fn any(reader: &mut Reader<'_>) -> Result<Self, Refusal> {
        let mut parts = vec![Self::all(reader)?];
        while reader.word("OR") {
            parts.push(Self::all(reader)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Self::Any(parts) })
    }

    fn all(reader: &mut Reader<'_>) -> Result<Self, Refusal> {
        let mut parts = vec![Self::not(reader)?];
        while reader.word("AND") {
            parts.push(Self::not(reader)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Self::All(parts) })
    }

    fn not(reader: &mut Reader<'_>) -> Result<Self, Refusal> {
        if reader.word("NOT") {
            return Ok(Self::Not(Box::new(Self::not(reader)?)));
        }
        if reader.sign("(") {
            let inner = Self::any(reader)?;
            reader.expect(")")?;
            return Ok(inner);
        }
        Self::single(reader)
    }

    fn single(reader: &mut Reader<'_>) -> Result<Self, Refusal> {
        let before = reader.next;
        let condition = match reader.function().as_deref() {
            Some("attribute_exists") => Self::Exists(Path::read(reader)?),
            Some("attribute_not_exists") => Self::Not(Box::new(Self::Exists(Path::read(reader)?))),
            Some("begins_with") => {
                let whole = Operand::read(reader)?;
                reader.expect(",")?;
                let beginning = Operand::read(reader)?;
                if matches!(&beginning, Operand::Value(value) if value.get("S").is_none()) {
                    return Err(invalid("a beginning is a text"));
                }
                Self::BeginsWith(whole, beginning)
            }
            Some("contains") => {
                let whole = Path::read(reader)?;
                reader.expect(",")?;
                Self::Contains(whole, Operand::read(reader)?)
            }
            Some("size") | None => {
                reader.next = before;
                return Self::comparison(reader);
            }
            Some(other) => return Err(invalid(&format!("the function {other} is not known here"))),
        };
        reader.expect(")")?;
        Ok(condition)
    }

    fn comparison(reader: &mut Reader<'_>) -> Result<Self, Refusal> {
        let left = Operand::read(reader)?;
        if reader.word("BETWEEN") {
            let low = Operand::read(reader)?;
            if !reader.word("AND") {
                return Err(invalid("AND expected"));
            }
            let high = Operand::read(reader)?;
            if let (Operand::Value(low), Operand::Value(high)) = (&low, &high)
                && !compares("<=", Some(low), Some(high))
            {
                return Err(invalid("the upper bound of BETWEEN must be as great as the lower one"));
            }
            return Ok(Self::Between(left, low, high));
        }
        if reader.word("IN") {
            reader.expect("(")?;
            let mut among = vec![Operand::read(reader)?];
            while reader.sign(",") {
                among.push(Operand::read(reader)?);
            }
            reader.expect(")")?;
            return Ok(Self::In(left, among));
        }
        match reader.take() {
            Some(Token::Sign(sign @ ("=" | "<>" | "<" | "<=" | ">" | ">="))) => Ok(Self::Compare(sign, left, Operand::read(reader)?)),
            other => Err(invalid(&format!("a comparison expected, and found {other:?}"))),
        }
    }

    /// Whether it holds for the item. An item that is not there has no attributes.
    pub(crate) fn holds(&self, item: &Item) -> bool {
        match self {
            Self::Any(parts) => parts.iter().any(|part| part.holds(item)),
            Self::All(parts) => parts.iter().all(|part| part.holds(item)),
            Self::Not(inner) => !inner.holds(item),
            Self::Exists(path) => path.get(item).is_some(),
            Self::Compare(sign, left, right) => compares(sign, left.value(item).as_ref(), right.value(item).as_ref()),
            Self::Between(value, low, high) => {
                let value = value.value(item);
                compares(">=", value.as_ref(), low.value(item).as_ref()) && compares("<=", value.as_ref(), high.value(item).as_ref())
            }
            Self::In(value, among) => {
                let value = value.value(item);
                value.is_some() && among.iter().any(|one| one.value(item) == value)
            }
            Self::BeginsWith(whole, beginning) => {
                let text = |operand: &Operand| Some(operand.value(item)?.get("S")?.as_str()?.to_owned());
                matches!((text(whole), text(beginning)), (Some(whole), Some(beginning)) if whole.starts_with(&beginning))
            }
            Self::Contains(whole, part) => contains(whole.get(item), part.value(item).as_ref()),
        }
    }

    /// What an attribute has to be equal to.
    pub(crate) fn equal_to(&self, name: &str) -> Option<&Value> {
        match self {
            Self::All(parts) => parts.iter().find_map(|part| part.equal_to(name)),
            Self::Compare("=", Operand::Path(path), Operand::Value(value)) if path.attribute == name => Some(value),
            _ => None,
        }
    }

    /// The attributes that a query's key condition speaks of; `None` when it says what no key condition may say.
    pub(crate) fn key_attributes(&self) -> Option<Vec<&str>> {
        match self {
            Self::All(parts) => {
                let parts = parts.iter().map(Self::key_attributes);
                Some(parts.collect::<Option<Vec<_>>>()?.concat())
            }
            Self::Compare(sign, Operand::Path(path), Operand::Value(_)) if *sign != "<>" => Some(vec![&path.attribute]),
            Self::Between(Operand::Path(path), ..) | Self::BeginsWith(Operand::Path(path), _) => Some(vec![&path.attribute]),
            _ => None,
        }
    }
}

impl Operand {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Refusal> {
        if let Some(function) = reader.function() {
            if function != "size" {
                return Err(invalid(&format!("the function {function} is no operand")));
            }
            let path = Path::read(reader)?;
            reader.expect(")")?;
            return Ok(Self::Size(path));
        }
        if let Some(Token::Value(placeholder)) = reader.peek().cloned() {
            reader.take();
            return Ok(Self::Value(reader.placeholders.value(&placeholder)?));
        }
        Ok(Self::Path(Path::read(reader)?))
    }

    fn value(&self, item: &Item) -> Option<Value> {
        match self {
            Self::Path(path) => path.get(item).cloned(),
            Self::Value(value) => Some(value.clone()),
            Self::Size(path) => {
                let length = match typed(path.get(item)?)? {
                    ("S", text) => text.as_str()?.chars().count(),
                    ("L" | "SS", list) => list.as_array()?.len(),
                    ("M", map) => map.as_object()?.len(),
                    _ => return None,
                };
                Some(json!({ "N": length.to_string() }))
            }
        }
    }
}

/// A comparison with what is not there never holds, but for the one that asks for a difference.
fn compares(sign: &str, left: Option<&Value>, right: Option<&Value>) -> bool {
    let (Some(left), Some(right)) = (left, right) else {
        return sign == "<>" && left != right;
    };
    match sign {
        "=" => left == right,
        "<>" => left != right,
        _ => compare(left, right).is_some_and(|order| match sign {
            "<" => order == Ordering::Less,
            "<=" => order != Ordering::Greater,
            ">" => order == Ordering::Greater,
            _ => order != Ordering::Less,
        }),
    }
}

fn contains(whole: Option<&Value>, part: Option<&Value>) -> bool {
    let (Some((kind, whole)), Some(part)) = (whole.and_then(typed), part) else {
        return false;
    };
    let text = part.get("S").and_then(Value::as_str);
    match kind {
        "S" => matches!((whole.as_str(), text), (Some(whole), Some(part)) if whole.contains(part)),
        "SS" => whole.as_array().into_iter().flatten().any(|one| one.as_str() == text),
        "L" => whole.as_array().into_iter().flatten().any(|one| one == part),
        _ => false,
    }
}
