//! What the model of content learns from.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use guard::content::Category;

use super::corpus::{self, Example};
use super::fit::{FitSettings, Loss};
use super::recipe::{self, Recipe};

pub(super) const CONTENT_RECIPE: Recipe = Recipe {
    name: "content",
    outputs: &[
        "hate",
        "hate/threatening",
        "harassment",
        "harassment/threatening",
        "self-harm",
        "self-harm/intent",
        "self-harm/instructions",
        "sexual",
        "sexual/minors",
        "violence",
        "violence/graphic",
        "illicit",
        "illicit/violent",
    ],
    settings: FitSettings {
        bits: 16,
        loss: Loss::Logistic,
        epochs: 15,
        rate: 0.3,
        l2: 1e-2,
        seed: 5,
        rounds: 0,
        balance: None,
    },
    parts: |text, bits| vec![guard::content::features(text, bits)],
    threshold: 0.5,
    examples,
    pool: recipe::no_pool,
};

/// Rows of a collection resemble each other, and there are few of them: parts of it are left out in
/// turn.
const COLLECTION_FOLDS: u32 = 5;

/// Letters of a text that are learned from.
const MAX_LETTERS: usize = 3_000;

type Targets = [Option<bool>; 13];

fn examples(data: &Path) -> anyhow::Result<Vec<Example>> {
    let data = data.join("content");
    let mut examples = Vec::new();
    moderation(&data.join("openai_moderation_1680.jsonl.gz"), &mut examples)?;
    for row in corpus::csv(&data.join("toxicity_en.csv"))? {
        let mut targets = [Some(false); 13];
        if row["is_toxic"] == "Toxic" {
            targets = [None; 13];
            set(&mut targets, Category::Harassment, true);
            set(&mut targets, Category::SelfHarm, false);
            set(&mut targets, Category::SexualMinors, false);
        }
        examples.push(example(&row["text"], &targets, "toxicity"));
    }
    for row in corpus::csv(&data.join("profanity_en.csv"))? {
        // Swear words come from sex without being about it.
        let word = row["canonical_form_1"].as_str();
        if !["fuck", "ass", "shit", "bitch", "damn"].contains(&word) {
            let severity = &row["severity_rating"];
            examples.extend(profanity(&row["text"], &row["category_1"], severity));
        }
    }
    for (file, text) in corpus::written("content", "category")? {
        let name = file.replace('_', "/");
        let category = Category::from_name(&name).with_context(|| format!("category `{name}`"))?;
        let mut example = Example::new(text, &written(category), format!("written/{file}"));
        example.weight = weight(&file);
        examples.push(example);
    }
    for (file, text) in corpus::written("content", "benign")? {
        let mut example = Example::new(text, &[Some(false); 13], format!("benign/{file}"));
        example.weight = weight(&file);
        examples.push(example);
    }
    Ok(examples)
}

/// How much a line of a file counts: less where there are thousands that resemble each other.
fn weight(file: &str) -> f32 {
    const OF_PATTERNS: [&str; 4] = ["hate", "hate_threatening", "functions", "safe_questions"];
    if OF_PATTERNS.contains(&file) {
        0.4
    } else {
        1.0
    }
}

fn set(targets: &mut Targets, category: Category, is: bool) {
    targets[category as usize] = Some(is);
}

fn example(text: &str, targets: &Targets, set: &str) -> Example {
    let hash = text
        .bytes()
        .fold(17_u32, |hash, byte| hash.wrapping_mul(31) ^ u32::from(byte));
    let text: String = text.chars().take(MAX_LETTERS).collect();
    Example::new(
        text,
        targets,
        format!("{set}/{}", (hash >> 8) % COLLECTION_FOLDS),
    )
}

/// The names of categories in the moderation set; what a row doesn't name is unknown.
const CATEGORY_NAMES: [(&str, Category); 8] = [
    ("S", Category::Sexual),
    ("H", Category::Hate),
    ("V", Category::Violence),
    ("HR", Category::Harassment),
    ("SH", Category::SelfHarm),
    ("S3", Category::SexualMinors),
    ("H2", Category::HateThreatening),
    ("V2", Category::ViolenceGraphic),
];

