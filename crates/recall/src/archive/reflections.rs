//! What can be asked of the archive about reflections, and of what became of messages.

use transcript::Millis;

use super::opened::Archive;
use crate::guards::Gate;
use crate::{
    ForeignReflection, ForeignReport, Mark, Marked, NewReflection, Reflection, ReflectionChange,
    ReflectionFilter, Result, Scope, projects, reflections,
};

impl Archive {
    /// Stores a reflection in a step of its own. It is found by its words at once.
    ///
    /// # Errors
    /// If it is empty or too long, its project isn't known, or the archive can't be written.
    pub fn reflect(&mut self, new: &NewReflection) -> Result<Reflection> {
        self.change(|parts| reflections::reflect(parts.connection, parts.guards, new))
    }

    /// The reflections that a filter means, the newest first.
    ///
    /// # Errors
    /// If a name in the scope means nothing or several things, or the archive can't be read.
    pub fn reflections(&self, filter: &ReflectionFilter) -> Result<Vec<Reflection>> {
        self.ask(|connection, gate| reflections::list(connection, gate, filter))
    }

    /// The reflection of this id, or the only one that starts so, of those in the scope.
    ///
    /// # Errors
    /// If there is none in the scope, or several start so, or a name in the scope means nothing or several
    /// things.
    pub fn reflection(&self, id: &str, scope: &Scope) -> Result<Reflection> {
        self.ask(|connection, gate| {
            let (within, _) = projects::of_scope(connection, scope)?;
            reflections::get(connection, gate, id, within)
        })
    }

    /// Changes a reflection: its new text is found from then on, the old one is gone for good.
    ///
    /// # Errors
    /// If there is none of this id in the scope, the new text or tags are empty or too long, or the archive can't
    /// be written.
    pub fn edit_reflection(
        &mut self,
        id: &str,
        scope: &Scope,
        change: &ReflectionChange,
    ) -> Result<Reflection> {
        self.change(|parts| {
            let writes = (parts.connection, parts.guards);
            reflections::edit(writes, parts.vectors, (id, scope), change)
        })
    }

    /// Deletes a reflection with its terms, vectors and marks. Returns what it was.
    ///
    /// # Errors
    /// If there is none of this id in the scope, or the archive can't be written.
    pub fn delete_reflection(&mut self, id: &str, scope: &Scope) -> Result<Reflection> {
        self.change(|parts| {
            let writes = (parts.connection, parts.guards);
            reflections::delete(writes, parts.vectors, (id, scope))
        })
    }

    /// Records what became of messages or reflections, in the order of their ids. Earlier marks are
    /// kept; the latest counts.
    ///
    /// # Errors
    /// If an id isn't known or means several messages, when nothing is marked; if something is empty
    /// or too long, or the archive can't be written.
    pub fn mark(&mut self, mark: &Mark) -> Result<Vec<Marked>> {
        self.change(|parts| {
            let gate = Gate::new(parts.guards);
            let marked = reflections::mark(parts.connection, parts.guards, mark)?;
            Ok(gate.release(marked))
        })
    }

    /// Imports reflections of another store that the archive doesn't have, as made by `author`.
    ///
    /// # Errors
    /// If the archive can't be written; then nothing was imported.
    pub fn import_reflections(
        &mut self,
        found: &[ForeignReflection],
        author: &str,
        now: Millis,
    ) -> Result<ForeignReport> {
        self.change(|parts| {
            let gate = Gate::new(parts.guards);
            let writes = (parts.connection, parts.guards);
            let report = reflections::import(writes, found, author, now)?;
            Ok(gate.release(report))
        })
    }
}
