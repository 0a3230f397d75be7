//! Projects of the chat: what a person wants in every conversation of one.

use memory::{ChatChange, ChatProject};
use serde::Serialize;

use super::conversations::check_names;
use super::core::{Chat, ChatInner};
use crate::settings::MAX_SYSTEM_BYTES;
use crate::{Error, Result};

/// A project of the chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProjectView {
    /// Its name.
    pub name: String,
    /// What every conversation in it has before its model, behind its own instructions; empty for nothing.
    pub instructions: String,
    /// Rises with each change of the instructions; 0 if it never had any.
    pub version: i64,
    /// When its instructions were changed last, in milliseconds since 1970; 0 if it never had any.
    pub updated: i64,
    /// How many conversations are in it.
    pub conversations: u64,
}

impl From<ChatProject> for ProjectView {
    fn from(project: ChatProject) -> Self {
        Self {
            name: project.name,
            instructions: project.instructions,
            version: project.version,
            updated: project.updated,
            conversations: project.conversations,
        }
    }
}

impl Chat {
    /// The projects that conversations are in, or that have instructions, by name.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub async fn projects(&self) -> Result<Vec<ProjectView>> {
        let read = |inner: &ChatInner| Ok(inner.options.memory.archive()?.chat_projects()?);
        let projects = self.inner.read(read).await?;
        Ok(projects.into_iter().map(ProjectView::from).collect())
    }

    /// A project.
    ///
    /// # Errors
    /// If no conversation is in one of this name and it has no instructions; if the archive can't be read.
    pub async fn project(&self, name: &str) -> Result<ProjectView> {
        let name = name.to_owned();
        self.inner
            .read(move |inner| {
                let project = inner.project_named(&name)?;
                match project.conversations == 0 && project.version == 0 {
                    true => Err(Error::not_found("project", &name)),
                    false => Ok(project.into()),
                }
            })
            .await
    }

    /// Gives a project instructions, or takes them with an empty text. With a version the change is made only if
    /// they still have it.
    ///
    /// # Errors
    /// If the name or the text is too long; [`Error::Changed`] if the version is another; if it can't be kept.
    pub async fn set_instructions(
        &self,
        name: &str,
        version: Option<i64>,
        instructions: &str,
    ) -> Result<ProjectView> {
        check_names(None, Some(name), &[])?;
        if instructions.len() > MAX_SYSTEM_BYTES {
            return Err(Error::TooLong {
                field: "instructions",
                bytes: instructions.len(),
                limit: MAX_SYSTEM_BYTES,
            });
        }
        let change = ChatChange::Project {
            name: name.to_owned(),
            instructions: instructions.trim().to_owned(),
            version,
        };
        self.inner.writer.write(vec![change]).await?;
        self.project(name).await
    }
}

impl ChatInner {
    /// A project of the archive; an empty one if it has none of this name. Blocks.
    pub(super) fn project_named(&self, name: &str) -> Result<ChatProject> {
        let projects = self.options.memory.archive()?.chat_projects()?;
        let found = projects.into_iter().find(|project| project.name == name);
        Ok(found.unwrap_or_else(|| ChatProject {
            name: name.to_owned(),
            instructions: String::new(),
            version: 0,
            updated: 0,
            conversations: 0,
        }))
    }
}
