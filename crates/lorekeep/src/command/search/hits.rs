//! Hits for people: what it is, where and when it was said, what was said, and why it was found.

use std::collections::HashMap;
use std::ops::Range;

use jiff::Zoned;
use recall::{Hit, MessageView, SearchResponse};
use wire::when;

use crate::output::look::Ink;
use crate::output::page::TextPage;
use crate::output::text;

/// Columns in front of everything but a hit's first line.
const INDENT_COLUMNS: usize = 4;

/// How a reader is told to open a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HitOpening {
    /// By its number, which the next search in the terminal gives to another one.
    ByNumber,
    /// By its message's id, which whoever reads the output later can use, too.
    ById,
}

/// Puts the hits on a page, best first, with their conversations by these names.
pub(super) fn render(
    response: &SearchResponse,
    names: &HashMap<&str, &str>,
    opening: HitOpening,
    now: &Zoned,
    page: &mut TextPage,
) {
    for (hit, rank) in response.hits.iter().zip(1..) {
        if rank > 1 {
            page.end();
        }
        heading(&hit.title, rank, page);
        let id = names.get(hit.conversation_id.as_str()).copied();
        place(hit, id.unwrap_or(&hit.conversation_id), now, page);
        context(&hit.before, page);
        let marks: Vec<Range<usize>> = hit.matches.iter().map(|&(start, end)| start..end).collect();
        page.wrapped(INDENT_COLUMNS, &hit.excerpt, &marks, Ink::Plain);
        flagged(hit, page);
        context(&hit.after, page);
        why(hit, page);
        open(hit, rank, opening, page);
    }
}

/// The command that opens a hit, on one line so that it can be copied.
fn open(hit: &Hit, rank: usize, opening: HitOpening, page: &mut TextPage) {
    let by_number = format!("lorekeep show {rank}");
    let command = match opening {
        HitOpening::ByNumber => by_number,
        HitOpening::ById => {
            let id = shell_word(&hit.message_id);
            let by_id = id.map(|id| format!("lorekeep show {id}"));
            let room = page.look().width.saturating_sub(INDENT_COLUMNS);
            by_id
                .filter(|command| text::width(command) <= room)
                .unwrap_or(by_number)
        }
    };
    page.push(&" ".repeat(INDENT_COLUMNS))
        .line(Ink::Dim, &command);
}

/// An id as it is typed in a shell; `None` for one that is no word in every shell.
fn shell_word(id: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/~+@%,".contains(c);
    let is_quotable = |c: char| is_plain(c) || c == '#';
    match id {
        "" => None,
        // Options begin so, and a home directory; a short number is that of a hit.
        id if id.starts_with(['-', '~']) => None,
        id if id.len() <= 4 && id.bytes().all(|byte| byte.is_ascii_digit()) => None,
        id if id.chars().all(is_plain) => Some(id.to_owned()),
        id if id.chars().all(is_quotable) => Some(format!("'{id}'")),
        _ => None,
    }
}

fn heading(title: &str, rank: usize, page: &mut TextPage) {
    let number = format!("{rank:>2}. ");
    let columns = page.look().width.saturating_sub(number.len());
    page.paint(Ink::Dim, &number);
    let title = text::one_line(title);
    page.line(Ink::Title, &text::clip(&title, columns));
}

fn place(hit: &Hit, conversation: &str, now: &Zoned, page: &mut TextPage) {
    let time = hit.time.map_or_else(
        || "undated".to_owned(),
        |time| format!("{} ({})", when::date(time, now), when::ago(time, now)),
    );
    let role = hit
        .speaker
        .clone()
        .unwrap_or_else(|| hit.role.name().to_owned());
    page.pieces(
        INDENT_COLUMNS,
        &[
            (Ink::Plain, format!("{:.2}", hit.score)),
            (Ink::Name, hit.project.clone()),
            (Ink::Plain, time),
            (Ink::Plain, role),
            (Ink::Name, conversation.to_owned()),
        ],
    );
    let mut about = Vec::new();
    if let Some(reflection) = &hit.reflection {
        about.push("reflection".to_owned());
        about.extend(reflection.tags.iter().map(|tag| format!("#{tag}")));
    }
    if let Some(mark) = &hit.status {
        let time = when::date(mark.time, now);
        let evidence = mark.evidence.as_deref().map(text::one_line);
        let evidence = evidence.map_or(String::new(), |evidence| format!(": {evidence}"));
        about.push(format!("{} {time}{evidence}", mark.status.name()));
    }
    page.wrapped(INDENT_COLUMNS, &about.join("  "), &[], Ink::Warn);
}

/// What the guards have to say about a hit.
fn flagged(hit: &Hit, page: &mut TextPage) {
    if hit.guard() >= guard::Action::Quarantine {
        let what = "flagged: instructions aimed at assistants were left out; `lorekeep show` with \
                    `--quarantined` shows them";
        page.wrapped(INDENT_COLUMNS, what, &[], Ink::Warn);
    }
}

