//! The JSON values that every format shares, read leniently: a field of the wrong type reads as
//! absent, so that one odd field doesn't cost the record. Must not know any format.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::{Millis, bounds, time};

/// The visitor methods of the JSON types that say nothing to the visitor at hand.
macro_rules! nothing_from {
    (@bool) => { fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> { Ok(Self::Value::default()) } };
    (@integer) => {
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> { Ok(Self::Value::default()) }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> { Ok(Self::Value::default()) }
    };
    (@float) => { fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> { Ok(Self::Value::default()) } };
    (@text) => { fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> { Ok(Self::Value::default()) } };
    (@null) => { fn visit_unit<E>(self) -> Result<Self::Value, E> { Ok(Self::Value::default()) } };
    (@array) => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            while items.next_element::<serde::de::IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
    (@object) => {
        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            while entries.next_entry::<serde::de::IgnoredAny, serde::de::IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
    ($($kind:ident)+) => { $( nothing_from!(@$kind); )+ };
}
pub(crate) use nothing_from;

/// A string, or nothing where there is another type. Numbers count as their digits: some formats
/// have numeric ids.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct JsonText<'a>(Option<Cow<'a, str>>);

impl<'a> JsonText<'a> {
    /// The string, empty where there is none.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// The string, unless it is absent or empty.
    pub(crate) fn get(&self) -> Option<&str> {
        self.0.as_deref().filter(|text| !text.is_empty())
    }

    pub(crate) fn into_string(self) -> String {
        self.0.map(Cow::into_owned).unwrap_or_default()
    }
}

impl<'a> From<Cow<'a, str>> for JsonText<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self(Some(text))
    }
}

struct JsonTextVisitor;

impl<'de> Visitor<'de> for JsonTextVisitor {
    type Value = JsonText<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(JsonText(Some(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(JsonText(Some(Cow::Owned(text.to_owned()))))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(JsonText(Some(Cow::Owned(number.to_string()))))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(JsonText(Some(Cow::Owned(number.to_string()))))
    }

    nothing_from!(bool float null array object);
}

impl<'de: 'a, 'a> Deserialize<'de> for JsonText<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(JsonTextVisitor)
    }
}

/// A truth value; anything but `true` is false.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct JsonFlag(pub(crate) bool);

struct FlagVisitor;

impl<'de> Visitor<'de> for FlagVisitor {
    type Value = JsonFlag;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true or false")
    }

    fn visit_bool<E>(self, value: bool) -> Result<JsonFlag, E> {
        Ok(JsonFlag(value))
    }

    nothing_from!(integer float text null array object);
}

impl<'de> Deserialize<'de> for JsonFlag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(FlagVisitor)
    }
}

/// A count; anything but a number from 0 up is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct JsonCount(pub(crate) u64);

struct CountVisitor;

impl<'de> Visitor<'de> for CountVisitor {
    type Value = JsonCount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_u64<E>(self, value: u64) -> Result<JsonCount, E> {
        Ok(JsonCount(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<JsonCount, E> {
        Ok(JsonCount(u64::try_from(value).unwrap_or_default()))
    }

    nothing_from!(bool float text null array object);
}

impl<'de> Deserialize<'de> for JsonCount {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(CountVisitor)
    }
}

/// A time: a number since 1970, in seconds, milliseconds, microseconds or nanoseconds by its size, or a text with
/// such a number or in RFC 3339 form.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct JsonTime(pub(crate) Option<Millis>);

struct JsonTimeVisitor;

impl<'de> Visitor<'de> for JsonTimeVisitor {
    type Value = JsonTime;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time")
    }

    fn visit_f64<E>(self, number: f64) -> Result<JsonTime, E> {
        Ok(JsonTime(time::since_epoch(number)))
    }

    #[expect(clippy::cast_precision_loss, reason = "times need 53 bits at most")]
    fn visit_i64<E>(self, number: i64) -> Result<JsonTime, E> {
        Ok(JsonTime(time::since_epoch(number as f64)))
    }

    #[expect(clippy::cast_precision_loss, reason = "times need 53 bits at most")]
    fn visit_u64<E>(self, number: u64) -> Result<JsonTime, E> {
        Ok(JsonTime(time::since_epoch(number as f64)))
    }

    fn visit_str<E>(self, text: &str) -> Result<JsonTime, E> {
        let number = || text.trim().parse().ok().and_then(time::since_epoch);
        Ok(JsonTime(time::millis(text).or_else(number)))
    }

    nothing_from!(bool null array object);
}

impl<'de> Deserialize<'de> for JsonTime {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(JsonTimeVisitor)
    }
}

