//! Storing, reading and changing reflections, and marking messages.
//!
//! A reflection is a note that a person or an assistant stored on purpose, see
//! [`Reflection`](crate::Reflection); a mark says whether a message or reflection still holds: open,
//! resolved or superseded, see [`Mark`](crate::Mark).

use transcript::Millis;

use super::opened::Archive;
use crate::guards::Gate;
use crate::{
    ForeignReflection, ForeignReport, Mark, Marked, NewReflection, Reflection, ReflectionChange,
    ReflectionFilter, Result, Scope, projects, reflections,
};

impl Archive {
    /// Stores a new reflection and returns it with its id. What the guards' policy for stored text masks or
    /// blocks is replaced in its texts before that. Searches find it by its words at once, and by its
    /// meaning once it is embedded ([`Self::embed_pending`]).
    ///
    /// # Errors
    /// If its text is empty, something is longer than [`NewReflection`] allows, it names a project that the
    /// archive doesn't know or that is ambiguous, a guard fails, or the archive can't be read or written.
    /// Then nothing is stored.
    pub fn reflect(&mut self, new: &NewReflection) -> Result<Reflection> {
        self.change(|parts| reflections::reflect(parts.connection, parts.guards, new))
    }

    /// The reflections that a filter admits, the newest first.
    ///
    /// # Errors
    /// If the scope names an unknown or ambiguous project, or the archive can't be read.
    pub fn reflections(&self, filter: &ReflectionFilter) -> Result<Vec<Reflection>> {
        self.ask(|connection, gate| reflections::list(connection, gate, filter))
    }

    /// The reflection of this id in a scope. `id` may be a start that only one id has; a whole id wins over
    /// longer ones that start so.
    ///
    /// # Errors
    /// [`Error::NoReflection`](crate::Error::NoReflection) if there is none in the scope;
    /// [`Error::AmbiguousReflection`](crate::Error::AmbiguousReflection) if several ids start so, with up
    /// to 5 of them. Otherwise if the scope names an unknown or ambiguous project, or the archive can't be
    /// read.
    pub fn reflection(&self, id: &str, scope: &Scope) -> Result<Reflection> {
        self.ask(|connection, gate| {
            let (within, _) = projects::of_scope(connection, scope)?;
            reflections::get(connection, gate, id, within)
        })
    }

    /// Changes the text or the tags of a reflection and returns it as it is then. The old text is gone for
    /// good, with its terms and vectors; marks stay. `id` is as for [`Self::reflection`].
    ///
    /// # Errors
    /// As [`Self::reflection`]; if the new text is empty, or text or tags are longer than [`NewReflection`]
    /// allows; if a guard fails, or the archive can't be written. Then nothing is changed.
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

    /// Deletes a reflection for good, with its terms, vectors and marks, and returns it as it was. `id` is
    /// as for [`Self::reflection`].
    ///
    /// # Errors
    /// As [`Self::reflection`], or if the archive can't be written. Then nothing is deleted.
    pub fn delete_reflection(&mut self, id: &str, scope: &Scope) -> Result<Reflection> {
        self.change(|parts| {
            let writes = (parts.connection, parts.guards);
            reflections::delete(writes, parts.vectors, (id, scope))
        })
    }

    /// Marks messages or reflections as open, resolved or superseded. Returns an entry for each one, in the
    /// order of [`Mark::ids`]; an id that is given twice counts once. Earlier marks are kept; the one with
    /// the latest time counts.
    ///
    /// # Errors
    /// If an id isn't known in the scope ([`Error::NoMessages`](crate::Error::NoMessages) names all of
    /// these) or fits several messages; if no id is given or something is longer than [`Mark`] allows; if a
    /// guard fails, the scope names an unknown or ambiguous project, or the archive can't be read or
    /// written. Then nothing is marked.
    pub fn mark(&mut self, mark: &Mark) -> Result<Vec<Marked>> {
        self.change(|parts| {
            let gate = Gate::new(parts.guards);
            let marked = reflections::mark(parts.connection, parts.guards, mark)?;
            Ok(gate.release(marked))
        })
    }

    /// Imports the reflections of another program's store that the archive doesn't have yet. `author` is
    /// recorded as who stored them, an assistant, and `now` as the time of those whose own isn't known. The
    /// limits of [`NewReflection`] don't hold here.
    ///
    /// # Errors
    /// If a guard fails, or the archive can't be read or written; then nothing is imported.
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
