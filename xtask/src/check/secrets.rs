//! Secrets planted in real logs: after an import and every way of reading and writing, no file below
//! the home and no answer may hold one.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::args::ChoreArgs;
use crate::logs::Rng;
use crate::program::{Program, ProgramHome, walk};

const ALPHANUMERIC_ALPHABET: &[u8] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX_ALPHABET: &[u8] = b"0123456789abcdef";
const BASE32_ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Formats of keys: a name, what the key begins with (in halves, so that no scanner takes this file
/// for a leak), its alphabet and the length of the rest.
const KEY_FORMATS: &[(&str, [&str; 2], &[u8], usize)] = &[
    ("github", ["gh", "p_"], ALPHANUMERIC_ALPHABET, 36),
    ("gitlab", ["glp", "at-"], ALPHANUMERIC_ALPHABET, 20),
    ("aws", ["AK", "IA"], BASE32_ALPHABET, 16),
    ("stripe", ["sk_", "live_"], ALPHANUMERIC_ALPHABET, 24),
    (
        "slack",
        ["xox", "b-274918305562-6650193847215-"],
        ALPHANUMERIC_ALPHABET,
        24,
    ),
    ("google", ["AI", "za"], ALPHANUMERIC_ALPHABET, 35),
    ("npm", ["np", "m_"], ALPHANUMERIC_ALPHABET, 36),
    ("hugging face", ["h", "f_"], ALPHANUMERIC_ALPHABET, 34),
    (
        "sendgrid",
        ["SG", ".Jx7QpLz2Vn0RkTb5WcYd9M."],
        ALPHANUMERIC_ALPHABET,
        43,
    ),
    ("digitalocean", ["dop", "_v1_"], HEX_ALPHABET, 64),
];

/// What a key stands in: before and after it.
const KEY_SURROUNDINGS: &[(&str, &str)] = &[
    (" ", " "),
    (" export TOKEN=", "\n"),
    (" {\"token\": \"", "\"} "),
    ("\n+  api_key: '", "'\n"),
    (" curl -H 'Authorization: Bearer ", "' "),
    (" https://example.org/?key=", "&x=1 "),
];

/// `cargo xtask check secrets DIR [--share P] [--seed S] [--bin PATH] [--models DIR]`.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let share = args.option("--share")?.unwrap_or(0.2_f64);
    let seed = args.option("--seed")?.unwrap_or(1);
    let home = ProgramHome::new("secrets")?;
    let program = Program::from_args(&mut args, &home)?;
    let logs: PathBuf = args.word().context("which directory of logs?")?.into();
    args.finish()?;

    let planted_logs = ProgramHome::new("secrets-logs")?;
    let mut planter = Planter {
        rng: Rng::new(seed, 0x5EC2),
        share,
        planted: Vec::new(),
    };
    let mut files = 0;
    for file in walk(&logs)? {
        let to = planted_logs.path().join(file.strip_prefix(&logs)?);
        files += usize::from(planter.copy(&file, &to)?);
    }
    println!("{} secrets planted in {files} logs", planter.planted.len());

    program.import(planted_logs.path(), &[program.embedding()])?;
    let leaked = Leaked::look(&program, &home, &planter.planted)?;
    leaked.print(&planter.planted);
    if leaked.secrets.is_empty() {
        Ok(())
    } else {
        bail!("{} secrets got through", leaked.secrets.len())
    }
}

/// A secret and what it is.
struct Planted {
    format: &'static str,
    around: usize,
    value: String,
}

struct Planter {
    rng: Rng,
    share: f64,
    planted: Vec<Planted>,
}

impl Planter {
    /// Copies a log of JSON lines with secrets in some of its texts; anything else isn't copied.
    fn copy(&mut self, from: &Path, to: &Path) -> anyhow::Result<bool> {
        if from
            .extension()
            .is_none_or(|extension| extension != "jsonl")
        {
            return Ok(false);
        }
        let text = String::from_utf8_lossy(&fs_err::read(from)?).into_owned();
        let mut out = String::with_capacity(text.len());
        for line in text.lines() {
            match serde_json::from_str::<Value>(line) {
                Ok(mut value) => {
                    if self.rng.chance(self.share) {
                        self.plant(&mut value);
                    }
                    out.push_str(&value.to_string());
                }
                Err(_) => out.push_str(line),
            }
            out.push('\n');
        }
        fs_err::create_dir_all(to.parent().context("a file in a directory")?)?;
        fs_err::write(to, out)?;
        Ok(true)
    }

