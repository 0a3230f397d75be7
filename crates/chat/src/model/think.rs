//! Reasoning that models write into their answer between tags, told apart from the answer as it streams.

/// The tags that models use.
const REASONING_TAGS: [(&str, &str); 4] = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
];

/// What a piece of an answer is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// Reasoning, which comes before the content of the same piece.
    pub(super) reasoning: String,
    /// The answer itself.
    pub(super) content: String,
}

/// Splits an answer into reasoning and content. A tag counts only where the answer begins, or right after an
/// earlier one was closed: in the midst of an answer it is what the answer talks about.
#[derive(Clone, Debug)]
pub(super) struct ThinkSplitter {
    state: ThinkState,
    /// What could still become a tag.
    held: String,
    /// Whether the provider marks pieces as reasoning, so that one without the mark ends it.
    is_marked: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ThinkState {
    /// Nothing but white space since the beginning, or since reasoning was closed.
    Start { is_after_reasoning: bool },
    /// In reasoning that this tag closes.
    Inside(&'static str),
    /// In the answer.
    Outside,
}

impl Default for ThinkSplitter {
    fn default() -> Self {
        Self {
            state: ThinkState::Start {
                is_after_reasoning: false,
            },
            held: String::new(),
            is_marked: false,
        }
    }
}

impl ThinkSplitter {
    /// Takes the next piece; `is_reasoning` is what a provider such as Gemini says of it beside the text.
    pub(super) fn take(&mut self, piece: &str, is_reasoning: bool, parts: &mut Parts) {
        if self.state == ThinkState::Outside && !is_reasoning {
            parts.content.push_str(piece);
            return;
        }
        if is_reasoning {
            self.open_marked(piece);
        }
        let mut text = std::mem::take(&mut self.held);
        text.push_str(piece);
        if self.is_marked && !is_reasoning {
            text = self.close_marked(text, parts);
        }
        self.split(text, parts);
    }

    /// What was held back, at the end of the answer.
    pub(super) fn finish(&mut self, parts: &mut Parts) {
        let held = std::mem::take(&mut self.held);
        match self.state {
            ThinkState::Inside(_) => parts.reasoning.push_str(&held),
            ThinkState::Start {
                is_after_reasoning: true,
            } => parts.content.push_str(held.trim_start()),
            _ => parts.content.push_str(&held),
        }
    }

    /// A marked piece is reasoning, whether it begins with a tag or not.
    fn open_marked(&mut self, piece: &str) {
        self.is_marked = true;
        let is_tag = |text: &str| {
            REASONING_TAGS
                .iter()
                .any(|(open, _)| open.starts_with(text) || text.starts_with(open))
        };
        let begins = format!("{}{piece}", self.held);
        let could_be_tag =
            matches!(self.state, ThinkState::Start { .. }) && is_tag(begins.trim_start());
        if !could_be_tag && !matches!(self.state, ThinkState::Inside(_)) {
            self.state = ThinkState::Inside("</thought>");
        }
    }

    /// The first piece without the mark ends the reasoning; its closing tag may stand at its beginning.
    fn close_marked(&mut self, text: String, parts: &mut Parts) -> String {
        let ThinkState::Inside(close) = self.state else {
            self.is_marked = false;
            return text;
        };
        if close.starts_with(&*text) && text.len() < close.len() {
            // All of the piece could be the beginning of the tag.
            return text;
        }
        self.is_marked = false;
        self.state = ThinkState::Start {
            is_after_reasoning: true,
        };
        match text.find(close) {
            Some(at) => {
                parts.reasoning.push_str(&text[..at]);
                text[at + close.len()..].to_owned()
            }
            None => text,
        }
    }

    fn split(&mut self, mut text: String, parts: &mut Parts) {
        loop {
            match self.state {
                ThinkState::Outside => {
                    parts.content.push_str(&text);
                    return;
                }
                ThinkState::Start { is_after_reasoning } => {
                    let trimmed = text.trim_start();
                    if let Some((open, close)) = REASONING_TAGS
                        .iter()
                        .find(|(open, _)| trimmed.starts_with(open))
                    {
                        text = trimmed[open.len()..].to_owned();
                        self.state = ThinkState::Inside(close);
                        continue;
                    }
                    if REASONING_TAGS
                        .iter()
                        .any(|(open, _)| open.starts_with(trimmed))
                    {
                        self.held = text;
                        return;
                    }
                    if is_after_reasoning {
                        text = trimmed.to_owned();
                    }
                    self.state = ThinkState::Outside;
                }
                ThinkState::Inside(close) => {
                    let Some(at) = text.find(close) else {
                        let keep = beginning_of(close, &text);
                        self.held = text.split_off(text.len() - keep);
                        parts.reasoning.push_str(&text);
                        return;
                    };
                    parts.reasoning.push_str(&text[..at]);
                    text = text[at + close.len()..].to_owned();
                    self.state = ThinkState::Start {
                        is_after_reasoning: true,
                    };
                }
            }
        }
    }
}

/// How many bytes at the end of a text could be the beginning of a tag.
fn beginning_of(tag: &str, text: &str) -> usize {
    let most = (tag.len() - 1).min(text.len());
    (1..=most)
        .rev()
        .find(|length| text.ends_with(&tag[..*length]))
        .unwrap_or(0)
}
