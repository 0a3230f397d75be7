//! Hits as a model reads them: in the XML and Markdown forms that Self-Reflect's prompts know, and
//! as values; within a number of tokens, the best first.

use std::fmt::Display;

use jiff::Zoned;
use memory::{Hit, Marking, Millis, Verdict};
use serde_json::{Value, json};
use wire::markup::{Attributes, Markup, cut, line, markdown_line};
use wire::{BriefHitDoc, when};

use super::call::{QUOTED_NOTE, TokenBudget};

/// Characters of each part of a hit.
const MAX_TITLE_CHARS: usize = 80;
const MAX_KEY_FINDING_CHARS: usize = 100;
const MAX_EXCERPT_CHARS: usize = 350;
const MAX_BRIEF_CHARS: usize = 100;

/// Lengths of excerpts that are tried until enough hits fit.
const EXCERPT_CHARS_TRIED: [usize; 4] = [MAX_EXCERPT_CHARS, 260, 180, 110];

/// Hits that should fit before excerpts are kept long.
const ENOUGH_HITS: usize = 5;

/// How hits are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HitForm {
    Xml { brief: bool },
    Markdown,
}

/// A search's answer, to be written.
pub(crate) struct HitPage<'a> {
    pub(crate) query: &'a str,
    /// What was searched.
    pub(crate) place: &'a str,
    pub(crate) hits: &'a [Hit],
    pub(crate) verdict: Verdict,
    /// How many hits stand before these.
    pub(crate) offset: usize,
    pub(crate) form: HitForm,
    /// The time now, where the person is.
    pub(crate) now: &'a Zoned,
    /// Texts of whole messages, if they were asked for, in the order of the hits.
    pub(crate) raw: Vec<String>,
}

/// What a page came to.
pub(crate) struct WrittenHits {
    /// The hits, one after the other.
    pub(crate) text: Markup,
    pub(crate) values: Vec<Value>,
}

