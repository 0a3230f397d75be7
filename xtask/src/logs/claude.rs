//! Sessions as Claude Code writes them.

use std::path::Path;

use super::place::{SessionShape, claude_file, put, session_id};
use super::project::Project;
use super::record::{opaque, uuid};
use super::rng::Rng;
use super::session::ClaudeSession;
use super::tools;
use super::words::WordTable;

/// Between two compactions of a conversation.
const COMPACTED_AFTER: usize = 2_500_000;

/// Writes a session with its side files; returns their bytes.
pub(super) fn write(
    out: &Path,
    words: &WordTable,
    project: &mut Project,
    shape: &SessionShape,
    rng: &mut Rng,
) -> anyhow::Result<u64> {
    let id = session_id(rng);
    let path = claude_file(out, project, &id);
    let mut written = 0;
    let mut session =
        ClaudeSession::new(words, project, rng.clone(), id.clone(), shape.start, None);
    session.opening();
    let mut next_compaction = COMPACTED_AFTER;
    while session.lines.bytes.len() < shape.bytes {
        session.turn(shape.bytes);
        if session.lines.bytes.len() > next_compaction {
            session.compaction();
            next_compaction += COMPACTED_AFTER;
        }
    }
    session.closing();
    // A third of all files end without a newline.
    if session.rng.below(3) == 0 {
        session.lines.bytes.pop();
    }
    let bytes = std::mem::take(&mut session.lines.bytes);
    written += put(&path, &bytes)?;
    if !shape.small {
        written += side_files(&path, words, project, shape, rng, &id)?;
        if rng.below(33) == 0 {
            written += fork(out, project, rng, &id, &bytes)?;
        }
    }
    Ok(written)
}

/// The files of sub-agents that a session started.
fn side_files(
    path: &Path,
    words: &WordTable,
    project: &mut Project,
    shape: &SessionShape,
    rng: &mut Rng,
    id: &str,
) -> anyhow::Result<u64> {
    let mut written = 0;
    let agents = if shape.bytes > 100_000 && rng.chance(0.4) {
        rng.range(1, 4)
    } else {
        0
    };
    for _ in 0..agents {
        let agent = format!("a{:06x}", rng.below(1 << 24));
        let seed = Rng::new(rng.next(), 7);
        let mut session = ClaudeSession::new(
            words,
            project,
            seed,
            id.to_owned(),
            shape.start,
            Some(agent.clone()),
        );
        let bytes = rng.range(8_000, (shape.bytes / 12).clamp(9_000, 400_000));
        while session.lines.bytes.len() < bytes {
            session.turn(bytes);
        }
        let folder = path.with_extension("").join("subagents");
        written += put(
            &folder.join(format!("agent-{agent}.jsonl")),
            &session.lines.bytes,
        )?;
    }
    Ok(written)
}

/// A new session that opens with the history of an earlier one: same records, other session id.
fn fork(
    out: &Path,
    project: &Project,
    rng: &mut Rng,
    id: &str,
    bytes: &[u8],
) -> anyhow::Result<u64> {
    let cut = &bytes[..bytes.len().min(300_000)];
    let end = cut
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let fork = session_id(rng);
    let copy = String::from_utf8_lossy(&cut[..end]).replace(id, &fork);
    put(&claude_file(out, project, &fork), copy.as_bytes())
}

