//! Which files a command line reads: Codex looks at files by the shell's own programs.

/// Longest command line that is looked at, in bytes, and the files that are told of one.
const MAX_LINE_BYTES: usize = 16 << 10;
const MAX_FILES: usize = 16;

/// Programs that print files, with their options that take a value of their own.
const READERS: [(&str, &[&str]); 9] = [
    ("cat", &[]),
    (
        "bat",
        &["-r", "-l", "--line-range", "--language", "--style"],
    ),
    ("head", &["-n", "-c"]),
    ("tail", &["-n", "-c"]),
    ("nl", &["-b", "-n", "-w", "-s", "-v"]),
    ("less", &[]),
    ("more", &[]),
    ("wc", &[]),
    ("tac", &[]),
];

/// Programs whose first word is a script or a pattern, with their options that take a value, and those
/// options whose value stands for the first word.
const SEARCHERS: [(&str, &[&str], &[&str]); 7] = [
    ("sed", &[], &["-e", "-f"]),
    ("awk", &["-F", "-v"], &["-f"]),
    ("rg", RG_OPTIONS, &["-e", "-f"]),
    ("grep", GREP_OPTIONS, &["-e", "-f"]),
    ("egrep", GREP_OPTIONS, &["-e", "-f"]),
    ("fgrep", GREP_OPTIONS, &["-e", "-f"]),
    ("jq", &["--arg", "--indent"], &["-f"]),
];

const GREP_OPTIONS: &[&str] = &["-A", "-B", "-C", "-m", "--include", "--exclude"];
const RG_OPTIONS: &[&str] = &[
    "-A",
    "-B",
    "-C",
    "-g",
    "-m",
    "-t",
    "-T",
    "--glob",
    "--type",
    "--max-count",
    "--max-depth",
    "--sort",
];

/// Whether a path is one from a root on.
pub(super) fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '~']) || path.as_bytes().get(1) == Some(&b':')
}

/// The files that a command line reads, each once, as it names them.
pub(super) fn reads(line: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    if line.len() > MAX_LINE_BYTES || line.contains("<<") {
        return found;
    }
    let mut directory = String::new();
    for command in commands(line) {
        let words = command.iter().map(String::as_str);
        // Variables that are set for the program, and programs that run it.
        let mut words = words.skip_while(|word| {
            is_assignment(word) || matches!(*word, "sudo" | "time" | "command" | "env")
        });
        let Some(program) = words.next() else {
            continue;
        };
        let arguments: Vec<&str> = words.collect();
        if program == "cd" {
            directory = arguments
                .first()
                .map_or_else(String::new, |to| (*to).to_owned());
            continue;
        }
        for path in files_of(program, &arguments) {
            let path = match directory.as_str() {
                "" => path.to_owned(),
                _ if is_absolute(path) => path.to_owned(),
                directory => format!("{}/{path}", directory.trim_end_matches('/')),
            };
            if found.len() < MAX_FILES && !found.contains(&path) {
                found.push(path);
            }
        }
    }
    found
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
    })
}

fn files_of<'w>(program: &str, arguments: &[&'w str]) -> Vec<&'w str> {
    let program = program.rsplit('/').next().unwrap_or(program);
    let reader = READERS.iter().find(|(name, _)| *name == program);
    let searcher = SEARCHERS.iter().find(|(name, ..)| *name == program);
    let (options, scripts, has_script) = match (reader, searcher) {
        (Some((_, options)), _) => (*options, &[][..], false),
        (_, Some((_, options, scripts))) => (*options, *scripts, true),
        _ => return Vec::new(),
    };
    // What is edited in place isn't just read.
    if program == "sed" && arguments.iter().any(|word| word.starts_with("-i")) {
        return Vec::new();
    }
    let searches = program == "rg" || program.ends_with("grep");
    let mut has_script = has_script;
    let (mut files, mut words, mut is_rest) = (Vec::new(), arguments.iter().copied(), false);
    while let Some(word) = words.next() {
        if !is_rest && word.len() > 1 && word.starts_with('-') {
            is_rest = word == "--";
            if scripts.contains(&word) {
                has_script = false;
                words.next();
            } else if options.contains(&word) {
                words.next();
            }
        } else if has_script {
            has_script = false;
        } else if is_path(word) && (!searches || is_named_like_a_file(word)) {
            files.push(word);
        }
    }
    files
}

