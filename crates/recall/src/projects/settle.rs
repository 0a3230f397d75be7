//! What an import learns of directories, and which projects that makes.
//!
//! Directories vanish, get a repository or a remote: what is known of a path then differs from one
//! import to the next. The table `directory` holds what was learnt of each, the surer knowledge wins,
//! whichever comes first, and from it follows which project a directory belongs to.

use std::collections::hash_map::Entry;

use rusqlite::{Connection, OptionalExtension as _, params};
use rustc_hash::{FxHashMap, FxHashSet};

use super::belonging::Neighbourhood;
use super::facts::{DirectoryFlags, KnownDirectory, homes, place_in, surer};
use super::moving::{Moves, move_messages};
use super::words::{carry_words, merged_into};
use crate::Result;
use crate::guards::{Cleaner, Masked};
use crate::project::{
    Basis, Homes, Identity, gone_worktrees, key_of_place, native, normal_path, of_directory,
    places_above, root_commit,
};
use crate::store::ProjectId;

/// What was learnt of a directory, and what follows from that.
pub(crate) struct Learnt {
    /// The project, unless it follows from the moves.
    project: Option<ProjectId>,
    moves: Vec<Move>,
}

/// A directory that belongs to another project than before.
struct Move {
    path: String,
    from: ProjectId,
    to: String,
}

/// The number of a directory's project until that is known.
const NO_PROJECT: ProjectId = ProjectId(0);

impl Learnt {
    /// Whether messages that the archive has may move to another project, which takes that they can be read.
    pub(crate) fn moves_messages(&self) -> bool {
        self.moves.iter().any(|moved| moved.from != NO_PROJECT)
    }
}

/// Remembers what is known of an identity's directory. [`settle`] gives its project.
pub(crate) fn learn(
    connection: &Connection,
    cleaner: &mut Cleaner<'_>,
    identity: &Masked<Identity>,
) -> Result<Learnt> {
    let Some(directory) = identity.directory.as_deref() else {
        let project = project_of_key(connection, &identity.key, identity.path.as_deref())?;
        return Ok(Learnt {
            project: Some(project),
            moves: Vec::new(),
        });
    };
    let known = KnownDirectory::get(connection, directory)?;
    let is_other_remote = identity.basis == Basis::Remote
        && known.as_ref().is_some_and(|known| {
            let other = known
                .found
                .as_deref()
                .filter(|found| found.starts_with("git:"));
            other.is_some_and(|other| other != &*identity.key)
        });
    if is_other_remote {
        // The place belonged to several repositories one after the other: each log tells its own.
        let project = project_of_key(connection, &identity.key, None)?;
        return Ok(Learnt {
            project: Some(project),
            moves: Vec::new(),
        });
    }
    let homes = homes(connection)?;
    let root = identity
        .path
        .as_deref()
        .filter(|_| identity.basis == Basis::Repository);
    let root_known = root
        .map(|root| KnownDirectory::get(connection, root))
        .transpose()?
        .flatten();
    let found = (identity.basis != Basis::Path).then_some(&*identity.key);
    let found = surer(
        root_known.as_ref().and_then(|root| root.found.as_deref()),
        found,
    );
    let is_on_disk = identity.basis == Basis::Repository;
    let flags = DirectoryFlags::STARTED
        .when(identity.is_start)
        .with(DirectoryFlags::SIGNED.when(identity.has_sign))
        .with(DirectoryFlags::ON_DISK.when(is_on_disk));
    let mut learning = Learning {
        connection,
        homes: &homes,
        tops: Vec::new(),
    };
    let mut is_new = learning.remember(directory, known.as_ref(), found.as_deref(), flags)?;
    if let Some(root) = root
        && root != directory
    {
        is_new |= learning.remember(
            root,
            root_known.as_ref(),
            found.as_deref(),
            DirectoryFlags::ON_DISK,
        )?;
    }
    if let (false, Some(known)) = (is_new, known) {
        return Ok(Learnt {
            project: Some(known.project),
            moves: Vec::new(),
        });
    }
    if let Some(root) = root {
        learning.look_around(cleaner, root, &identity.key)?;
    }
    Ok(Learnt {
        project: None,
        moves: learning.moves()?,
    })
}

