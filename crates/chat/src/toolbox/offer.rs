//! Which tools a model is told of.

use std::collections::HashSet;

use serde_json::{Map, Value, json};
use tools::ListedTool;
use wire::tokens;

use super::built_in::BuiltInTool;

/// Tools that one request holds at most: more than that no model chooses from.
const MAX_TOOLS: usize = 64;

/// The tool that finds those for which there is no room.
const FINDER: &str = "find_tools";

/// Tools that it gives at a time.
const MAX_FOUND: usize = 6;

/// A tool as a model knows it.
#[derive(Clone, Debug)]
pub(crate) struct OfferedTool {
    /// The name that the model calls it by.
    pub(crate) wire_name: String,
    pub(crate) description: String,
    pub(crate) parameters: Map<String, Value>,
    pub(crate) kind: OfferedKind,
}

/// Who has a tool.
#[derive(Clone, Debug)]
pub(crate) enum OfferedKind {
    BuiltIn(BuiltInTool),
    Server(Box<ListedTool>),
    /// What finds tools for which there is no room.
    Finder,
}

/// The tools of a turn.
#[derive(Clone, Debug, Default)]
pub(crate) struct ToolOffer {
    tools: Vec<OfferedTool>,
    /// Those for which there is no room in a request, until the model looks for them.
    others: Vec<OfferedTool>,
    /// Tokens that they take in a request, estimated.
    pub(crate) tokens: usize,
}

impl OfferedTool {
    pub(crate) fn built_in(tool: BuiltInTool) -> Self {
        Self {
            wire_name: tool.name().to_owned(),
            description: tool.description().to_owned(),
            parameters: tool.parameters(),
            kind: OfferedKind::BuiltIn(tool),
        }
    }

    pub(crate) fn of_server(tool: ListedTool) -> Self {
        Self {
            wire_name: tool.wire_name.clone(),
            description: tool.description.clone(),
            parameters: (*tool.input_schema).clone(),
            kind: OfferedKind::Server(Box::new(tool)),
        }
    }

    /// The server that has it; `None` for those of the program's own.
    pub(crate) fn server(&self) -> Option<&str> {
        match &self.kind {
            OfferedKind::BuiltIn(_) | OfferedKind::Finder => None,
            OfferedKind::Server(tool) => Some(&tool.server),
        }
    }

    /// Its name where it is from.
    pub(crate) fn own_name(&self) -> &str {
        match &self.kind {
            OfferedKind::BuiltIn(tool) => tool.name(),
            OfferedKind::Finder => FINDER,
            OfferedKind::Server(tool) => &tool.name,
        }
    }

    /// Whether conversations and characters allow it by this name: its own, with or without its server's, or that of
    /// its server for all that it has.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        let is_of_server = |server: &str| {
            let rest = name
                .strip_prefix(server)
                .and_then(|rest| rest.strip_prefix('/'));
            name == server || rest == Some(self.own_name())
        };
        name == self.wire_name || name == self.own_name() || self.server().is_some_and(is_of_server)
    }

    fn finder() -> Self {
        let schema = json!({
            "type": "object",
            "properties": {"query": {"type": "string", "description": "What the tool should do, in a few words."}},
            "required": ["query"],
        });
        Self {
            wire_name: FINDER.to_owned(),
            description: "There are more tools than fit here. Finds some by what they do; they can be called then."
                .to_owned(),
            parameters: schema.as_object().cloned().unwrap_or_default(),
            kind: OfferedKind::Finder,
        }
    }

    fn tokens(&self) -> usize {
        tokens::estimate(&self.as_json().to_string())
    }

    /// How many of these words stand in what it says of itself; those in its name count twice.
    fn fits(&self, words: &[String]) -> usize {
        let (name, about) = (
            self.wire_name.to_lowercase(),
            self.description.to_lowercase(),
        );
        let fit = |word: &String| {
            usize::from(about.contains(word)) + 2 * usize::from(name.contains(word))
        };
        words.iter().map(fit).sum()
    }

    fn as_json(&self) -> Value {
        json!({"type": "function", "function": {
            "name": self.wire_name, "description": self.description, "parameters": self.parameters,
        }})
    }
}

impl ToolOffer {
    /// Tools in the order of their names, so that requests begin with the same bytes from turn to turn.
    pub(crate) fn new(mut tools: Vec<OfferedTool>) -> Self {
        tools.sort_by(|one, other| one.wire_name.cmp(&other.wire_name));
        let mut seen = HashSet::new();
        tools.retain(|tool| seen.insert(tool.wire_name.clone()));
        Self {
            tokens: tools.iter().map(OfferedTool::tokens).sum(),
            tools,
            others: Vec::new(),
        }
    }