/// An object, or nothing where there is another type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonObject<T>(pub(crate) Option<T>);

impl<T> Default for JsonObject<T> {
    fn default() -> Self {
        Self(None)
    }
}

struct ObjectVisitor<T>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = JsonObject<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(entries)).map(|value| JsonObject(Some(value)))
    }

    nothing_from!(bool integer float text null array);
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for JsonObject<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ObjectVisitor(std::marker::PhantomData))
    }
}

/// An array, or nothing where there is another type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonArray<T>(pub(crate) Vec<T>);

impl<T> Default for JsonArray<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

struct ArrayVisitor<T>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ArrayVisitor<T> {
    type Value = JsonArray<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = bounds::next_item(&mut items)? {
            all.push(item);
        }
        Ok(JsonArray(all))
    }

    nothing_from!(bool integer float text null object);
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for JsonArray<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ArrayVisitor(std::marker::PhantomData))
    }
}

/// The entries of an object, in order.
pub(crate) struct JsonEntries<'a>(pub(crate) Vec<(JsonText<'a>, &'a RawValue)>);

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = JsonEntries<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            if bounds::take_item() {
                entries.push(entry);
            }
        }
        Ok(JsonEntries(entries))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for JsonEntries<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(EntriesVisitor)
    }
}

/// A JSON value as text that any JSON parser takes: JavaScript cuts strings in the middle of
/// surrogate pairs and writes the halves, which strict parsers refuse.
pub(crate) fn json_text(raw: &RawValue) -> String {
    whole_surrogates(raw.get()).into_owned()
}

/// Arguments of a call, as JSON text: they stand as JSON in a string, or as they are.
pub(crate) fn arguments_text(raw: &RawValue) -> String {
    match serde_json::from_str::<String>(raw.get()) {
        Ok(text) => text,
        Err(_) => json_text(raw),
    }
}

/// Replaces the escapes of lone surrogates by that of U+FFFD.
pub(crate) fn whole_surrogates(json: &str) -> Cow<'_, str> {
    let bytes = json.as_bytes();
    let mut fixed: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[at..]) {
        let escape = at + found;
        let Some(unit) = surrogate(bytes, escape) else {
            at = (escape + 2).min(bytes.len());
            continue;
        };
        let paired = unit < 0xDC00 && surrogate(bytes, escape + 6).is_some_and(|low| low >= 0xDC00);
        if paired {
            at = escape + 12;
        } else {
            let out = fixed.get_or_insert_with(|| bytes.to_vec());
            out[escape + 2..escape + 6].copy_from_slice(b"fffd");
            at = escape + 6;
        }
    }
    match fixed {
        Some(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        None => Cow::Borrowed(json),
    }
}

/// The surrogate that the escape at this place stands for, if it is one.
fn surrogate(bytes: &[u8], escape: usize) -> Option<u16> {
    let escape = bytes.get(escape..escape + 6)?;
    let digits = escape.strip_prefix(br"\u")?;
    let unit = u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    (0xD800..0xE000).contains(&unit).then_some(unit)
}

/// What a JSON error says, without serde_json's line number: every record is one line.
pub(crate) fn describe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    format!("{what} at byte {} of the record", error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_surrogates_become_replacement_characters() {
        assert_eq!(
            whole_surrogates(r#""\ud83d\ude00 \ud83d! \\ud83d""#),
            r#""\ud83d\ude00 \ufffd! \\ud83d""#
        );
        assert_eq!(whole_surrogates(r#""\udc00\ud83d""#), r#""\ufffd\ufffd""#);
        assert!(matches!(
            whole_surrogates(r#""plain \n""#),
            Cow::Borrowed(_)
        ));
    }
}