/// The project of an identity, which is made if there is none; and whether other projects turned out to be
/// parts of it and were merged into it, so that their numbers, if they were read before, are invalid.
pub(crate) fn settle(
    connection: &Connection,
    identity: &Masked<Identity>,
    learnt: &Learnt,
) -> Result<(ProjectId, bool)> {
    if let Some(project) = learnt.project {
        return Ok((project, false));
    }
    let is_changed = learnt.moves_messages();
    apply(connection, &learnt.moves)?;
    let directory = identity.directory.as_deref().unwrap_or_default();
    let project = match KnownDirectory::get(connection, directory)? {
        Some(known) => known.project,
        None => project_of_key(connection, &identity.key, None)?,
    };
    if identity.basis == Basis::Repository {
        note_repository(connection, identity, project)?;
    }
    Ok((project, is_changed))
}

/// Directories of which something new was learnt.
struct Learning<'a> {
    connection: &'a Connection,
    homes: &'a Homes,
    /// The topmost places whose projects, and those of all below, may be others now.
    tops: Vec<String>,
}

impl Learning<'_> {
    /// Remembers what is known of a directory; returns whether that is new.
    fn remember(
        &mut self,
        path: &str,
        known: Option<&KnownDirectory>,
        found: Option<&str>,
        flags: DirectoryFlags,
    ) -> Result<bool> {
        let new = KnownDirectory {
            path: path.to_owned(),
            place: place_in(self.homes, path),
            found: surer(known.and_then(|known| known.found.as_deref()), found),
            flags: known.map_or(flags, |known| known.flags.with(flags)),
            project: known.map_or(NO_PROJECT, |known| known.project),
        };
        let is_same =
            known.is_some_and(|known| known.found == new.found && known.flags == new.flags);
        if is_same {
            return Ok(false);
        }
        new.put(self.connection)?;
        self.tops.push(self.top_of(&new.place)?);
        Ok(true)
    }

    /// The topmost directory above a place that may hold it.
    fn top_of(&self, place: &str) -> Result<String> {
        let mut top = place;
        for above in places_above(place) {
            let known = KnownDirectory::at(self.connection, above)?;
            let is_start = known
                .iter()
                .any(|known| known.flags.has(DirectoryFlags::STARTED));
            if is_start && !self.homes.is_common_ground(above) {
                top = above;
            }
        }
        Ok(top.to_owned())
    }

    /// Looks what else a repository that was just found tells: of directories in it that were known by their
    /// path alone, and of its worktrees that are gone.
    fn look_around(&mut self, cleaner: &mut Cleaner<'_>, root: &str, key: &str) -> Result<()> {
        let place = place_in(self.homes, root);
        for known in KnownDirectory::at_and_below(self.connection, &place)? {
            if known.found.is_none() {
                // A repository within the repository is another project.
                let found = cleaner.mask(of_directory(&known.path, None));
                if found.basis == Basis::Repository {
                    let (path, key) = (&known.path, Some(&*found.key));
                    self.remember(path, Some(&known), key, DirectoryFlags::ON_DISK)?;
                }
            }
        }
        for tree in gone_worktrees(&native(root)) {
            let tree = cleaner.mask(Identity {
                directory: Some(tree.to_string_lossy().into()),
                ..Identity::new(key, Basis::Repository)
            });
            let tree = tree.directory.as_deref().unwrap_or_default();
            let place = place_in(self.homes, tree);
            let known = KnownDirectory::at(self.connection, &place)?;
            // What a repository says of itself counts where nothing else is known, and not for a directory
            // that others worked below.
            let is_start = |known: &KnownDirectory| known.flags.has(DirectoryFlags::STARTED);
            let is_free = match known.is_empty() {
                true => !KnownDirectory::at_and_below(self.connection, &place)?
                    .iter()
                    .any(is_start),
                false => known.iter().all(|known| known.found.is_none()),
            };
            if is_free && !self.homes.is_common_ground(&place) {
                let known = known.iter().find(|known| known.path == tree);
                self.remember(tree, known, Some(key), DirectoryFlags::default())?;
            }
        }
        Ok(())
    }

    /// The directories that belong to another project than before.
    fn moves(mut self) -> Result<Vec<Move>> {
        self.tops.sort_unstable();
        self.tops.dedup();
        let mut moves = Vec::new();
        for top in &self.tops {
            moves.extend(moves_below(self.connection, self.homes, top)?);
        }
        Ok(moves)
    }
}

