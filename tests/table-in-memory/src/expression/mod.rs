//! DynamoDB's expressions, as far as they are used: conditions, updates, and the names and values that they speak of.

mod condition;
mod path;
mod reserved_words;
mod token;
mod update;

use std::{cell::RefCell, collections::BTreeSet};

use serde_json::Value;

use self::token::{Token, tokens};
pub(crate) use self::{condition::Condition, path::Path, update::Update};
use crate::{
    attribute::{Item, normalise_map},
    refusal::Refusal,
};

/// The names and values that a request's expressions may speak of. What none of them does is refused in the end.
#[derive(Debug)]
pub(crate) struct Placeholders {
    names: Item,
    values: Item,
    used: RefCell<BTreeSet<String>>,
}

/// What is left to read of an expression.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    tokens: Vec<Token>,
    next: usize,
    placeholders: &'a Placeholders,
}

impl Placeholders {
    pub(crate) fn of(body: &Value) -> Result<Self, Refusal> {
        let map = |name: &str| body.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
        let mut values = map("ExpressionAttributeValues");
        normalise_map(&mut values)?;
        Ok(Self {
            names: map("ExpressionAttributeNames"),
            values,
            used: RefCell::default(),
        })
    }

    fn name(&self, placeholder: &str) -> Result<String, Refusal> {
        self.used.borrow_mut().insert(placeholder.to_owned());
        let name = self.names.get(placeholder).and_then(Value::as_str);
        name.map(str::to_owned)
            .ok_or_else(|| invalid(&format!("an attribute name used in it is not defined: {placeholder}")))
    }

    fn value(&self, placeholder: &str) -> Result<Value, Refusal> {
        self.used.borrow_mut().insert(placeholder.to_owned());
        let value = self.values.get(placeholder).cloned();
        value.ok_or_else(|| invalid(&format!("an attribute value used in it is not defined: {placeholder}")))
    }

    /// DynamoDB refuses names and values that nothing uses.
    pub(crate) fn all_used(&self) -> Result<(), Refusal> {
        let used = self.used.borrow();
        match self.names.keys().chain(self.values.keys()).find(|name| !used.contains(*name)) {
            Some(unused) => Err(invalid(&format!("unused in expressions: {unused}"))),
            None => Ok(()),
        }
    }
}

impl<'a> Reader<'a> {
    fn new(expression: &str, placeholders: &'a Placeholders) -> Result<Self, Refusal> {
        Ok(Self {
            tokens: tokens(expression)?,
            next: 0,
            placeholders,
        })
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.next).cloned();
        self.next += 1;
        token
    }

    /// Takes this sign, if it is next.
    fn sign(&mut self, sign: &str) -> bool {
        let is_next = matches!(self.peek(), Some(Token::Sign(next)) if *next == sign);
        self.next += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, sign: &str) -> Result<(), Refusal> {
        if self.sign(sign) {
            Ok(())
        } else {
            Err(invalid(&format!("{sign} expected, and found {:?}", self.peek())))
        }
    }

    /// Takes this word, if it is next, in whatever case.
    fn word(&mut self, word: &str) -> bool {
        let is_next = matches!(self.peek(), Some(Token::Word(next)) if next.eq_ignore_ascii_case(word));
        self.next += usize::from(is_next);
        is_next
    }

    /// The function that is next, its opening parenthesis taken with it.
    fn function(&mut self) -> Option<String> {
        let opens = matches!(self.tokens.get(self.next + 1), Some(Token::Sign("(")));
        match self.peek() {
            Some(Token::Word(name)) if opens => {
                let name = name.clone();
                self.next += 2;
                Some(name)
            }
            _ => None,
        }
    }

    fn end(&self) -> Result<(), Refusal> {
        match self.peek() {
            None => Ok(()),
            Some(token) => Err(invalid(&format!("unexpected: {token:?}"))),
        }
    }
}

fn invalid(what: &str) -> Refusal {
    Refusal::validation(format!("Invalid expression: {what}"))
}