impl HitPage<'_> {
    /// Writes as many hits as fit, with excerpts as long as leaves room for some.
    pub(crate) fn write(&self, budget: &mut TokenBudget) -> WrittenHits {
        let lengths: &[usize] = match self.form {
            HitForm::Xml { brief: true } => &[MAX_BRIEF_CHARS],
            _ => &EXCERPT_CHARS_TRIED,
        };
        let enough = self.hits.len().min(ENOUGH_HITS);
        for length in lengths {
            let mut left = *budget;
            let written = self.write_within(&mut left, *length);
            let is_last = lengths.last() == Some(length);
            if written.values.len() >= enough || is_last {
                *budget = left;
                return written;
            }
        }
        WrittenHits {
            text: Markup::new(),
            values: Vec::new(),
        }
    }

    fn write_within(&self, budget: &mut TokenBudget, length: usize) -> WrittenHits {
        let mut written = WrittenHits {
            text: Markup::new(),
            values: Vec::new(),
        };
        for (index, hit) in self.hits.iter().enumerate() {
            let rank = self.offset + index + 1;
            let excerpt = cut(hit.excerpt.trim(), length);
            let text = match self.form {
                HitForm::Xml { brief } => {
                    let raw = self.raw.get(index).map(String::as_str);
                    self.xml(hit, rank, &excerpt, brief, raw)
                }
                HitForm::Markdown => markdown(hit, rank, &excerpt),
            };
            let value = value(hit, rank, &excerpt, self.now);
            if !budget.take_both(&text, &value) {
                break;
            }
            written.text.append(&text);
            written.values.push(value);
        }
        written
    }

    fn xml(&self, hit: &Hit, rank: usize, excerpt: &str, brief: bool, raw: Option<&str>) -> Markup {
        let mut xml = Markup::of("    ");
        xml.open("r", &[("rank", &rank)]).fixed("\n");
        let mut add = |name: &'static str, value: &dyn Display| {
            xml.fixed("      ").element(name, value).fixed("\n");
        };
        add("s", &format_args!("{:.3}", hit.score));
        add("p", &hit.project);
        if let Some(time) = hit.time {
            add("t", &age(time, self.now));
            add("date", &when::date(time, self.now));
        }
        add("role", &hit.role.name());
        if let Some(reflection) = &hit.reflection {
            add("kind", &"reflection");
            if !reflection.tags.is_empty() {
                add("tags", &line(&reflection.tags.join(", ")));
            }
        }
        if let Some(marking) = &hit.status {
            add("resolution", &resolution(marking, self.now));
        }
        if brief {
            add("excerpt", &line(excerpt));
        } else {
            add("title", &cut(&line(&hit.title), MAX_TITLE_CHARS));
            add("key-finding", &key_finding(hit));
            xml.fixed("      <excerpt>")
                .cdata(excerpt)
                .fixed("</excerpt>\n");
        }
        let mut add = |name: &'static str, value: &dyn Display| {
            xml.fixed("      ").element(name, value).fixed("\n");
        };
        if hit.guard() >= memory::Action::Quarantine {
            add("guard", &hit.guard().name());
        }
        add("cid", &hit.conversation_id);
        add("id", &hit.message_id);
        if let Some(raw) = raw {
            xml.fixed("      <raw><txt>")
                .cdata(raw)
                .fixed("</txt>")
                .element("id", &hit.message_id)
                .element("dist", format_args!("{:.3}", 1.0 - hit.score))
                .fixed("</raw>\n");
        }
        xml.fixed("    </r>\n");
        xml
    }

    /// The same page with its first hits only.
    pub(crate) fn first(&self, count: usize) -> Self {
        Self {
            hits: &self.hits[..count],
            raw: Vec::new(),
            ..*self
        }
    }

    /// The range of scores, as in `0.512-0.871`.
    fn range(&self) -> String {
        let scores = self.hits.iter().map(|hit| hit.score);
        let (low, high) = scores.fold((1.0_f64, 0.0_f64), |(low, high), score| {
            (low.min(score), high.max(score))
        });
        format!("{low:.3}-{high:.3}")
    }

    /// The best score.
    pub(crate) fn top(&self) -> f64 {
        self.hits.iter().map(|hit| hit.score).fold(0.0, f64::max)
    }

    /// How well the best hit fits, in a word.
    pub(crate) fn relevance(&self) -> &'static str {
        match self.top() {
            0.85.. => "high",
            0.75.. => "good",
            _ => "partial",
        }
    }

    /// How recent hits are, in words: `2 today`, `1 this week`, `older results`.
    pub(crate) fn recency(&self) -> String {
        let ages: Vec<i64> = self
            .hits
            .iter()
            .filter_map(|hit| Some(days(hit.time?, self.now)))
            .collect();
        let count = |is: &dyn Fn(i64) -> bool| ages.iter().filter(|days| is(**days)).count();
        let words: [(usize, &str); 3] = [
            (count(&|days| days <= 0), "today"),
            (count(&|days| days == 1), "yesterday"),
            (count(&|days| days <= 7), "this week"),
        ];
        words
            .iter()
            .find(|(count, _)| *count > 0)
            .map_or("older results".to_owned(), |(count, word)| {
                format!("{count} {word}")
            })
    }

    /// The elements before the hits.
    pub(crate) fn head(&self, timing: &SearchTiming, index: Option<(f64, u64)>) -> Markup {
        let count = self.hits.len();
        let mut head = Markup::of("<search>\n");
        if let Some((progress, backlog)) = index {
            let attributes: Attributes<'_> = &[
                ("status", &"indexing"),
                ("progress", &format_args!("{progress:.1}%")),
                ("backlog", &backlog),
            ];
            head.fixed("  ").empty("info", attributes).fixed("\n");
        }
        let preview = self.hits.first().map_or(String::new(), |hit| {
            cut(&line(&hit.excerpt), MAX_BRIEF_CHARS)
        });
        let attributes: Attributes<'_> = &[
            ("count", &count),
            ("relevance", &self.relevance()),
            ("recency", &self.recency()),
            ("top-score", &format_args!("{:.3}", self.top())),
        ];
        head.fixed("  ")
            .open("summary", attributes)
            .fixed("\n    ")
            .element("preview", preview)
            .fixed("\n  </summary>\n  <meta>\n    ")
            .element("q", cut(self.query, 200))
            .fixed("\n    ")
            .element("scope", self.place)
            .fixed("\n    ")
            .element("count", count)
            .fixed("\n    ")
            .element("range", self.range())
            .fixed("\n    ")
            .element("embed", timing.embed)
            .fixed("\n    <perf>")
            .element("ttl", timing.total)
            .element("emb", timing.embedding)
            .element("srch", timing.searching)
            .fixed("</perf>\n    ")
            .element("note", QUOTED_NOTE)
            .fixed("\n  </meta>\n");
        head
    }
}

