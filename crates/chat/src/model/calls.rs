//! Calls of tools, put together from the deltas of a stream, in whatever shape servers send them.
//!
//! What comes in may repeat ids and names in every delta or leave them out, have an index that is missing, always
//! 0 or not from 0, hand over arguments as an object, or several calls in one. What goes out is as OpenAI has it:
//! a dense index, the id and name once, arguments as fragments of a text.

use serde_json::{Map, Value, json};

/// The calls of one answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls {
    calls: Vec<PartialCall>,
}

#[derive(Clone, Debug, Default)]
struct PartialCall {
    /// The index that the server gave it.
    index: Option<i64>,
    id: String,
    has_own_id: bool,
    name: String,
    arguments: String,
    progress: JsonProgress,
    /// Fields that nobody here knows, of the call and of its `function`; a provider may want them back.
    extras: Map<String, Value>,
    function_extras: Map<String, Value>,
    /// Whether its id and name went out.
    is_announced: bool,
    /// The call that came out of the same arguments, behind this one.
    successor: Option<usize>,
}

/// How far the arguments are as JSON, without reading them again.
#[derive(Clone, Copy, Debug, Default)]
struct JsonProgress {
    depth: u32,
    is_in_string: bool,
    is_escaped: bool,
    is_complete: bool,
}

impl JsonProgress {
    /// Takes more text; where the first value ends and another object begins, if it does.
    fn take(&mut self, text: &str) -> Option<usize> {
        for (at, byte) in text.bytes().enumerate() {
            if self.is_complete {
                if byte == b'{' {
                    return Some(at);
                }
                continue;
            }
            if self.is_in_string {
                match byte {
                    _ if self.is_escaped => self.is_escaped = false,
                    b'\\' => self.is_escaped = true,
                    b'"' => self.is_in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.is_in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.is_complete = self.depth == 0;
                }
                _ => {}
            }
        }
        None
    }
}

/// One entry of `tool_calls` as it came.
struct CallEntry {
    index: Option<i64>,
    id: String,
    name: String,
    arguments: String,
    /// Whether the arguments came as an object and so are whole.
    is_whole: bool,
    extras: Map<String, Value>,
    function_extras: Map<String, Value>,
}

impl CallEntry {
    fn read(entry: Value) -> Option<Self> {
        let Value::Object(mut extras) = entry else {
            return None;
        };
        let text = |value: Option<Value>| match value {
            Some(Value::String(text)) => text,
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let index = extras.remove("index").and_then(|index| index.as_i64());
        let id = text(extras.remove("id"));
        extras.remove("type");
        let mut function_extras = match extras.remove("function") {
            Some(Value::Object(function)) => function,
            _ => Map::new(),
        };
        let mut field = |key: &str| function_extras.remove(key).or_else(|| extras.remove(key));
        let name = text(field("name"));
        let (arguments, is_whole) = match field("arguments") {
            Some(Value::String(text)) => (text, false),
            Some(value @ (Value::Object(_) | Value::Array(_))) => (value.to_string(), true),
            _ => (String::new(), false),
        };
        extras.retain(|_, value| !value.is_null());
        function_extras.retain(|_, value| !value.is_null());
        Some(Self {
            index,
            id,
            name,
            arguments,
            is_whole,
            extras,
            function_extras,
        })
    }

    fn is_empty(&self) -> bool {
        self.id.is_empty()
            && self.name.is_empty()
            && self.arguments.is_empty()
            && self.extras.is_empty()
    }
}

impl Calls {
    /// Whether there are any.
    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Takes the `tool_calls` of a delta and adds what goes out for them.
    pub(super) fn take(&mut self, entries: Vec<Value>, out: &mut Vec<Value>) {
        let mut addressed = Vec::new();
        for entry in entries.into_iter().filter_map(CallEntry::read) {
            if entry.is_empty() {
                continue;
            }
            let at = match self.find(&entry, &addressed) {
                Some(at) => at,
                None => self.begin(&entry, out),
            };
            addressed.push(at);
            self.go_on(at, entry, out);
        }
    }

    /// What is still to go out at the end of the answer.
    pub(super) fn finish(&mut self, out: &mut Vec<Value>) {
        for at in 0..self.calls.len() {
            self.announce(at, out);
        }
    }

    /// The calls as a request can have them in its history, with every field that the provider sent.
    pub(super) fn raw(&self) -> Vec<Value> {
        let raw = |call: &PartialCall| {
            let mut function = call.function_extras.clone();
            function.insert("name".to_owned(), json!(call.name));
            let arguments = if call.arguments.trim().is_empty() {
                "{}"
            } else {
                &call.arguments
            };
            function.insert("arguments".to_owned(), json!(arguments));
            let mut whole = call.extras.clone();
            whole.insert("id".to_owned(), json!(call.id));
            whole.insert("type".to_owned(), json!("function"));
            whole.insert("function".to_owned(), Value::Object(function));
            Value::Object(whole)
        };
        self.calls.iter().map(raw).collect()
    }

    /// The call that an entry goes on with; `None` if it begins one.
    fn find(&self, entry: &CallEntry, addressed: &[usize]) -> Option<usize> {
        let mut at = self.find_first(entry, addressed)?;
        while let Some(next) = self.calls[at].successor {
            at = next;
        }
        Some(at)
    }

