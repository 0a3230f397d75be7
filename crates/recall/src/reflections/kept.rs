//! Storing, finding, changing and deleting reflections.

use std::sync::Arc;

use rusqlite::Connection;
use transcript::{Message, MessageKind, Millis, REFLECTION, Reflected, Role};

use super::limits;
use super::reflection::{NewReflection, Reflection, ReflectionFilter, ReflectionProject};
use crate::guards::{ArchiveGuards, Cleaner, Cleared, Gate, Masked};
use crate::index::TermBuilder;
use crate::ingest::write::{PreparedMessage, Step, Writer};
use crate::project::{Basis, Identity, of_directory, unsorted};
use crate::projects::{self, Names};
use crate::store::{
    MessageId, ProjectFilter, ProjectId, Reader, ReflectionRow, Row, Span, content_hash, id_key,
    new_uuid, newest_mark,
};
use crate::{Error, Result};

/// Reflections whose ids start alike that are looked at: five are named, and one more tells that there are.
const MAX_ALIKE: u32 = 6;

/// A reflection about to be stored, in the form in which it is kept but for what is masked with the
/// rest of its message.
pub(super) struct ReflectionDraft {
    pub(super) id: String,
    pub(super) content: String,
    pub(super) role: Role,
    pub(super) created: Millis,
    pub(super) about: Masked<Reflected>,
    pub(super) home: Belongs,
}

/// Where a reflection belongs: a project, and the directory by which an export tells it.
pub(super) struct Belongs {
    pub(super) project: Arc<Masked<Identity>>,
    pub(super) cwd: Option<Arc<str>>,
}

impl Belongs {
    /// Where an identity that was just found belongs.
    pub(super) fn to(identity: Identity, cleaner: &mut Cleaner<'_>) -> Self {
        let project = Arc::new(cleaner.mask(identity));
        Self {
            cwd: project.directory.clone(),
            project,
        }
    }
}

/// Stores a new reflection.
pub(crate) fn reflect(
    connection: &mut Connection,
    guards: &ArchiveGuards,
    new: &NewReflection,
) -> Result<Cleared<Reflection>> {
    let content = limits::content(&new.content)?;
    let about = Reflected {
        tags: limits::tags(&new.tags)?,
        author: limits::name(new.author.as_deref())?,
        updated: None,
        conversation: limits::conversation(new.conversation.as_deref())?,
    };
    let mut writer = Writer::new()?;
    let mut step = writer.step(connection, guards)?;
    let mut cleaner = Cleaner::new(guards);
    let home = of_place(step.connection(), &mut cleaner, &new.place)?;
    cleaner.in_project(|| home.project.names());
    let draft = ReflectionDraft {
        id: new_uuid(step.connection())?,
        content,
        role: match new.role {
            Role::User => Role::User,
            _ => Role::Assistant,
        },
        created: new.created.unwrap_or(new.now),
        about: cleaner.mask(about),
        home,
    };
    store(&mut step, &mut TermBuilder::new(), &mut cleaner, &draft)?;
    refuse_unchecked(&mut cleaner)?;
    step.commit()?;
    get(connection, Gate::new(guards), &draft.id, ProjectFilter::All)
}

fn of_place(
    connection: &Connection,
    cleaner: &mut Cleaner<'_>,
    place: &ReflectionProject,
) -> Result<Belongs> {
    match place {
        ReflectionProject::Nowhere => Ok(Belongs::to(unsorted(), cleaner)),
        ReflectionProject::Project(name) => {
            of_project(connection, projects::find(connection, name)?.0)
        }
        ReflectionProject::Directory(path) => of_cwd(connection, cleaner, &path.to_string_lossy()),
    }
}

/// The project of a working directory. Where a repository tells, it is found as an import finds it;
/// else what is known of the directories above counts.
pub(super) fn of_cwd(
    connection: &Connection,
    cleaner: &mut Cleaner<'_>,
    path: &str,
) -> Result<Belongs> {
    let found = of_directory(path, None);
    if found.basis != Basis::Repository
        && let Some((id, _)) = projects::of_directory(connection, path.as_ref())?
    {
        return Ok(Belongs {
            cwd: cleaner.mask(found).directory.clone(),
            ..of_project(connection, id)?
        });
    }
    Ok(Belongs::to(found, cleaner))
}

/// A project that the archive knows.
pub(super) fn of_project(connection: &Connection, id: ProjectId) -> Result<Belongs> {
    let (key, path): (String, Option<String>) = connection
        .prepare_cached("SELECT key, path FROM project WHERE id = ?1")?
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let identity = Identity {
        basis: Basis::Name,
        ..Identity::new(key, Basis::Name)
    };
    Ok(Belongs {
        project: Arc::new(Masked::kept(identity)),
        cwd: path.map(Into::into),
    })
}

