//! Text as people and assistants write it, in lines that fit the terminal: prose is wrapped, code, tables
//! and what is indented like code stays as it is.

use super::page::TextPage;
use super::text;

/// Adds a text, wrapped where the stream has a width.
pub(crate) fn prose(text: &str, page: &mut TextPage) {
    if !page.look().clip {
        page.push(text).end();
        return;
    }
    let text = text::visible(text);
    let mut fence = None;
    for line in text.split('\n') {
        let is_code = is_kept(line, &mut fence);
        if is_code || text::width(line) <= page.look().width {
            page.push(line).end();
            continue;
        }
        wrapped(line, page);
    }
}

/// Whether a line must stay as it is; notes where code begins and ends.
fn is_kept(line: &str, fence: &mut Option<&'static str>) -> bool {
    let start = line.trim_start();
    let mark = ["```", "~~~"]
        .into_iter()
        .find(|mark| start.starts_with(mark));
    match (*fence, mark) {
        (None, Some(mark)) => *fence = Some(mark),
        (Some(open), Some(mark)) if open == mark => *fence = None,
        (None, None) => {
            let is_indented = line.starts_with("    ") || line.starts_with('\t');
            return start.starts_with('|') || (is_indented && list_marker(start) == 0);
        }
        (Some(_), _) => {}
    }
    true
}

/// A line of prose; what goes on stands below where the text begins, behind a list's mark or a quote's.
fn wrapped(line: &str, page: &mut TextPage) {
    let start = line.trim_start();
    let indent = text::width(&line[..line.len() - start.len()].replace('\t', "    "));
    let marker = list_marker(start);
    let hanging = indent + marker;
    let columns = page.look().width.saturating_sub(hanging);
    let said = &start[marker..];
    page.push(&" ".repeat(indent)).push(&start[..marker]);
    for (nth, part) in text::wrap(said, columns).into_iter().enumerate() {
        if nth > 0 {
            page.end().push(&" ".repeat(hanging));
        }
        page.push(&said[part]);
    }
    page.end();
}

/// Bytes of the mark that a list's item or a quotation begins with, and of the space after it; 0 if there
/// is none.
fn list_marker(start: &str) -> usize {
    for marker in ["- ", "* ", "+ ", "> "] {
        if start.starts_with(marker) {
            return marker.len();
        }
    }
    let digits = start.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &start[digits..];
    let is_numbered =
        (1..=3).contains(&digits) && (rest.starts_with(". ") || rest.starts_with(") "));
    if is_numbered { digits + 2 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::super::look::StreamLook;
    use super::*;

    fn at(width: usize, text: &str) -> String {
        let mut page = TextPage::new(StreamLook {
            width,
            clip: true,
            ..StreamLook::plain()
        });
        prose(text, &mut page);
        page.into_text()
    }

    #[test]
    fn prose_is_wrapped_and_code_is_not() {
        let text = "We retry uploads five times.\n\n- after that they go to the queue\n\n\
                    ```rust\nlet line = \"that is long, and stays\";\n```\n    indented code stays, too\n\
                    | a table | stays | as well |\n1. numbered items hang below";
        assert_eq!(
            at(20, text),
            "We retry uploads\nfive times.\n\n- after that they go\n  to the queue\n\n\
             ```rust\nlet line = \"that is long, and stays\";\n```\n    indented code stays, too\n\
             | a table | stays | as well |\n1. numbered items\n   hang below\n"
        );
    }

    #[test]
    fn without_a_width_nothing_is_wrapped() {
        let mut page = TextPage::new(StreamLook {
            clip: false,
            ..StreamLook::plain()
        });
        let long = "word ".repeat(40);
        prose(&long, &mut page);
        assert_eq!(page.into_text(), format!("{long}\n"));
    }
}
