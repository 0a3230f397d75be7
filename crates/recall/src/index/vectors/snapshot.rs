//! A file with the rows of all projects, made from the archive, mapped by every process.
//!
//! Little-endian numbers of 8 bytes: magic, width, epoch, last batch, hash of the model's name, count
//! of projects; for each project its id, its count of rows, and where its rows start; then the rows
//! of each project: ids, places (batch and row), scales, high planes, padded to 64 bytes. The file is
//! never changed, only replaced, so a map of it stays valid.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use memmap2::Mmap;
use rustc_hash::FxHashMap;

use super::rows::{Places, Rows, View};
use crate::Home;
use crate::import::stable_hash;
use crate::store::ProjectId;

const MAGIC: i64 = i64::from_le_bytes(*b"LKVECT01");
const HEADER: usize = 6;
const ENTRY: usize = 3;
const ALIGNMENT: usize = 64;

/// Where the file of a model is.
pub(super) fn path(home: &Home, model: &str) -> PathBuf {
    home.vectors().join(format!("{:016x}.vectors", stable_hash(&[model.as_bytes()])))
}

/// A mapped file.
pub(super) struct Snapshot {
    map: Mmap,
    width: usize,
    pub(super) epoch: i64,
    pub(super) seq: i64,
    /// Project, rows, offset; by project.
    projects: Vec<(ProjectId, usize, usize)>,
}

impl Snapshot {
    /// Maps a file, if it is whole and of this model.
    pub(super) fn open(path: &Path, model: &str, width: usize) -> Option<Self> {
        let file = File::options().read(true).open(path).ok()?;
        #[expect(unsafe_code, reason = "mapping a file has no safe form")]
        // SAFETY: the file is only ever replaced by rename, never written or cut in place, by us;
        // its directory is private to the user. Every offset read from it is checked below.
        let map = unsafe { Mmap::map(&file) }.ok()?;
        let numbers = numbers(&map);
        let &[magic, of_width, epoch, seq, hash, count] = numbers.get(..HEADER)? else {
            return None;
        };
        let ours = magic == MAGIC
            && of_width == i64::try_from(width).ok()?
            && hash == stable_hash(&[model.as_bytes()]).cast_signed();
        if !ours {
            return None;
        }
        let count = usize::try_from(count).ok()?;
        let entries = numbers.get(HEADER..HEADER.checked_add(count.checked_mul(ENTRY)?)?)?;
        let mut projects = Vec::with_capacity(count);
        for entry in entries.chunks_exact(ENTRY) {
            let rows = usize::try_from(entry[1]).ok()?;
            let start = usize::try_from(entry[2]).ok()?;
            let end = start.checked_add(size(rows, width)?)?;
            if end > map.len() || start % 8 != 0 {
                return None;
            }
            projects.push((ProjectId(entry[0]), rows, start));
        }
        Some(Self { width, epoch, seq, projects, map })
    }

    /// How many rows there are in all.
    pub(super) fn len(&self) -> usize {
        self.projects.iter().map(|project| project.1).sum()
    }

    /// The rows of each project.
    pub(super) fn parts(&self) -> impl Iterator<Item = (ProjectId, View<'_>)> {
        self.projects.iter().filter_map(|(id, rows, start)| Some((*id, self.view(*rows, *start)?)))
    }

    /// The rows of one project.
    pub(super) fn part(&self, project: ProjectId) -> Option<View<'_>> {
        let at = self.projects.binary_search_by_key(&project, |entry| entry.0).ok()?;
        let (_, rows, start) = self.projects[at];
        self.view(rows, start)
    }

    fn view(&self, rows: usize, start: usize) -> Option<View<'_>> {
        let bytes = self.map.get(start..start + size(rows, self.width)?)?;
        let (ids, rest) = bytes.split_at_checked(rows * 8)?;
        let (places, rest) = rest.split_at_checked(rows * 16)?;
        let (scales, high) = rest.split_at_checked(rows * 4)?;
        Some(View {
            ids: numbers(ids),
            places: Places::Mapped(numbers(places)),
            scales: embed::matrix::as_floats(scales)?,
            high: embed::matrix::as_signed(high),
        })
    }
}

fn size(rows: usize, width: usize) -> Option<usize> {
    rows.checked_mul(8 + 16 + 4 + width)
}

/// Bytes as numbers; none where they don't lie as numbers do.
fn numbers(bytes: &[u8]) -> &[i64] {
    #[expect(unsafe_code, reason = "a cast between slices has no safe form in the standard library")]
    // SAFETY: every bit pattern is a valid i64, and `align_to` looks after alignment and length.
    let (before, numbers, _) = unsafe { bytes.align_to::<i64>() };
    if before.is_empty() && cfg!(target_endian = "little") { numbers } else { &[] }
}

/// Writes a file beside the old one and puts it in its place.
pub(super) fn write(
    path: &Path,
    model: &str,
    width: usize,
    epoch: i64,
    seq: i64,
    projects: &FxHashMap<ProjectId, Rows>,
) -> crate::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    crate::store::create_private_dir(directory)?;
    let part = path.with_extension(format!("part-{}", std::process::id()));
    let written = write_all(&part, model, width, epoch, seq, projects)
        .and_then(|()| fs_err::rename(&part, path));
    if written.is_err() {
        // What is left of it is of no use, and may be why the disk is full.
        let _ = fs_err::remove_file(&part);
    }
    Ok(written?)
}

fn write_all(
    path: &Path,
    model: &str,
    width: usize,
    epoch: i64,
    seq: i64,
    projects: &FxHashMap<ProjectId, Rows>,
) -> std::io::Result<()> {
    let mut sorted: Vec<(&ProjectId, &Rows)> = projects.iter().collect();
    sorted.sort_by_key(|(id, _)| **id);
    let hash = stable_hash(&[model.as_bytes()]).cast_signed();
    let mut head = vec![MAGIC, width as i64, epoch, seq, hash, sorted.len() as i64];
    let mut start = aligned((HEADER + ENTRY * sorted.len()) * 8);
    for (id, rows) in &sorted {
        head.extend([id.0, rows.ids.len() as i64, start as i64]);
        start = aligned(start + rows.ids.len() * (8 + 16 + 4 + width));
    }
    let mut options = fs_err::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut out = Padded { file: BufWriter::with_capacity(1 << 20, options.open(path)?), at: 0 };
    head.iter().try_for_each(|number| out.put(&number.to_le_bytes()))?;
    out.pad()?;
    for (_, rows) in sorted {
        rows.ids.iter().try_for_each(|id| out.put(&id.to_le_bytes()))?;
        for place in &rows.places {
            out.put(&place.seq.to_le_bytes())?;
            out.put(&i64::from(place.row).to_le_bytes())?;
        }
        rows.scales.iter().try_for_each(|scale| out.put(&scale.to_le_bytes()))?;
        for plane in rows.high.chunks(width) {
            let bytes: Vec<u8> = plane.iter().map(|value| value.cast_unsigned()).collect();
            out.put(&bytes)?;
        }
        out.pad()?;
    }
    out.file.flush()
}

fn aligned(at: usize) -> usize {
    at.next_multiple_of(ALIGNMENT)
}

struct Padded {
    file: BufWriter<fs_err::File>,
    at: usize,
}

impl Padded {
    fn put(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.at += bytes.len();
        self.file.write_all(bytes)
    }

    fn pad(&mut self) -> std::io::Result<()> {
        self.put(&[0; ALIGNMENT][..aligned(self.at) - self.at])
    }
}