/// Adds a reflection's message and its own row, unless the archive has it.
pub(super) fn store(
    step: &mut Step<'_>,
    terms: &mut TermBuilder,
    cleaner: &mut Cleaner<'_>,
    draft: &ReflectionDraft,
) -> Result<Option<MessageId>> {
    let message = cleaner.mask(Message {
        id: draft.id.clone(),
        conversation: draft.id.as_str().into(),
        role: draft.role,
        kind: MessageKind::Said,
        time: Some(draft.created),
        text: draft.content.clone(),
        // Where it belongs is told by an export, too.
        cwd: draft.home.cwd.clone(),
        ..Message::default()
    });
    let Some(id) = add(step, terms, message, &draft.home.project)? else {
        return Ok(None);
    };
    ReflectionRow::insert(
        step.connection(),
        id,
        &draft.id,
        draft.created,
        &draft.about,
    )?;
    Ok(Some(id))
}

/// A person or an assistant is told at once that something can't be kept, rather than finding a note
/// in its place.
pub(super) fn refuse_unchecked(cleaner: &mut Cleaner<'_>) -> Result<()> {
    match cleaner.take_failures().into_iter().next() {
        Some(guard) => Err(Error::Unchecked(guard)),
        None => Ok(()),
    }
}

pub(super) fn add(
    step: &mut Step<'_>,
    terms: &mut TermBuilder,
    message: Masked<Message>,
    project: &Arc<Masked<Identity>>,
) -> Result<Option<MessageId>> {
    let mut prepared = PreparedMessage {
        replaces: None,
        key: id_key(REFLECTION, &message.id),
        former_key: None,
        log: None,
        content: content_hash(&message),
        source: REFLECTION.into(),
        project: Arc::clone(project),
        terms: terms.terms(&message),
        message,
    };
    let is_new = step.add(None, &mut prepared)?;
    Ok(is_new.then(|| step.last()))
}

/// The row of the reflection that goes by this id, or alone starts so, of those in the projects.
pub(super) fn find(
    connection: &Connection,
    id: &str,
    within: ProjectFilter,
) -> Result<ReflectionRow> {
    let mut found = ReflectionRow::starting_with(connection, id, within, MAX_ALIKE)?;
    let is_clear = found.len() == 1 || found.first().is_some_and(|first| first.id == id);
    if id.is_empty() || found.is_empty() {
        return Err(Error::NoReflection(id.to_owned()));
    }
    if !is_clear {
        return Err(Error::AmbiguousReflection {
            id: id.to_owned(),
            candidates: found.into_iter().map(|kept| kept.id).take(5).collect(),
        });
    }
    Ok(found.swap_remove(0))
}

/// The reflection of this id, or of an unambiguous start of it.
pub(crate) fn get(
    connection: &Connection,
    gate: Gate<'_>,
    id: &str,
    within: ProjectFilter,
) -> Result<Cleared<Reflection>> {
    let kept = find(connection, id, within)?;
    let names = Names::load(connection)?;
    let span = Span::of_message(connection, kept.message)?;
    let project = span.map_or("", |span| names.get(span.project));
    let reflection = whole(connection, &mut Reader::new()?, kept, project)?;
    Ok(gate.release(reflection))
}

/// A row with all that belongs to it.
fn whole(
    connection: &Connection,
    reader: &mut Reader,
    kept: ReflectionRow,
    project: &str,
) -> Result<Reflection> {
    let row = Row::get(connection, kept.message)?;
    let row = row.ok_or_else(|| Error::Damaged(format!("reflection {} has no text", kept.id)))?;
    let message = reader.message(connection, &row)?;
    Ok(Reflection {
        id: kept.id,
        content: message.text,
        tags: kept.tags,
        project: project.to_owned(),
        role: message.role,
        author: kept.author,
        created: kept.created,
        updated: kept.updated,
        conversation: kept.conversation,
        status: newest_mark(connection, kept.message)?,
    })
}

/// The reflections that a filter means, the newest first.
pub(crate) fn list(
    connection: &Connection,
    gate: Gate<'_>,
    filter: &ReflectionFilter,
) -> Result<Cleared<Vec<Reflection>>> {
    // One look at the archive, whatever others write meanwhile.
    let _snapshot = connection.unchecked_transaction()?;
    let (projects, _) = projects::of_scope(connection, &filter.scope)?;
    let names = Names::load(connection)?;
    let tag = filter.tag.as_deref().map(|tag| tag.trim().to_lowercase());
    let (since, until) = (
        filter.since.unwrap_or(i64::MIN),
        filter.until.unwrap_or(i64::MAX),
    );
    let mut statement = ReflectionRow::newest_first(connection)?;
    let rows = statement.query_map([since, until], ReflectionRow::from_row)?;
    let mut reader = Reader::new()?;
    let mut found = Vec::new();
    for kept in rows {
        if found.len() == filter.limit {
            break;
        }
        let kept = kept?;
        let Some(span) = Span::of_message(connection, kept.message)? else {
            continue;
        };
        let in_scope = projects.admits(span.project);
        let is_tagged = |tag: &String| kept.tags.iter().any(|own| own.to_lowercase() == *tag);
        if !in_scope || !tag.as_ref().is_none_or(is_tagged) {
            continue;
        }
        if let Some(wanted) = filter.status {
            let newest = newest_mark(connection, kept.message)?;
            if newest.map(|marking| marking.status) != Some(wanted) {
                continue;
            }
        }
        found.push(whole(
            connection,
            &mut reader,
            kept,
            names.get(span.project),
        )?);
    }
    Ok(gate.release(found))
}
