//! Moving over from Chattr: its settings, servers, prompts, sessions and memories.

use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, bail};
use chat::character::CharacterLibrary;
use recall::{FactFilter, ImportRequest};
use sha2::{Digest as _, Sha256};
use tools::McpConfig;
use transcript::sources::jsonl;

use super::agno::AgnoFile;
use super::step::{MoveFate, MoveStep, MoveWork, below};
use crate::chatting::characters_dir;
use crate::clock;
use crate::command::app::App;
use crate::interrupt;
use crate::output::Output;
use crate::settings::{Environment, LoadedSettings};

/// The largest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// How deep below the directory things are looked for.
const MAX_DEPTH: usize = 5;

/// Files that are looked at, at most.
const MAX_FILES: usize = 20_000;

/// Facts that are compared with those that are there.
const MAX_KNOWN_FACTS: usize = 100_000;

/// What Chattr has and Lorekeep leaves out, and why.
const DROPPED: [(&str, &str); 6] = [
    (
        "Gradio's client API (/gradio_api)",
        "the chat has an API of its own, and speaks OpenAI's protocol",
    ),
    (
        "the page /monitoring",
        "/metrics and `lorekeep status` tell more",
    ),
    (
        "the share button",
        "nothing of a conversation leaves the machine by a click",
    ),
    (
        "sounds that play by themselves",
        "they are kept, and played when you want",
    ),
    (
        "what DEBUG printed of messages",
        "no log has texts of messages",
    ),
    (
        "the browser's chat history",
        "Gradio keeps it in the browser alone; copy what matters before you leave",
    ),
];

/// What becomes of everything in a directory of Chattr's. Reads files, and writes none.
pub(super) fn plan(app: &App, dir: &Path) -> anyhow::Result<Vec<MoveStep>> {
    let dir = std::path::absolute(dir)?;
    let old = LoadedSettings::read(&Environment::of_process().with_dir(Some(dir.clone())))?;
    let mut steps = Vec::new();
    steps.extend(settings_step(app, &dir, &old));
    steps.extend(servers_step(app, &dir, &old));
    let files = files_below(&dir);
    steps.extend(prompt_steps(app, &dir, &files, &old));
    steps.extend(agno_steps(app, &dir, &files)?);
    steps.extend(files.iter().filter_map(|path| staying(&dir, path)));
    if let Some(media) = media_step(&dir, &files) {
        steps.push(media);
    }
    steps.extend(DROPPED.map(|(what, why)| MoveStep::new(what, MoveFate::Dropped(why))));
    Ok(steps)
}

/// `.env`, with what is no longer used in it.
fn settings_step(app: &App, dir: &Path, old: &LoadedSettings) -> Vec<MoveStep> {
    let Ok(bytes) = files::read(&dir.join(".env"), MAX_FILE_BYTES) else {
        return Vec::new();
    };
    let to = app.loaded.locations.config_file.with_file_name(".env");
    let mut steps = vec![copied(".env", to, bytes)];
    for fault in old.notes.iter().chain(&old.faults) {
        let more = fault.hint.as_deref().map(|hint| format!(" ({hint})"));
        let what = format!("{}{}", fault.what, more.unwrap_or_default());
        steps.push(MoveStep::new(".env", MoveFate::Stays(what)));
    }
    steps
}

fn servers_step(app: &App, dir: &Path, old: &LoadedSettings) -> Vec<MoveStep> {
    let named = old.settings.tools.servers.path(old.user_home.as_deref());
    let named = named.unwrap_or_else(|| "mcp.json".into());
    let from = dir.join(&named);
    let Ok(bytes) = files::read(&from, MAX_FILE_BYTES) else {
        return Vec::new();
    };
    let text = String::from_utf8_lossy(&bytes);
    let environment = Environment::of_process();
    let (_, problems) = McpConfig::parse(&text, &from, &|name| environment.text(name));
    let is_below = named
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    // `.env`, which moves too, says where it is: there, as seen from that file.
    let step = match is_below {
        true => {
            let to = app.loaded.locations.config_file.with_file_name(&named);
            copied(&below(dir, &from), to, bytes)
        }
        false => {
            let why = "`.env` names it by a path that leads elsewhere, where it is found as before";
            MoveStep::new(below(dir, &from), MoveFate::Stays(why.to_owned()))
        }
    };
    let mut steps = vec![step];
    steps.extend(problems.iter().map(|problem| {
        let fate = MoveFate::Stays(problem.to_string());
        MoveStep::new(below(dir, &from), fate)
    }));
    steps
}

