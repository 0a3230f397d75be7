//! Settings files made at random, the program's own and those of assistants: whatever is in one, the program
//! says what is wrong with it or uses it, `setup` changes nothing that it doesn't understand, and
//! `setup --remove` gives a file its old bytes back.

use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::args::ChoreArgs;
use crate::logs::Rng;
use crate::program::{Program, ProgramHome};

/// Files of assistants that `setup` changes: the client, the file below the home, sound contents.
const CLIENT_FILES: [(&str, &str, &[&str]); 5] = [
    (
        "claude-code",
        ".claude.json",
        &[
            "{\n  \"numStartups\": 12, // mine\n  \"mcpServers\": {\"lorekeep\": {\"command\": \"x\"}}\n}\n",
            "{\"mcpServers\": {}, \"projects\": {\"/home/ada\": {\"history\": [\"\\u202e\", 1e9, null]}}}",
            "",
        ],
    ),
    (
        "codex",
        ".codex/config.toml",
        &[
            "# mine\nmodel = \"o\"\n[mcp_servers.other]\ncommand = 'x'\nargs = [\n  \"a\", # b\n]\n",
            "[mcp_servers]\nlorekeep = { command = \"y\", env = { A = \"1\" } }\n[[profiles]]\nname=\"z\"\n",
            "a.b.\"c d\" = 2026-01-01T00:00:00Z\r\nx = [1, 0x2, 1_0.5e3, inf]\r\n",
        ],
    ),
    (
        "cursor",
        ".cursor/mcp.json",
        &[
            "{ /* here */ \"mcpServers\" : { \"a\":{\"command\":\"b\",}, } }\n",
            "{}",
        ],
    ),
    (
        "gemini-cli",
        ".gemini/settings.json",
        &[
            "{\"theme\":\"x\",\"mcpServers\":{\"q\":{\"url\":\"http://h\"}},\"hooks\":{\"a\":[]}}\n",
            "\u{feff}{}\n",
        ],
    ),
    (
        "windsurf",
        ".codeium/windsurf/mcp_config.json",
        &["{\r\n\t\"mcpServers\": null\r\n}", "[]"],
    ),
];

/// Sound settings of the program.
const OWN_SETTINGS: &[&str] = &[
    "[guard]\npatterns = ['pii STAFF = EMP-[0-9]{4}']\nallow = [\"x\"]\n[search]\nlimit = 7\n",
    "[import]\non_search = true\nclaude_dirs = [\"~/a\", \"/b\"]\n[mcp]\ntools = \"compact\"\nmax_tokens = 4000\n",
    "[model]\nname = \"all-MiniLM-L6-v2\"\n[self_reflect]\nqdrant_url = \"http://localhost:6333\"\n",
];

/// What is put where it doesn't belong.
const MISPLACED_PARTS: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b"[[",
    b"\"",
    b"'",
    b"'''",
    b"\"\"\"",
    b"\\",
    b"\\u",
    b"\\ud800",
    b",",
    b":",
    b"=",
    b".",
    b"#",
    b"//",
    b"/*",
    b"*/",
    b"\n",
    b"\r",
    b"\t",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xae",
    b"\x1b[2J",
    b"mcpServers",
    b"mcp_servers",
    b"lorekeep",
    b"[mcp_servers.lorekeep]\n",
    b"\"lorekeep\": 1,",
    b"{\"a\":",
    b"guard",
    b"9223372036854775808",
    b"1e999",
    b"-0",
    b"null",
    b"true",
    b"~",
    b"$HOME",
    b"..",
];