/// Neighbours of a hit, each on one line; those that neither say nor do anything are left out.
fn context(messages: &[MessageView], page: &mut TextPage) {
    for view in messages {
        let said = text::one_line(&view.message.text);
        let called: Vec<&str> = view.message.tools.iter().map(|call| &*call.name).collect();
        let what = match (said.is_empty(), called.is_empty()) {
            (false, _) => said,
            (true, false) => format!("calls {}", called.join(", ")),
            (true, true) => continue,
        };
        let line = format!("{}: {what}", view.message.role.name());
        let columns = page.look().width.saturating_sub(INDENT_COLUMNS);
        page.push(&" ".repeat(INDENT_COLUMNS))
            .line(Ink::Dim, &text::clip(&line, columns));
    }
}

fn why(hit: &Hit, page: &mut TextPage) {
    let mut reasons = Vec::new();
    if !hit.why.terms.is_empty() {
        reasons.push(format!("matched {}", hit.why.terms.join(", ")));
    }
    if let Some(lexical) = hit.why.lexical {
        reasons.push(format!("words {lexical:.2}"));
    }
    if let Some(semantic) = hit.why.semantic {
        reasons.push(format!("meaning {semantic:.2}"));
    }
    if let Some(recency) = hit.why.recency {
        reasons.push(format!("age {recency:.2}"));
    }
    match hit.folded.len() {
        0 => {}
        1 => reasons.push("1 more says nearly the same".to_owned()),
        more => reasons.push(format!("{more} more say nearly the same")),
    }
    if hit.more > 0 {
        reasons.push(format!("+{} more in this conversation", hit.more));
    }
    page.wrapped(INDENT_COLUMNS, &reasons.join("; "), &[], Ink::Dim);
}

#[cfg(test)]
mod tests {
    use recall::{Indexed, Mode, Verdict, Why};
    use transcript::Role;

    use super::*;
    use crate::output::look::StreamLook;

    fn hit() -> Hit {
        Hit {
            score: 0.834,
            message_id: "m1".into(),
            conversation_id: "3f2a9c1d-0000-4000-8000-000000000000".into(),
            project: "lorekeep".into(),
            source: "claude-code".into(),
            role: Role::Assistant,
            speaker: None,
            time: Some(1_767_225_600_000),
            title: "Retry\u{1b}[2J policy".into(),
            excerpt: "The retry policy waits 250 ms, doubles up to 8 s, and gives up after five \
                      attempts; 日本語のテキストも折り返される。"
                .into(),
            matches: vec![(4, 9), (10, 16)],
            path: "/x".into(),
            why: Why {
                lexical: Some(1.0),
                semantic: Some(0.61),
                recency: None,
                terms: vec!["retry".into(), "policy".into()],
            },
            folded: vec!["m2".into()],
            more: 0,
            reflection: None,
            status: None,
            before: vec![],
            after: vec![],
            findings: vec![],
        }
    }

    fn render_at(width: usize, color: bool) -> String {
        let response = SearchResponse {
            project: None,
            mode: Mode::Hybrid,
            indexed: Indexed::default(),
            hits: vec![hit()],
            verdict: Verdict::Relevant,
            notes: vec![],
        };
        let now = "2026-03-18T12:00:00Z[UTC]".parse().expect("a time");
        let mut page = TextPage::new(StreamLook {
            color,
            width,
            clip: true,
        });
        let names = HashMap::from([(response.hits[0].conversation_id.as_str(), "3f2a9c1d")]);
        render(&response, &names, HitOpening::ById, &now, &mut page);
        page.into_text()
    }

    #[test]
    fn a_hit_tells_what_where_when_and_why() {
        assert_eq!(
            render_at(80, false),
            " 1. Retry policy\n    \
             0.83  lorekeep  2026-01-01 (2 months ago)  assistant  3f2a9c1d\n    \
             The retry policy waits 250 ms, doubles up to 8 s, and gives up after five\n    \
             attempts; 日本語のテキストも折り返される。\n    \
             matched retry, policy; words 1.00; meaning 0.61; 1 more says nearly the same\n    \
             lorekeep show m1\n"
        );
    }

    #[test]
    fn narrow_terminals_get_narrow_lines() {
        for width in [40, 30] {
            for line in render_at(width, false).lines() {
                assert!(text::width(line) <= width, "{line:?} is wider than {width}");
            }
        }
    }

    #[test]
    fn matched_terms_stand_out() {
        let text = render_at(80, true);
        assert!(
            text.contains("The \x1b[1;33mretry\x1b[0m \x1b[1;33mpolicy\x1b[0m waits"),
            "{text}"
        );
    }
}