    /// Leaves out what doesn't fit into so many tokens, or is too much to choose from. The program's own tools stay,
    /// and one to find the others by.
    pub(crate) fn fit(&mut self, max_tokens: usize) {
        if !self.others.is_empty() || (self.tokens <= max_tokens && self.tools.len() <= MAX_TOOLS) {
            return;
        }
        let finder = OfferedTool::finder();
        let is_own = |tool: &OfferedTool| matches!(tool.kind, OfferedKind::BuiltIn(_));
        let (mut kept, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.tools)
            .into_iter()
            .partition(is_own);
        self.tokens = finder.tokens() + kept.iter().map(OfferedTool::tokens).sum::<usize>();
        kept.push(finder);
        for tool in others {
            let takes = tool.tokens();
            match self.tokens + takes <= max_tokens && kept.len() < MAX_TOOLS {
                true => {
                    self.tokens += takes;
                    kept.push(tool);
                }
                false => self.others.push(tool),
            }
        }
        kept.sort_by(|one, other| one.wire_name.cmp(&other.wire_name));
        self.tools = kept;
    }

    /// Offers the tools that fit words best, of those for which there was no room, from now on. What is told of them.
    pub(crate) fn look_for(&mut self, words: &str) -> String {
        let words: Vec<String> = words
            .to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.len() > 2)
            .map(str::to_owned)
            .collect();
        let mut fitting: Vec<(usize, usize)> = self
            .others
            .iter()
            .enumerate()
            .map(|(at, tool)| (tool.fits(&words), at))
            .filter(|(fits, _)| *fits > 0)
            .collect();
        fitting.sort_by_key(|(fits, at)| (std::cmp::Reverse(*fits), *at));
        fitting.truncate(MAX_FOUND);
        if fitting.is_empty() {
            let names: Vec<&str> = self
                .others
                .iter()
                .map(|tool| &*tool.wire_name)
                .take(100)
                .collect();
            return format!("No tool fits these words. There are: {}", names.join(", "));
        }
        let mut places: Vec<usize> = fitting.into_iter().map(|(_, at)| at).collect();
        places.sort_unstable();
        let mut told = String::from("These can be called from now on:");
        for place in places.into_iter().rev() {
            let tool = self.others.remove(place);
            told.push_str(&format!(
                "\n{}: {}",
                tool.wire_name,
                wire::markup::cut(&wire::markup::line(&tool.description), 200)
            ));
            self.tokens += tool.tokens();
            self.tools.push(tool);
        }
        told
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tools.is_empty()
    }

    /// The tool that a model calls by this name, which it may know from an earlier turn.
    pub(crate) fn find(&self, wire_name: &str) -> Option<&OfferedTool> {
        let mut all = self.tools.iter().chain(&self.others);
        all.find(|tool| tool.wire_name == wire_name)
    }

    /// As a request has them.
    pub(crate) fn as_json(&self) -> Vec<Value> {
        self.tools.iter().map(OfferedTool::as_json).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer() -> ToolOffer {
        let other = |nth: usize| {
            let mut tool = OfferedTool::built_in(BuiltInTool::CurrentTime);
            tool.kind = OfferedKind::Finder;
            tool.wire_name = format!("server__tool_{nth}");
            tool.description = match nth {
                7 => "Prints labels for parcels.".to_owned(),
                _ => "Does something else. ".repeat(20),
            };
            tool
        };
        let own = BuiltInTool::LOCAL.into_iter().map(OfferedTool::built_in);
        ToolOffer::new((0..100).map(other).chain(own).collect())
    }

    #[test]
    fn what_has_no_room_is_found_by_what_it_does() {
        let mut offer = offer();
        offer.fit(1_000);
        assert!(offer.tokens <= 1_000, "{}", offer.tokens);
        assert!(offer.find("search_memory").is_some() && offer.find(FINDER).is_some());
        let told = offer.look_for("print a parcel label");
        assert!(told.contains("server__tool_7"), "{told}");
        assert!(offer.find("server__tool_7").is_some());
        assert!(offer.look_for("xyzzy").starts_with("No tool fits"));
        // Fitting once is enough.
        let before = offer.as_json();
        offer.fit(1_000);
        assert_eq!(offer.as_json(), before);
    }

    #[test]
    fn a_model_chooses_from_so_many_at_most() {
        let mut offer = offer();
        offer.fit(usize::MAX);
        assert_eq!(offer.as_json().len(), MAX_TOOLS);
    }
}
