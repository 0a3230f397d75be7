//! The page that describes every setting, made from the declarations.

use std::fmt::Write;

use super::declare::DeclaredSetting;

const PAGE_HEAD: &str = "\
# Settings

Settings come from `config.toml`, from environment variables and from the command line; a later one
wins over an earlier one. `lorekeep config show` tells each value and where it came from,
`lorekeep config check` finds mistakes. A key in the file that isn't listed here is an error.
A mistake ends a command, but not what assistants rely on: `lorekeep mcp`, hooks and
`lorekeep status` use the default of the wrong key and say so.

The file and everything that Lorekeep keeps are found so:

| | with `LOREKEEP_HOME` | without, on Linux and macOS |
|---|---|---|
| settings | `$LOREKEEP_HOME/config.toml` | `$XDG_CONFIG_HOME/lorekeep/config.toml`, else `~/.config/…` |
| archive | `$LOREKEEP_HOME/data/` | `$XDG_DATA_HOME/lorekeep/`, else `~/.local/share/…` |
| model | `$LOREKEEP_HOME/cache/` | `$XDG_CACHE_HOME/lorekeep/`, else `~/.cache/…` |

An environment variable that is empty or says `None` counts as not set. Colour follows the terminal,
`NO_COLOR` and `CLICOLOR_FORCE`; width follows the terminal and `COLUMNS`.
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
