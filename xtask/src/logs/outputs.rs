//! What commands print: builds, tests, listings, logs, version control.

use std::fmt::Write;

use super::project::Project;
use super::rng::Rng;

/// A command and its description.
pub(super) fn command(project: &Project, rng: &mut Rng) -> (String, String) {
    let file = &rng.favour(&project.files).path;
    let (a, b) = (rng.favour(&project.names), rng.favour(&project.names));
    let command = match rng.below(9) {
        0 => format!("cargo test --workspace {a} 2>&1 | tail -50"),
        1 => "git status && git diff --stat".to_owned(),
        2 => format!("git log --oneline -20 -- {file}"),
        3 => format!("ls -la {}/src", project.cwd),
        4 => format!("cd {} && npm run build", project.cwd),
        5 => format!("rg -n \"{a}\" --type rust"),
        6 => format!("python3 -m pytest -x -k {b}"),
        7 => format!("sed -n '1,80p' {file}"),
        _ => format!("docker compose logs --tail 100 {a}"),
    };
    (command, format!("Check {a} in {b}"))
}

/// About `lines` lines of output.
pub(super) fn output(project: &Project, rng: &mut Rng, lines: usize, text: &mut String) {
    let kind = rng.below(6);
    for at in 0..lines {
        let file = rng.favour(&project.files);
        let path = file.path.strip_prefix(&project.cwd).unwrap_or(&file.path);
        let (a, b) = (rng.favour(&project.names), rng.favour(&project.names));
        let number = rng.below(5000);
        // Writing into a string can't fail.
        let _ = match (kind, rng.below(8)) {
            (0, 0) => writeln!(
                text,
                "error[E0{:03}]: cannot find `{a}` in this scope",
                number % 800
            ),
            (0, 1) => writeln!(text, "  --> {}:{number}:{}", &path[1..], number % 90),
            (0, 2) => writeln!(text, "warning: unused variable: `{a}`"),
            (0, _) => writeln!(text, "   Compiling {a} v0.{}.{}", number % 30, number % 9),
            (1, 0) => writeln!(text, "test {a}::tests::{b} ... FAILED"),
            (1, _) => writeln!(text, "test {a}::tests::{b} ... ok"),
            (2, _) => writeln!(
                text,
                "2026-0{}-{:02}T{:02}:{:02}:{:02} INFO {a}: {b} took {number} ms",
                1 + at % 9,
                1 + number % 28,
                number % 24,
                number % 60,
                at % 60
            ),
            (3, _) => writeln!(
                text,
                "{:07x} {a}: {} {b}",
                rng.next() >> 36,
                rng.favour(&project.topic)
            ),
            (4, _) => writeln!(
                text,
                "-rw-r--r-- 1 dev dev {number:>8} Jan {:>2} 10:{:02} {a}.rs",
                1 + number % 28,
                number % 60
            ),
            (_, _) => writeln!(text, "{}:{number}:{}", &path[1..], rng.favour(&file.lines)),
        };
    }
}