    /// Puts a secret into one of the texts of a record, where one word ends.
    fn plant(&mut self, record: &mut Value) {
        let mut texts = Vec::new();
        texts_of(record, &mut texts);
        if texts.is_empty() {
            return;
        }
        let chosen = self.rng.below(texts.len());
        let text = &mut *texts[chosen];
        let spaces: Vec<usize> = text.match_indices(' ').map(|(at, _)| at).collect();
        let at = *self.rng.pick(&spaces);
        let (format, [first, second], alphabet, length) = *self.rng.pick(KEY_FORMATS);
        let letter = |rng: &mut Rng| char::from(alphabet[rng.below(alphabet.len())]);
        let rest: String = (0..length).map(|_| letter(&mut self.rng)).collect();
        let value = format!("{first}{second}{rest}");
        let around = self.rng.below(KEY_SURROUNDINGS.len());
        let (before, after) = KEY_SURROUNDINGS[around];
        text.insert_str(at, &format!("{before}{value}{after}"));
        self.planted.push(Planted {
            format,
            around,
            value,
        });
    }
}

/// Strings of several words: what somebody said or a program printed, rather than an id or a type.
fn texts_of<'a>(value: &'a mut Value, out: &mut Vec<&'a mut String>) {
    match value {
        Value::String(text) if text.contains(' ') => out.push(text),
        Value::Array(items) => items.iter_mut().for_each(|item| texts_of(item, out)),
        Value::Object(fields) => fields.values_mut().for_each(|field| texts_of(field, out)),
        _ => {}
    }
}

/// Where secrets were found that shouldn't be anywhere.
#[derive(Default)]
struct Leaked {
    secrets: HashSet<usize>,
    places: Vec<(String, usize)>,
}

impl Leaked {
    fn look(program: &Program, home: &ProgramHome, planted: &[Planted]) -> anyhow::Result<Self> {
        let mut leaked = Self::default();
        let answers: [&[&str]; 6] = [
            &["export", "--format", "jsonl"],
            &["export", "--format", "markdown"],
            &["recent", "--project", "all", "--limit", "100", "--json"],
            &[
                "timeline",
                "--project",
                "all",
                "--since",
                "2000-01-01",
                "--json",
            ],
            &[
                "search",
                "token key",
                "--project",
                "all",
                "--limit",
                "1000",
                "--json",
            ],
            &["projects", "--json"],
        ];
        for arguments in answers {
            let text = program.run(arguments)?.stdout;
            leaked.search(
                &format!("lorekeep {}", arguments.join(" ")),
                text.as_bytes(),
                planted,
            );
        }
        for file in walk(&home.lorekeep())? {
            if file.components().any(|part| part.as_os_str() == "models") {
                continue;
            }
            let shown = file.strip_prefix(home.path())?.display().to_string();
            leaked.search(&shown, &fs_err::read(&file)?, planted);
        }
        Ok(leaked)
    }

    /// Looks for each secret's random part in any case, since indexes keep words in lower case.
    fn search(&mut self, place: &str, bytes: &[u8], planted: &[Planted]) {
        let lower = bytes.to_ascii_lowercase();
        // Words of the length of a planted key's last eight letters, looked up instead of searched
        // for one by one: there may be thousands of secrets and hundreds of megabytes.
        let mut ends: HashMap<[u8; 8], Vec<usize>> = HashMap::new();
        for (index, secret) in planted.iter().enumerate() {
            let value = secret.value.to_ascii_lowercase();
            if let Some(end) = value.as_bytes().last_chunk::<8>() {
                ends.entry(*end).or_default().push(index);
            }
        }
        let mut found: HashSet<usize> = HashSet::new();
        for window in lower.windows(8) {
            let Ok(window) = <[u8; 8]>::try_from(window) else {
                continue;
            };
            if let Some(indexes) = ends.get(&window) {
                found.extend(indexes);
            }
        }
        if !found.is_empty() {
            self.places.push((place.to_owned(), found.len()));
            self.secrets.extend(found);
        }
    }

    fn print(&self, planted: &[Planted]) {
        for (place, count) in &self.places {
            println!("{place}: {count} secrets");
        }
        for index in self.secrets.iter().take(20) {
            let secret = &planted[*index];
            let (before, after) = KEY_SURROUNDINGS[secret.around];
            println!("  {} as {before:?}…{after:?}", secret.format);
        }
        let kept = planted.len() - self.secrets.len();
        println!("{kept} of {} secrets are nowhere", planted.len());
    }
}
