//! A picture of a terminal for the README: what a search in the samples really prints, as an SVG.

use std::path::PathBuf;

use anyhow::Context;

use crate::args::ChoreArgs;
use crate::program::{Program, ProgramHome};
use crate::repo;

const PICTURE_FILE: &str = "docs/search.svg";
const SHOWN_QUERY: &str = "what did we decide about the retry policy";

/// The size of a character, and the room around the text.
const COLUMN_WIDTH: f64 = 8.4;
const LINE_HEIGHT: f64 = 19.0;
const MARGIN_WIDTH: f64 = 18.0;

const BACKGROUND_COLOUR: &str = "#15191f";
const TEXT_COLOUR: &str = "#d5dae1";

/// `cargo xtask picture [--bin PATH] [--models DIR]`.
pub(crate) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let home = ProgramHome::new("picture")?;
    let bin: Option<PathBuf> = args.option("--bin")?;
    let models: Option<PathBuf> = args.option("--models")?;
    args.finish()?;
    let bin = bin.unwrap_or_else(|| repo::target_dir().join("debug/lorekeep"));
    let program = Program::new(&bin, &home)?;
    match models {
        Some(models) => home.borrow_models(&models)?,
        None => program.fetch_model(),
    }
    program.import(&repo::root().join("samples"), &[program.embedding()])?;
    let words = [
        "--color",
        "always",
        "search",
        SHOWN_QUERY,
        "--project",
        "all",
        "--limit",
        "3",
    ];
    let printed = program.text(&words).context("searching the samples")?;
    let typed = format!("\x1b[32m$\x1b[0m lorekeep search \"{SHOWN_QUERY}\"\n\n{printed}");
    fs_err::write(repo::root().join(PICTURE_FILE), svg(&typed))?;
    println!("wrote {PICTURE_FILE}");
    Ok(())
}

/// A picture of what a terminal shows.
fn svg(text: &str) -> String {
    let lines: Vec<Vec<ColouredRun>> = runs(text.trim_end());
    let columns = lines.iter().map(|line| width(line)).max().unwrap_or(0);
    let (wide, high) = (
        columns as f64 * COLUMN_WIDTH + 2.0 * MARGIN_WIDTH,
        lines.len() as f64 * LINE_HEIGHT + 2.0 * MARGIN_WIDTH,
    );
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide:.0} {high:.0}\" \
         width=\"{wide:.0}\" role=\"img\" aria-label=\"A search and its hits in a terminal\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND_COLOUR}\"/>\n\
         <g font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" \
         font-size=\"14\" fill=\"{TEXT_COLOUR}\" xml:space=\"preserve\">\n"
    );
    for (line, number) in lines.iter().zip(1..) {
        let y = MARGIN_WIDTH + f64::from(number) * LINE_HEIGHT - 5.0;
        let mut column = 0;
        for run in line {
            let blanks = run.text.chars().take_while(|c| *c == ' ').count();
            let x = MARGIN_WIDTH + (column + blanks) as f64 * COLUMN_WIDTH;
            column += run.text.chars().count();
            let shown = run.text.trim();
            if !shown.is_empty() {
                svg.push_str(&drawn(shown, style(&run.code), x, y));
            }
        }
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// Characters of one line that look the same.
struct ColouredRun {
    text: String,
    /// The parameters of the escape sequence before it.
    code: String,
}

/// Text as wide as its characters are many, whatever font there is.
fn drawn(text: &str, style: &str, x: f64, y: f64) -> String {
    let wide = text.chars().count() as f64 * COLUMN_WIDTH;
    let text = escaped(text);
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{wide:.1}\"{style}>{text}</text>\n")
}

fn width(line: &[ColouredRun]) -> usize {
    line.iter().map(|run| run.text.chars().count()).sum()
}

/// Lines cut where the look changes.
fn runs(text: &str) -> Vec<Vec<ColouredRun>> {
    let mut code = String::new();
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut runs = Vec::new();
        for (i, piece) in line.split("\x1b[").enumerate() {
            let shown = match piece.split_once('m').filter(|_| i > 0) {
                Some((new, shown)) => {
                    new.clone_into(&mut code);
                    shown
                }
                None => piece,
            };
            runs.push(ColouredRun {
                text: shown.to_owned(),
                code: code.clone(),
            });
        }
        lines.push(runs);
    }
    lines
}

/// How the codes look that the program uses.
fn style(code: &str) -> &'static str {
    match code {
        "1" => " font-weight=\"bold\" fill=\"#ffffff\"",
        "2" => " fill=\"#8a94a3\"",
        "1;33" => " font-weight=\"bold\" fill=\"#f0c05a\"",
        "36" => " fill=\"#5fc4c9\"",
        "32" => " fill=\"#7ec87e\"",
        _ => "",
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::svg;

    #[test]
    fn looks_and_places_of_characters_are_kept() {
        let picture = svg("a\x1b[36mb<\x1b[0m\n  \x1b[2mc\x1b[0m\n");
        assert!(picture.contains(r##"x="26.4" y="32.0" textLength="16.8" fill="#5fc4c9">b&lt;<"##));
        assert!(picture.contains(r##"x="34.8" y="51.0" textLength="8.4" fill="#8a94a3">c<"##));
        assert!(!picture.contains('\x1b'));
    }
}