/// `cargo xtask check settings [--rounds N] [--seconds S] [--seed S] [--bin PATH]`.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let rounds: u64 = args.option("--rounds")?.unwrap_or(2_000);
    let seconds: u64 = args.option("--seconds")?.unwrap_or(600);
    let seed: u64 = args.option("--seed")?.unwrap_or(1);
    let bin: Option<std::path::PathBuf> = args.option("--bin")?;
    args.finish()?;
    let bin = bin.unwrap_or_else(|| crate::repo::target_dir().join("release/lorekeep"));
    let home = ProgramHome::new("settings")?;
    let program = Program::new(&bin, &home)?;
    let ends = Instant::now() + Duration::from_secs(seconds);
    let (mut round, mut changed) = (0, 0_u64);
    while round < rounds && Instant::now() < ends {
        let mut chance = Rng::new(seed, round);
        own(&program, &home, &mut chance)?;
        changed += u64::from(client(&program, &home, &mut chance)?);
        round += 1;
    }
    println!("settings: {round} rounds, {changed} files changed and given back");
    ensure!(
        round < 20 || changed > 0,
        "no file was sound enough to be changed"
    );
    Ok(())
}

/// The program's own settings: used, or refused with what is wrong.
fn own(program: &Program, home: &ProgramHome, chance: &mut Rng) -> anyhow::Result<()> {
    let file = home.lorekeep().join("config.toml");
    fs_err::create_dir_all(home.lorekeep())?;
    fs_err::write(&file, mutated(OWN_SETTINGS, chance))?;
    let ended = ended(program, &["config", "check"], &file);
    fs_err::remove_file(&file)?;
    ended.map(|_| ())
}

/// A file of an assistant: as it was unless `setup` succeeds, and as it was again once taken back.
fn client(program: &Program, home: &ProgramHome, chance: &mut Rng) -> anyhow::Result<bool> {
    let (id, name, sound) = chance.pick(&CLIENT_FILES);
    let file = home.path().join(name);
    let before = mutated(sound, chance);
    fs_err::create_dir_all(file.parent().unwrap_or(home.path()))?;
    fs_err::write(&file, &before)?;
    let code = ended(program, &["setup", id, "--yes"], &file)?;
    let is_changed = fs_err::read(&file)? != before;
    ensure!(
        code == 0 || !is_changed,
        "setup {id} failed and changed\n{}",
        shown(&before)
    );
    ended(program, &["setup", id, "--remove", "--yes"], &file)?;
    let after = fs_err::read(&file)?;
    ensure!(
        after == before,
        "setup {id} --remove made\n{}\nof\n{}",
        shown(&after),
        shown(&before)
    );
    fs_err::remove_file(&file)?;
    Ok(is_changed)
}

/// How a run ended, unless that is by a bug.
fn ended(program: &Program, arguments: &[&str], file: &std::path::Path) -> anyhow::Result<i32> {
    let words: Vec<&std::ffi::OsStr> = arguments.iter().map(std::ffi::OsStr::new).collect();
    let outcome = program.outcome(&words)?;
    let code = outcome.code.filter(|code| (0..=2).contains(code));
    let is_plain = !outcome.stderr.contains(['\u{1b}', '\u{202e}', '\0']);
    match code.filter(|_| is_plain) {
        Some(code) => Ok(code),
        None => anyhow::bail!(
            "{arguments:?} ended with {:?}: {}\nwith\n{}",
            outcome.code,
            outcome.stderr,
            shown(&fs_err::read(file).unwrap_or_default())
        ),
    }
}

fn shown(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// Sound contents with up to four mistakes; now and then without any.
fn mutated(sound: &[&str], chance: &mut Rng) -> Vec<u8> {
    let mut bytes = chance.pick(sound).as_bytes().to_vec();
    for _ in 0..chance.below(5) {
        let at = chance.below(bytes.len() + 1);
        match chance.below(6) {
            0 => bytes.truncate(at),
            1 if at < bytes.len() => {
                bytes.remove(at);
            }
            2 => {
                // A part of it twice.
                let end = at + chance.below(bytes.len() - at + 1);
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            3 => {
                let part = chance.pick(MISPLACED_PARTS).repeat(1 + chance.below(300));
                bytes.splice(at..at, part);
            }
            _ => {
                let part = chance.pick(MISPLACED_PARTS).to_vec();
                bytes.splice(at..at, part);
            }
        }
    }
    bytes
}
