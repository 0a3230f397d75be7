//! What command lines say of files, as far as that can be told without running them: which they write
//! and move, and which words could be paths. Must not know which tools take command lines.

use serde_json::Value;

use super::change::{LoggedChange, LoggedEdit};
use super::patch::{self, PatchAction};

/// Longest command line that is taken apart, in bytes.
const MAX_COMMAND_BYTES: usize = 1 << 20;

/// The command line in the arguments of a shell's call ([`ToolCall::input`](crate::ToolCall::input)),
/// which are JSON text: the value of `command`, `cmd` or `script`, or else the whole of the arguments. It
/// is a string, or a list of words, which are joined by spaces; of a list such as `["sh", "-c", SCRIPT]`
/// it is the script. `None` where the arguments are no JSON or there is neither string nor list.
#[must_use]
pub fn line(arguments: &str) -> Option<String> {
    let input: Value = serde_json::from_str(arguments).ok()?;
    let line = ["command", "cmd", "script"]
        .iter()
        .find_map(|key| input.get(key))
        .unwrap_or(&input);
    match line {
        Value::String(line) => Some(line.clone()),
        Value::Array(parts) => {
            let parts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
            match parts[..] {
                [_, flag, script] if flag.starts_with('-') && flag.ends_with('c') => {
                    Some(script.to_owned())
                }
                _ => Some(parts.join(" ")),
            }
        }
        _ => None,
    }
}

/// What a command line writes, file by file.
pub(crate) fn edits(command: &str) -> Vec<LoggedEdit> {
    let mut writes = Vec::new();
    if command.len() > MAX_COMMAND_BYTES {
        return writes;
    }
    let mut directory = String::new();
    let mut lines = command.lines();
    while let Some(line) = lines.next() {
        directory = changed_directory(line, directory);
        let Some(here) = heredoc(line) else { continue };
        let mut body = String::new();
        for text in lines.by_ref() {
            let text = if here.is_indented {
                text.trim_start_matches('\t')
            } else {
                text
            };
            if text.trim_end() == here.end {
                break;
            }
            body.push_str(text);
            body.push('\n');
        }
        written(line, &here, body, &directory, &mut writes);
    }
    writes
}

fn written(
    line: &str,
    here: &Heredoc<'_>,
    body: String,
    directory: &str,
    writes: &mut Vec<LoggedEdit>,
) {
    let Some((path, appends)) = target(line, here) else {
        for file in patch::git_diffs(&format!("\n{body}")) {
            if let PatchAction::Update(hunks) = file.action {
                writes.push(write(
                    &file.path,
                    directory,
                    LoggedChange::Hunks(hunks),
                    true,
                ));
            }
        }
        return;
    };
    let is_exact = here.is_quoted || !body.contains(['$', '`', '\\']);
    let change = if appends {
        LoggedChange::Append(body)
    } else {
        LoggedChange::Whole(body)
    };
    writes.push(write(path, directory, change, is_exact));
}

fn write(path: &str, directory: &str, change: LoggedChange, is_exact: bool) -> LoggedEdit {
    let is_absolute = path.starts_with('/') || path.as_bytes().get(1) == Some(&b':');
    let path = if is_absolute || directory.is_empty() {
        path.to_owned()
    } else {
        format!("{directory}/{path}")
    };
    LoggedEdit {
        is_exact,
        ..LoggedEdit::new(path, change, "command")
    }
}

/// A text in a command line.
struct Heredoc<'a> {
    end: &'a str,
    is_quoted: bool,
    /// Whether tabs before its lines don't count.
    is_indented: bool,
    /// The command line before and after its mark.
    around: (&'a str, &'a str),
}

