//! What is remembered of providers from one start of the program to the next: what was spent today, what their
//! models refuse, and how long their contexts are.
//!
//! It is in memory, and in a file if there is one. Several processes may use the same file: each adds what it
//! spent and learnt, and takes over what the others did.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, UNIX_EPOCH};

use files::{Access, Draft};
use memory::Clock;

use super::length::ContextLength;
use super::notes::{Notes, Spent};
use super::request::{Adjustment, Learned};
use super::usage::Usage;

/// How often the file is written at most: a change that comes alone is written at once.
const WRITE_INTERVAL: Duration = Duration::from_millis(100);

/// The largest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 16 << 20;

const SECONDS_A_DAY: u64 = 86_400;

/// What is remembered of all providers of a registry.
pub(super) struct Notebook {
    shared: Arc<SharedNotes>,
    writer: OnceLock<NotesWriter>,
}

struct SharedNotes {
    clock: Clock,
    file: Option<PathBuf>,
    state: Mutex<NotesState>,
}

#[derive(Default)]
struct NotesState {
    /// All that is known.
    notes: Notes,
    /// What came since the file was written last.
    unwritten: Notes,
    has_changed: bool,
}

impl SharedNotes {
    fn lock(&self) -> MutexGuard<'_, NotesState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time in seconds since 1970.
    fn now(&self) -> u64 {
        let now = self.clock.now();
        now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
    }

    /// The day, in days since 1970 in UTC.
    fn today(&self) -> u64 {
        self.now() / SECONDS_A_DAY
    }

    /// Adds what is new to what the file has by now, and takes over what others added.
    fn write(&self) -> io::Result<()> {
        let Some(path) = &self.file else {
            return Ok(());
        };
        let unwritten = {
            let mut state = self.lock();
            state.has_changed = false;
            std::mem::take(&mut state.unwritten)
        };
        match merge_into(path, &unwritten, self.today()) {
            Ok(merged) => {
                let mut state = self.lock();
                state.notes = merged;
                // What came while the file was written isn't in it yet.
                let newer = state.unwritten.clone();
                state.notes.add(&newer);
                Ok(())
            }
            Err(error) => {
                // It is tried again with the next change.
                let mut state = self.lock();
                let newer = std::mem::replace(&mut state.unwritten, unwritten);
                state.unwritten.add(&newer);
                Err(error)
            }
        }
    }
}

/// Adds notes to a file; what it holds then.
fn merge_into(path: &Path, notes: &Notes, today: u64) -> io::Result<Notes> {
    if let Some(directory) = path.parent() {
        files::create_private_dir(directory)?;
    }
    let lock = files::open_lock(&path.with_extension("lock"))?;
    lock.lock()?;
    let mut merged = read(path, today)?;
    merged.add(notes);
    let mut draft = Draft::new(path, Access::Private)?;
    draft.write_all(&serde_json::to_vec(&merged)?)?;
    draft.replace()?;
    Ok(merged)
}

/// What a file holds; nothing if there is none, or it isn't one of these.
fn read(path: &Path, today: u64) -> io::Result<Notes> {
    match files::read(path, MAX_FILE_BYTES) {
        Ok(bytes) => Ok(Notes::parse(&bytes, today)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Notes::default()),
        Err(error) => Err(error),
    }
}

impl Notebook {
    /// One in memory only.
    pub(super) fn new(clock: Clock) -> Self {
        Self::of(clock, None, Notes::default())
    }

