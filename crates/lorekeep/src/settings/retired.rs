//! Variables that do nothing: those that Chattr's users have from its older README, and misspelled ones of a
//! `.env` file. Each is told once, with what to do instead; they never end a command.

use super::declare::DeclaredSetting;
use super::layers::SettingLayers;
use super::nearest::nearest_owned;
use crate::fault::Fault;

/// Variables of Chattr that it or this program no longer reads, and what to use.
const RETIRED: [(&str, &str); 11] = [
    ("SHORT_TERM_MEMORY__URL", KEPT_IN_ARCHIVE),
    ("SHORT_TERM_MEMORY__TTL", KEPT_IN_ARCHIVE),
    ("SHORT_TERM_MEMORY__MAX_SIZE", KEPT_IN_ARCHIVE),
    ("VOICE_GENERATOR_MCP__URL", TOOL_SERVER),
    ("VIDEO_GENERATOR_MCP__URL", TOOL_SERVER),
    ("DIRECTORY__ASSETS", ONE_DIRECTORY),
    ("DIRECTORY__IMAGE", ONE_DIRECTORY),
    ("DIRECTORY__AUDIO", ONE_DIRECTORY),
    ("DIRECTORY__VIDEO", ONE_DIRECTORY),
    ("DIRECTORY__PROMPT", ONE_DIRECTORY),
    (
        "DIRECTORY__LOG",
        "logs are in the directory that LOREKEEP_HOME names",
    ),
];

const KEPT_IN_ARCHIVE: &str = "no Redis is needed: conversations are kept in the archive";
const TOOL_SERVER: &str = "name the server in mcp.json: {\"name\": …, \"type\": \"url\", \"url\": …, \"transport\": \"sse\"}";
const ONE_DIRECTORY: &str =
    "DIRECTORY__BASE names the directory that all of them are in; none of them is needed";

/// Variables that Chattr reads and this program doesn't yet; what looks like them is none of ours misspelled.
const OF_CHATTR: [&str; 2] = ["MEMORY__COLLECTION_NAME", "MEMORY__EMBEDDING_DIMS"];

/// A note for each variable that does nothing.
pub(super) fn notes(layers: &SettingLayers<'_>, declared: &[DeclaredSetting]) -> Vec<Fault> {
    let told = |(name, instead): &(&str, &str)| {
        let place = layers.place_of(name)?;
        Some(Fault::usage(format!("{place} is no longer used")).hint(*instead))
    };
    let retired = RETIRED.iter().filter_map(told);
    let names = layers.dotenv_names();
    let misspelled = names.iter().filter_map(|(name, _)| {
        let near = misspelled(name, declared)?;
        let place = layers.place_of(name)?;
        Some(Fault::usage(format!("{place} is no setting")).hint(format!("did you mean `{near}`?")))
    });
    retired.chain(misspelled).collect()
}

/// The variable that was probably meant by a name of a section of ours that no setting has.
fn misspelled(name: &str, declared: &[DeclaredSetting]) -> Option<String> {
    let name = name.to_uppercase();
    let (section, _) = name.split_once("__")?;
    let is_ours = |declared: &DeclaredSetting| declared.section().to_uppercase() == section;
    let known = declared.iter().filter(|declared| is_ours(declared));
    let known: Vec<String> = known
        .flat_map(|declared| {
            let file = declared.is_secret.then(|| declared.environment() + "_FILE");
            std::iter::once(declared.environment()).chain(file)
        })
        .collect();
    let is_alias = declared
        .iter()
        .any(|declared| declared.aliases.contains(&name.as_str()));
    if is_alias || known.contains(&name) || OF_CHATTR.contains(&name.as_str()) {
        return None;
    }
    nearest_owned(&name, known.into_iter())
}
