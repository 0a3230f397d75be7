//! What a turn says, kept while it is under way and a while after, for any number of listeners that come and
//! go: each begins with a snapshot and goes on with what follows.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::event::{Event, EventName, Piece, Told};

/// The events of one turn.
///
/// Pieces of text are kept as one text and the places where each ended: a turn of a thousand tokens takes
/// little more than its text.
#[derive(Debug)]
pub(crate) struct TurnLog {
    about: Value,
    said: Mutex<TurnSayings>,
    /// The number of events so far.
    count: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct TurnSayings {
    entries: Vec<Entry>,
    text: String,
    reasoning: String,
    is_ended: bool,
}

/// What one event said.
#[derive(Debug)]
enum Entry {
    /// The text went on to here.
    Content(usize),
    /// The reasoning went on to here.
    Reasoning(usize),
    /// Anything else.
    Told(Box<Told>),
}

impl TurnLog {
    /// A log before its first event; `about` is what every snapshot begins with.
    pub(crate) fn new(about: Value) -> Self {
        Self {
            about,
            said: Mutex::default(),
            count: watch::Sender::new(0),
        }
    }

    /// A log of a turn that ended before this process began, as far as the archive tells.
    pub(crate) fn ended(about: Value, text: &str, reasoning: &str, end: Told) -> Self {
        let log = Self::new(about);
        log.reason(reasoning);
        log.content(text);
        log.tell(end.name, end.data);
        log
    }

    /// The answer goes on.
    pub(crate) fn content(&self, text: &str) {
        if !text.is_empty() {
            self.add(|said| {
                said.text.push_str(text);
                Entry::Content(said.text.len())
            });
        }
    }

    /// The reasoning goes on.
    pub(crate) fn reason(&self, text: &str) {
        if !text.is_empty() {
            self.add(|said| {
                said.reasoning.push_str(text);
                Entry::Reasoning(said.reasoning.len())
            });
        }
    }

    /// How long the text is by now, in bytes.
    pub(crate) fn text_len(&self) -> usize {
        self.said().text.len()
    }

    /// Something else happened. Nothing is added after an end.
    pub(crate) fn tell(&self, name: EventName, data: Value) {
        self.add(|said| {
            said.is_ended = name.is_end();
            Entry::Told(Box::new(Told { name, data }))
        });
    }

    /// Whether nothing comes any more.
    pub(crate) fn is_ended(&self) -> bool {
        self.said().is_ended
    }

    /// Listens: to everything from the first event on, or else to a snapshot and what follows it.
    pub(crate) fn listen(self: &Arc<Self>, from_start: bool) -> TurnEvents {
        TurnEvents {
            log: Arc::clone(self),
            count: self.count.subscribe(),
            place: ListenerPlace::default(),
            needs_snapshot: !from_start,
            is_done: false,
        }
    }

    fn add(&self, entry: impl FnOnce(&mut TurnSayings) -> Entry) {
        let mut said = self.said();
        if said.is_ended {
            return;
        }
        let entry = entry(&mut said);
        said.entries.push(entry);
        let count = said.entries.len() as u64;
        drop(said);
        self.count.send_replace(count);
    }

    fn said(&self) -> MutexGuard<'_, TurnSayings> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How far a listener is.
#[derive(Clone, Copy, Debug, Default)]
struct ListenerPlace {
    entries: usize,
    text: usize,
    reasoning: usize,
}

/// The events of a turn for one listener.
#[derive(Debug)]
pub struct TurnEvents {
    log: Arc<TurnLog>,
    count: watch::Receiver<u64>,
    place: ListenerPlace,
    needs_snapshot: bool,
    is_done: bool,
}

impl TurnEvents {
    /// The next event; `None` after the one that ends the turn. Pieces of text that came since the last one
    /// are one event. May be dropped at any time without losing anything.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if self.is_done {
                return None;
            }
            self.count.borrow_and_update();
            if let Some(event) = self.ready() {
                return Some(event);
            }
            if self.count.changed().await.is_err() {
                return None;
            }
        }
    }

    /// An event that is there already.
    fn ready(&mut self) -> Option<Event> {
        let log = Arc::clone(&self.log);
        let said = log.said();
        if std::mem::take(&mut self.needs_snapshot) {
            return Some(self.snapshot(&said));
        }
        let first = said.entries.get(self.place.entries)?;
        match first {
            Entry::Told(told) => {
                self.place.entries += 1;
                self.is_done = told.name.is_end();
                let id = self.place.entries as u64;
                Some(Event::new(id, told.name, &told.data))
            }
            Entry::Content(_) => {
                let end = self.run_of(&said, |entry| match entry {
                    Entry::Content(end) => Some(*end),
                    _ => None,
                });
                let text = &said.text[self.place.text..end];
                self.place.text = end;
                let id = self.place.entries as u64;
                Some(Event::new(id, EventName::RunContent, &Piece { text }))
            }
            Entry::Reasoning(_) => {
                let end = self.run_of(&said, |entry| match entry {
                    Entry::Reasoning(end) => Some(*end),
                    _ => None,
                });
                let text = &said.reasoning[self.place.reasoning..end];
                self.place.reasoning = end;
                let id = self.place.entries as u64;
                Some(Event::new(id, EventName::ReasoningStep, &Piece { text }))
            }
        }
    }

    /// Goes over the entries of one kind, and returns where the last of them ended.
    fn run_of(&mut self, said: &TurnSayings, kind: impl Fn(&Entry) -> Option<usize>) -> usize {
        let mut end = 0;
        while let Some(next) = said.entries.get(self.place.entries).and_then(&kind) {
            end = next;
            self.place.entries += 1;
        }
        end
    }

    fn snapshot(&mut self, said: &TurnSayings) -> Event {
        self.place = ListenerPlace {
            entries: said.entries.len(),
            text: said.text.len(),
            reasoning: said.reasoning.len(),
        };
        self.is_done = said.is_ended;
        let events: Vec<Value> = said
            .entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Told(told) => Some(json!({"event": told.name.name(), "data": told.data})),
                _ => None,
            })
            .collect();
        let mut data = self.log.about.clone();
        data["text"] = said.text.as_str().into();
        data["reasoning"] = said.reasoning.as_str().into();
        data["is_ended"] = said.is_ended.into();
        data["events"] = events.into();
        Event::new(self.place.entries as u64, EventName::RunSnapshot, &data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(future)
    }

    fn text_of(event: &Event) -> String {
        let data: Value = serde_json::from_str(&event.data).expect("JSON");
        data["text"].as_str().unwrap_or_default().to_owned()
    }

    #[test]
    fn whoever_comes_when_has_the_same_text_in_the_end() {
        let log = Arc::new(TurnLog::new(json!({"turn": "t"})));
        let mut listeners = vec![log.listen(true)];
        for piece in ["Wie", " es", " euch", " gefällt", "."] {
            log.content(piece);
            listeners.push(log.listen(false));
        }
        log.tell(EventName::RunCompleted, json!({}));
        listeners.push(log.listen(false));
        for mut listener in listeners {
            let mut all = String::new();
            let mut last = 0;
            while let Some(event) = run(listener.next()) {
                assert!(event.id >= last);
                last = event.id;
                all += &text_of(&event);
            }
            assert_eq!((all.as_str(), last), ("Wie es euch gefällt.", 6));
        }
    }

    #[test]
    fn nothing_comes_after_the_end() {
        let log = TurnLog::new(json!({}));
        log.tell(EventName::RunCancelled, json!({}));
        log.content("late");
        assert_eq!(log.said().text, "");
        assert!(log.is_ended());
    }
}
