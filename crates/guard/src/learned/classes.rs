//! What stands for others of its kind in a text: addresses, hosts, file names, numbers, names. A model that
//! learned from them would know the examples' hosts and people rather than what is said, so each is one
//! word, the name of its class.

use std::ops::Range;

/// What a run of letters, digits and signs is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WordClass {
    /// A web address or a host.
    Url,
    /// A mail address.
    Mail,
    /// The name of a file or a path.
    Path,
    /// A path by whose name something is kept secret there: `~/.ssh/id_rsa`, `.env`.
    SecretPath,
    /// A number, a date, a version, an amount.
    Number,
    /// Letters and digits mixed: an identifier, a model's name, a hash.
    Id,
    /// A person, a place, a firm, a product.
    Name,
}

impl WordClass {
    /// Stands for the word in features.
    pub(super) fn hash(self) -> u32 {
        0x00c1_a550 + self as u32
    }
}

/// Endings of hosts, beside which other endings are those of files or no endings.
#[rustfmt::skip]
const HOST_ENDINGS: &[&str] = &[
    "ai", "app", "at", "au", "be", "biz", "br", "ca", "ch", "cloud", "cn", "co", "com", "cz", "de", "dev", "dk", "edu", "es", "eu", "example", "fi",
    "fr", "gov", "gr", "hu", "ie", "il", "in", "info", "int", "internal", "invalid", "io", "ir", "is", "it", "jp", "kr", "link", "local", "localhost", "me", "mil",
    "mx", "net", "nl", "no", "nz", "online", "onion", "org", "page", "pl", "pt", "ro", "ru", "se", "shop", "site", "store", "tech", "test", "to",
    "top", "tr", "tv", "ua", "uk", "us", "vn", "xyz", "za",
];

/// Endings of files.
#[rustfmt::skip]
const FILE_ENDINGS: &[&str] = &[
    "bak", "bash", "bat", "bin", "c", "cc", "cfg", "conf", "cpp", "cs", "css", "csv", "db", "dll", "doc", "docx", "env", "exe", "gif", "go", "gz",
    "h", "hpp", "htm", "html", "ico", "ini", "ipynb", "jar", "java", "jpeg", "jpg", "js", "json", "jsonl", "jsx", "key", "kt", "lock", "log", "lua",
    "md", "mdx", "mjs", "mp3", "mp4", "odt", "p12", "pdf", "pem", "php", "pl", "png", "po", "ppt", "pptx", "ps1", "py", "pyi", "r", "rb", "rs", "rst",
    "rtf", "scala", "sh", "sql", "sqlite", "svg", "swift", "tar", "tex", "tf", "tgz", "toml", "ts", "tsv", "tsx", "txt", "vue", "wav", "webp",
    "xls", "xlsx", "xml", "yaml", "yml", "zip", "zsh",
];

/// Parts of paths under which secrets are kept.
#[rustfmt::skip]
const SECRET_PARTS: &[&str] = &[
    ".aws", ".env", ".git-credentials", ".gnupg", ".kube", ".netrc", ".npmrc", ".pgpass", ".pypirc", ".ssh", "credential", "id_ed25519",
    "id_rsa", "keychain", "passwd", "password", "secret", "shadow", "token", "wallet",
];

/// Who is spoken to with an `@` without being a person.
const SPOKEN_TO: &[&str] = &[
    "ai",
    "agent",
    "all",
    "assistant",
    "bot",
    "channel",
    "chatgpt",
    "claude",
    "codex",
    "copilot",
    "cursor",
    "everyone",
    "gemini",
    "gpt",
    "here",
];

/// The classes in a normalised text in lower case, in order, without overlaps; names aren't among them.
pub(super) fn classes(text: &str) -> Vec<(Range<usize>, WordClass)> {
    let mut out = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !is_part(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && is_part(bytes[at]) {
            at += 1;
        }
        // A letter of another script beside it: a word of that script, unless signs set it apart.
        let run = trimmed(text, start..at);
        if let Some(class) = class_of(&text[run.clone()]) {
            out.push((run, class));
        }
    }
    out
}

