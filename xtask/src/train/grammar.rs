//! Examples that are made of templates: what an attack is about and how it is put vary independently, and
//! beside each stand texts of the same surface that order nothing.
//!
//! `xtask/training/MODEL/grammar/FAMILY.txt` has a slot a line, `@name = one | other`, and templates: `+ text`
//! for what is looked for, `- text` for what isn't. `{name}` is replaced by one of the slot's, `\n` is a line's
//! end; `+40 text` makes 40 examples of it rather than [`EXAMPLES_OF_TEMPLATE`].

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail};

use super::corpus;
use crate::logs::Rng;
use crate::repo;

const EXAMPLES_OF_TEMPLATE: usize = 12;
/// Slots within slots.
const MAX_DEPTH: usize = 6;

/// The examples of all grammars of a model: the family, the text, and whether it is what is looked for.
pub(super) fn examples(model: &str) -> anyhow::Result<Vec<(String, String, bool)>> {
    let dir = repo::root()
        .join("xtask/training")
        .join(model)
        .join("grammar");
    let mut out = Vec::new();
    for file in corpus::files_in(&dir)? {
        let family = file.file_stem().unwrap_or_default().to_string_lossy();
        let text = fs_err::read_to_string(&file)?;
        let made = expand(&text).with_context(|| format!("{}", file.display()))?;
        out.extend(
            made.into_iter()
                .map(|(text, is)| (family.to_string(), text, is)),
        );
    }
    Ok(out)
}

fn expand(grammar: &str) -> anyhow::Result<Vec<(String, bool)>> {
    let lines = || {
        grammar
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
    };
    let mut slots: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in lines().filter_map(|line| line.strip_prefix('@')) {
        let (name, values) = line.split_once('=').context("a slot without `=`")?;
        slots
            .entry(name.trim())
            .or_default()
            .extend(alternatives(values));
    }
    let mut made = BTreeSet::new();
    let mut out = Vec::new();
    for (nth, line) in lines().enumerate() {
        let (is, rest) = match line.split_at_checked(1) {
            Some(("+", rest)) => (true, rest),
            Some(("-", rest)) => (false, rest),
            _ => continue,
        };
        let (count, template) = rest.split_once(' ').context("a template without text")?;
        let count = match count {
            "" => EXAMPLES_OF_TEMPLATE,
            count => count.parse()?,
        };
        let mut rng = Rng::new(17, nth as u64);
        for _ in 0..count {
            let text = filled(template, &slots, &mut rng, MAX_DEPTH)?;
            let text = corpus::unescape(&text.replace("\\|", "|"));
            if made.insert(text.clone()) {
                out.push((text, is));
            }
        }
    }
    Ok(out)
}

/// What stands between bars; `\|` is a bar of the text.
fn alternatives(values: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    for (at, _) in values.match_indices('|') {
        if !values[..at].ends_with('\\') {
            out.push(values[start..at].trim());
            start = at + 1;
        }
    }
    out.push(values[start..].trim());
    out
}

fn filled(
    template: &str,
    slots: &BTreeMap<&str, Vec<&str>>,
    rng: &mut Rng,
    depth: usize,
) -> anyhow::Result<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        match slots.get(name) {
            Some(values) if depth > 0 => {
                let value = values[rng.below(values.len())];
                out.push_str(&filled(value, slots, rng, depth - 1)?);
            }
            Some(_) => bail!("`{name}` has itself in it"),
            // Braces of code.
            None => {
                out.push('{');
                rest = after;
                continue;
            }
        }
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn templates_are_filled_and_made_once() {
        let made = expand("@who = you | they\n+30 {who} go\\n\n-2 {x} stays\n").unwrap();
        assert!(made.contains(&("you go\n".to_owned(), true)));
        assert_eq!(made.iter().filter(|(_, is)| !is).count(), 1);
        assert!(made.contains(&("{x} stays".to_owned(), false)));
    }
}