/// The directories at a place and below it that belong to another project than before.
fn moves_below(connection: &Connection, homes: &Homes, top: &str) -> Result<Vec<Move>> {
    let directories = KnownDirectory::at_and_below(connection, top)?;
    let neighbourhood = Neighbourhood::new(connection, homes, top, &directories)?;
    moves_of(connection, directories, &neighbourhood)
}

/// The directories that belong to another project than before.
fn moves_of(
    connection: &Connection,
    directories: Vec<KnownDirectory>,
    neighbourhood: &Neighbourhood<'_>,
) -> Result<Vec<Move>> {
    let mut keys: FxHashMap<String, (String, Option<ProjectId>)> = FxHashMap::default();
    let mut moves = Vec::new();
    for known in directories {
        let own = neighbourhood.key_of(&known.place, false);
        let (key, project) = match keys.entry(own) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(vacant) => {
                let key = merged_into(connection, vacant.key())?;
                let project = by_key(connection, &key)?;
                vacant.insert((key, project))
            }
        };
        if *project != Some(known.project) {
            moves.push(Move {
                path: known.path,
                from: known.project,
                to: key.clone(),
            });
        }
    }
    Ok(moves)
}

/// Finds out anew to which project each directory belongs, and moves what is said in those that belong to
/// another one. Returns how many did.
pub(super) fn settle_all(connection: &Connection) -> Result<u64> {
    let homes = homes(connection)?;
    let all = KnownDirectory::all(connection)?;
    let neighbourhood = Neighbourhood::of_all(&homes, &all);
    let moves = moves_of(connection, all, &neighbourhood)?;
    apply(connection, &moves)?;
    Ok(moves.len() as u64)
}

/// The directories that belong to the project of a key, whichever project they have now.
pub(super) fn directories_of(connection: &Connection, key: &str) -> Result<FxHashSet<String>> {
    let homes = homes(connection)?;
    let all = KnownDirectory::all(connection)?;
    let neighbourhood = Neighbourhood::of_all(&homes, &all);
    let mut own = FxHashSet::default();
    for known in all {
        if merged_into(connection, &neighbourhood.key_of(&known.place, false))? == key {
            own.insert(known.path);
        }
    }
    Ok(own)
}

/// Moves directories, and what was said in them, to their projects. Terms and vectors stay as they are, since
/// they don't depend on projects.
fn apply(connection: &Connection, moves: &[Move]) -> Result<()> {
    let mut by_project: FxHashMap<ProjectId, Moves> = FxHashMap::default();
    for moved in moves {
        let to = target(connection, moved, moves)?;
        connection
            .prepare_cached("UPDATE directory SET project = ?2 WHERE path = ?1")?
            .execute(params![moved.path, to.0])?;
        if moved.from != NO_PROJECT && moved.from != to {
            let of_project = by_project.entry(moved.from).or_default();
            of_project.insert(moved.path.clone(), to);
        }
    }
    for (from, moves) in &by_project {
        move_messages(connection, *from, moves)?;
    }
    Ok(())
}

/// The project that a directory moves to. Where it isn't there yet, and all directories of the one before
/// become it, that one gets its key, so that nothing has to move.
fn target(connection: &Connection, moved: &Move, moves: &[Move]) -> Result<ProjectId> {
    if let Some(project) = by_key(connection, &moved.to)? {
        note_spelling(connection, moved, project)?;
        return Ok(project);
    }
    let count: i64 = connection
        .prepare_cached("SELECT count(*) FROM directory WHERE project = ?1")?
        .query_row([moved.from.0], |row| row.get(0))?;
    let alike = moves
        .iter()
        .filter(|other| other.from == moved.from && other.to == moved.to);
    let is_path = connection
        .prepare_cached("SELECT key FROM project WHERE id = ?1")?
        .query_row([moved.from.0], |row| row.get::<_, String>(0))
        .optional()?
        .is_some_and(|key| key.starts_with("dir:"));
    let path = path_for(connection, moved)?;
    if is_path && alike.count() as i64 == count {
        carry_words(connection, moved.from, &moved.to)?;
        connection
            .prepare_cached("UPDATE project SET key = ?2, path = ?3 WHERE id = ?1")?
            .execute(params![moved.from.0, moved.to, path])?;
        return Ok(moved.from);
    }
    project_of_key(connection, &moved.to, path.as_deref())
}

