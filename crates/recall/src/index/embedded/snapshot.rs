//! A file with the rows of all projects, made from the archive, mapped by every process.
//!
//! Little-endian numbers of 8 bytes: magic, dimensions, epoch, last batch, hash of the model's name,
//! count of projects; for each project its number, its count of rows, and where its rows start; then the
//! rows of each project: passages, locations (batch and row), scales, high planes, padded to 64 bytes. The file is
//! never changed, only replaced, so a map of it stays valid.

use std::io::{BufWriter, Read as _, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use files::{Access, Draft};
use memmap2::Mmap;
use rusqlite::Connection;

use super::batch::{StoredVector, VectorLocation, each_vector};
use super::rows::{LocationColumn, RowsView};
use crate::store::{ProjectId, Spans, stable_hash};

/// The first number of a file: its format and the version of that.
const FORMAT_MAGIC: i64 = i64::from_le_bytes(*b"LKVECT01");
/// Numbers before the table of projects, and for each project in it.
const HEADER_NUMBERS: usize = 6;
const PROJECT_NUMBERS: usize = 3;
/// Bytes of a number.
const NUMBER_BYTES: usize = 8;
/// Bytes of a row besides its plane: passage, location (two numbers), scale.
const ROW_BYTES: usize = 8 + 16 + 4;
/// A scan is fastest where rows start at a multiple of so many bytes.
const ALIGNMENT_BYTES: usize = 64;
/// Bytes that are written at a time.
const BUFFER_BYTES: usize = 1 << 18;

/// Where the file of a model is within the directory of vectors.
pub(super) fn path(directory: &Path, model: &str) -> PathBuf {
    let name = stable_hash(&[model.as_bytes()]);
    directory.join(format!("{name:016x}.vectors"))
}

/// The last batch that a file holds; nothing where there is none of this format.
pub(super) fn last_batch(path: &Path) -> Option<i64> {
    let mut header = [0; HEADER_NUMBERS * NUMBER_BYTES];
    let mut file = files::open(path).ok()?;
    file.read_exact(&mut header).ok()?;
    let number = |at: usize| {
        let bytes = &header[at * NUMBER_BYTES..][..NUMBER_BYTES];
        i64::from_le_bytes(bytes.try_into().unwrap_or_default())
    };
    (number(0) == FORMAT_MAGIC).then(|| number(3))
}

/// Where the rows of a project are in a file.
#[derive(Clone, Copy)]
struct ProjectRows {
    project: ProjectId,
    count: usize,
    /// Byte offset of the first.
    start: usize,
}

/// A mapped file.
pub(super) struct VectorSnapshot {
    map: Mmap,
    dimensions: usize,
    pub(super) epoch: i64,
    /// The last batch that the file holds.
    pub(super) last_batch: i64,
    /// Ascending by project.
    projects: Vec<ProjectRows>,
}

impl VectorSnapshot {
    /// Maps a file, if it is whole and of this model.
    pub(super) fn open(path: &Path, model: &str, dimensions: usize) -> Option<Self> {
        let file = files::open(path).ok()?;
        #[expect(unsafe_code, reason = "mapping a file has no safe form")]
        // SAFETY: the file is only ever replaced by rename, never written or cut in place, by us;
        // its directory is private to the user. Every offset read from it is checked below.
        let map = unsafe { Mmap::map(&file) }.ok()?;
        let numbers = numbers(&map);
        let &[magic, of_dimensions, epoch, last_batch, hash, count] =
            numbers.get(..HEADER_NUMBERS)?
        else {
            return None;
        };
        let is_ours = magic == FORMAT_MAGIC
            && of_dimensions == i64::try_from(dimensions).ok()?
            && hash == stable_hash(&[model.as_bytes()]).cast_signed();
        if !is_ours {
            return None;
        }
        let count = usize::try_from(count).ok()?;
        let end = HEADER_NUMBERS.checked_add(count.checked_mul(PROJECT_NUMBERS)?)?;
        let entries = numbers.get(HEADER_NUMBERS..end)?;
        let mut projects = Vec::with_capacity(count);
        for entry in entries.chunks_exact(PROJECT_NUMBERS) {
            let rows = ProjectRows {
                project: ProjectId(entry[0]),
                count: usize::try_from(entry[1]).ok()?,
                start: usize::try_from(entry[2]).ok()?,
            };
            let end = rows.start.checked_add(size(rows.count, dimensions)?)?;
            if end > map.len() || !rows.start.is_multiple_of(NUMBER_BYTES) {
                return None;
            }
            projects.push(rows);
        }
        Some(Self {
            map,
            dimensions,
            epoch,
            last_batch,
            projects,
        })
    }

    /// How many rows there are in all.
    pub(super) fn len(&self) -> usize {
        self.projects.iter().map(|rows| rows.count).sum()
    }

    /// The rows of each project.
    pub(super) fn parts(&self) -> impl Iterator<Item = RowsView<'_>> {
        self.projects.iter().filter_map(|rows| self.view(*rows))
    }

    /// The rows of one project.
    pub(super) fn part(&self, project: ProjectId) -> Option<RowsView<'_>> {
        let at = self
            .projects
            .binary_search_by_key(&project, |rows| rows.project)
            .ok()?;
        self.view(self.projects[at])
    }

    fn view(&self, rows: ProjectRows) -> Option<RowsView<'_>> {
        let ProjectRows { count, start, .. } = rows;
        let bytes = self.map.get(start..start + size(count, self.dimensions)?)?;
        let (passages, rest) = bytes.split_at_checked(count * NUMBER_BYTES)?;
        let (locations, rest) = rest.split_at_checked(count * 2 * NUMBER_BYTES)?;
        let (scales, high) = rest.split_at_checked(count * 4)?;
        Some(RowsView {
            passages: numbers(passages),
            locations: LocationColumn::Mapped(numbers(locations)),
            scales: embed::matrix::as_floats(scales)?,
            high: embed::matrix::as_signed(high),
        })
    }
}

