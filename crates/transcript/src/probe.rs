//! A look at the first records of a file, which may be cut off, to tell whose file it is. Must not
//! know any format: it reports which keys there are, and the importers judge.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::bounds::MAX_ITEMS;
use crate::json::JsonText;

/// The top-level keys of one record, with the values of the few short ones that tell formats apart.
#[derive(Debug, Default)]
pub(crate) struct RecordProbe {
    keys: Vec<String>,
    kind: String,
    role: String,
}

impl RecordProbe {
    /// The keys of a record, as far as it goes. Nothing if it doesn't start like an object.
    pub(crate) fn of(record: &str) -> Option<Self> {
        let record = record.trim_start_matches(['\u{feff}', '\0', ' ', '\t', '\r']);
        if !record.starts_with('{') {
            return None;
        }
        let mut probe = Self::default();
        // A record that is cut off ends in an error; what was seen until then stays.
        let _cut_off = (&mut probe).deserialize(&mut serde_json::Deserializer::from_str(record));
        Some(probe)
    }

    /// The value of `type`.
    pub(crate) fn kind(&self) -> &str {
        &self.kind
    }

    /// The value of `role`.
    pub(crate) fn role(&self) -> &str {
        &self.role
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|seen| seen == key)
    }
}

impl<'de> DeserializeSeed<'de> for &mut RecordProbe {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut RecordProbe {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(key) = entries.next_key::<String>()? {
            if self.keys.len() < MAX_ITEMS {
                self.keys.push(key.clone());
            }
            match key.as_str() {
                "type" => self.kind = entries.next_value::<JsonText<'_>>()?.into_string(),
                "role" => self.role = entries.next_value::<JsonText<'_>>()?.into_string(),
                _ => {
                    entries.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Asks `judge` about each record at the start of a file until it is sure: the first certain
/// answer counts, `None` where no record gives one. `head` may end in the middle of a record.
pub(crate) fn judge(head: &[u8], judge: impl Fn(&RecordProbe) -> Option<bool>) -> Option<bool> {
    const MAX_PROBED_RECORDS: usize = 64;
    head.split(|byte| *byte == b'\n')
        .take(MAX_PROBED_RECORDS)
        .filter_map(|line| RecordProbe::of(&String::from_utf8_lossy(line)))
        .find_map(|probe| judge(&probe))
}

/// Whether nothing in `head` could tell whose file it is, because it has no record.
pub(crate) fn is_blank(head: &[u8]) -> bool {
    head.iter()
        .all(|byte| byte.is_ascii_whitespace() || *byte == 0)
}