/// Where another spelling of a project's own directory turns up, keeps the one that is always chosen.
fn note_spelling(connection: &Connection, moved: &Move, project: ProjectId) -> Result<()> {
    let is_own = moved.to == key_of_place(&place_in(&homes(connection)?, &moved.path));
    if is_own && moved.from == NO_PROJECT {
        let path = path_for(connection, moved)?;
        connection
            .prepare_cached("UPDATE project SET path = ?2 WHERE id = ?1 AND path IS NOT ?2")?
            .execute(params![project.0, path])?;
    }
    Ok(())
}

/// Where a project lies that a directory moves to, in the spelling of a log.
fn path_for(connection: &Connection, moved: &Move) -> Result<Option<String>> {
    let homes = homes(connection)?;
    let shown = |path: &str| homes.without_worktree(&normal_path(path)).to_owned();
    let Some(place) = moved.to.strip_prefix("dir:") else {
        return path_of_remote(connection, &moved.to);
    };
    // Of several spellings always the same one, and small letters before capitals.
    let known = KnownDirectory::at(connection, place)?;
    let spelled = known.iter().map(|known| shown(&known.path)).max();
    Ok(Some(spelled.unwrap_or_else(|| place.to_owned())))
}

/// The topmost directory that is known of a remote's project.
pub(super) fn path_of_remote(connection: &Connection, key: &str) -> Result<Option<String>> {
    let sql = "SELECT path FROM directory WHERE found = ?1 ORDER BY length(path), path LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let path: Option<String> = statement.query_row([key], |row| row.get(0)).optional()?;
    let homes = homes(connection)?;
    Ok(path.map(|path| homes.without_worktree(&normal_path(&path)).to_owned()))
}

/// Notes where a repository lies now, and by which commit it can be recognised once that changes.
fn note_repository(connection: &Connection, identity: &Identity, project: ProjectId) -> Result<()> {
    let Some(root) = identity.path.as_deref() else {
        return Ok(());
    };
    let (key, path, commit): (String, Option<String>, Option<String>) = connection
        .prepare_cached("SELECT key, path, root_commit FROM project WHERE id = ?1")?
        .query_row([project.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    let directory = identity.directory.as_deref().map(normal_path);
    let is_right =
        |path: &str| native(path).symlink_metadata().is_ok() && directory.as_deref() != Some(path);
    if key == *identity.key && !path.as_deref().is_some_and(is_right) {
        connection
            .prepare_cached("UPDATE project SET path = ?2 WHERE id = ?1")?
            .execute(params![project.0, root])?;
    }
    if commit.is_none() {
        note_commit(connection, project, root)?;
    }
    Ok(())
}

/// Keeps the first commit of a repository on disk; nothing where it can't be told, so that it isn't asked for
/// again.
pub(super) fn note_commit(connection: &Connection, project: ProjectId, root: &str) -> Result<()> {
    connection
        .prepare_cached("UPDATE project SET root_commit = ?2 WHERE id = ?1")?
        .execute(params![
            project.0,
            root_commit(&native(root)).unwrap_or_default()
        ])?;
    Ok(())
}

/// The project with this key, if there is one.
pub(super) fn by_key(connection: &Connection, key: &str) -> Result<Option<ProjectId>> {
    let mut statement = connection.prepare_cached("SELECT id FROM project WHERE key = ?1")?;
    let found = statement.query_row([key], |row| row.get(0).map(ProjectId));
    Ok(found.optional()?)
}

/// The project that a key means, made if there is none.
pub(super) fn project_of_key(
    connection: &Connection,
    key: &str,
    path: Option<&str>,
) -> Result<ProjectId> {
    let key = merged_into(connection, key)?;
    if let Some(project) = by_key(connection, &key)? {
        connection
            .prepare_cached(
                "UPDATE project SET path = ?2 WHERE id = ?1 AND path IS NULL AND ?2 IS NOT NULL",
            )?
            .execute(params![project.0, path])?;
        return Ok(project);
    }
    connection
        .prepare_cached("INSERT INTO project (key, path) VALUES (?1, ?2)")?
        .execute(params![key, path])?;
    Ok(ProjectId(connection.last_insert_rowid()))
}

/// The project that a directory of this machine is, made if there is none: for a person who names one of
/// which nothing is archived.
pub(super) fn project_of_new(connection: &Connection, identity: &Identity) -> Result<ProjectId> {
    let key = match (&identity.basis, &identity.path) {
        (Basis::Path, Some(path)) => key_of_place(&place_in(&homes(connection)?, path)),
        _ => identity.key.to_string(),
    };
    project_of_key(connection, &key, identity.path.as_deref())
}
