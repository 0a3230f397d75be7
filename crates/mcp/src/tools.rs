//! The tools: one table, from which the list, the calls and the documentation come.

pub(crate) mod tool;
mod find;
mod look;
mod evidence;
mod search;
pub(crate) mod conversation;
mod file;
mod blame;
mod work;
mod concept;
mod learnings;
mod reflections;
mod status;

use std::sync::Arc;

use rmcp::model::{Tool as ListedTool, ToolAnnotations};

use self::tool::{ArchiveEffect, McpTool};
use crate::options::ToolSet;
use crate::params::schema;
use crate::refusal::Refusal;

/// Every tool, those of the short list first.
pub(crate) const ALL_TOOLS: &[&McpTool] = &[
    &evidence::SEARCH,
    &conversation::GET_FULL_CONVERSATION,
    &file::SEARCH_BY_FILE,
    &blame::BLAME_TOOL,
    &work::GET_RECENT_WORK,
    &reflections::STORE_REFLECTION,
    &status::GET_STATUS,
    &search::REFLECT_ON_PAST,
    &look::QUICK_SEARCH,
    &look::SEARCH_SUMMARY,
    &look::GET_MORE_RESULTS,
    &look::GET_NEXT_RESULTS,
    &search::SEARCH_BY_RECENCY,
    &concept::SEARCH_BY_CONCEPT,
    &work::GET_TIMELINE,
    &learnings::GET_SESSION_LEARNINGS,
    &reflections::LIST_REFLECTIONS,
    &reflections::EDIT_REFLECTION,
    &reflections::DELETE_REFLECTION,
    &reflections::CSR_RESOLVE,
    &status::GET_HEALTH,
];

/// The tool of a name.
pub(crate) fn find(name: &str) -> Option<&'static McpTool> {
    let is = |tool: &&&McpTool| tool.name == name || tool.aliases.contains(&name);
    ALL_TOOLS.iter().copied().find(|tool| is(&tool))
}

/// What is said of a name that no tool has.
pub(crate) fn unknown(name: &str) -> Refusal {
    let near = ALL_TOOLS
        .iter()
        .map(|tool| (strsim::jaro_winkler(name, tool.name), tool.name))
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .filter(|(likeness, _)| *likeness > 0.75);
    let name = wire::markup::cut(name, 60);
    Refusal::Unknown(match near {
        Some((_, near)) => format!("no tool `{name}`; did you mean `{near}`?"),
        None => format!("no tool `{name}`; `tools/list` has those that there are"),
    })
}

/// The tools that a client is told of.
pub(crate) fn listed(set: ToolSet) -> Vec<ListedTool> {
    let mut listed = Vec::new();
    for tool in ALL_TOOLS {
        if set == ToolSet::Compact && !tool.is_core {
            continue;
        }
        listed.push(entry(tool, tool.name));
        if set == ToolSet::SelfReflect {
            listed.extend(tool.aliases.iter().map(|alias| entry(tool, alias)));
        }
    }
    listed
}

/// The parameters of a tool as its schema has them.
pub(crate) fn entry(tool: &McpTool, name: &'static str) -> ListedTool {
    // The client asks a person before what isn't marked as only reading.
    let annotations = match tool.effect {
        ArchiveEffect::Reads => ToolAnnotations::new().read_only(true),
        ArchiveEffect::Adds => ToolAnnotations::new().destructive(false),
        ArchiveEffect::Changes => ToolAnnotations::new(),
    };
    ListedTool::new(name, tool.about, Arc::clone(&schema(tool.params)))
        .with_title(tool.title)
        .with_annotations(annotations)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use wire::tokens;

    #[test]
    fn names_are_distinct_and_descriptions_within_what_clients_show() {
        let mut names = HashSet::new();
        for tool in ALL_TOOLS {
            assert!(names.insert(tool.name), "{}", tool.name);
            for alias in tool.aliases {
                assert!(names.insert(alias), "{alias}");
            }
            assert!(tool.about.len() < 2048, "{}", tool.name);
        }
    }

    #[test]
    fn the_short_list_is_short() {
        let listed = listed(ToolSet::Compact);
        assert!(listed.len() <= 7);
        let json = serde_json::to_string(&listed).expect("JSON");
        let tokens = tokens::estimate(&json);
        assert!(tokens < 1500, "{tokens} tokens");
    }
}
