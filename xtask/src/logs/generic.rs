//! Messages in the generic format, each about one passage long, and queries that go with them.

use std::io::Write;
use std::path::Path;

use super::record::{LogClock, RecordLines};
use super::rng::Rng;
use super::words::WordTable;

/// Messages of one conversation.
const CONVERSATION_MESSAGES: u64 = 40;
/// Projects that conversations belong to.
const PROJECT_COUNT: u64 = 12;
/// Between the first messages of two conversations.
const CONVERSATION_GAP_MS: i64 = 9_000_000;
const FIRST_MESSAGE_MS: i64 = 1_700_000_000_000;

/// Writes `messages.jsonl` below a directory.
pub(super) fn write(dir: &Path, messages: u64, seed: u64) -> anyhow::Result<()> {
    fs_err::create_dir_all(dir)?;
    let words = WordTable::new();
    let mut out = std::io::BufWriter::new(fs_err::File::create(dir.join("messages.jsonl"))?);
    let mut lines = RecordLines::default();
    let mut clock = LogClock::at(FIRST_MESSAGE_MS);
    let mut topic = Vec::new();
    for number in 0..messages {
        let mut rng = Rng::new(seed, 0xA000_0000 + number);
        let conversation = number / CONVERSATION_MESSAGES;
        if number % CONVERSATION_MESSAGES == 0 {
            clock =
                LogClock::at(FIRST_MESSAGE_MS + i64::try_from(conversation)? * CONVERSATION_GAP_MS);
            topic = (0..16)
                .map(|_| words.content(&mut rng).to_owned())
                .collect();
        }
        clock.tick(&mut rng, 120_000);
        let mut text = String::new();
        let length = if number % 2 == 0 {
            rng.range(40, 300)
        } else {
            rng.range(120, 620)
        };
        words.paragraph(&mut rng, &topic, length, &mut text);
        lines.raw("{\"id\":\"m").raw(&number.to_string());
        lines
            .raw("\",\"conversation\":\"c")
            .raw(&conversation.to_string());
        lines
            .raw("\",\"project\":\"project-")
            .raw(&(conversation % PROJECT_COUNT).to_string());
        lines.raw(if number % 2 == 0 {
            "\",\"role\":\"user\""
        } else {
            "\",\"role\":\"assistant\""
        });
        lines
            .raw(",\"time\":\"")
            .raw(&clock.now())
            .raw("\",\"text\":")
            .text(&text)
            .end();
        if lines.bytes.len() > 1 << 20 {
            out.write_all(&lines.bytes)?;
            lines.bytes.clear();
        }
    }
    out.write_all(&lines.bytes)?;
    Ok(out.flush()?)
}

/// Writes queries of one to six words as people type them: some words everywhere, some rare.
pub(super) fn write_queries(path: &Path, count: u64, seed: u64) -> anyhow::Result<()> {
    let words = WordTable::new();
    let mut lines = RecordLines::default();
    for number in 0..count {
        let mut rng = Rng::new(seed, 0xB000_0000 + number);
        let length = rng.range(1, 7);
        let typed: Vec<&str> = (0..length)
            .map(|_| {
                if rng.chance(0.35) {
                    words.any(&mut rng)
                } else {
                    words.content(&mut rng)
                }
            })
            .collect();
        lines
            .raw("{\"id\":\"q")
            .raw(&number.to_string())
            .raw("\",\"text\":");
        lines.text(&typed.join(" ")).end();
    }
    Ok(fs_err::write(path, &lines.bytes)?)
}
