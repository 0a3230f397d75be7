//! Parameters in the query of a URL: each is asked for by name, and one that nobody asked for is refused.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jiff::Zoned;
use memory::Millis;
use percent_encoding::percent_decode_str;
use wire::when::{self, TimeBound};

use crate::api_error::ApiError;

/// Characters of a parameter.
const MAX_VALUE_CHARACTERS: usize = 10_000;

/// The parameters of a request's query, each of which can be taken once.
#[derive(Debug)]
pub struct QueryValues {
    values: BTreeMap<String, String>,
}

impl<S: Sync> FromRequestParts<S> for QueryValues {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Self::read(parts.uri.query().unwrap_or_default())
    }
}

impl QueryValues {
    /// Reads a query as forms write it.
    ///
    /// # Errors
    /// 400 for what is no UTF-8, is given twice or too long.
    pub fn read(query: &str) -> Result<Self, ApiError> {
        let mut values = BTreeMap::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name, "query")?;
            let value = decoded(value, &name)?;
            if value.chars().count() > MAX_VALUE_CHARACTERS {
                let why = format!("has more than {MAX_VALUE_CHARACTERS} characters");
                return Err(wrong(&name, &why));
            }
            if values.contains_key(&name) {
                return Err(wrong(&name, "is given twice"));
            }
            values.insert(name, value);
        }
        Ok(Self { values })
    }

    /// A parameter's text; an empty one counts as not given.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.values.remove(name).filter(|value| !value.is_empty())
    }

    /// A parameter that must be given.
    ///
    /// # Errors
    /// 400 if it isn't, or is empty.
    pub fn required(&mut self, name: &str) -> Result<String, ApiError> {
        let text = self.text(name);
        text.ok_or_else(|| wrong(name, "is missing"))
    }

    /// A parameter of which an empty one is wrong.
    fn word(&mut self, name: &str) -> Option<String> {
        self.values.remove(name)
    }

    /// A whole number within bounds.
    ///
    /// # Errors
    /// 400 if it isn't one.
    pub fn number(
        &mut self,
        name: &str,
        bounds: RangeInclusive<usize>,
    ) -> Result<Option<usize>, ApiError> {
        let Some(text) = self.word(name) else {
            return Ok(None);
        };
        let number = text.parse().ok().filter(|number| bounds.contains(number));
        let (start, end) = (bounds.start(), bounds.end());
        let why = || format!("isn't a whole number from {start} to {end}");
        number.map(Some).ok_or_else(|| wrong(name, &why()))
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// 400 if it is neither.
    pub fn flag(&mut self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.word(name).as_deref() {
            None => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(_) => Err(wrong(name, "isn't `true` or `false`")),
        }
    }

    /// One of several words.
    ///
    /// # Errors
    /// 400 if it is none of them.
    pub fn choice<T>(
        &mut self,
        name: &str,
        known: &[&str],
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        let Some(text) = self.word(name) else {
            return Ok(None);
        };
        let why = || format!("isn't one of {}", known.join(", "));
        read(&text).map(Some).ok_or_else(|| wrong(name, &why()))
    }

    /// A time, as people write it.
    ///
    /// # Errors
    /// 400 if it can't be read.
    pub fn time(
        &mut self,
        name: &str,
        bound: TimeBound,
        now: &Zoned,
    ) -> Result<Option<Millis>, ApiError> {
        let Some(text) = self.word(name) else {
            return Ok(None);
        };
        let read = when::parse(&text, bound, now);
        read.map(Some)
            .map_err(|why| wrong(name, "can't be read as a time").hint(why))
    }

    /// Fails if a parameter is left that nobody asked for.
    ///
    /// # Errors
    /// 400, which names it.
    pub fn finish(self) -> Result<(), ApiError> {
        match self.values.into_keys().next() {
            None => Ok(()),
            Some(name) => Err(wrong(&name, "is no parameter of this route")),
        }
    }
}

/// What is wrong with a parameter.
fn wrong(name: &str, why: &str) -> ApiError {
    ApiError::invalid(name, format!("`{name}` {why}"))
}

fn decoded(text: &str, name: &str) -> Result<String, ApiError> {
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8();
    let decoded = decoded.map_err(|_| wrong(name, "isn't UTF-8"))?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_read_as_forms_write_them() {
        let mut query = QueryValues::read("q=a+b%20%C3%A9&&limit=7&on=1&empty=").expect("a query");
        assert_eq!(query.required("q").expect("it is there"), "a b é");
        assert_eq!(query.number("limit", 1..=10).expect("it fits"), Some(7));
        assert_eq!(query.flag("on").expect("a flag"), Some(true));
        assert_eq!(query.text("empty"), None);
        query.finish().expect("nothing is left");
    }

    #[test]
    fn what_is_wrong_is_refused() {
        let refused = |query: &str| {
            let mut query = QueryValues::read(query)?;
            query.number("limit", 1..=10)?;
            query.flag("on")?;
            query.finish()
        };
        for query in [
            "limit=11",
            "limit=x",
            "limit=-1",
            "on=maybe",
            "x=1",
            "on=1&on=1",
            "q=%ff",
        ] {
            let error = refused(query).expect_err(query);
            assert_eq!(error.status().as_u16(), 400, "{query}");
        }
    }
}
