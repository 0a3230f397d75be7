//! Macros in the texts of characters: `{{char}}`, `{{random::a::b}}` and others, by an expander that knows these alone.
//!
//! Cards are texts of strangers: what stands for something is looked up and put in, never expanded again. Macros that
//! aren't known stay as they are.

use jiff::Zoned;

/// Macros within macros.
const MAX_NESTING: usize = 8;

/// The most dice of a roll, and sides of one.
const MAX_DICE: u64 = 100;
const MAX_SIDES: u64 = 1_000_000;

/// What macros stand for.
#[derive(Clone, Debug)]
pub struct MacroValues<'a> {
    /// `{{char}}`.
    pub character: &'a str,
    /// `{{user}}`.
    pub user: &'a str,
    /// `{{persona}}`: who the person is.
    pub persona: &'a str,
    /// `{{original}}`.
    pub original: &'a str,
    /// When: `{{time}}`, `{{date}}`, `{{weekday}}`.
    pub now: &'a Zoned,
    /// What chance begins with: the same seed makes the same choices.
    pub seed: u64,
}

/// A text with its macros expanded.
#[must_use]
pub fn expand(text: &str, values: &MacroValues<'_>) -> String {
    let mut chance = Chance(values.seed);
    let mut out = String::with_capacity(text.len());
    expand_into(text, values, &mut chance, &mut out, 0);
    for (tag, value) in [
        ("<USER>", values.user),
        ("<BOT>", values.character),
        ("<CHAR>", values.character),
    ] {
        if out.contains(tag) {
            out = out.replace(tag, value);
        }
    }
    out
}

fn expand_into(
    text: &str,
    values: &MacroValues<'_>,
    chance: &mut Chance,
    out: &mut String,
    nesting: usize,
) {
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        out.push_str(&rest[..start]);
        let Some(length) = end_of(&rest[start..]) else {
            rest = &rest[start..];
            break;
        };
        let whole = &rest[start..start + length];
        rest = &rest[start + length..];
        let inner = &whole[2..length - 2];
        match value(inner, values, chance, nesting) {
            Some(value) => out.push_str(&value),
            None => out.push_str(whole),
        }
    }
    out.push_str(rest);
}

/// The length of the macro that a text begins with, with those within it.
fn end_of(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut open) = (2, 1);
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"{{" => {
                open += 1;
                at += 2;
            }
            b"}}" => {
                open -= 1;
                at += 2;
                if open == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
    None
}

/// What a macro stands for; nothing if it isn't known.
fn value(
    inner: &str,
    values: &MacroValues<'_>,
    chance: &mut Chance,
    nesting: usize,
) -> Option<String> {
    let inner = inner.trim();
    if inner.starts_with("//") {
        return Some(String::new());
    }
    let end = inner.find([':', ' ']).unwrap_or(inner.len());
    let (name, argument) = (inner[..end].to_ascii_lowercase(), &inner[end..]);
    let argument = argument.strip_prefix(':').unwrap_or(argument);
    let argument = argument.strip_prefix(':').unwrap_or(argument);
    let is_alone = argument.trim().is_empty();
    let now = values.now;
    let plain = match name.as_str() {
        "char" | "bot" => values.character.to_owned(),
        "user" => values.user.to_owned(),
        "persona" => values.persona.to_owned(),
        "original" => values.original.to_owned(),
        "newline" => "\n".to_owned(),
        "noop" | "trim" => String::new(),
        "time" => now.strftime("%H:%M").to_string(),
        "date" => now.strftime("%-d %B %Y").to_string(),
        "weekday" => now.strftime("%A").to_string(),
        "isotime" => now.strftime("%H:%M").to_string(),
        "isodate" => now.strftime("%Y-%m-%d").to_string(),
        // What is said of it is the time in the newest message.
        "idle_duration" => "a while".to_owned(),
        "comment" | "hidden_key" => return Some(String::new()),
        _ => return with_argument(&name, argument, values, chance, nesting),
    };
    is_alone.then_some(plain)
}

fn with_argument(
    name: &str,
    argument: &str,
    values: &MacroValues<'_>,
    chance: &mut Chance,
    nesting: usize,
) -> Option<String> {
    if nesting >= MAX_NESTING || argument.trim().is_empty() {
        return None;
    }
    let mut expanded = |text: &str| {
        let mut out = String::new();
        expand_into(text, values, chance, &mut out, nesting + 1);
        out
    };
    match name {
        "random" | "pick" => {
            let choices = choices(argument);
            let at = chance.below(choices.len() as u64);
            let chosen = choices[usize::try_from(at).unwrap_or(0)];
            let mut out = String::new();
            expand_into(chosen.trim(), values, chance, &mut out, nesting + 1);
            Some(out)
        }
        "reverse" => Some(expanded(argument).chars().rev().collect()),
        "roll" => {
            let (dice, sides) = match argument.trim().to_ascii_lowercase().split_once('d') {
                Some(("", sides)) => (1, sides.parse().ok()?),
                Some((dice, sides)) => (dice.parse().ok()?, sides.parse().ok()?),
                None => (1, argument.trim().parse().ok()?),
            };
            let is_rollable = (1..=MAX_DICE).contains(&dice) && (1..=MAX_SIDES).contains(&sides);
            is_rollable.then(|| {
                (0..dice)
                    .map(|_| chance.below(sides) + 1)
                    .sum::<u64>()
                    .to_string()
            })
        }
        _ => None,
    }
}

/// What is chosen from: parts between `::`, or else between commas.
fn choices(argument: &str) -> Vec<&str> {
    let by = if argument.contains("::") { "::" } else { "," };
    let mut parts = Vec::new();
    let (mut start, mut at, mut open) = (0, 0, 0_usize);
    while at < argument.len() {
        let rest = &argument[at..];
        if rest.starts_with("{{") {
            open += 1;
        } else if rest.starts_with("}}") {
            open = open.saturating_sub(1);
        } else if open == 0 && rest.starts_with(by) {
            parts.push(&argument[start..at]);
            at += by.len();
            start = at;
            continue;
        }
        at += rest.chars().next().map_or(1, char::len_utf8);
    }
    parts.push(&argument[start..]);
    parts
}

/// Chance that repeats (SplitMix64, <https://prng.di.unimi.it/splitmix64.c>).
struct Chance(u64);

impl Chance {
    /// A number below `end`, which isn't 0.
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end.max(1)
    }
}