/// A file that is copied where there is none.
fn copied(what: &str, to: PathBuf, bytes: Vec<u8>) -> MoveStep {
    match files::read(&to, MAX_FILE_BYTES) {
        Ok(known) if known == bytes => MoveStep::new(what, MoveFate::Known),
        Ok(_) => MoveStep::new(
            what,
            MoveFate::Failed(format!(
                "there is another {} already; compare the two",
                to.display()
            )),
        ),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            MoveStep::new(what, MoveFate::Moves(to.display().to_string()))
                .doing(MoveWork::Copy { to, bytes })
        }
        Err(error) => {
            let why = files::reason(&error);
            MoveStep::new(what, MoveFate::Failed(format!("{}: {why}", to.display())))
        }
    }
}

/// Prompts in POML become characters. A single one goes by the name that `CHARACTER__NAME` gives.
fn prompt_steps(app: &App, dir: &Path, files: &[PathBuf], old: &LoadedSettings) -> Vec<MoveStep> {
    let prompts: Vec<&PathBuf> = files.iter().filter(|path| has_end(path, "poml")).collect();
    let library = CharacterLibrary::new(characters_dir(app.home()));
    let steps = prompts.iter().map(|path| {
        let what = below(dir, path);
        let Ok(bytes) = files::read(path, MAX_FILE_BYTES) else {
            return MoveStep::new(what, MoveFate::Failed("can't be read".to_owned()));
        };
        let stem = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned());
        let given = old.settings.chat.character.get().map(str::to_owned);
        let name = given
            .filter(|_| prompts.len() == 1)
            .or(stem)
            .unwrap_or_default();
        let known = library.find(&name);
        match known.map(|known| files::read(&known.path, MAX_FILE_BYTES)) {
            Some(Ok(known)) if known == bytes => MoveStep::new(what, MoveFate::Known),
            Some(_) => MoveStep::new(
                what,
                MoveFate::Failed(format!("there is another character `{name}` already")),
            ),
            None => MoveStep::new(what, MoveFate::Moves(format!("the character `{name}`")))
                .doing(MoveWork::Character { name, bytes }),
        }
    });
    steps.collect()
}

/// Sessions and memories that agno kept as JSON.
fn agno_steps(app: &App, dir: &Path, files: &[PathBuf]) -> anyhow::Result<Vec<MoveStep>> {
    let mut steps = Vec::new();
    let mut known: Option<Vec<String>> = None;
    for path in files
        .iter()
        .filter(|path| has_end(path, "json") && is_in(path, "agno"))
    {
        let what = below(dir, path);
        let read = files::read(path, MAX_FILE_BYTES)
            .map_err(|error| error.to_string())
            .and_then(|bytes| AgnoFile::read(&bytes));
        let mut file = match read {
            Ok(file) => file,
            Err(why) => {
                steps.push(MoveStep::new(what, MoveFate::Failed(why)));
                continue;
            }
        };
        if file.messages > 0 {
            let count = format!(
                "{} messages of {} conversations",
                file.messages, file.conversations
            );
            let mark = mark_of(app, &file.lines);
            steps.push(match files::is_regular(&mark) {
                true => MoveStep::new(&*what, MoveFate::Known),
                false => {
                    MoveStep::new(&*what, MoveFate::Moves(count)).doing(MoveWork::Conversations {
                        mark,
                        lines: file.lines,
                    })
                }
            });
        }
        if file.facts.is_empty() {
            continue;
        }
        let known = match &known {
            Some(known) => known,
            None => known.insert(known_facts(app)?),
        };
        let all = file.facts.len();
        let archive = app.archive()?;
        file.facts
            .retain(|fact| !known.contains(&archive.fact_as_kept(&fact.text)));
        steps.push(match file.facts.is_empty() {
            true => MoveStep::new(what, MoveFate::Known),
            false => {
                let count = format!("{} facts about you, of {all}", file.facts.len());
                MoveStep::new(what, MoveFate::Moves(count)).doing(MoveWork::Facts(file.facts))
            }
        });
    }
    Ok(steps)
}

fn known_facts(app: &App) -> anyhow::Result<Vec<String>> {
    let filter = FactFilter {
        with_past: true,
        limit: MAX_KNOWN_FACTS,
        ..FactFilter::default()
    };
    let found = app.archive()?.facts(&filter)?;
    Ok(found.facts.into_iter().map(|fact| fact.text).collect())
}

