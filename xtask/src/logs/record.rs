//! JSON written straight into bytes: what a log generator spends its time on.

use super::rng::Rng;

/// The records of one file.
#[derive(Default)]
pub(super) struct RecordLines {
    /// What is written so far.
    pub(super) bytes: Vec<u8>,
}

impl RecordLines {
    /// Appends JSON as it is.
    pub(super) fn raw(&mut self, json: &str) -> &mut Self {
        self.bytes.extend_from_slice(json.as_bytes());
        self
    }

    /// Appends a text as a JSON string.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.bytes.push(b'"');
        self.inside(text);
        self.bytes.push(b'"');
        self
    }

    /// Appends a part of a text, without quotes.
    pub(super) fn inside(&mut self, text: &str) -> &mut Self {
        let bytes = text.as_bytes();
        let mut start = 0;
        for (at, byte) in bytes.iter().enumerate() {
            let escape: &[u8] = match byte {
                b'"' => b"\\\"",
                b'\\' => b"\\\\",
                b'\n' => b"\\n",
                b'\t' => b"\\t",
                b'\r' => b"\\r",
                0x1b => b"\\u001b",
                _ => continue,
            };
            self.bytes.extend_from_slice(&bytes[start..at]);
            self.bytes.extend_from_slice(escape);
            start = at + 1;
        }
        self.bytes.extend_from_slice(&bytes[start..]);
        self
    }

    /// Appends a number.
    pub(super) fn number(&mut self, number: usize) -> &mut Self {
        let mut digits = [0_u8; 20];
        let mut at = digits.len();
        let mut left = number;
        loop {
            at -= 1;
            digits[at] = b'0' + u8::try_from(left % 10).unwrap_or(0);
            left /= 10;
            if left == 0 {
                break;
            }
        }
        self.bytes.extend_from_slice(&digits[at..]);
        self
    }

    /// Ends the record.
    pub(super) fn end(&mut self) {
        self.bytes.extend_from_slice(b"}\n");
    }
}

/// A random UUID.
pub(super) fn uuid(rng: &mut Rng) -> String {
    let (high, low) = (rng.next(), rng.next());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 48) & 0x3fff,
        low & 0xffff_ffff_ffff
    )
}

/// Letters and digits, as opaque ids have them.
pub(super) fn opaque(rng: &mut Rng, length: usize) -> String {
    const ID_ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    (0..length)
        .map(|_| char::from(*rng.pick(ID_ALPHABET)))
        .collect()
}

/// A moment that moves on, as text. Dates are computed once a day, since most of a log's records
/// share theirs.
pub(super) struct LogClock {
    millis: i64,
    day: i64,
    date: String,
}

const DAY_MS: i64 = 86_400_000;

impl LogClock {
    /// A clock at that many milliseconds since 1970.
    pub(super) fn at(millis: i64) -> Self {
        Self {
            millis,
            day: i64::MIN,
            date: String::new(),
        }
    }

    /// Moves on by up to `most` milliseconds.
    pub(super) fn tick(&mut self, rng: &mut Rng, most: usize) {
        self.millis += i64::try_from(rng.range(most / 20 + 1, most.max(2))).unwrap_or(1);
    }

    /// Now, as `2026-01-31T12:34:56.789Z`.
    pub(super) fn now(&mut self) -> String {
        let day = self.millis.div_euclid(DAY_MS);
        if day != self.day {
            self.day = day;
            let midnight = jiff::Timestamp::from_millisecond(day * DAY_MS).unwrap_or_default();
            self.date = midnight.strftime("%Y-%m-%d").to_string();
        }
        let millis = self.millis.rem_euclid(DAY_MS);
        let (seconds, millis) = (millis / 1000, millis % 1000);
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        format!(
            "{}T{hours:02}:{minutes:02}:{:02}.{millis:03}Z",
            self.date,
            seconds % 60
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{LogClock, RecordLines, uuid};
    use crate::logs::rng::Rng;

    #[test]
    fn text_becomes_json() {
        let text = "a \"b\"\\\n\tc\u{1b}[0m é";
        let mut lines = RecordLines::default();
        lines.text(text);
        let parsed: String = serde_json::from_slice(&lines.bytes).unwrap();
        assert_eq!(parsed, text);
    }

    #[test]
    fn times_and_ids_have_their_form() {
        assert_eq!(
            LogClock::at(1_769_862_896_789).now(),
            "2026-01-31T12:34:56.789Z"
        );
        assert_eq!(uuid(&mut Rng::new(1, 1)).len(), 36);
    }
}
