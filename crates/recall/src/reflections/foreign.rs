//! Imports reflections from the stores of other programs, each once, however often its store is imported.

use guard::collapse;
use rusqlite::Connection;
use rustc_hash::FxHashSet;
use transcript::{Marking, Millis, REFLECTION, Reflected, Role};

use super::kept::{Belongs, ReflectionDraft, of_cwd, of_project, refuse_unchecked, store};
use crate::guards::{ArchiveGuards, Cleaner, Unquoted};
use crate::index::TermBuilder;
use crate::ingest::write::{Step, Writer};
use crate::project::{named, unsorted};
use crate::projects;
use crate::store::{
    MessageId, ProjectId, Reader, Row, add_mark_once, message_of_id, one_line_tags, stable_hash,
    uuid,
};
use crate::{Error, Result};

/// A reflection read from the store of another program, to be imported.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForeignReflection {
    /// The name of the store, `/`, and the reflection's id in it. A key is imported once, however often it
    /// is met. An id that is a UUID is kept; from any other key a UUID is made.
    pub key: String,
    /// The text. One that is empty or blank isn't imported.
    pub content: String,
    /// The tags that it is filed under.
    pub tags: Vec<String>,
    /// When it was made, in milliseconds since 1970, if the store says so.
    pub created: Option<Millis>,
    /// The absolute path of its project's directory, if the store says so. Its project is that of
    /// [`Self::conversation`] if the archive has that, else of this directory, else the one of the name
    /// [`Self::project`], else `unsorted`.
    pub directory: Option<String>,
    /// The name of its project, if the store says so. If it fits no project or several, a project of this
    /// name is made.
    pub project: Option<String>,
    /// The id of the conversation that it came from, if the store says so.
    pub conversation: Option<String>,
    /// Its marks (open, resolved, superseded), the newest last.
    pub marks: Vec<Marking>,
}

/// How many reflections and marks of another program's store were imported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ForeignReport {
    /// The number of reflections that were new and have been added.
    pub added: u64,
    /// The number of reflections that the archive had already: the same key, or the same text made at the
    /// same time.
    pub known: u64,
    /// The number of reflections without text, which were left out.
    pub empty: u64,
    /// The number of marks that were new and have been added, those of known reflections included.
    pub marks: u64,
}

impl Unquoted for ForeignReport {}

/// Imports what the archive doesn't have. Limits don't hold here: what was kept elsewhere is kept.
pub(crate) fn import(
    (connection, guards): (&mut Connection, &ArchiveGuards),
    reflections: &[ForeignReflection],
    author: &str,
    now: Millis,
) -> Result<ForeignReport> {
    let mut writer = Writer::new()?;
    let mut step = writer.step(connection, guards)?;
    let mut report = ForeignReport::default();
    let mut terms = TermBuilder::new();
    let mut cleaner = Cleaner::new(guards);
    let mut said = said(step.connection(), &mut cleaner)?;
    for foreign in reflections {
        let content = foreign.content.trim();
        if content.is_empty() {
            report.empty += 1;
            continue;
        }
        let id = id_of(&foreign.key);
        let known = message_of_id(step.connection(), REFLECTION, &id)?;
        // Two stores may hold the same, as after a move from one to the other.
        let is_repeated = foreign
            .created
            .is_some_and(|time| !said.insert(print(time, content, &mut cleaner)));
        let message = match known {
            None if !is_repeated => {
                let made = (author, now);
                let draft = draft(step.connection(), &mut cleaner, foreign, id, content, made)?;
                store(&mut step, &mut terms, &mut cleaner, &draft)?
            }
            known => known,
        };
        let is_new = known.is_none() && message.is_some();
        report.added += u64::from(is_new);
        report.known += u64::from(!is_new);
        report.marks += add_marks(&step, &mut cleaner, message, foreign)?;
    }
    refuse_unchecked(&mut cleaner)?;
    step.commit()?;
    Ok(report)
}

