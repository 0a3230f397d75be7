//! What setup has done, kept with the archive: which files it changed, what was in them before,
//! and how to take its own out again. Copies of people's settings may hold secrets, so only they
//! can read them.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::clients::FileFormat;
use super::edit::Undo;
use super::files::{self, failed};
use crate::fault::Fault;

/// What the person chose for a client, so that the next run without options keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Choice {
    /// The client's id.
    pub(crate) client: String,
    /// The project that it is for; `None` for everything that the person does.
    pub(crate) project: Option<PathBuf>,
    /// The name of the registration.
    pub(crate) name: String,
    /// Whether hooks were put in.
    pub(crate) hooks: bool,
    /// Whether prompts get evidence.
    pub(crate) prompt_evidence: bool,
    /// Whether the command and the agent were put in.
    pub(crate) commands: bool,
    /// Whether Lorekeep stands in for Claude Self-Reflect.
    pub(crate) replace: bool,
}

/// A file that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileRecord {
    /// The client's id.
    pub(crate) client: String,
    /// The project that the file belongs to; `None` for a file of everything that the person does.
    pub(crate) project: Option<PathBuf>,
    /// The file, as the client opens it.
    pub(crate) file: PathBuf,
    /// The file itself, links followed, when it was written. The first version
    /// didn't record it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) real: Option<PathBuf>,
    /// How it is written.
    pub(crate) format: FileFormat,
    /// The copy of what was in it, by its name; `None` where there was no file.
    pub(crate) before: Option<String>,
    /// The copy of what we made of it, by its name.
    pub(crate) ours: String,
    /// How to take our part out of it.
    pub(crate) undos: Vec<Undo>,
    /// What was recorded before, until the file is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) earlier: Option<Box<Self>>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct SetupManifest {
    version: u32,
    next: u64,
    choices: Vec<Choice>,
    files: Vec<FileRecord>,
    dirs: Vec<PathBuf>,
    #[serde(default)]
    warned: bool,
}

/// The directory of copies, and the list of them.
pub(crate) struct Store {
    dir: PathBuf,
    manifest: SetupManifest,
    /// The list as it was read.
    read: Option<String>,
    /// Held while files are changed.
    lock: Option<fs_err::File>,
}

const MANIFEST_VERSION: u32 = 1;
const MANIFEST_FILE: &str = "manifest.json";
const LOCK_FILE: &str = "lock";

impl Store {
    /// What is recorded below this directory of data; nothing is made yet.
    pub(crate) fn open(data: &Path) -> Result<Self, Fault> {
        let dir = data.join("backup").join("setup");
        let list = dir.join(MANIFEST_FILE);
        let read = files::read_own(&list)?;
        let manifest = match &read {
            None => SetupManifest::default(),
            Some(text) => serde_json::from_str(text)
                .map_err(|error| Fault::failure(format!("`{}`: {error}", list.display())))?,
        };
        if manifest.version > MANIFEST_VERSION {
            return Err(Fault::failure(format!(
                "`{}` was written by a newer version",
                list.display()
            ))
            .hint("use that version, or a later one"));
        }
        Ok(Self {
            dir,
            manifest,
            read,
            lock: None,
        })
    }

    /// Keeps other runs from changing files until this one ends; they must not have since
    /// [`Self::open`].
    pub(crate) fn lock(&mut self) -> Result<(), Fault> {
        ::files::create_private_dir(&self.dir).map_err(failed)?;
        let place = self.dir.join(LOCK_FILE);
        let file = ::files::open_lock(&place).map_err(failed)?;
        let busy =
            || Fault::failure("another `lorekeep setup` is at work").hint("run this one again");
        file.file().try_lock().map_err(|_| busy())?;
        // Whoever held it before may have removed it, and then a third one may hold another.
        let is_ours = ::files::is_at(&file, &place).map_err(failed)?;
        if !is_ours || files::read_own(&self.dir.join(MANIFEST_FILE))? != self.read {
            return Err(busy());
        }
        self.lock = Some(file);
        files::remove_own_drafts(&self.dir);
        Ok(())
    }

    /// Where the copies are.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Every file that was changed.
    pub(crate) fn records(&self) -> &[FileRecord] {
        &self.manifest.files
    }

    /// What was done to a file.
    pub(crate) fn record(&self, file: &Path) -> Option<&FileRecord> {
        self.manifest
            .files
            .iter()
            .find(|record| record.file == file)
    }

    /// What was chosen for a client.
    pub(crate) fn choice(&self, client: &str, project: Option<&Path>) -> Option<&Choice> {
        let mut choices = self.manifest.choices.iter();
        choices.find(|choice| choice.client == client && choice.project.as_deref() == project)
    }

    /// What was chosen for each client and project, so that the next run keeps it.
    pub(crate) fn choices(&self) -> &[Choice] {
        &self.manifest.choices
    }

    /// Whether the person was told of logs that will be deleted.
    pub(crate) fn warned(&self) -> bool {
        self.manifest.warned
    }

    /// Remembers that they were.
    pub(crate) fn set_warned(&mut self) -> Result<(), Fault> {
        self.manifest.warned = true;
        self.save()
    }

    /// Remembers what was chosen.
    pub(crate) fn choose(&mut self, choice: Choice) -> Result<(), Fault> {
        if self.manifest.choices.contains(&choice) {
            return Ok(());
        }
        self.forget_choice(&choice.client, choice.project.as_deref());
        self.manifest.choices.push(choice);
        self.save()
    }

