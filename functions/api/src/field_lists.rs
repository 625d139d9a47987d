//! Reading parameters that are lists: in the body an array, in the query string a name that is repeated, or texts with commas between.

use std::str::FromStr;

use fobless::domain::time::Timestamp;
use serde_json::Value;

use crate::{
    fields::{EMPTY, Fields, LONGEST_TEXT, MOST_VALUES, too_long},
    given::{Given, QueryTexts},
    kind::Kind,
    literals::{parse_moment, parse_uuid},
};

impl Fields<'_> {
    /// A list of ids; empty when it is absent.
    pub(crate) fn ids<T: FromStr>(&self, name: &str) -> Option<Vec<T>> {
        self.ids_up_to(name, MOST_VALUES)
    }

    /// A list of so many ids at most; empty when it is absent.
    pub(crate) fn ids_up_to<T: FromStr>(&self, name: &str, most: usize) -> Option<Vec<T>> {
        self.asks(name, Kind::Ids { most });
        let texts = self.texts_up_to(name, most)?;
        let ids: Option<Vec<T>> = texts.iter().map(|text| parse_uuid(text.trim())).collect();
        if ids.is_none() {
            self.issue(name, "Invalid uuid");
        }
        ids
    }

    /// A list of one id, as older clients write an id.
    pub(crate) fn only_id<T: FromStr + Copy>(&self, name: &str) -> Option<T> {
        self.asks(name, Kind::OnlyId);
        let ids: Vec<T> = self.ids(name)?;
        if ids.len() > 1 {
            self.issue(name, "Array must contain exactly 1 element(s)");
        }
        ids.first().copied()
    }

    /// Two moments.
    pub(crate) fn moment_pair(&self, name: &str) -> Option<[Timestamp; 2]> {
        self.asks(name, Kind::MomentPair);
        let texts = self.texts(name)?;
        let moments: Option<Vec<Timestamp>> = texts.iter().map(|text| parse_moment(text.trim())).collect();
        match moments.as_deref() {
            None => self.wrong(name, "Invalid datetime"),
            Some(&[first, second]) => Some([first, second]),
            Some([]) => None,
            Some(_) => self.wrong(name, "Array must contain exactly 2 element(s)"),
        }
    }

    /// A list of texts; empty when it is absent.
    pub(crate) fn texts(&self, name: &str) -> Option<Vec<String>> {
        self.texts_up_to(name, MOST_VALUES)
    }

    /// A list of so many texts at most; empty when it is absent.
    pub(crate) fn texts_up_to(&self, name: &str, most: usize) -> Option<Vec<String>> {
        self.asks(name, Kind::Texts { most });
        let texts = match self.parameters.get(name) {
            None | Some(Given::Json(Value::Null)) => Vec::new(),
            Some(Given::Query(query)) => self.query_list(name, query)?,
            Some(Given::Json(Value::Array(values))) => {
                let texts: Option<Vec<String>> = values.iter().map(|value| value.as_str().map(str::to_owned)).collect();
                let Some(texts) = texts else {
                    return self.wrong(name, "Expected an array of strings");
                };
                texts
            }
            Some(Given::Json(other)) => return self.wrong_type(name, "array", other),
            Some(Given::Object(_)) => return self.wrong(name, "Expected array, received object"),
        };
        if texts.len() > most {
            return self.wrong(name, &format!("Array must contain at most {most} element(s)"));
        }
        if texts.iter().any(|text| text.chars().count() > LONGEST_TEXT) {
            return self.wrong(name, &too_long());
        }
        if texts.iter().any(|text| text.trim().is_empty()) {
            return self.wrong(name, EMPTY);
        }
        Some(texts)
    }

    fn query_list(&self, name: &str, query: &QueryTexts) -> Option<Vec<String>> {
        let texts = &query.texts;
        if query.is_mixed || (texts.len() > 1 && texts.iter().any(|text| text.contains(','))) {
            return self.contradiction(name);
        }
        let parts: Vec<&str> = match texts.as_slice() {
            [only] if !query.is_bracketed => only.split(',').collect(),
            several => several.iter().map(String::as_str).collect(),
        };
        Some(
            parts
                .into_iter()
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect(),
        )
    }
}
