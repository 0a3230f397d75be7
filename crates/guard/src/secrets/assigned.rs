//! What is assigned to a name, or given to a program beside one.

use std::ops::Range;

use super::assignment::{self, Assignment};
use super::generic::{self, SecretSort};
use super::pass::{Rank, SecretScan};
use super::rule::{
    ACCESS_TOKEN, API_KEY, CONNECTION_STRING, NamedKeyRule, PASSWORD_ENTITY, with_article,
};
use super::value::{Sorts, is_name, is_unreal, is_uuid, is_wordy};
use super::written::Style;
use super::{elements, logins, named, pairs, shape};

impl SecretScan<'_> {
    fn assignment(&mut self, hit: &Range<usize>) -> Option<Assignment> {
        if self.dull.contains(&hit.start) {
            return None;
        }
        let cached = &self.last.0;
        if !(cached.start <= hit.start && hit.end <= cached.end) {
            let name = assignment::name(self.bytes, hit.clone());
            let found = assignment::find(self.bytes, hit.clone());
            self.last = (name, found);
            if let Some(found) = &self.last.1
                && found.style != Style::Quoted
                && found.value.len() > assignment::LONG_VALUE_BYTES
            {
                self.dull = found.value.clone();
            }
        }
        self.last.1.clone()
    }

    pub(super) fn named(&mut self, rule: &NamedKeyRule, hit: Range<usize>) {
        if !named::is_own_part(self.bytes, &hit) {
            return;
        }
        let Some(found) = self.assignment(&hit) else {
            return;
        };
        let value = &self.bytes[found.value.clone()];
        if !shape::is_whole(rule.shape, value) || is_unreal(&value[shape::literal(rule.shape)..]) {
            return;
        }
        let sorts = Sorts::of(value);
        let name = &self.bytes[found.name.clone()];
        if named::is_other(name) {
            return;
        }
        let numeric = sorts.letters() == 0;
        let loose = matches!(found.style, Style::Blank | Style::Prose);
        let between = &self.bytes[hit.end..found.value.start];
        if (numeric || loose || is_uuid(value)) && !named::tells(name) && !named::tells(between) {
            return;
        }
        let letters_only = sorts.digits == 0
            && ((sorts.length < 24 && (sorts.upper < 2 || sorts.lower < 2)) || is_wordy(value));
        if (letters_only && !rule.shape.starts_with("[l]")) || is_name(value) {
            return;
        }
        let why = format!(
            "has the form of {} and is assigned to such a name",
            with_article(rule.what)
        );
        let entity = if rule.id.contains("token") || rule.id.contains("pat") {
            ACCESS_TOKEN
        } else {
            "API_KEY"
        };
        self.push(found.value, Rank::Name, rule.id, entity, 0.85, why);
    }

    pub(super) fn word(&mut self, sort: SecretSort, hit: Range<usize>) {
        let word = &self.bytes[hit.clone()];
        let end = word
            .iter()
            .rposition(|b| b.is_ascii_alphanumeric() || *b >= 128);
        let hit = hit.start..hit.start + end.map_or(0, |end| end + 1);
        let found = self.assignment(&hit);
        if found.is_some_and(|found| self.assigned(&found, &hit, sort)) {
            return;
        }
        let name = assignment::name(self.bytes, hit.clone());
        if self.dull.contains(&hit.start) {
            return;
        }
        if let Some(value) = pairs::before(self.bytes, &name) {
            let style = Style::Quoted;
            let found = Assignment {
                name: name.clone(),
                value,
                style,
            };
            self.assigned(&found, &hit, sort);
        }
        let Some((values, style)) = elements::find(self.bytes, name.end) else {
            return;
        };
        for value in values {
            let found = Assignment {
                name: name.clone(),
                value,
                style,
            };
            self.assigned(&found, &hit, sort);
        }
    }

    /// Reports what is assigned to a name if it is a secret; whether it is.
    fn assigned(&mut self, found: &Assignment, hit: &Range<usize>, sort: SecretSort) -> bool {
        let Some(score) = generic::judge(self.bytes, found, (hit.start, hit.end), sort) else {
            return false;
        };
        let mut range = found.value.clone();
        if found.style == Style::Prose {
            while range.end > range.start && b".,;:".contains(&self.bytes[range.end - 1]) {
                range.end -= 1;
            }
        }
        let (id, entity, why) = match sort {
            SecretSort::Password => (
                "generic-password",
                PASSWORD_ENTITY,
                "is assigned to the name of a password",
            ),
            _ => (
                "generic-api-key",
                API_KEY,
                "is assigned to the name of a secret and looks random",
            ),
        };
        self.push(range, Rank::Context, id, entity, score, why);
        true
    }

    /// What a program reads from its input, if that is printed on the same line.
    pub(super) fn piped(&mut self, hit: &Range<usize>) {
        let is_reading = self.bytes[hit.clone()] != *b"sudo -s";
        if let Some(range) = logins::piped(self.bytes, hit).filter(|_| is_reading) {
            let why = "is given to a program as its input";
            self.push(
                range,
                Rank::Context,
                "command-password",
                PASSWORD_ENTITY,
                0.8,
                why,
            );
        }
    }

    /// The password after a user and a slash.
    pub(super) fn slashed(&mut self, at: usize) {
        if let Some(range) = logins::slashed(self.bytes, at) {
            let why = "stands between a user and a host";
            self.push(
                range,
                Rank::Name,
                "url-password",
                CONNECTION_STRING,
                0.85,
                why,
            );
        }
    }

    pub(super) fn login(&mut self, at: usize) {
        let Some(range) = assignment::second(self.bytes, at) else {
            return;
        };
        let value = &self.bytes[range.clone()];
        if let Some(score) = generic::password(value, Style::Quoted, false) {
            self.push(
                range,
                Rank::Context,
                "generic-password",
                PASSWORD_ENTITY,
                score,
                "is the second argument of a login",
            );
        }
    }
}
