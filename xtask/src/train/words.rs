//! What is made of the training texts beside weights: the words that are no names, which are those that stand
//! without a capital in texts of several origins, and sketches by which `guard eval` knows the texts again.

use std::collections::{BTreeMap, BTreeSet};

use super::corpus::Example;

/// In how many texts, and of how many families, a word has to stand so.
const MIN_TEXTS: usize = 4;
const MIN_FAMILIES: usize = 2;

/// Hashes of the words, in rising order, of four bytes each, little endian.
pub(super) fn bytes(examples: &[Example]) -> Vec<u8> {
    let mut words: BTreeMap<u32, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for example in examples {
        let of_text: BTreeSet<u32> = guard::injection::common_words(&example.text)
            .into_iter()
            .collect();
        for word in of_text {
            let (texts, families) = words.entry(word).or_default();
            *texts += 1;
            if families.len() < MIN_FAMILIES {
                families.insert(&example.family);
            }
        }
    }
    let common = words
        .into_iter()
        .filter(|(_, (texts, families))| *texts >= MIN_TEXTS && families.len() >= MIN_FAMILIES);
    common.flat_map(|(word, _)| word.to_le_bytes()).collect()
}

/// Sketches of the texts that somebody may measure on, as `guard` reads them: of all but what templates made.
fn sketches(examples: &[Example]) -> Vec<u8> {
    let texts = examples
        .iter()
        .filter(|example| !example.family.starts_with("grammar/"));
    let sketches: Vec<[u32; 2]> = texts
        .filter_map(|example| guard::injection::sketch(&example.text))
        .collect();
    let mut out = Vec::new();
    for nth in 0..2 {
        let mut numbers: Vec<u32> = sketches.iter().map(|sketch| sketch[nth]).collect();
        numbers.sort_unstable();
        out.extend(numbers.into_iter().flat_map(u32::to_le_bytes));
    }
    out
}

/// Writes the sketches of all texts that are trained on.
fn write_sketches(examples: &[Example]) -> anyhow::Result<()> {
    let file = crate::repo::root().join("crates/guard/weights/trained.bin");
    let bytes = sketches(examples);
    fs_err::write(&file, &bytes)?;
    println!("{}: {} texts", file.display(), bytes.len() / 8);
    Ok(())
}

/// Writes the list, or checks that the committed one is what the data gives.
pub(super) fn run(examples: &[Example], check: bool) -> anyhow::Result<()> {
    let bytes = bytes(examples);
    let committed = crate::repo::root().join("crates/guard/weights/words.bin");
    if check {
        anyhow::ensure!(
            fs_err::read(&committed)? == bytes,
            "{} isn't what this data gives",
            committed.display()
        );
        println!("the words are what this data gives");
        return Ok(());
    }
    fs_err::write(&committed, &bytes)?;
    println!("{}: {} words", committed.display(), bytes.len() / 4);
    write_sketches(examples)
}
