//! The page that describes every setting, made from the declarations.

use std::fmt::Write;

use super::declare::DeclaredSetting;

const PAGE_HEAD: &str = "\
# Settings

Settings come from `config.toml`, from a `.env` file, from environment variables and from the command
line; a later one wins over an earlier one. `lorekeep config show` tells each value and where it came
from, `lorekeep config check` finds mistakes. A key in `config.toml` that isn't listed here is an error,
a variable that isn't counts for nothing.
A mistake ends a command, but not what assistants rely on: `lorekeep mcp`, hooks and
`lorekeep status` use the default of the wrong key and say so.

The file and everything that Lorekeep keeps are found so:

| | with `LOREKEEP_HOME` | without, on Linux and macOS |
|---|---|---|
| settings | `$LOREKEEP_HOME/config.toml` | `$XDG_CONFIG_HOME/lorekeep/config.toml`, else `~/.config/…` |
| variables | `$LOREKEEP_HOME/.env` | `.env` beside `config.toml` |
| archive | `$LOREKEEP_HOME/data/` | `$XDG_DATA_HOME/lorekeep/`, else `~/.local/share/…` |
| model | `$LOREKEEP_HOME/cache/` | `$XDG_CACHE_HOME/lorekeep/`, else `~/.cache/…` |

`--dir DIR` reads `DIR/.env` instead. The `.env` of the working directory is never read unasked, since a
cloned repository could bring one.

A variable that is empty or says `None` counts as not set. Colour follows the terminal,
`NO_COLOR` and `CLICOLOR_FORCE`; width follows the terminal and `COLUMNS`.

Names of variables count in any case. A whole section can be one JSON object, such as
`MODEL={\"url\": \"http://localhost:11434/v1\", \"name\": \"gemma3\"}`; variables of single settings win over
it. A secret can stand in a file of its own: `MODEL__API_KEY_FILE` holds the path.

`.env` is written as python-dotenv reads it: `NAME=value` with an optional `export` before it; `# comment`
on a line of its own or after white space; values in single or double quotes over several lines, with `\\'`
and `\\\\`, in double quotes also `\\n` and its like; `${NAME}` and `${NAME:-default}`, in single quotes too,
for variables of the lines above, else of the environment. A line that can't be understood is left out
and told.
";

/// The page, in Markdown.
pub(super) fn page(declared: &[DeclaredSetting], sections: &[(&str, &str)]) -> String {
    let mut page = PAGE_HEAD.to_owned();
    let mut section = "";
    for declared in declared {
        if declared.section() != section {
            section = declared.section();
            let doc = sections
                .iter()
                .find(|(name, _)| *name == section)
                .map_or("", |(_, doc)| doc);
            // Writing to a string can't fail.
            let _ = write!(page, "\n## `[{section}]`\n\n{}\n", unfold(doc));
        }
        describe(declared, &mut page);
    }
    page
}

fn describe(declared: &DeclaredSetting, page: &mut String) {
    let mut names = vec![declared.environment()];
    names.extend(declared.aliases.iter().map(|&alias| alias.to_owned()));
    if declared.is_secret {
        names.push(declared.environment() + "_FILE");
    }
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let _ = write!(
        page,
        "\n### `{}`\n\n{}\n\n- values: {}\n- default: `{} = {}`\n- environment: {}\n",
        declared.key,
        unfold(declared.doc),
        (declared.kind)(),
        declared.name(),
        (declared.default)(declared.key),
        names.join(", "),
    );
}

/// Doc comments are joined without line breaks, each line with the space that follows `///`.
fn unfold(doc: &str) -> &str {
    doc.trim()
}
