//! Where a model's inputs come from, and reading them from disk.

use super::hub;
use super::input::{InputReader, ModelInputs, TOKENIZER_INPUT, WEIGHTS_INPUT};
use super::spec::ModelSpec;
use crate::{Error, Result};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Where [`ModelStore::fetch`](crate::ModelStore::fetch) gets the two files that a model is made from,
/// `model.safetensors` and `tokenizer.json`. Wherever they come from, they must have the SHA-256 pinned
/// in [`ModelSpec`](crate::ModelSpec).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelOrigin {
    /// On disk: a directory with both files; the weights' file itself, whatever its name before
    /// `.safetensors`, with `tokenizer.json` beside it; or else a wheel or zip archive with both
    /// anywhere inside.
    Path(PathBuf),
    /// The Hugging Face hub or a mirror of it, over HTTPS.
    Hub {
        /// The start of the hub's addresses: [`HUB_ENDPOINT`](crate::HUB_ENDPOINT), or that of a
        /// mirror.
        endpoint: String,
        /// The address of the HTTP proxy to go through, where one is needed; the environment isn't
        /// asked for one.
        proxy: Option<String>,
    },
}

impl ModelOrigin {
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
    pub(super) fn read(
        &self,
        spec: &ModelSpec,
        reader: &mut InputReader<'_>,
    ) -> Result<ModelInputs> {
        match self {
            Self::Path(path) if path.is_dir() => from_directory(path, spec, reader),
            Self::Path(path) if path.extension().is_some_and(|e| e == "safetensors") => {
                let parent = path.parent().unwrap_or(Path::new("."));
                let tokenizer = from_file(
                    &parent.join(TOKENIZER_INPUT),
                    &spec.tokenizer_sha256,
                    reader,
                )?;
                let weights = from_file(path, &spec.weights_sha256, reader)?;
                Ok(ModelInputs { weights, tokenizer })
            }
            Self::Path(path) => from_archive(path, spec, reader),
            Self::Hub { endpoint, proxy } => hub::read(endpoint, proxy.as_deref(), spec, reader),
        }
    }
}

fn from_directory(
    path: &Path,
    spec: &ModelSpec,
    reader: &mut InputReader<'_>,
) -> Result<ModelInputs> {
    let tokenizer = from_file(&path.join(TOKENIZER_INPUT), &spec.tokenizer_sha256, reader)?;
    let weights = from_file(&path.join(WEIGHTS_INPUT), &spec.weights_sha256, reader)?;
    Ok(ModelInputs { weights, tokenizer })
}

fn from_file(path: &Path, sha256: &str, reader: &mut InputReader<'_>) -> Result<Vec<u8>> {
    let file = files::open(path).map_err(|e| Error::NoModelAt {
        path: path.to_owned(),
        why: e.to_string(),
    })?;
    let length = file.metadata()?.len();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    reader.read(
        &name,
        &path.display().to_string(),
        file,
        Some(length),
        sha256,
    )
}

fn from_archive(
    path: &Path,
    spec: &ModelSpec,
    reader: &mut InputReader<'_>,
) -> Result<ModelInputs> {
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
        reader.read(
            wanted,
            &path.display().to_string(),
            member,
            Some(length),
            sha256,
        )
    };
    let tokenizer = member(TOKENIZER_INPUT, &spec.tokenizer_sha256)?;
    let weights = member(WEIGHTS_INPUT, &spec.weights_sha256)?;
    Ok(ModelInputs { weights, tokenizer })
}
