//! The built page as files: a release build has them in itself, a debug build reads them from the checkout. It must not
//! know HTTP: which headers a file goes with is the server's to say.

mod media_type;

use std::borrow::Cow;
use std::path::{Component, Path};

/// Names and contents of the files that are in the program, in the order of their names; none in a debug build.
const EMBEDDED_FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The name of the file that every view of the page begins with.
pub const SHELL_NAME: &str = "index.html";

/// The folder of files whose names change with their contents.
const HASHED_FOLDER: &str = "assets/";

/// The largest file that a debug build reads.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// How a file may be compressed, the smallest form first.
const COMPRESSED_FORMS: [(ContentCoding, &str); 2] =
    [(ContentCoding::Brotli, "br"), (ContentCoding::Gzip, "gz")];

/// How the bytes of a file are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentCoding {
    /// Brotli.
    Brotli,
    /// Gzip.
    Gzip,
}

impl ContentCoding {
    /// Its name in HTTP.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }
}

/// A file of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteFile {
    /// What it is, as HTTP names it.
    pub media_type: &'static str,
    /// Its bytes, compressed as `coding` says.
    pub bytes: Cow<'static, [u8]>,
    /// How the bytes are compressed; `None` if they aren't.
    pub coding: Option<ContentCoding>,
    /// Whether the name stands for this content for ever.
    pub is_hashed: bool,
}

/// Whether there is a page: a program may be built without one.
#[must_use]
pub fn is_built() -> bool {
    bytes_of(SHELL_NAME).is_some()
}

/// The file of this name, such as `assets/index-1a2b.js`, in the smallest form that the reader accepts.
#[must_use]
pub fn file(name: &str, accepts: impl Fn(ContentCoding) -> bool) -> Option<SiteFile> {
    let media_type = media_type::of(name)?;
    let smallest = COMPRESSED_FORMS
        .into_iter()
        .filter(|(coding, _)| accepts(*coding))
        .find_map(|(coding, ending)| Some((bytes_of(&format!("{name}.{ending}"))?, Some(coding))));
    let (bytes, coding) = match smallest {
        Some(found) => found,
        None => (bytes_of(name)?, None),
    };
    Some(SiteFile {
        media_type,
        bytes,
        coding,
        is_hashed: name.starts_with(HASHED_FOLDER),
    })
}

fn bytes_of(name: &str) -> Option<Cow<'static, [u8]>> {
    if cfg!(debug_assertions) {
        let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
        return read_below(&dist, name).map(Cow::Owned);
    }
    let place = EMBEDDED_FILES.binary_search_by(|(other, _)| (*other).cmp(name));
    Some(Cow::Borrowed(EMBEDDED_FILES.get(place.ok()?)?.1))
}

/// The bytes of a file that stands below a directory; a name that leads anywhere else names none.
fn read_below(directory: &Path, name: &str) -> Option<Vec<u8>> {
    let is_plain = |part| matches!(part, Component::Normal(_));
    if name.is_empty() || name.contains('\\') || !Path::new(name).components().all(is_plain) {
        return None;
    }
    files::read(&directory.join(name), MAX_FILE_BYTES).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_directory() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(read_below(here, "src/lib.rs").is_some());
        for name in [
            "",
            "../site/Cargo.toml",
            "/etc/hostname",
            "src/../../site/Cargo.toml",
            "src\\lib.rs",
            "src",
            "src/none",
        ] {
            assert!(read_below(here, name).is_none(), "{name}");
        }
    }
}
