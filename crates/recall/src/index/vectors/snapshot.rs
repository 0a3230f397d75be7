//! A file with the rows of all projects, made from the archive, mapped by every process.
//!
//! Little-endian numbers of 8 bytes: magic, width, epoch, last batch, hash of the model's name, count
//! of projects; for each project its id, its count of rows, and where its rows start; then the rows
//! of each project: ids, places (batch and row), scales, high planes, padded to 64 bytes. The file is
//! never changed, only replaced, so a map of it stays valid.

use std::io::{BufWriter, Read as _, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use files::{Access, Draft};
use memmap2::Mmap;
use rusqlite::Connection;

use super::each_row;
use super::rows::{Place, Places, View};
use crate::Home;
use crate::index::PassageId;
use crate::store::{ProjectId, Spans, stable_hash};

const MAGIC: i64 = i64::from_le_bytes(*b"LKVECT01");
const HEADER: usize = 6;
const ENTRY: usize = 3;
const ALIGNMENT: usize = 64;

/// Where the file of a model is.
pub(super) fn path(home: &Home, model: &str) -> PathBuf {
    home.vectors()
        .join(format!("{:016x}.vectors", stable_hash(&[model.as_bytes()])))
}

/// The last batch that a file holds.
pub(super) fn last_batch(path: &Path) -> Option<i64> {
    let mut head = [0; HEADER * 8];
    let mut file = files::open(path).ok()?;
    file.read_exact(&mut head).ok()?;
    let number = |at: usize| i64::from_le_bytes(head[at * 8..][..8].try_into().unwrap_or_default());
    (number(0) == MAGIC).then(|| number(3))
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
        let file = files::open(path).ok()?;
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
        Some(Self {
            width,
            epoch,
            seq,
            projects,
            map,
        })
    }

    /// How many rows there are in all.
    pub(super) fn len(&self) -> usize {
        self.projects.iter().map(|project| project.1).sum()
    }

    /// The rows of each project.
    pub(super) fn parts(&self) -> impl Iterator<Item = (ProjectId, View<'_>)> {
        self.projects
            .iter()
            .filter_map(|(id, rows, start)| Some((*id, self.view(*rows, *start)?)))
    }

    /// The rows of one project.
    pub(super) fn part(&self, project: ProjectId) -> Option<View<'_>> {
        let at = self
            .projects
            .binary_search_by_key(&project, |entry| entry.0)
            .ok()?;
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
    #[expect(
        unsafe_code,
        reason = "a cast between slices has no safe form in the standard library"
    )]
    // SAFETY: every bit pattern is a valid i64, and `align_to` looks after alignment and length.
    let (before, numbers, _) = unsafe { bytes.align_to::<i64>() };
    if before.is_empty() && cfg!(target_endian = "little") {
        numbers
    } else {
        &[]
    }
}

/// What a file is made of.
pub(super) struct Source<'a> {
    pub(super) connection: &'a Connection,
    pub(super) model: &'a str,
    pub(super) width: usize,
    pub(super) epoch: i64,
    pub(super) spans: &'a Spans,
}

/// A row without its plane, while the file is made.
struct Entry {
    project: ProjectId,
    id: i64,
    place: Place,
    scale: f32,
}

/// Writes a file beside the old one and puts it in its place. Holds 40 bytes a row in memory.
pub(super) fn write(path: &Path, source: &Source<'_>) -> crate::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    files::create_private_dir(directory)?;
    let draft = Draft::new(path, Access::Private)?;
    Ok(write_to(draft, source)?.replace()?)
}

fn write_to(draft: Draft, source: &Source<'_>) -> crate::Result<Draft> {
    let entries = entries(source)?;
    let groups: Vec<&[Entry]> = entries.chunk_by(|a, b| a.project == b.project).collect();
    let last = entries
        .iter()
        .map(|entry| entry.place.seq)
        .max()
        .unwrap_or(0);
    let hash = stable_hash(&[source.model.as_bytes()]).cast_signed();
    let mut head = vec![
        MAGIC,
        source.width as i64,
        source.epoch,
        last,
        hash,
        groups.len() as i64,
    ];
    let mut start = aligned((HEADER + ENTRY * groups.len()) * 8);
    let mut planes = Vec::new();
    for group in &groups {
        head.extend([group[0].project.0, group.len() as i64, start as i64]);
        planes.push(start + group.len() * (8 + 16 + 4));
        start = aligned(start + group.len() * (8 + 16 + 4 + source.width));
    }
    draft.file().set_len(start as u64)?;
    let mut out = BufWriter::with_capacity(1 << 18, draft);
    head.iter()
        .try_for_each(|number| out.write_all(&number.to_le_bytes()))?;
    // Where each row's plane goes, found by its place in the archive.
    let mut targets: Vec<(Place, u64)> = Vec::with_capacity(entries.len());
    for (group, plane) in groups.iter().zip(&planes) {
        let rows = plane - group.len() * (8 + 16 + 4);
        out.seek(SeekFrom::Start(rows as u64))?;
        write_rows(&mut out, group)?;
        let at = |row: usize| (plane + row * source.width) as u64;
        targets.extend(
            group
                .iter()
                .enumerate()
                .map(|(row, entry)| (entry.place, at(row))),
        );
    }
    targets.sort_unstable_by_key(|(place, _)| (place.seq, place.row));
    write_planes(&mut out, source, &targets)?;
    Ok(out
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)?)
}

/// The rows by project and passage.
fn entries(source: &Source<'_>) -> crate::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    each_row(
        source.connection,
        source.model,
        source.width,
        0,
        &mut |place, id, scale, _| {
            // Vectors of a message that is gone are left out.
            if let Some(span) = source.spans.find(PassageId(id).message()) {
                entries.push(Entry {
                    project: span.project,
                    id,
                    place,
                    scale,
                });
            }
            Ok(())
        },
    )?;
    entries.sort_unstable_by_key(|entry| (entry.project, entry.id));
    Ok(entries)
}

fn write_rows(out: &mut impl Write, group: &[Entry]) -> std::io::Result<()> {
    group
        .iter()
        .try_for_each(|entry| out.write_all(&entry.id.to_le_bytes()))?;
    for entry in group {
        out.write_all(&entry.place.seq.to_le_bytes())?;
        out.write_all(&i64::from(entry.place.row).to_le_bytes())?;
    }
    group
        .iter()
        .try_for_each(|entry| out.write_all(&entry.scale.to_le_bytes()))
}

/// Reads the planes a second time and puts each where it goes: all of them together may be more
/// than memory.
fn write_planes(
    out: &mut (impl Write + Seek),
    source: &Source<'_>,
    targets: &[(Place, u64)],
) -> crate::Result<()> {
    let mut position = u64::MAX;
    let mut bytes: Vec<u8> = Vec::with_capacity(source.width);
    each_row(
        source.connection,
        source.model,
        source.width,
        0,
        &mut |place, _, _, high| {
            let found =
                targets.binary_search_by_key(&(place.seq, place.row), |(p, _)| (p.seq, p.row));
            // What was embedded since the first reading isn't in this file.
            let Ok(at) = found else { return Ok(()) };
            let target = targets[at].1;
            if position != target {
                out.seek(SeekFrom::Start(target))?;
            }
            bytes.clear();
            bytes.extend(high.iter().map(|value| value.cast_unsigned()));
            out.write_all(&bytes)?;
            position = target + bytes.len() as u64;
            Ok(())
        },
    )
}

fn aligned(at: usize) -> usize {
    at.next_multiple_of(ALIGNMENT)
}
