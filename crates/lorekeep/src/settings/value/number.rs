//! Settings that are switches, numbers and time spans, each within its bounds.

use super::raw::{Invalid, Raw, SettingValue, expected};

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Switch(pub(crate) bool);

impl SettingValue for Switch {
    fn kind() -> String {
        "`true` or `false`".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        match raw {
            Raw::Switch(on) => Ok(Self(*on)),
            Raw::Text(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" | "t" | "y" => Ok(Self(true)),
                "false" | "0" | "no" | "off" | "f" | "n" => Ok(Self(false)),
                _ => Err(expected::<Self>()),
            },
            _ => Err(expected::<Self>()),
        }
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

/// A whole number within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Whole<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Whole<MIN, MAX> {
    /// The number, moved into the bounds.
    pub(crate) const fn of(number: u32) -> Self {
        Self(if number < MIN {
            MIN
        } else if number > MAX {
            MAX
        } else {
            number
        })
    }

    /// The number.
    pub(crate) fn get(self) -> usize {
        self.0 as usize
    }
}

impl Whole<1, 65_535> {
    /// The number as that of a port.
    pub(crate) fn port(self) -> u16 {
        u16::try_from(self.0).unwrap_or(u16::MAX)
    }
}

impl<const MIN: u32, const MAX: u32> SettingValue for Whole<MIN, MAX> {
    fn kind() -> String {
        format!("a whole number from {MIN} to {MAX}")
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        let number = match raw {
            Raw::Whole(number) => u32::try_from(*number).ok(),
            Raw::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        number
            .filter(|number| (MIN..=MAX).contains(number))
            .map(Self)
            .ok_or_else(expected::<Self>)
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

/// The number that a value is, if it is one.
pub(super) fn number(raw: &Raw) -> Option<f64> {
    match raw {
        Raw::Number(number) => Some(*number),
        #[expect(
            clippy::cast_precision_loss,
            reason = "bounds far below 2^53 are checked next"
        )]
        Raw::Whole(number) => Some(*number as f64),
        Raw::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A number from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fraction(f64);

impl Fraction {
    /// The number, moved into the bounds.
    pub(crate) const fn of(number: f64) -> Self {
        Self(number.clamp(0.0, 1.0))
    }

    /// The number.
    pub(crate) fn get(self) -> f64 {
        self.0
    }
}

impl SettingValue for Fraction {
    fn kind() -> String {
        "a number from 0 to 1".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        number(raw)
            .filter(|number| (0.0..=1.0).contains(number))
            .map(Self)
            .ok_or_else(expected::<Self>)
    }

    fn show(&self) -> String {
        format!("{:?}", self.0)
    }
}

/// A time span in days, above 0 and up to a hundred years.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Days(f64);

impl Days {
    /// So many days.
    pub(crate) const fn of(days: f64) -> Self {
        Self(days)
    }

    /// The number of days.
    pub(crate) fn get(self) -> f64 {
        self.0
    }
}

impl SettingValue for Days {
    fn kind() -> String {
        "a number of days above 0, at most 36500".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        number(raw)
            .filter(|days| *days > 0.0 && *days <= 36_500.0)
            .map(Self)
            .ok_or_else(expected::<Self>)
    }

    fn show(&self) -> String {
        format!("{:?}", self.0)
    }
}