fn add_marks(
    step: &Step<'_>,
    cleaner: &mut Cleaner<'_>,
    message: Option<MessageId>,
    foreign: &ForeignReflection,
) -> Result<u64> {
    let mut added = 0;
    for marking in message.iter().flat_map(|_| &foreign.marks) {
        if let Some(message) = message {
            added += u64::from(add_mark_once(
                step.connection(),
                message,
                &cleaner.mask(marking.clone()),
            )?);
        }
    }
    Ok(added)
}

fn draft(
    connection: &Connection,
    cleaner: &mut Cleaner<'_>,
    foreign: &ForeignReflection,
    id: String,
    content: &str,
    (author, now): (&str, Millis),
) -> Result<ReflectionDraft> {
    let home = home(connection, cleaner, foreign)?;
    cleaner.in_project(|| home.project.names());
    Ok(ReflectionDraft {
        id,
        content: content.to_owned(),
        role: Role::Assistant,
        created: foreign.created.unwrap_or(now),
        about: cleaner.mask(Reflected {
            tags: one_line_tags(&foreign.tags),
            author: Some(author.to_owned()),
            updated: None,
            conversation: foreign.conversation.clone(),
        }),
        home,
    })
}

/// Where it belongs: where its conversation does, else its directory, else the project of its name.
fn home(
    connection: &Connection,
    cleaner: &mut Cleaner<'_>,
    foreign: &ForeignReflection,
) -> Result<Belongs> {
    if let Some(id) = &foreign.conversation
        && let Some(project) = project_of_conversation(connection, id)?
    {
        return of_project(connection, project);
    }
    let is_absolute = |path: &&String| path.starts_with('/') || path.contains(":\\");
    if let Some(directory) = foreign.directory.as_ref().filter(is_absolute) {
        return of_cwd(connection, cleaner, directory);
    }
    let Some(name) = foreign.project.as_deref().filter(|name| !name.is_empty()) else {
        return Ok(Belongs::to(unsorted(), cleaner));
    };
    match projects::find(connection, name) {
        Ok((project, _)) => of_project(connection, project),
        Err(Error::NoProject { .. } | Error::AmbiguousProject { .. }) => {
            Ok(Belongs::to(named(name), cleaner))
        }
        Err(error) => Err(error),
    }
}

/// The project that most of a conversation belongs to.
fn project_of_conversation(connection: &Connection, id: &str) -> Result<Option<ProjectId>> {
    let sql = "SELECT project FROM conversation JOIN span ON conversation = conversation.id
         WHERE key = ?1 AND source != ?2 GROUP BY project ORDER BY sum(last - first + 1) DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([id, REFLECTION])?;
    let row = rows.next()?;
    Ok(row.map(|row| row.get(0)).transpose()?.map(ProjectId))
}

/// The id that a foreign reflection always gets: its own where it is a UUID, else one made from its key.
fn id_of(key: &str) -> String {
    let own = key.rsplit('/').next().unwrap_or(key);
    let is_uuid = own.len() == 36
        && own.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    if is_uuid {
        return own.to_ascii_lowercase();
    }
    let half = |part: &[u8]| u128::from(stable_hash(&[part, key.as_bytes()]));
    uuid(half(b"high") << 64 | half(b"low"), 8)
}

/// Fingerprints of all reflections.
fn said(connection: &Connection, cleaner: &mut Cleaner<'_>) -> Result<FxHashSet<u64>> {
    let mut statement = connection.prepare("SELECT message, created FROM reflection")?;
    let mut rows = statement.query([])?;
    let mut reader = Reader::new()?;
    let mut said = FxHashSet::default();
    while let Some(row) = rows.next()? {
        let time = row.get(1)?;
        if let Some(row) = Row::get(connection, MessageId(row.get(0)?))? {
            let text = reader.text(connection, &row)?.1;
            said.insert(print(time, &text, cleaner));
        }
    }
    Ok(said)
}

/// The same whatever stands for what is masked in a text.
fn print(time: Millis, text: &str, cleaner: &mut Cleaner<'_>) -> u64 {
    let mut text = text.to_owned();
    cleaner.text(&mut text);
    stable_hash(&[&time.to_le_bytes(), collapse(&text).as_bytes()])
}
