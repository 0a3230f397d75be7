//! `lorekeep knowledge`: documents that the chat looks things up in.

use std::sync::Arc;

use anyhow::Context as _;
use chat::knowledge::{AddedDocument, KnowledgeBase, KnowledgeHit};
use embed::MiniLmOptions;
use memory::{DocumentInfo, DocumentScope, Memory, ModelAvailability};
use serde_json::json;
use wire::{AddedDocumentDoc, DocumentDoc, SectionDoc, counted, size};

use super::app::App;
use crate::args::knowledge::{
    KnowledgeAddArgs, KnowledgeCommand, KnowledgeScopeArgs, KnowledgeSearchArgs,
};
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::table::{Align, TextTable};
use crate::output::text::one_line;
use crate::{chatting, interrupt, opening};

/// Tokens of the sections that a search shows: all that are asked for.
const SEARCH_TOKENS: usize = 1_000_000;

/// Adds, lists, searches, removes or reads documents again.
pub(crate) fn run(
    app: &App,
    command: KnowledgeCommand,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let memory = Arc::new(Memory::new(opening::for_one_answer(&app.loaded)));
    let options = Arc::new(chatting::knowledge_options(&app.loaded, app.home()));
    let base = KnowledgeBase::new(Arc::clone(&memory), options);
    let done = match command {
        KnowledgeCommand::Add(args) => add((app, &memory), &base, &args, out),
        KnowledgeCommand::List { scope, json } => {
            let documents = base.list(scope_of(&scope).as_ref().map(std::slice::from_ref))?;
            list(&documents, json.json, out)
        }
        KnowledgeCommand::Search(args) => search(&base, &args, out),
        KnowledgeCommand::Remove { documents, json } => remove(&base, &documents, json.json, out),
        KnowledgeCommand::Reindex { documents, json } => {
            reindex((app, &memory), &base, &documents, json.json, out)
        }
    };
    done.map_err(told)
}

/// An error of the chat as the command line tells it.
fn told(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<chat::Error>() {
        Ok(chat::Error::Memory(error)) => error.into(),
        Ok(error @ chat::Error::NotFound { .. }) => Fault::missing(error.to_string())
            .hint("`lorekeep knowledge list` prints the ids")
            .into(),
        Ok(error) => Fault::failure(error.to_string()).into(),
        Err(error) => error,
    }
}

fn scope_of(args: &KnowledgeScopeArgs) -> Option<DocumentScope> {
    let character = args.character.clone().map(DocumentScope::Character);
    let project = args.project.clone().map(DocumentScope::Project);
    let conversation = args.conversation.clone().map(DocumentScope::Conversation);
    character.or(project).or(conversation)
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("starting to fetch")
}

/// What was told of documents that were added, and how it ended.
struct Adding<'a> {
    out: &'a mut Output,
    is_json: bool,
    docs: Vec<serde_json::Value>,
    has_failed: bool,
    has_changed: bool,
}

impl Adding<'_> {
    fn tell(&mut self, added: &AddedDocument) -> anyhow::Result<()> {
        let stored = added.stored.as_ref();
        let stored = stored.map_err(|error| (error.to_string(), error.hint()));
        self.has_failed |= stored.is_err();
        if self.is_json {
            let doc = AddedDocumentDoc::new(&added.place, stored);
            self.docs.push(serde_json::to_value(doc)?);
            return Ok(());
        }
        match &added.stored {
            Ok(stored) => {
                let document = &stored.document;
                self.has_changed |= stored.outcome != memory::DocumentOutcome::Unchanged;
                self.out.text(&format!(
                    "{}  {}  {} ({})\n",
                    document.id,
                    stored.outcome.name(),
                    one_line(&document.name),
                    extent(document)
                ))?;
                self.out.flush()?;
                for problem in &document.problems {
                    self.out.warning(&format!(
                        "{}: {}",
                        one_line(&document.name),
                        one_line(problem)
                    ));
                }
            }
            Err(error) => {
                self.out.error(&one_line(&error.to_string()));
                if let Some(hint) = error.hint() {
                    self.out.hint(&hint);
                }
            }
        }
        Ok(())
    }

    fn end(self) -> anyhow::Result<CommandOutcome> {
        if self.is_json {
            self.out.json(&json!({"documents": self.docs}))?;
        }
        Ok(match self.has_failed {
            true => CommandOutcome::Failed,
            false => CommandOutcome::Done,
        })
    }
}

/// How long a document is, in words.
fn extent(document: &DocumentInfo) -> String {
    let sections = counted(document.sections, "section");
    match document.pages {
        Some(pages) => format!("{}, {sections}", counted(u64::from(pages), "page")),
        None => sections,
    }
}

fn add(
    app: (&App, &Memory),
    base: &KnowledgeBase,
    args: &KnowledgeAddArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let scope = scope_of(&args.scope).unwrap_or(DocumentScope::Everywhere);
    let mut adding = Adding {
        out,
        is_json: args.json.json,
        docs: Vec::new(),
        has_failed: false,
        has_changed: false,
    };
    for source in &args.sources {
        if source.starts_with("https://") || source.starts_with("http://") {
            let added = runtime()?.block_on(base.add_url(source, &scope));
            adding.tell(&added)?;
            continue;
        }
        let mut told = Ok(());
        let path = std::path::absolute(source).with_context(|| format!("the path `{source}`"))?;
        base.add_path(&path, &scope, &mut |added| {
            if told.is_ok() {
                told = adding.tell(&added);
            }
        });
        told?;
    }
    embed(app, &mut adding)?;
    adding.end()
}