    /// One in a file, which is made when there is something to write.
    pub(super) fn open(clock: Clock, file: PathBuf) -> io::Result<Self> {
        let mut notebook = Self::of(clock, Some(file), Notes::default());
        if let Some(shared) = Arc::get_mut(&mut notebook.shared)
            && let Some(file) = &shared.file
        {
            shared
                .state
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner)
                .notes = read(file, shared.today())?;
        }
        Ok(notebook)
    }

    fn of(clock: Clock, file: Option<PathBuf>, notes: Notes) -> Self {
        Self {
            shared: Arc::new(SharedNotes {
                clock,
                file,
                state: Mutex::new(NotesState {
                    notes,
                    ..NotesState::default()
                }),
            }),
            writer: OnceLock::new(),
        }
    }

    /// The time in seconds since 1970.
    pub(super) fn now(&self) -> u64 {
        self.shared.now()
    }

    /// Writes what isn't written yet, and waits for it.
    pub(super) fn flush(&self) {
        if let Some(writer) = self.writer.get() {
            writer.flush();
        }
    }

    /// Changes what is known and what is to be written alike.
    fn change(&self, change: impl Fn(&mut Notes, u64)) {
        let today = self.shared.today();
        let mut state = self.shared.lock();
        change(&mut state.notes, today);
        if self.shared.file.is_none() {
            return;
        }
        change(&mut state.unwritten, today);
        let is_told = std::mem::replace(&mut state.has_changed, true);
        drop(state);
        if !is_told {
            self.writer
                .get_or_init(|| NotesWriter::start(Arc::clone(&self.shared)))
                .tell();
        }
    }

    /// A provider is used at this address from now on: what was learnt of another one doesn't count for it.
    pub(super) fn begin(&self, provider: &str, address: &str) {
        let has_moved = self.shared.lock().notes.has_moved(provider, address);
        if has_moved {
            self.change(|notes, _| notes.begin(provider, address));
        }
    }

    /// What a provider was used for today.
    pub(super) fn spent(&self, provider: &str) -> Spent {
        let today = self.shared.today();
        self.shared.lock().notes.spent(provider, today)
    }

    /// Counts an answer.
    pub(super) fn spend(&self, (provider, address): (&str, &str), usage: &Usage) {
        let spent = Spent {
            day: self.shared.today(),
            requests: 1,
            tokens: usage.total(),
            cost: usage.cost.unwrap_or_default(),
        };
        self.change(|notes, _| notes.spend((provider, address), spent));
    }

    /// What a model refuses.
    pub(super) fn learned(&self, provider: &str, model: &str) -> Learned {
        let state = self.shared.lock();
        let known = state.notes.model(provider, model);
        known.map(|known| known.learned.clone()).unwrap_or_default()
    }

    /// Remembers a change of requests; whether it is new.
    pub(super) fn learn(
        &self,
        (provider, address): (&str, &str),
        model: &str,
        adjustment: &Adjustment,
    ) -> bool {
        if !self.learned(provider, model).learn(adjustment) {
            return false;
        }
        self.change(|notes, today| {
            if let Some(known) = notes.model_mut((provider, address), model, today) {
                known.learned.learn(adjustment);
            }
        });
        true
    }

    /// How long a model's context is, as its server told last.
    pub(super) fn told_length(&self, provider: &str, model: &str) -> Option<ContextLength> {
        let state = self.shared.lock();
        state.notes.model(provider, model)?.told_length()
    }

    /// The length that a refusal of a model named.
    pub(super) fn refused_length(&self, provider: &str, model: &str) -> Option<u32> {
        let state = self.shared.lock();
        state.notes.model(provider, model)?.refused_length
    }

    /// Remembers how long a model's context is, as its server tells.
    pub(super) fn learn_length(
        &self,
        (provider, address): (&str, &str),
        model: &str,
        length: &ContextLength,
    ) {
        if self.told_length(provider, model).as_ref() == Some(length) {
            return;
        }
        self.change(|notes, today| {
            if let Some(known) = notes.model_mut((provider, address), model, today) {
                known.tell_length(length);
            }
        });
    }

    /// Remembers the length that a refusal of a model named.
    pub(super) fn learn_refused_length(
        &self,
        (provider, address): (&str, &str),
        model: &str,
        tokens: u32,
    ) {
        if self.refused_length(provider, model) == Some(tokens) {
            return;
        }
        self.change(|notes, today| {
            if let Some(known) = notes.model_mut((provider, address), model, today) {
                known.refused_length = Some(tokens);
            }
        });
    }
}

/// What the thread that writes is told.
enum NotesOrder {
    Write,
    Flush(Sender<()>),
}

/// The thread that writes; dropping it writes what is left.
struct NotesWriter {
    orders: Option<Sender<NotesOrder>>,
    thread: Option<JoinHandle<()>>,
}

impl NotesWriter {
    fn start(shared: Arc<SharedNotes>) -> Self {
        let (orders, receiver) = channel();
        let thread = std::thread::Builder::new()
            .name("model-notes".to_owned())
            .spawn(move || run(&shared, &receiver));
        Self {
            orders: Some(orders),
            // Without a thread nothing is written: what is known counts until the program ends.
            thread: thread.ok(),
        }
    }

    fn tell(&self) {
        if let Some(orders) = &self.orders {
            let _ = orders.send(NotesOrder::Write);
        }
    }

    fn flush(&self) {
        let (done, flushed) = channel();
        if let Some(orders) = &self.orders
            && orders.send(NotesOrder::Flush(done)).is_ok()
        {
            let _ = flushed.recv();
        }
    }
}

impl Drop for NotesWriter {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(shared: &SharedNotes, orders: &Receiver<NotesOrder>) {
    let mut written: Option<Instant> = None;
    while let Ok(first) = orders.recv() {
        let until = written.map(|written| written + WRITE_INTERVAL);
        let mut next = Some(first);
        let mut waiting = None;
        while let Some(order) = next.take() {
            if let NotesOrder::Flush(done) = order {
                waiting = Some(done);
                break;
            }
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            next = orders.recv_timeout(left.unwrap_or_default()).ok();
        }
        // What can't be written now is written with what comes next.
        let _ = shared.write();
        written = Some(Instant::now());
        if let Some(done) = waiting {
            let _ = done.send(());
        }
    }
}