fn moderation(path: &Path, out: &mut Vec<Example>) -> anyhow::Result<()> {
    let unpacked = Command::new("gzip").arg("-dc").arg(path).output()?;
    ensure!(
        unpacked.status.success(),
        "gzip can't read {}",
        path.display()
    );
    let text = String::from_utf8(unpacked.stdout)?;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let row: serde_json::Value = serde_json::from_str(line)?;
        let text = row["prompt"].as_str().context("no prompt")?;
        out.push(example(text, &targets(&row), "moderation"));
    }
    Ok(())
}

fn targets(row: &serde_json::Value) -> Targets {
    let mut targets = [None; 13];
    for (name, category) in CATEGORY_NAMES {
        targets[category as usize] = row[name].as_i64().map(|is| is == 1);
    }
    let is = |targets: &Targets, category: Category| targets[category as usize];
    if CATEGORY_NAMES
        .iter()
        .all(|(_, category)| is(&targets, *category) == Some(false))
    {
        return [Some(false); 13];
    }
    if is(&targets, Category::HateThreatening) == Some(true) {
        set(&mut targets, Category::Hate, true);
    }
    if is(&targets, Category::SexualMinors) == Some(true) {
        set(&mut targets, Category::Sexual, true);
    }
    let is_violent = is(&targets, Category::Violence) == Some(true);
    if is_violent && is(&targets, Category::Harassment) == Some(true) {
        set(&mut targets, Category::HarassmentThreatening, true);
    }
    if is(&targets, Category::SelfHarm) == Some(false) {
        set(&mut targets, Category::SelfHarmIntent, false);
        set(&mut targets, Category::SelfHarmInstructions, false);
    }
    targets
}

/// Words of contempt, of sex and of insult, from the severity on at which they are no mild ones.
fn profanity(text: &str, category: &str, severity: &str) -> Option<Example> {
    let severity: f32 = severity.parse().ok()?;
    let (category, least) = match category {
        "racial / ethnic slurs" | "sexual orientation / gender" => (Category::Hate, 2.0),
        "sexual anatomy / sexual acts" => (Category::Sexual, 1.6),
        "mental disability" | "other / general insult" => (Category::Harassment, 1.6),
        _ => return None,
    };
    let mut targets = [None; 13];
    set(&mut targets, category, true);
    let mut example = Example::new(text, &targets, "profanity");
    example.weight = 0.3;
    (severity >= least).then_some(example)
}

/// What is known of a text that was written for a category.
fn written(category: Category) -> Targets {
    use Category::{
        Harassment, HarassmentThreatening, Hate, HateThreatening, Illicit, IllicitViolent,
        SelfHarm, SelfHarmInstructions, SelfHarmIntent, Sexual, SexualMinors, Violence,
        ViolenceGraphic,
    };
    // What it also is, and what it may or may not be.
    let (also, unknown): (&[Category], &[Category]) = match category {
        Hate => (&[], &[HateThreatening, Harassment]),
        HateThreatening => (&[Hate, Violence], &[Harassment, HarassmentThreatening]),
        Harassment => (&[], &[HarassmentThreatening]),
        HarassmentThreatening => (&[Harassment, Violence], &[]),
        SelfHarm => (&[], &[SelfHarmIntent, SelfHarmInstructions]),
        SelfHarmIntent => (&[SelfHarm], &[SelfHarmInstructions]),
        SelfHarmInstructions => (&[SelfHarm], &[SelfHarmIntent]),
        Sexual => (&[], &[]),
        SexualMinors => (&[Sexual], &[]),
        Violence => (&[], &[ViolenceGraphic]),
        ViolenceGraphic => (&[Violence], &[]),
        Illicit => (&[], &[IllicitViolent]),
        IllicitViolent => (&[Illicit, Violence], &[]),
    };
    let mut targets = [Some(false); 13];
    for unknown in unknown {
        targets[*unknown as usize] = None;
    }
    for is in also.iter().chain([&category]) {
        set(&mut targets, *is, true);
    }
    targets
}