/// The first `<<` of a line.
fn heredoc(line: &str) -> Option<Heredoc<'_>> {
    let at = line.match_indices("<<").map(|(at, _)| at).find(|at| {
        let after = &line[at + 2..];
        // `<<<` is a string, `1 << 2` a number.
        !after.starts_with('<') && !line[..*at].ends_with('<')
    })?;
    let mark = &line[at + 2..];
    let is_indented = mark.starts_with('-');
    let mark = mark.trim_start_matches('-').trim_start();
    let quote = mark
        .chars()
        .next()
        .filter(|c| matches!(c, '\'' | '"' | '\\'));
    let word = quote.map_or(mark, |quote| &mark[quote.len_utf8()..]);
    let length = word.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '!')));
    let (end, rest) = word.split_at(length.unwrap_or(word.len()));
    let is_word = end.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let rest = quote.map_or(rest, |quote| rest.strip_prefix(quote).unwrap_or(rest));
    is_word.then_some(Heredoc {
        end,
        is_quoted: quote.is_some(),
        is_indented,
        around: (&line[..at], rest),
    })
}

/// The file that a line with a text writes to, and whether it appends.
fn target<'a>(line: &'a str, here: &Heredoc<'a>) -> Option<(&'a str, bool)> {
    let (before, after) = here.around;
    // Only the command that takes the text counts.
    let own = before.rsplit(['|', ';', '&']).next().unwrap_or(before);
    let rest = after.split(['|', ';']).next().unwrap_or(after);
    let piped = after.split_once('|').map_or("", |(_, piped)| piped);
    let redirected = [own, rest].into_iter().find_map(redirection);
    if let Some(found) = redirected
        && own.trim_start().starts_with("cat")
    {
        return Some(found);
    }
    let tee = [own, piped].into_iter().find_map(|part| {
        let arguments = part
            .trim_start()
            .strip_prefix("sudo ")
            .unwrap_or(part.trim_start());
        arguments.strip_prefix("tee ")
    });
    let tee = tee.filter(|_| !line.contains("<<<"))?;
    let words = tee
        .split_whitespace()
        .take_while(|word| !word.starts_with(['>', '<', '|']));
    let (flags, paths): (Vec<&str>, Vec<&str>) = words.partition(|word| word.starts_with('-'));
    Some((unquoted(paths.first()?), flags.contains(&"-a")))
}

/// The file of `> file` or `>> file`.
fn redirection(part: &str) -> Option<(&str, bool)> {
    let at = part.find('>')?;
    let is_error = part[..at].ends_with(['2', '&']);
    let appends = part[at..].starts_with(">>");
    let rest = part[at..].trim_start_matches('>').trim_start();
    let path = word(rest);
    (!is_error && !path.is_empty() && !path.starts_with('&')).then_some((path, appends))
}

/// The first word of a command line, without its quotes.
fn word(text: &str) -> &str {
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let inner = &text[1..];
            inner.split(quote).next().unwrap_or(inner)
        }
        _ => text
            .split(|c: char| c.is_whitespace() || matches!(c, ';' | '&' | '|'))
            .next()
            .unwrap_or(text),
    }
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['"', '\''])
}

/// The directory after a line that may change it with `cd`.
fn changed_directory(line: &str, before: String) -> String {
    let mut directory = before;
    for part in line.split("&&").flat_map(|part| part.split(';')) {
        let Some(rest) = part.trim().strip_prefix("cd ") else {
            continue;
        };
        let to = word(rest.trim());
        let is_absolute = to.starts_with('/') || to.as_bytes().get(1) == Some(&b':');
        directory = match directory.is_empty() || is_absolute {
            true => to.to_owned(),
            false => format!("{directory}/{to}"),
        };
    }
    directory
}

/// Old and new names of the files that a command line moves.
pub(crate) fn renames(command: &str) -> Vec<(String, String)> {
    let mut renames = Vec::new();
    let mut directory = String::new();
    for line in command.lines().take(200) {
        directory = changed_directory(line, directory);
        for part in line.split("&&").flat_map(|part| part.split(';')) {
            let part = part.trim();
            let part = part.strip_prefix("git ").unwrap_or(part);
            let Some(rest) = part.strip_prefix("mv ") else {
                continue;
            };
            let words: Vec<&str> = rest
                .split_whitespace()
                .map(unquoted)
                .filter(|word| !word.starts_with('-'))
                .collect();
            if let [old, new] = words[..] {
                let at = |path: &str| match path.starts_with('/') || directory.is_empty() {
                    true => path.to_owned(),
                    false => format!("{directory}/{path}"),
                };
                renames.push((at(old), at(new)));
            }
        }
    }
    renames
}