/// What a search took, in milliseconds.
pub(crate) struct SearchTiming {
    /// `local` where a model took part, else `none`.
    pub(crate) embed: &'static str,
    pub(crate) total: u64,
    pub(crate) embedding: u64,
    pub(crate) searching: u64,
}

fn markdown(hit: &Hit, rank: usize, excerpt: &str) -> Markup {
    let time = hit.time.and_then(when::rfc3339).unwrap_or_default();
    let time = time.get(..19).unwrap_or_default().replace('T', " ");
    let mut text = Markup::new();
    text.text(format_args!(
        "**Result {rank}** (Score: {:.3})\nTime: {time}\n",
        hit.score
    ));
    let mut add = |name: &'static str, value: &str| {
        text.fixed(name).text(markdown_line(value)).fixed("\n");
    };
    add("Project: ", &hit.project);
    add("Role: ", hit.role.name());
    add("Title: ", &cut(&line(&hit.title), MAX_TITLE_CHARS));
    add("Conversation: ", &hit.conversation_id);
    if hit.guard() >= memory::Action::Quarantine {
        add("Guard: ", hit.guard().name());
    }
    add("Excerpt: ", excerpt);
    text.fixed("---\n\n");
    text
}

/// What became of something, in words.
pub(crate) fn resolution(marking: &Marking, now: &Zoned) -> String {
    let evidence = marking.evidence.as_deref().unwrap_or_default();
    let evidence = cut(&line(evidence), 120);
    let separator = if evidence.is_empty() { "" } else { ": " };
    format!(
        "{}{separator}{evidence} ({})",
        marking.status.name(),
        when::date(marking.time, now)
    )
}

fn value(hit: &Hit, rank: usize, excerpt: &str, now: &Zoned) -> Value {
    json!(BriefHitDoc::new(hit, rank, excerpt, now))
}

/// The sentence that has the first match.
fn key_finding(hit: &Hit) -> String {
    let text = &hit.excerpt;
    let at = hit.matches.first().map_or(0, |(start, _)| *start);
    let before = text.get(..at).unwrap_or_default();
    let start = [". ", "\n", "! ", "? "]
        .iter()
        .filter_map(|end| before.rfind(end).map(|at| at + end.len()))
        .max()
        // A long sentence is begun near the match rather than at its start.
        .filter(|start| at - start < MAX_KEY_FINDING_CHARS)
        .unwrap_or_else(|| {
            let near = before.floor_char_boundary(at.saturating_sub(MAX_KEY_FINDING_CHARS / 2));
            let word = before[near..].find(char::is_whitespace);
            if near == 0 {
                0
            } else {
                word.map_or(near, |word| near + word)
            }
        });
    cut(&line(&text[start..]), MAX_KEY_FINDING_CHARS)
}

/// The first `length` characters of an excerpt, or where its first match stands behind them, those around it.
pub(crate) fn window(excerpt: &str, matches: &[(usize, usize)], length: usize) -> String {
    let text = excerpt.trim_end();
    if text.chars().count() <= length {
        return text.trim_start().to_owned();
    }
    let matched = matches.first().map_or(0, |(start, _)| *start);
    let before = text.get(..matched).unwrap_or_default();
    // A part of the room is for what leads to the match.
    let Some(lead) = before
        .chars()
        .count()
        .checked_sub(length / 4)
        .filter(|lead| *lead > 0)
    else {
        return cut(text.trim_start(), length);
    };
    let last = text.chars().count() - length;
    let at = text
        .char_indices()
        .nth(lead.min(last))
        .map_or(0, |(at, _)| at);
    // Begins with a whole word, unless that is beyond the match.
    let word = text[at..].find(char::is_whitespace).map(|word| at + word);
    let at = word.filter(|word| *word < matched).unwrap_or(at);
    format!("...{}", cut(text[at..].trim_start(), length))
}

/// The days that a time lies back, by the calendar.
pub(crate) fn days(time: Millis, now: &Zoned) -> i64 {
    when::days_ago(time, now).unwrap_or(0).max(0)
}

/// `today`, `yesterday` or `12d`.
pub(crate) fn age(time: Millis, now: &Zoned) -> String {
    match days(time, now) {
        0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        days => format!("{days}d"),
    }
}