/// Embeds what was added, so that it is found by meaning at once.
fn embed((app, memory): (&App, &Memory), adding: &mut Adding<'_>) -> anyhow::Result<()> {
    let threads = opening::embedding_threads(app.settings());
    let model = opening::model(&app.loaded, MiniLmOptions::many_texts(threads)).load();
    match &model {
        ModelAvailability::Ready(embedder) => {
            let bar = adding.out.progress();
            let embedded = memory
                .archive()?
                .embed_pending(&**embedder, interrupt::stop(), &bar);
            drop(bar);
            embedded?;
        }
        ModelAvailability::Broken(error) => adding.out.warning(&error.to_string()),
        ModelAvailability::Missing | ModelAvailability::Unneeded => {
            if adding.has_changed {
                adding
                    .out
                    .note("found by words only; `lorekeep model fetch` gets what finds by meaning");
            }
        }
    }
    Ok(())
}

fn list(
    documents: &[DocumentInfo],
    is_json: bool,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let outcome = match documents.is_empty() {
        true => CommandOutcome::Nothing,
        false => CommandOutcome::Done,
    };
    if is_json {
        let docs: Vec<DocumentDoc<'_>> = documents.iter().map(DocumentDoc::new).collect();
        out.json(&json!({"documents": docs}))?;
        return Ok(outcome);
    }
    if documents.is_empty() {
        out.note("there are no documents");
        out.hint("`lorekeep knowledge add FILE` adds one");
        return Ok(outcome);
    }
    let mut table = TextTable::new(&[
        ("ID", Align::Left),
        ("NAME", Align::Flexible),
        ("FOR", Align::Flexible),
        ("SIZE", Align::Right),
        ("SECTIONS", Align::Right),
        ("PROBLEMS", Align::Right),
    ]);
    for document in documents {
        let owner = match document.scope.owner() {
            "" => "everything".to_owned(),
            owner => format!("{} {}", document.scope.kind(), one_line(owner)),
        };
        table.row(vec![
            (Ink::Plain, document.id.clone()),
            (Ink::Plain, one_line(&document.name)),
            (Ink::Plain, owner),
            (Ink::Plain, size(document.bytes)),
            (Ink::Plain, document.sections.to_string()),
            (Ink::Plain, document.problems.len().to_string()),
        ]);
    }
    let mut page = out.page();
    table.print(&mut page);
    out.print(page)?;
    Ok(outcome)
}

fn search(
    base: &KnowledgeBase,
    args: &KnowledgeSearchArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let scope = scope_of(&args.scope);
    let scopes = scope.as_ref().map(std::slice::from_ref);
    let mut hits = base.search(scopes, &args.query.join(" "), SEARCH_TOKENS)?;
    hits.truncate(usize::from(args.limit));
    let outcome = match hits.is_empty() {
        true => CommandOutcome::Nothing,
        false => CommandOutcome::Done,
    };
    if args.json.json {
        let docs: Vec<SectionDoc<'_>> = hits.iter().map(KnowledgeHit::doc).collect();
        out.json(&json!({"sections": docs}))?;
        return Ok(outcome);
    }
    if hits.is_empty() {
        out.note("nothing relevant is in the documents");
    }
    for hit in &hits {
        let section = &hit.section;
        let mut title = vec![one_line(&section.document.name)];
        title.extend(Some(one_line(&section.heading)).filter(|heading| !heading.is_empty()));
        title.extend(Some(section.place.to_string()).filter(|place| !place.is_empty()));
        out.text(&format!(
            "{}  ({}/{})\n{}\n\n",
            title.join(" · "),
            section.document.id,
            section.number,
            section.text
        ))?;
    }
    Ok(outcome)
}

fn remove(
    base: &KnowledgeBase,
    documents: &[String],
    is_json: bool,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let mut removed = Vec::new();
    for document in documents {
        let gone = base.remove(document)?;
        if !is_json {
            out.text(&format!(
                "{}  removed  {} ({})\n",
                gone.id,
                one_line(&gone.name),
                extent(&gone)
            ))?;
        }
        removed.push(gone);
    }
    if is_json {
        let docs: Vec<DocumentDoc<'_>> = removed.iter().map(DocumentDoc::new).collect();
        out.json(&json!({"removed": docs}))?;
    }
    Ok(CommandOutcome::Done)
}

fn reindex(
    app: (&App, &Memory),
    base: &KnowledgeBase,
    documents: &[String],
    is_json: bool,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let chosen = match documents {
        [] => base.list(None)?,
        names => names
            .iter()
            .map(|name| base.document(name))
            .collect::<chat::Result<_>>()?,
    };
    let mut adding = Adding {
        out,
        is_json,
        docs: Vec::new(),
        has_failed: false,
        has_changed: false,
    };
    let runtime = runtime()?;
    for document in &chosen {
        let added = runtime.block_on(base.reindex(document));
        adding.tell(&added)?;
    }
    if documents.is_empty() {
        let known: Vec<&str> = chosen
            .iter()
            .map(|document| document.place.as_str())
            .collect();
        let mut told = Ok(());
        base.add_of_characters(&mut |added| {
            if told.is_ok() && !known.contains(&added.place.as_str()) {
                told = adding.tell(&added);
            }
        });
        told?;
    }
    embed(app, &mut adding)?;
    adding.end()
}
