//! Checking the archive: the database, every message, and whether the indexes know what they should.

use rusqlite::{Connection, params};
use transcript::{Message, MessageKind, Role};

use super::walk::{PROGRESS_MESSAGES, count, each_message};
use crate::index::TermBuilder;
use crate::index::vectors::{ArchiveState, VectorIndex};
use crate::store::{MessageId, Reader, Row};
use crate::text::{chunks, passages, payload_text};
use crate::{Error, Progress, Result, Stage, Stop, VerifyReport};

/// Problems that a check lists before it gives up counting them one by one.
const MAX_LISTED_PROBLEMS: usize = 50;

/// Checks everything that can be checked.
pub(crate) fn verify(
    connection: &Connection,
    vectors: &dyn VectorIndex,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<VerifyReport> {
    let mut check = Check {
        connection,
        report: VerifyReport::default(),
        terms: None,
    };
    let parts = check.database().and_then(|()| check.rows());
    let parts = parts.and_then(|()| {
        let problems = vectors.verify(&ArchiveState::new(connection))?;
        check.report.problems.extend(problems);
        let total = count(connection, "SELECT count(*) FROM message")?;
        check.messages(total, stop, progress)
    });
    match parts {
        // Damage that keeps from looking further is what a check is there to tell.
        Err(Error::Damaged(what)) => check.damaged(what),
        other => other?,
    }
    Ok(check.report)
}

struct Check<'a> {
    connection: &'a Connection,
    report: VerifyReport,
    /// Made when it is needed, which is hardly ever.
    terms: Option<TermBuilder>,
}

impl Check<'_> {
    fn damaged(&mut self, what: impl Into<String>) {
        self.report.is_damaged = true;
        self.found(what);
    }

    fn found(&mut self, what: impl Into<String>) {
        self.report.problems.push(what.into());
    }

    /// The pages, tables and the structure of the indexes. SQLite asks FTS5 as well, so that a
    /// command to it, which would wait for whoever writes, isn't needed.
    fn database(&mut self) -> Result<()> {
        let mut statement = self.connection.prepare("PRAGMA quick_check(20)")?;
        let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
        for line in lines {
            let line = line?;
            if line != "ok" {
                self.damaged(format!("database: {line}"));
            }
        }
        Ok(())
    }

    /// Rows that belong together.
    fn rows(&mut self) -> Result<()> {
        for (sql, what) in [
            (
                "SELECT abs(count(*) - (SELECT coalesce(sum(last - first + 1), 0) FROM span))
                 FROM message",
                "messages belong to no conversation or to several",
            ),
            (
                "SELECT count(*) FROM message WHERE id NOT IN (SELECT message FROM key)",
                "messages aren't known by their source's id",
            ),
            (
                "SELECT count(*) FROM span WHERE project NOT IN (SELECT id FROM project)
                 OR conversation NOT IN (SELECT id FROM conversation)",
                "parts of conversations have no project or conversation",
            ),
            (
                "SELECT count(*) FROM copy WHERE message NOT IN (SELECT id FROM message)
                 OR conversation NOT IN (SELECT id FROM conversation)
                 OR project NOT IN (SELECT id FROM project)",
                "repeated messages, or the conversations that repeat them, aren't there",
            ),
            (
                "SELECT abs(count(*) - (SELECT count(*) FROM title_docsize))
                 FROM conversation WHERE title IS NOT NULL",
                "titles aren't in the index, or are but shouldn't be",
            ),
            (
                "SELECT count(*) FROM reflection WHERE message NOT IN (SELECT id FROM message)",
                "reflections have no text",
            ),
            (
                "SELECT count(*) FROM mark WHERE message NOT IN (SELECT id FROM message)",
                "marks are of messages that aren't there",
            ),
        ] {
            let wrong = count(self.connection, sql)?;
            if wrong > 0 {
                self.found(format!("{wrong} {what}"));
            }
        }
        Ok(())
    }

    /// Reads every message, and looks whether the indexes know it.
    fn messages(&mut self, total: u64, stop: &Stop, progress: &dyn Progress) -> Result<()> {
        let mut reader = Reader::new()?;
        each_message(self.connection, |row| {
            self.report.messages += 1;
            if self.report.messages.is_multiple_of(PROGRESS_MESSAGES) {
                progress.at(Stage::Check, self.report.messages, total);
            }
            match reader.message(self.connection, row) {
                Err(error) => self.damaged(format!("message {}: {error}", row.id.0)),
                Ok(message) => self.index(row, &message)?,
            }
            Ok(!stop.is_set() && self.report.problems.len() < MAX_LISTED_PROBLEMS)
        })
    }

    fn index(&mut self, row: &Row, message: &Message) -> Result<()> {
        if message.kind == MessageKind::Injected {
            return Ok(());
        }
        let prose = if message.role == Role::Tool {
            0
        } else {
            passages(&message.text).len()
        };
        let payload = chunks(&payload_text(message)).len();
        let known = (self.known("prose", row.id)?, self.known("payload", row.id)?);
        if known == (prose as u64, payload as u64) {
            return Ok(());
        }
        // What has no words has no row: only now is it worth finding out.
        let expected = self
            .terms
            .get_or_insert_with(TermBuilder::new)
            .terms(message)
            .rows();
        if known != expected {
            self.found(format!(
                "message {} isn't in the index as it should be",
                row.id.0
            ));
        }
        Ok(())
    }

    /// How many rows of an index are a message's.
    fn known(&self, table: &str, message: MessageId) -> Result<u64> {
        let (first, after) = TermBuilder::rows_of(message);
        let sql = format!("SELECT count(*) FROM {table}_docsize WHERE id >= ?1 AND id < ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let known: i64 = statement.query_row(params![first.0, after.0], |row| row.get(0))?;
        Ok(known.cast_unsigned())
    }
}