/// Bytes of so many rows.
fn size(rows: usize, dimensions: usize) -> Option<usize> {
    rows.checked_mul(ROW_BYTES + dimensions)
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
pub(super) struct SnapshotSource<'a> {
    pub(super) connection: &'a Connection,
    pub(super) model: &'a str,
    pub(super) dimensions: usize,
    pub(super) epoch: i64,
    pub(super) spans: &'a Spans,
}

impl SnapshotSource<'_> {
    fn each_vector(
        &self,
        each: &mut dyn FnMut(StoredVector<'_>) -> crate::Result<()>,
    ) -> crate::Result<()> {
        each_vector(self.connection, self.model, self.dimensions, 0, each)
    }
}

/// A row without its plane, while the file is made.
struct SnapshotRow {
    project: ProjectId,
    passage: i64,
    location: VectorLocation,
    scale: f32,
}

/// Writes a file beside the old one and puts it in its place. Holds 40 bytes a row in memory.
pub(super) fn write(path: &Path, source: &SnapshotSource<'_>) -> crate::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    files::create_private_dir(directory)?;
    let draft = Draft::new(path, Access::Private)?;
    Ok(write_to(draft, source)?.replace()?)
}

fn write_to(draft: Draft, source: &SnapshotSource<'_>) -> crate::Result<Draft> {
    let rows = rows_without_planes(source)?;
    let groups: Vec<&[SnapshotRow]> = rows.chunk_by(|a, b| a.project == b.project).collect();
    let last_batch = rows.iter().map(|row| row.location.batch).max();
    let mut header = vec![
        FORMAT_MAGIC,
        source.dimensions as i64,
        source.epoch,
        last_batch.unwrap_or(0),
        stable_hash(&[source.model.as_bytes()]).cast_signed(),
        groups.len() as i64,
    ];
    let mut start = aligned((HEADER_NUMBERS + PROJECT_NUMBERS * groups.len()) * NUMBER_BYTES);
    let mut starts = Vec::with_capacity(groups.len());
    for group in &groups {
        header.extend([group[0].project.0, group.len() as i64, start as i64]);
        starts.push(start);
        start = aligned(start + group.len() * (ROW_BYTES + source.dimensions));
    }
    draft.file().set_len(start as u64)?;
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, draft);
    header
        .iter()
        .try_for_each(|number| out.write_all(&number.to_le_bytes()))?;
    // Where each row's plane goes, to be found by where it is kept in the database.
    let mut planes: Vec<(VectorLocation, u64)> = Vec::with_capacity(rows.len());
    for (group, start) in groups.iter().zip(&starts) {
        out.seek(SeekFrom::Start(*start as u64))?;
        write_rows(&mut out, group)?;
        let first = start + group.len() * ROW_BYTES;
        let at = |row: usize| (first + row * source.dimensions) as u64;
        let places = group.iter().enumerate();
        planes.extend(places.map(|(row, entry)| (entry.location, at(row))));
    }
    planes.sort_unstable_by_key(|(location, _)| *location);
    write_planes(&mut out, source, &planes)?;
    Ok(out
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)?)
}

/// All rows by project and passage.
fn rows_without_planes(source: &SnapshotSource<'_>) -> crate::Result<Vec<SnapshotRow>> {
    let mut rows = Vec::new();
    source.each_vector(&mut |vector| {
        // Vectors of a message that is gone are left out.
        if let Some(span) = source.spans.find(vector.passage.message()) {
            rows.push(SnapshotRow {
                project: span.project,
                passage: vector.passage.0,
                location: vector.location,
                scale: vector.scale,
            });
        }
        Ok(())
    })?;
    rows.sort_unstable_by_key(|row| (row.project, row.passage));
    Ok(rows)
}

fn write_rows(out: &mut impl Write, group: &[SnapshotRow]) -> std::io::Result<()> {
    group
        .iter()
        .try_for_each(|row| out.write_all(&row.passage.to_le_bytes()))?;
    for row in group {
        out.write_all(&row.location.batch.to_le_bytes())?;
        out.write_all(&i64::from(row.location.row).to_le_bytes())?;
    }
    group
        .iter()
        .try_for_each(|row| out.write_all(&row.scale.to_le_bytes()))
}

/// Reads the planes a second time and puts each where it goes: all of them together may be more
/// than memory.
fn write_planes(
    out: &mut (impl Write + Seek),
    source: &SnapshotSource<'_>,
    planes: &[(VectorLocation, u64)],
) -> crate::Result<()> {
    let mut position = u64::MAX;
    let mut bytes: Vec<u8> = Vec::with_capacity(source.dimensions);
    source.each_vector(&mut |vector| {
        let found = planes.binary_search_by_key(&vector.location, |(location, _)| *location);
        // What was embedded since the first reading isn't in this file.
        let Ok(at) = found else { return Ok(()) };
        let target = planes[at].1;
        if position != target {
            out.seek(SeekFrom::Start(target))?;
        }
        bytes.clear();
        bytes.extend(vector.high.iter().map(|value| value.cast_unsigned()));
        out.write_all(&bytes)?;
        position = target + bytes.len() as u64;
        Ok(())
    })
}

fn aligned(at: usize) -> usize {
    at.next_multiple_of(ALIGNMENT_BYTES)
}
