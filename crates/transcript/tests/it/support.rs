//! What the tests share: reading a file whole or in pieces, and showing what came out.

use transcript::{
    Fact, FactKind, FileHint, Framing, LogReader, Message, MessageKind, ReadBatch, Role, Source,
};

pub(crate) const CLAUDE_CODE: Source = transcript::claude_code::SOURCE;
pub(crate) const CODEX: Source = transcript::codex::SOURCE;
pub(crate) const JSONL: Source = transcript::jsonl::SOURCE;

/// A reader of a file that grows by lines.
pub(crate) fn reader(source: Source, file: &FileHint, state: &str) -> Box<dyn LogReader> {
    match source.framing(&file.path) {
        Some(Framing::Lines(open)) => open(file, state),
        framing => panic!("`{}` is read by {framing:?}", file.path),
    }
}

/// Everything in `bytes`, read in one go.
pub(crate) fn read(source: Source, path: &str, bytes: &[u8]) -> ReadBatch {
    let mut batch = ReadBatch::default();
    let mut reader = reader(
        source,
        &FileHint {
            path: path.to_owned(),
        },
        "",
    );
    reader.read(bytes, 0, 1, true, &mut batch);
    batch
}

/// Everything in `bytes`, as it is written: `ends` are the sizes at which the file is looked at,
/// each time by a new reader that goes on from the state of the last one.
pub(crate) fn read_growing(source: Source, path: &str, bytes: &[u8], ends: &[usize]) -> ReadBatch {
    let file = FileHint {
        path: path.to_owned(),
    };
    let mut batch = ReadBatch::default();
    let (mut taken, mut line, mut state) = (0, 1, String::new());
    for end in ends.iter().copied().chain([bytes.len()]) {
        let mut reader = reader(source, &file, &state);
        let took = reader.read(&bytes[taken..end], taken as u64, line, true, &mut batch);
        line += bytes[taken..taken + took]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count() as u64;
        taken += took;
        state = reader.state();
    }
    batch
}

/// A message on one line: what matters in most tests.
pub(crate) fn shown(message: &Message) -> String {
    let kind = match message.kind {
        MessageKind::Said => "",
        MessageKind::Summary => " summary",
        MessageKind::Command => " command",
        MessageKind::Injected => " injected",
    };
    let mut line = format!("{} {}{kind}:", message.id, message.role.name());
    let mut part = |name: &str, text: &str| {
        if !text.is_empty() {
            line.push_str(&format!(" {name}{text:?}"));
        }
    };
    part("", &message.text);
    part("thinking=", &message.thinking);
    for tool in &message.tools {
        part("calls=", &format!("{}({})", tool.name, tool.input));
    }
    for result in &message.results {
        part(
            if result.is_error { "fails=" } else { "gives=" },
            &result.output,
        );
        part("detail=", result.detail.as_deref().unwrap_or_default());
    }
    for file in &message.files {
        part("file=", &format!("{:?} {}", file.action, file.path));
    }
    for attachment in &message.attachments {
        part(
            "attached=",
            &format!("{} {}", attachment.media_type, attachment.bytes),
        );
    }
    line
}

/// A fact on one line.
pub(crate) fn told(fact: &Fact) -> String {
    let what = match &fact.what {
        FactKind::Title { text, rank } => format!("title {rank} {text}"),
        FactKind::Parent {
            conversation,
            relation,
        } => format!("parent {conversation}, {}", relation.name()),
        FactKind::Repeats { message } => format!("repeats {message}"),
        FactKind::Link(link) => format!("link {link}"),
        FactKind::Reflection { message, about } => format!("reflection {message} {about:?}"),
        FactKind::AboutPerson { message, origin } => format!("fact {message} {origin:?}"),
        FactKind::Mark { message, mark } => format!("mark {message} {mark:?}"),
    };
    format!("{} {what}", fact.conversation)
}

pub(crate) fn all_shown(batch: &ReadBatch) -> Vec<String> {
    batch.messages.iter().map(shown).collect()
}

pub(crate) fn all_told(batch: &ReadBatch) -> Vec<String> {
    batch.facts.iter().map(told).collect()
}

/// Problems as `line: what`.
pub(crate) fn problems(batch: &ReadBatch) -> Vec<String> {
    batch
        .problems
        .iter()
        .map(|problem| format!("{}: {}", problem.line, problem.what))
        .collect()
}

/// What people typed, in order.
pub(crate) fn typed(batch: &ReadBatch) -> Vec<&str> {
    let typed = batch
        .messages
        .iter()
        .filter(|message| message.role == Role::User);
    typed.map(|message| message.text.as_str()).collect()
}