    fn find_first(&self, entry: &CallEntry, addressed: &[usize]) -> Option<usize> {
        let is_same_place = |call: &PartialCall| match (entry.index, call.index) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        let by_id = |call: &PartialCall| {
            !entry.id.is_empty() && call.has_own_id && call.id == entry.id && is_same_place(call)
        };
        if let Some(at) = self.calls.iter().rposition(by_id) {
            let call = &self.calls[at];
            let is_another =
                call.progress.is_complete && !entry.name.is_empty() && entry.name != call.name;
            return (!is_another).then_some(at);
        }
        let by_index = |call: &PartialCall| entry.index.is_some() && call.index == entry.index;
        let last = self.calls.len().checked_sub(1);
        let at = match self.calls.iter().rposition(by_index) {
            Some(at) => at,
            // An index that is new begins a call, unless there is nothing to call.
            None if entry.index.is_some() && !entry.name.is_empty() => return None,
            None => last?,
        };
        (!begins_another(&self.calls[at], entry, addressed.contains(&at))).then_some(at)
    }

    fn begin(&mut self, entry: &CallEntry, out: &mut Vec<Value>) -> usize {
        if let Some(last) = self.calls.len().checked_sub(1) {
            self.announce(last, out);
        }
        let at = self.calls.len();
        let has_own_id = !entry.id.is_empty() && self.calls.iter().all(|call| call.id != entry.id);
        self.calls.push(PartialCall {
            index: entry.index,
            id: if has_own_id {
                entry.id.clone()
            } else {
                new_id()
            },
            has_own_id,
            ..PartialCall::default()
        });
        at
    }

    fn go_on(&mut self, at: usize, entry: CallEntry, out: &mut Vec<Value>) {
        let is_id_free = self.calls.iter().all(|call| call.id != entry.id);
        let call = &mut self.calls[at];
        if !call.has_own_id && !entry.id.is_empty() && !call.is_announced && is_id_free {
            call.id = entry.id;
            call.has_own_id = true;
        }
        // A name comes whole in the first delta, again in each, or in pieces before the arguments.
        if call.name != entry.name && call.arguments.is_empty() && !call.is_announced {
            call.name.push_str(&entry.name);
        }
        let is_new = |known: &Map<String, Value>, key: &String| !known.contains_key(key);
        let late: Map<_, _> = entry
            .extras
            .iter()
            .filter(|(key, _)| call.is_announced && is_new(&call.extras, key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        call.extras.extend(entry.extras);
        call.function_extras.extend(entry.function_extras);
        // Some servers send the whole arguments once more at the end.
        let is_repeated = call.progress.is_complete && call.arguments == entry.arguments;
        let fragment = if is_repeated { "" } else { &*entry.arguments };
        let (own, rest) = match call.progress.take(fragment) {
            Some(end) if !entry.is_whole => fragment.split_at(end),
            _ => (fragment, ""),
        };
        call.arguments.push_str(own);
        if call.is_announced {
            if !own.is_empty() || !late.is_empty() {
                let mut delta = late;
                delta.insert("index".to_owned(), json!(at));
                delta.insert("function".to_owned(), json!({ "arguments": own }));
                out.push(Value::Object(delta));
            }
        } else if !own.is_empty() {
            self.announce(at, out);
        }
        if !rest.is_empty() {
            let name = self.calls[at].name.clone();
            let next = CallEntry {
                index: None,
                id: String::new(),
                name,
                arguments: rest.to_owned(),
                is_whole: false,
                extras: Map::new(),
                function_extras: Map::new(),
            };
            let next_at = self.begin(&next, out);
            self.calls[at].successor = Some(next_at);
            self.go_on(next_at, next, out);
        }
    }

    /// Sends the id and the name of a call, with all that is there of its arguments.
    fn announce(&mut self, at: usize, out: &mut Vec<Value>) {
        let call = &mut self.calls[at];
        if std::mem::replace(&mut call.is_announced, true) {
            return;
        }
        let mut function = call.function_extras.clone();
        function.insert("name".to_owned(), json!(call.name));
        function.insert("arguments".to_owned(), json!(call.arguments));
        let mut delta = call.extras.clone();
        delta.insert("index".to_owned(), json!(at));
        delta.insert("id".to_owned(), json!(call.id));
        delta.insert("type".to_owned(), json!("function"));
        delta.insert("function".to_owned(), Value::Object(function));
        out.push(Value::Object(delta));
    }
}

/// Whether an entry that goes to a call by its index, or by none, begins another one all the same.
fn begins_another(call: &PartialCall, entry: &CallEntry, is_addressed: bool) -> bool {
    if entry.name.is_empty() {
        // Servers that make up an id for every delta send the name once.
        return false;
    }
    let has_other_id = !entry.id.is_empty() && call.has_own_id;
    if is_addressed || call.progress.is_complete {
        return !(entry.id.is_empty()
            && entry.name == call.name
            && entry.arguments == call.arguments
            && !is_addressed);
    }
    if entry.name != call.name {
        // A name in pieces has neither an id of its own nor arguments before it.
        return has_other_id || !call.arguments.is_empty() || entry.index.is_none();
    }
    let is_whole = entry.is_whole || {
        let mut progress = JsonProgress::default();
        progress.take(&entry.arguments);
        progress.is_complete
    };
    has_other_id && call.arguments.is_empty() && (is_whole || entry.arguments.is_empty())
}

/// An id for a call that came without one.
fn new_id() -> String {
    let mut bytes = [0; 12];
    // Without randomness an id would only be repeated, which the index still tells apart.
    let _ = getrandom::fill(&mut bytes);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("call_{hex}")
}