impl ClaudeSession<'_> {
    fn opening(&mut self) {
        if self.rng.chance(0.3) {
            let leaf = uuid(&mut self.rng);
            let mut title = String::new();
            self.words
                .sentence(&mut self.rng, &self.topic, 6, &mut title);
            self.lines
                .raw("{\"type\":\"summary\",\"summary\":")
                .text(&title);
            self.lines
                .raw(",\"leafUuid\":\"")
                .raw(&leaf)
                .raw("\"")
                .end();
        }
        self.hook("SessionStart:startup", self.hooks.min(2));
    }

    fn closing(&mut self) {
        if self.rng.chance(0.3) {
            let mut title = String::new();
            self.words
                .sentence(&mut self.rng, &self.topic, 5, &mut title);
            self.lines
                .raw("{\"type\":\"ai-title\",\"aiTitle\":")
                .text(&title);
            self.lines
                .raw(",\"sessionId\":\"")
                .raw(&self.id)
                .raw("\"")
                .end();
        }
    }

    /// A person asks, the assistant works, until the file has `most` bytes, and answers.
    fn turn(&mut self, most: usize) {
        self.prompt();
        self.hook("UserPromptSubmit", self.hooks.min(2));
        for _ in 0..self.rng.range(2, 16) {
            if self.lines.bytes.len() > most {
                break;
            }
            self.new_message();
            if self.rng.chance(0.45) {
                self.thinking();
            }
            if self.rng.chance(0.3) {
                let length = self.rng.range(20, 160);
                self.said(length);
            }
            tools::call(self);
        }
        self.new_message();
        let length = self.rng.range(150, 1800);
        self.said(length);
        self.ending();
    }

    fn prompt(&mut self) {
        let length = self.rng.range(20, 120) + self.rng.below(64) * self.rng.below(64);
        let mut text = String::new();
        match self.rng.below(24) {
            0 => text.push_str("<command-name>/compact</command-name>\n<command-message>compact</command-message>\n<command-args></command-args>"),
            1 => text.push_str("<local-command-stdout>Set model to opus</local-command-stdout>"),
            _ => self.words.paragraph(&mut self.rng, &self.topic, length, &mut text),
        }
        if self.rng.below(12) == 0 {
            text.push_str("\n\n");
            tools::pasted_error(self, &mut text);
        }
        self.snapshot();
        self.envelope();
        self.lines
            .raw(",\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":")
            .text(&text);
        self.lines.raw("},\"permissionMode\":\"default\"");
        self.close(600_000);
    }

    fn snapshot(&mut self) {
        let id = uuid(&mut self.rng);
        let now = self.clock.now();
        let lines = &mut self.lines;
        lines
            .raw("{\"type\":\"file-history-snapshot\",\"messageId\":\"")
            .raw(&id);
        lines
            .raw("\",\"snapshot\":{\"messageId\":\"")
            .raw(&id)
            .raw("\",\"trackedFileBackups\":{");
        for (at, file) in self.focus.iter().take(4).enumerate() {
            lines
                .raw(if at > 0 { "," } else { "" })
                .text(&self.project.files[*file].path);
            lines
                .raw(":{\"backupFileName\":\"")
                .raw(&id[..16])
                .raw("@v1\",\"version\":1}");
        }
        lines
            .raw("},\"timestamp\":\"")
            .raw(&now)
            .raw("\"},\"isSnapshotUpdate\":false")
            .end();
    }

    fn said(&mut self, length: usize) {
        let mut text = String::new();
        self.words
            .paragraph(&mut self.rng, &self.topic, length, &mut text);
        if length > 900 {
            text.push_str("\n\n```rust\n");
            let mut depth = 0;
            for _ in 0..6 {
                text.push_str(&self.project.line(&mut self.rng, &mut depth));
                text.push('\n');
            }
            text.push_str("```\n");
        }
        self.assistant();
        self.lines
            .raw("{\"type\":\"text\",\"text\":")
            .text(&text)
            .raw("}");
        self.assistant_end();
    }

    fn thinking(&mut self) {
        let length = self.rng.range(80, 900) + self.rng.below(30) * self.rng.below(90);
        let mut text = String::new();
        self.words
            .paragraph(&mut self.rng, &self.topic, length, &mut text);
        let signature = opaque(&mut self.rng, 180);
        self.assistant();
        self.lines
            .raw("{\"type\":\"thinking\",\"thinking\":")
            .text(&text);
        self.lines
            .raw(",\"signature\":\"")
            .raw(&signature)
            .raw("\"}");
        self.assistant_end();
    }

    fn ending(&mut self) {
        self.envelope();
        let duration = self.rng.below(900_000);
        self.lines
            .raw(",\"type\":\"system\",\"subtype\":\"turn_duration\",\"durationMs\":")
            .number(duration);
        self.lines.raw(",\"isMeta\":false");
        self.close(300);
    }

    fn compaction(&mut self) {
        let before = self.parent.take().unwrap_or_default();
        self.envelope();
        self.lines.raw(",\"logicalParentUuid\":\"").raw(&before);
        self.lines.raw("\",\"type\":\"system\",\"subtype\":\"compact_boundary\",\"content\":\"Conversation compacted\",\"isMeta\":false,\"level\":\"info\",\"compactMetadata\":{\"trigger\":\"auto\",\"preTokens\":167117}");
        self.close(60_000);
        let mut text = "This session is being continued from a previous conversation that ran out of context.\n\n".to_owned();
        self.words
            .paragraph(&mut self.rng, &self.topic, 6000, &mut text);
        self.envelope();
        self.lines
            .raw(",\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":")
            .text(&text);
        self.lines
            .raw("},\"isVisibleInTranscriptOnly\":true,\"isCompactSummary\":true");
        self.close(300);
    }
}