/// The pieces of a command line that may be paths, in its order: what stands between white space, quotes,
/// backquotes, parentheses and the signs `> < ; | & , =`. It is a guess that knows no shell's grammar:
/// programs and options are among the pieces, a path with blanks in it comes in several, no escape is
/// undone, and nothing is looked up on disk. Use it to see whether a command names a certain file.
pub fn words(command: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '"' | '\'' | '`' | '(' | ')' | '>' | '<' | ';' | '|' | '&' | ',' | '='
            )
    };
    command.split(ends).filter(|word| !word.is_empty())
}

/// The texts that `sed` and `perl` put in place of others: the second parts of `s/…/…/` in a command line,
/// in its order. `/` may also be `|`, `#`, `,`, `@` or `!`. Left out are those of less than four bytes and
/// those with a `\`, `$` or newline in them, which don't stand for themselves.
#[must_use]
pub fn replacements(command: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in command.match_indices("s") {
        let starts_word = command[..at]
            .chars()
            .next_back()
            .is_none_or(|c| !c.is_alphanumeric());
        let Some(mark) = command[at + 1..]
            .chars()
            .next()
            .filter(|c| "/|#,@!".contains(*c))
        else {
            continue;
        };
        let mut parts = command[at + 1 + mark.len_utf8()..].splitn(3, mark);
        if let (true, Some(_), Some(new), Some(_)) =
            (starts_word, parts.next(), parts.next(), parts.next())
            && new.len() >= 4
            && !new.contains(['\\', '\n', '$'])
        {
            found.push(new.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(command: &str, path: &str, content: &str, is_exact: bool) {
        let writes = edits(command);
        assert_eq!(writes.len(), 1, "{command}");
        assert_eq!(writes[0].path, path, "{command}");
        assert_eq!(writes[0].is_exact, is_exact, "{command}");
        let (LoggedChange::Whole(text) | LoggedChange::Append(text)) = &writes[0].change else {
            panic!("a text: {command}");
        };
        assert_eq!(text, content, "{command}");
    }

    #[test]
    fn heredocs_write_files() {
        check(
            "cat > a.txt <<'EOF'\none\ntwo\nEOF\n",
            "a.txt",
            "one\ntwo\n",
            true,
        );
        check("cat <<EOF >a.txt\n$x\nEOF", "a.txt", "$x\n", false);
        check(
            "cd sub && cat <<\"END\" >> 'b c.txt'\nx\nEND\nls",
            "sub/b c.txt",
            "x\n",
            true,
        );
        check(
            "mkdir -p x && tee x/a <<-EOF\n\tone\n\tEOF",
            "x/a",
            "one\n",
            true,
        );
        check("cat <<'E' | tee -a log\nl\nE", "log", "l\n", true);
        check(
            "ls\ncat > /abs/a <<EOF\nx\nEOF\necho > b",
            "/abs/a",
            "x\n",
            true,
        );
    }

    #[test]
    fn what_is_no_file_is_not_written() {
        for command in [
            "python3 - <<'EOF'\nprint(1)\nEOF",
            "cat <<EOF\nx\nEOF",
            "echo $((1 << 2))",
            "grep x <<< 'text'",
            "git commit -m \"$(cat <<'EOF'\nmessage\nEOF\n)\"",
        ] {
            assert!(edits(command).is_empty(), "{command}");
        }
    }

    #[test]
    fn diffs_in_commands_are_patches() {
        let found = edits("git apply <<'P'\n--- a/s.rs\n+++ b/s.rs\n@@ -1 +1 @@\n-a\n+b\nP");
        assert_eq!(found[0].path, "s.rs");
    }

    #[test]
    fn moves_and_replacements_are_read() {
        let moved = renames("cd src && git mv -f old.rs new.rs; mv 'a' b");
        assert_eq!(moved[0], ("src/old.rs".to_owned(), "src/new.rs".to_owned()));
        assert_eq!(moved.len(), 2);
        assert_eq!(
            replacements("sed -i 's/old name/new name/g' x"),
            ["new name"]
        );
    }
}