/// Files that stay, and why.
fn staying(dir: &Path, path: &Path) -> Option<MoveStep> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    let is_compose = name.contains("compose") && (has_end(path, "yml") || has_end(path, "yaml"));
    let fate = if is_compose {
        MoveFate::Stays(
            "it names Chattr's own image; docs/migrate-chattr.md says what to run instead"
                .to_owned(),
        )
    } else if is_in(path, "agno") && name == "response.txt" {
        MoveFate::Dropped("the last answer, which debugging left behind")
    } else {
        return None;
    };
    Some(MoveStep::new(below(dir, path), fate))
}

/// Sounds and films of earlier answers.
fn media_step(dir: &Path, files: &[PathBuf]) -> Option<MoveStep> {
    let is_media = |path: &&PathBuf| {
        ["audio", "video", "image"]
            .iter()
            .any(|kind| is_in(path, kind))
            && is_in(path, "assets")
    };
    let count = files.iter().filter(is_media).count();
    let why = "no conversation names them; they stay where they are";
    (count > 0).then(|| {
        let what = format!("{count} files in {}", dir.join("assets").display());
        MoveStep::new(what, MoveFate::Stays(why.to_owned()))
    })
}

/// Does what was planned for one thing.
pub(super) fn carry_out(app: &App, work: MoveWork, out: &mut Output) -> anyhow::Result<()> {
    match work {
        MoveWork::Copy { to, bytes } => match draft(&to, &bytes)?.place_if_absent()? {
            true => Ok(()),
            false => bail!("there is another {} by now", to.display()),
        },
        MoveWork::Character { name, bytes } => {
            let library = CharacterLibrary::new(characters_dir(app.home()));
            library.take_in(&format!("{name}.poml"), &bytes, false)?;
            Ok(())
        }
        MoveWork::Conversations { mark, lines } => import(app, &mark, &lines, out),
        MoveWork::Facts(facts) => {
            app.archive()?
                .keep_facts(None, &facts, None, clock::millis())?;
            Ok(())
        }
    }
}

/// The file that says that these conversations were imported whole. It holds nothing of them: what they said is the
/// archive's alone, where it is masked and can be forgotten.
fn mark_of(app: &App, lines: &str) -> PathBuf {
    let digest = Sha256::digest(lines.as_bytes());
    let name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    app.home().data().join("moved").join(name)
}

/// Imports lines of the generic format from a file that is there only meanwhile.
fn import(app: &App, mark: &Path, lines: &str, out: &mut Output) -> anyhow::Result<()> {
    let directory = mark.parent().context("a mark has a directory")?;
    files::create_private_dir(directory)?;
    // Private, and gone with this value.
    let mut log = tempfile::Builder::new()
        .prefix("chattr-")
        .suffix(".jsonl")
        .tempfile_in(directory)?;
    log.write_all(lines.as_bytes())?;
    let request = ImportRequest {
        paths: vec![log.path().to_owned()],
        source: Some(jsonl::SOURCE),
        roots: app.loaded.roots(),
        now: clock::millis(),
    };
    let bar = out.progress();
    let report = app.archive()?.import(&request, interrupt::stop(), &bar)?;
    let problems: u64 = report.sources.iter().map(|one| one.problem_count).sum();
    if report.stopped {
        bail!("it was ended early; the next run goes on");
    }
    if problems > 0 || !report.skipped.is_empty() {
        bail!("{problems} of its lines couldn't be imported");
    }
    draft(mark, b"")?
        .replace()
        .with_context(|| format!("writing {}", mark.display()))
}

fn draft(to: &Path, bytes: &[u8]) -> anyhow::Result<files::Draft> {
    if let Some(directory) = to.parent() {
        files::create_private_dir(directory)?;
    }
    let draft = files::Draft::new(to, files::Access::Private)?;
    draft.file().write_all(bytes)?;
    Ok(draft)
}

fn has_end(path: &Path, end: &str) -> bool {
    path.extension()
        .is_some_and(|known| known.eq_ignore_ascii_case(end))
}

/// Whether a directory of this name is above a path.
fn is_in(path: &Path, name: &str) -> bool {
    path.parent()
        .is_some_and(|parent| parent.components().any(|part| part.as_os_str() == name))
}

/// The files below a directory, by their paths; those of tools and packages aren't looked at.
fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![(dir.to_owned(), 0)];
    while let Some((directory, depth)) = open.pop() {
        for entry in fs_err::read_dir(&directory).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_aside = name.starts_with('.')
                || matches!(name.as_str(), "node_modules" | "__pycache__" | "venv");
            // Links may lead anywhere.
            let Some(kind) = entry.file_type().ok().filter(|_| !is_aside) else {
                continue;
            };
            if kind.is_dir() && depth < MAX_DEPTH {
                open.push((entry.path(), depth + 1));
            } else if kind.is_file() && found.len() < MAX_FILES {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}