/// Signs that are part of addresses, paths and numbers.
fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'.' | b'/'
                | b':'
                | b'@'
                | b'_'
                | b'\\'
                | b'-'
                | b'+'
                | b'%'
                | b'~'
                | b'?'
                | b'='
                | b'&'
                | b'#'
                | b'$'
                | b'!'
                | b'*'
        )
}

fn trimmed(text: &str, mut run: Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    while run.start < run.end && b":?=&!*_-+#%".contains(&bytes[run.start]) {
        run.start += 1;
    }
    while run.start < run.end && b".:?!*_-+#=&".contains(&bytes[run.end - 1]) {
        run.end -= 1;
    }
    run
}

fn class_of(run: &str) -> Option<WordClass> {
    let bytes = run.as_bytes();
    let has = |sign: u8| memchr::memchr(sign, bytes).is_some();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits == 0 && !has(b'.') && !has(b'@') && !has(b'/') && !has(b'\\') {
        return None;
    }
    if run.contains("://") || run.starts_with("www.") || run.starts_with("mailto:") {
        return Some(WordClass::Url);
    }
    if let Some((before, after)) = run.split_once('@') {
        if before.is_empty() {
            return (!SPOKEN_TO.contains(&after)).then_some(WordClass::Name);
        }
        return Some(if after.contains('.') {
            WordClass::Mail
        } else {
            WordClass::Id
        });
    }
    if has(b'/') || has(b'\\') {
        return path_class(run, digits);
    }
    if let Some((stem, ending)) = run.rsplit_once('.') {
        if FILE_ENDINGS.contains(&ending) {
            return Some(secret_or(run, WordClass::Path));
        }
        if HOST_ENDINGS.contains(&ending) && stem.len() >= 2 {
            return Some(WordClass::Url);
        }
    }
    if digits == 0 {
        return None;
    }
    let letters = bytes
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .count();
    Some(if letters <= 1 || letters * 2 < digits {
        WordClass::Number
    } else {
        WordClass::Id
    })
}

/// The class of what has a slash: a path, a host with a path, a date, or words between slashes.
fn path_class(run: &str, digits: usize) -> Option<WordClass> {
    let slashes = run
        .bytes()
        .filter(|byte| matches!(byte, b'/' | b'\\'))
        .count();
    let letters = run.bytes().filter(u8::is_ascii_alphabetic).count();
    if letters == 0 {
        return (digits > 0).then_some(WordClass::Number);
    }
    let first = run.split('/').next().unwrap_or_default();
    if let Some((stem, ending)) = first.rsplit_once('.')
        && HOST_ENDINGS.contains(&ending)
        && !stem.is_empty()
    {
        return Some(WordClass::Url);
    }
    let is_path = run.starts_with(['/', '.', '~']) && run.len() > 1
        || run.contains(['.', '_', '\\'])
        || slashes >= 2
        || digits > 0;
    is_path.then(|| secret_or(run, WordClass::Path))
}

fn secret_or(run: &str, class: WordClass) -> WordClass {
    if SECRET_PARTS.iter().any(|part| run.contains(part)) {
        WordClass::SecretPath
    } else {
        class
    }
}

#[cfg(test)]
mod tests {
    use super::{WordClass, classes};

    #[test]
    fn each_is_of_its_class_and_words_are_of_none() {
        use WordClass::{Id, Mail, Name, Number, Path, SecretPath, Url};
        for (text, expected) in [
            ("see https://a.example/x?q=1, or bb.org.", vec![Url, Url]),
            ("mail ada@harbour.example now", vec![Mail]),
            ("open src/main.rs and notes.md", vec![Path, Path]),
            ("cat ~/.ssh/id_rsa and .env", vec![SecretPath, SecretPath]),
            ("on 2024-05-01 at 10:30 pay $30,000.50", vec![Number; 4]),
            ("model gpt4-turbo, commit 3fa9c1d", vec![Id, Id]),
            ("@ada asks @assistant", vec![Name]),
            ("and/or yes/no, e.g. this. a well-known one", vec![]),
            ("访问https://a.example吧", vec![Url]),
        ] {
            let found: Vec<_> = classes(text).into_iter().map(|(_, class)| class).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