    fn forget_choice(&mut self, client: &str, project: Option<&Path>) {
        self.manifest
            .choices
            .retain(|choice| choice.client != client || choice.project.as_deref() != project);
    }

    /// Forgets a client; what is recorded of its files stays.
    pub(crate) fn forget_client(
        &mut self,
        client: &str,
        project: Option<&Path>,
    ) -> Result<(), Fault> {
        self.forget_choice(client, project);
        self.save()
    }

    /// A copy by its name.
    pub(crate) fn copy(&self, name: &str) -> Result<Option<String>, Fault> {
        files::read_own(&self.dir.join(name))
    }

    /// Keeps a copy; the name is its own.
    pub(crate) fn keep(&mut self, file: &Path, kind: &str, text: &str) -> Result<String, Fault> {
        ::files::create_private_dir(&self.dir).map_err(failed)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let name = format!(
            "{:04}-{}.{kind}",
            self.manifest.next,
            name.trim_start_matches('.')
        );
        self.manifest.next += 1;
        files::write_own(&self.dir.join(&name), text)?;
        Ok(name)
    }

    /// Says what is about to be done to a file, and which directories are made for it, outermost
    /// first.
    pub(crate) fn begin(
        &mut self,
        mut record: FileRecord,
        dirs: Vec<PathBuf>,
    ) -> Result<(), Fault> {
        if let Some(at) = self.place(&record.file) {
            let mut earlier = self.manifest.files.remove(at);
            earlier.earlier = None;
            record.earlier = Some(Box::new(earlier));
        }
        self.manifest.files.push(record);
        self.manifest.dirs.extend(dirs);
        self.save()
    }

    /// Says that it is done: what was recorded before is of no use any more.
    pub(crate) fn done(&mut self, file: &Path) -> Result<(), Fault> {
        let record = self
            .manifest
            .files
            .iter_mut()
            .find(|record| record.file == file);
        let Some(earlier) = record.and_then(|record| record.earlier.take()) else {
            return Ok(());
        };
        self.save()?;
        self.discard(&earlier);
        Ok(())
    }

    /// Says that it failed: what was recorded before holds again.
    pub(crate) fn failed(&mut self, file: &Path) -> Result<(), Fault> {
        let Some(at) = self.place(file) else {
            return Ok(());
        };
        let mut record = self.manifest.files.remove(at);
        if let Some(earlier) = record.earlier.take() {
            self.manifest.files.push(*earlier);
        }
        self.save()?;
        self.discard(&record);
        Ok(())
    }

    /// Forgets a file that is as it was.
    pub(crate) fn forget(&mut self, file: &Path) -> Result<(), Fault> {
        let Some(at) = self.place(file) else {
            return Ok(());
        };
        let record = self.manifest.files.remove(at);
        self.save()?;
        self.discard(&record);
        Ok(())
    }

    fn place(&self, file: &Path) -> Option<usize> {
        let mut files = self.manifest.files.iter();
        files.position(|record| record.file == file)
    }

    fn discard(&self, record: &FileRecord) {
        let in_use = |name: &String| {
            let records = self.manifest.files.iter();
            records
                .flat_map(|record| record.before.iter().chain([&record.ours]))
                .any(|used| used == name)
        };
        let earlier = record.earlier.as_deref();
        for record in [Some(record), earlier].into_iter().flatten() {
            let names = record.before.iter().chain([&record.ours]);
            for name in names.filter(|name| !in_use(name)) {
                // A copy that can't be removed does no harm; the next one has another name.
                let _ = fs_err::remove_file(self.dir.join(name));
            }
        }
    }

    /// Writes the list, or removes it once no file and no choice is in it.
    fn save(&mut self) -> Result<(), Fault> {
        let list = self.dir.join(MANIFEST_FILE);
        let manifest = &mut self.manifest;
        if manifest.files.is_empty() && manifest.choices.is_empty() {
            if list.exists() {
                fs_err::remove_file(&list).map_err(failed)?;
            }
            return Ok(());
        }
        manifest.version = MANIFEST_VERSION;
        ::files::create_private_dir(&self.dir).map_err(failed)?;
        let text = serde_json::to_string_pretty(manifest).map_err(failed)?;
        files::write_own(&list, &text)
    }

    /// Removes directories that were made for files that are no longer there, and its own once
    /// there is nothing to keep; whatever else is in one is a reason to leave it.
    pub(crate) fn tidy(&mut self) -> Result<(), Fault> {
        let files = &self.manifest.files;
        let in_use = |dir: &PathBuf| files.iter().any(|record| record.file.starts_with(dir));
        let (kept, unused): (Vec<_>, Vec<_>) = self.manifest.dirs.drain(..).partition(in_use);
        self.manifest.dirs = kept;
        for dir in unused.iter().rev() {
            files::remove_if_empty(dir);
        }
        if !unused.is_empty() {
            self.save()?;
        }
        if self.lock.is_some() && !self.dir.join(MANIFEST_FILE).exists() {
            fs_err::remove_file(self.dir.join(LOCK_FILE)).map_err(failed)?;
        }
        for dir in self.dir.ancestors().take(2) {
            files::remove_if_empty(dir);
        }
        Ok(())
    }
}
