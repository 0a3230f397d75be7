//! Prompts and resources of servers of tools: what a person picks to say, or to read.

use serde::Serialize;
use serde_json::{Map, Value, json};
use tools::{ListedPrompt, ListedResource, ResourceBody, ToolContent};

use super::core::Chat;
use super::servers::failed;
use crate::guards::FoundHere;
use crate::{Error, Result};

/// A prompt that a server offers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PromptView {
    /// Its name.
    pub name: String,
    /// A name for people.
    pub title: Option<String>,
    /// What it is for: text of others.
    pub description: String,
    /// What it takes: `name`, `description` and `is_required` each.
    pub arguments: Vec<Value>,
}

/// A resource that a server offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResourceView {
    /// Where it is; a template with variables if `is_template`.
    pub uri: String,
    /// Its name.
    pub name: String,
    /// What it is: text of others.
    pub description: String,
    /// Its media type, if that is said.
    pub media_type: Option<String>,
    /// Whether the address has variables.
    pub is_template: bool,
}

/// A text of a server that a person asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SnippetView {
    /// The text, as the server has it.
    pub text: String,
    /// What guards find in it: it is judged again when it is said.
    pub findings: Vec<FoundHere>,
}

impl Chat {
    /// The prompts that a server of tools offers.
    ///
    /// # Errors
    /// If there is no such server, or it can't be asked.
    pub async fn prompts(&self, server: &str) -> Result<Vec<PromptView>> {
        let prompts = self.inner.tool_servers()?.prompts(server).await;
        Ok(prompts.map_err(failed)?.into_iter().map(prompt).collect())
    }

    /// A prompt with its arguments filled in, as a text.
    ///
    /// # Errors
    /// If there is no such server or prompt, or it can't be asked.
    pub async fn prompt(
        &self,
        (server, name): (&str, &str),
        arguments: Map<String, Value>,
    ) -> Result<SnippetView> {
        let servers = self.inner.tool_servers()?;
        let messages = servers.get_prompt(server, name, arguments).await;
        let texts: Vec<String> = messages
            .map_err(failed)?
            .into_iter()
            .filter_map(|message| match message.content {
                ToolContent::Text(text) => Some(text),
                ToolContent::Resource(resource) => match resource.body {
                    ResourceBody::Text(text) => Some(text),
                    ResourceBody::Bytes(_) => None,
                },
                ToolContent::Data { .. } | ToolContent::Link { .. } => None,
            })
            .collect();
        self.snippet(texts.join("\n\n")).await
    }

    /// The resources that a server of tools offers.
    ///
    /// # Errors
    /// If there is no such server, or it can't be asked.
    pub async fn resources(&self, server: &str) -> Result<Vec<ResourceView>> {
        let resources = self.inner.tool_servers()?.resources(server).await;
        Ok(resources
            .map_err(failed)?
            .into_iter()
            .map(resource)
            .collect())
    }

    /// The text of a resource.
    ///
    /// # Errors
    /// If there is no such server or resource, it can't be asked, or it has no text.
    pub async fn resource(&self, server: &str, uri: &str) -> Result<SnippetView> {
        let contents = self.inner.tool_servers()?.read_resource(server, uri).await;
        let texts: Vec<String> = contents
            .map_err(failed)?
            .into_iter()
            .filter_map(|content| match content.body {
                ResourceBody::Text(text) => Some(text),
                ResourceBody::Bytes(_) => None,
            })
            .collect();
        match texts.is_empty() {
            true => Err(Error::Conflict("this resource has no text".to_owned())),
            false => self.snippet(texts.join("\n\n")).await,
        }
    }

    async fn snippet(&self, text: String) -> Result<SnippetView> {
        self.inner
            .read(move |inner| {
                let guards = &inner.options.guards;
                let judgement = guards.engine.judge(&text, guards.foreign_in(None));
                Ok(SnippetView {
                    findings: judgement.findings.iter().map(FoundHere::new).collect(),
                    text,
                })
            })
            .await
    }
}

fn prompt(listed: ListedPrompt) -> PromptView {
    let arguments = listed.arguments.into_iter().map(|argument| {
        json!({
            "name": argument.name, "description": argument.description, "is_required": argument.is_required,
        })
    });
    PromptView {
        arguments: arguments.collect(),
        name: listed.name,
        title: listed.title,
        description: listed.description,
    }
}

fn resource(listed: ListedResource) -> ResourceView {
    ResourceView {
        uri: listed.uri,
        name: listed.title.unwrap_or(listed.name),
        description: listed.description,
        media_type: listed.media_type,
        is_template: listed.is_template,
    }
}