/// Whether a word may name a file. One that the shell makes something else of can't be told.
fn is_path(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or_default();
    let is_directory = matches!(name, "" | "." | "..");
    !is_directory && !word.contains(['*', '?', '$', '`', '{', '<', '>', '|', '&', ';'])
}

/// Whether a path is rather that of a file: programs that search take directories as well.
fn is_named_like_a_file(path: &str) -> bool {
    path.rsplit('/')
        .next()
        .is_some_and(|name| name.contains('.'))
}

/// The commands of a line, each as its words. Where the output goes is left out.
fn commands(line: &str) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let (mut word, mut is_word) = (String::new(), false);
    let mut chars = line.chars().peekable();
    let end_word = |all: &mut Vec<Vec<String>>, word: &mut String, is_word: &mut bool| {
        if std::mem::take(is_word)
            && let Some(command) = all.last_mut()
        {
            command.push(std::mem::take(word));
        }
    };
    while let Some(c) = chars.next() {
        match c {
            '\'' | '"' => {
                is_word = true;
                while let Some(inner) = chars.next().filter(|inner| *inner != c) {
                    match inner {
                        '\\' if c == '"' => word.extend(chars.next()),
                        inner => word.push(inner),
                    }
                }
            }
            '\\' => {
                is_word = true;
                word.extend(chars.next());
            }
            '|' | ';' | '&' | '\n' | '(' | ')' => {
                end_word(&mut all, &mut word, &mut is_word);
                all.push(Vec::new());
            }
            '<' | '>' => {
                // `2>` is no word, and neither is what follows.
                if !word.bytes().all(|byte| byte.is_ascii_digit()) {
                    end_word(&mut all, &mut word, &mut is_word);
                }
                word.clear();
                while chars.next_if(|c| matches!(c, '>' | '&' | ' ')).is_some() {}
                while chars
                    .next_if(|c| !c.is_whitespace() && !matches!(c, '|' | ';' | '&'))
                    .is_some()
                {}
                is_word = false;
            }
            c if c.is_whitespace() => end_word(&mut all, &mut word, &mut is_word),
            c => {
                is_word = true;
                word.push(c);
            }
        }
    }
    end_word(&mut all, &mut word, &mut is_word);
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn files_that_programs_of_the_shell_print_are_read() {
        let check = |line: &str, expected: &[&str]| assert_eq!(reads(line), expected, "{line}");
        check("sed -n 1,40p src/gate.rs", &["src/gate.rs"]);
        check("sed -n '1,40p' src/gate.rs | head -20", &["src/gate.rs"]);
        check("nl -ba 'my file.rs' | sed -n '1,5p'", &["my file.rs"]);
        check(
            "cat a.rs b.rs && tail -n 5 c.log",
            &["a.rs", "b.rs", "c.log"],
        );
        check("rg -n \"fn jam\" src/gate.rs -A 3", &["src/gate.rs"]);
        check("rg -e jam -g '*.rs' src", &[]);
        check("grep -rn jam .", &[]);
        check(
            "cd crates/mill && cat src/lib.rs 2>/dev/null",
            &["crates/mill/src/lib.rs"],
        );
        check("head -c 100 < in.txt > out.txt", &[]);
        check("RUST_LOG=1 cat /etc/hosts; cat /etc/hosts", &["/etc/hosts"]);
        check("sed -i s/a/b/ x.rs", &[]);
        check("cat > x.rs <<'E'\nfn\nE", &[]);
        check("cargo test gate.rs", &[]);
        check("cat *.rs $FILE", &[]);
        check("cat", &[]);
    }

    proptest! {
        #[test]
        fn no_line_is_too_odd(line in "[-a-z ./|;&<>'\"\\\\$\n]{0,60}") {
            let found = reads(&line);
            prop_assert!(found.len() <= MAX_FILES);
            prop_assert!(found.iter().all(|path| !path.is_empty()));
        }
    }
}
