//! A project that sessions work in: its identifiers, its files, and their slow change.

use super::rng::Rng;
use super::words::WordTable;

/// A directory of source files.
pub(super) struct Project {
    /// Its working directory.
    pub(super) cwd: String,
    /// Its branches.
    pub(super) branches: Vec<String>,
    /// Names that its code uses, the frequent ones first.
    pub(super) names: Vec<String>,
    /// Its files.
    pub(super) files: Vec<SourceFile>,
    /// What it is about.
    pub(super) topic: Vec<String>,
}

/// One file of a project.
pub(super) struct SourceFile {
    /// Absolute path.
    pub(super) path: String,
    /// Its lines.
    pub(super) lines: Vec<String>,
}

const PERSON_NAMES: &[&str] = &["ada", "grace", "edsger"];
const FILE_EXTENSIONS: &[&str] = &[
    "rs", "rs", "ts", "ts", "py", "go", "tsx", "sql", "toml", "md",
];

impl Project {
    /// The project of that number.
    pub(super) fn new(words: &WordTable, seed: u64, number: usize) -> Self {
        let mut rng = Rng::new(seed, 0x9000 + number as u64);
        let topic: Vec<String> = (0..60)
            .map(|_| words.content(&mut rng).to_owned())
            .collect();
        let cwd = format!("/home/{}/src/{}-{number}", rng.pick(PERSON_NAMES), topic[0]);
        let names: Vec<String> = (0..700).map(|_| name(words, &mut rng, &topic)).collect();
        let mut project = Self {
            branches: branches(&mut rng, &topic),
            cwd,
            names,
            files: Vec::new(),
            topic,
        };
        for _ in 0..rng.range(30, 70) {
            let file = project.file(&mut rng);
            project.files.push(file);
        }
        project
    }

    /// What Claude Code calls its directory.
    pub(super) fn slug(&self) -> String {
        self.cwd
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect()
    }

    /// A file with code in it.
    pub(super) fn file(&self, rng: &mut Rng) -> SourceFile {
        let folders = [
            "src",
            "lib",
            "tests",
            "internal",
            "app/components",
            "crates/core/src",
        ];
        let stem = rng.favour(&self.names).to_lowercase();
        let path = format!(
            "{}/{}/{}/{stem}.{}",
            self.cwd,
            rng.pick(&folders),
            rng.favour(&self.topic),
            rng.pick(FILE_EXTENSIONS)
        );
        let count = rng.range(20, 60) + rng.below(14) * rng.below(28);
        let mut depth = 0;
        let lines = (0..count).map(|_| self.line(rng, &mut depth)).collect();
        SourceFile { path, lines }
    }

    /// A line of code, indented by `depth`.
    pub(super) fn line(&self, rng: &mut Rng, depth: &mut usize) -> String {
        let names = &self.names;
        let mut name = || rng.favour(names).as_str();
        let (a, b, c) = (name(), name(), name());
        let number = rng.below(4096);
        let body = match rng.below(16) {
            0 => return String::new(),
            1 if *depth == 0 => format!("pub fn {a}({b}: &{c}) -> Result<{c}> {{"),
            1 => format!("if {a}.{b}() {{"),
            2 if *depth > 0 => "}".to_owned(),
            2 => format!("use {a}::{b};"),
            3 => format!("let {a} = {b}({c}, {number});"),
            4 => format!("// {a} must not change while {b} holds the {c}"),
            5 => format!("for {a} in {b}.iter() {{"),
            6 => format!("return Err({a}::new(\"{b} failed: {c}\"));"),
            7 => format!("assert_eq!({a}.{b}(), {number});"),
            8 => format!("{a}.{b}({c});"),
            9 => format!("const {}: usize = {number};", a.to_uppercase()),
            10 => format!("self.{a} = {b}.{c}.clone();"),
            11 => format!("match {a} {{ Some({b}) => {c}({b}), None => {number} }}"),
            12 => format!("log.debug(\"{a} {b} {{}}\", {c});"),
            13 => format!("\"{a}\": {{ \"{b}\": {number}, \"{c}\": null }},"),
            14 => format!("await {a}.{b}(async ({c}) => {c}.{a});"),
            _ => format!("let mut {a} = self.{b}.{c}()?;"),
        };
        if body == "}" {
            *depth -= 1;
        }
        let line = format!("{}{body}", "    ".repeat(*depth));
        if body.ends_with('{') && *depth < 5 {
            *depth += 1;
        }
        line
    }
}

fn branches(rng: &mut Rng, topic: &[String]) -> Vec<String> {
    let mut branches = vec!["main".to_owned()];
    for _ in 0..5 {
        branches.push(format!(
            "{}/{}",
            rng.pick(&["feature", "fix"]),
            rng.pick(topic)
        ));
    }
    branches
}

/// An identifier of one to three words, in one of the usual spellings.
fn name(words: &WordTable, rng: &mut Rng, topic: &[String]) -> String {
    let mut parts = Vec::new();
    for _ in 0..rng.range(1, 4) {
        let word = if rng.chance(0.4) {
            rng.pick(topic)
        } else {
            words.technical(rng)
        };
        parts.push(word.to_owned());
    }
    if rng.chance(0.6) {
        return parts.join("_");
    }
    let upper_first = usize::from(rng.chance(0.6));
    for part in &mut parts[upper_first..] {
        part[..1].make_ascii_uppercase();
    }
    parts.concat()
}
