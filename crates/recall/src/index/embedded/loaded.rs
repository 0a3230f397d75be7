//! The vectors that searches scan: those of one model, grouped by project, held in memory or mapped from a
//! file.

use std::path::PathBuf;
use std::sync::Arc;

use embed::matrix::{Matrix, MatrixQuery};
use rusqlite::{Connection, OptionalExtension as _};
use rustc_hash::FxHashMap;

use super::batch::{Batch, VectorLocation, count_after, each_vector};
use super::rows::{RowsView, VectorRows};
use super::snapshot::{self, SnapshotSource, VectorSnapshot};
use crate::Result;
use crate::index::vectors::{ArchiveState, VectorFilter, VectorHit, VectorSpace};
use crate::store::{MessageId, ProjectFilter, ProjectId, Spans, erasures};

/// A file is made anew when the vectors outside of it are more than one in so many of those in it.
const STALE_SHARE: usize = 4;

/// Of the nearest vectors, how many are scored again with both planes: five times what a caller shows.
const MAX_RESCORED: usize = 50;

/// Threads of one scan, at most.
const MAX_SCAN_THREADS: usize = 4;

/// Where snapshot files are written, and when.
pub(super) struct SnapshotFiles {
    pub(super) directory: PathBuf,
    /// Vectors outside of the file from which on it is made, or made anew.
    pub(super) min_rows: usize,
}

/// The vectors of one model.
#[derive(Clone, Default)]
pub(super) struct LoadedVectors {
    model: String,
    dimensions: usize,
    snapshot: Option<Arc<VectorSnapshot>>,
    /// Vectors that are not in the snapshot.
    recent: FxHashMap<ProjectId, VectorRows>,
    recent_count: usize,
    /// The last batch that was read.
    last_batch: i64,
    /// The epoch of the archive in which they were grouped; see [`ArchiveState::epoch`].
    epoch: i64,
    /// How often vectors outside of the file had been erased by then.
    erasures: i64,
}

/// A vector that a scan found.
struct ScannedVector {
    location: VectorLocation,
    hit: VectorHit,
}

impl LoadedVectors {
    /// How many vectors there are.
    pub(super) fn len(&self) -> usize {
        self.recent_count + self.in_snapshot()
    }

    fn in_snapshot(&self) -> usize {
        self.snapshot.as_ref().map_or(0, |snapshot| snapshot.len())
    }

    /// Whether there is nothing to read: the archive has no vectors of this space that came later, and
    /// no message has moved.
    pub(super) fn is_current(
        &self,
        archive: &ArchiveState<'_>,
        space: VectorSpace<'_>,
    ) -> Result<bool> {
        Ok(self.is_of(space)
            && self.epoch == archive.epoch()?
            && self.erasures == erasures(archive.connection())?
            && count_after(archive.connection(), &self.model, self.last_batch)? == 0)
    }

    fn is_of(&self, space: VectorSpace<'_>) -> bool {
        self.model == space.model.as_str() && self.dimensions == space.dimensions
    }

    /// Reads what was embedded since the last time, and all where something else has changed. Without
    /// `files` no file is read or written.
    pub(super) fn refresh(
        &mut self,
        archive: &ArchiveState<'_>,
        space: VectorSpace<'_>,
        files: Option<&SnapshotFiles>,
    ) -> Result<()> {
        let connection = archive.connection();
        let (epoch, erasures) = (archive.epoch()?, erasures(connection)?);
        if !self.is_of(space) || self.epoch != epoch || self.erasures != erasures {
            *self = Self {
                model: space.model.as_str().to_owned(),
                dimensions: space.dimensions,
                epoch,
                erasures,
                ..Self::default()
            };
            self.open_snapshot(files);
        }
        let read;
        let spans = match archive.spans() {
            Some(spans) => spans,
            None => {
                read = Spans::all(connection)?;
                &read
            }
        };
        let outside = self.recent_count + count_after(connection, &self.model, self.last_batch)?;
        if let Some(files) = files
            && outside >= files.min_rows
            && outside * STALE_SHARE > self.in_snapshot()
        {
            self.write_snapshot(connection, spans, files);
        }
        self.read_recent(connection, spans)
    }

    /// Puts all vectors into a file. Failing to do so costs only speed and memory.
    fn write_snapshot(&mut self, connection: &Connection, spans: &Spans, files: &SnapshotFiles) {
        let source = SnapshotSource {
            connection,
            model: &self.model,
            dimensions: self.dimensions,
            epoch: self.epoch,
            spans,
        };
        if snapshot::write(&snapshot::path(&files.directory, &self.model), &source).is_ok() {
            self.recent = FxHashMap::default();
            self.recent_count = 0;
            self.open_snapshot(Some(files));
        }
    }

    /// Maps the snapshot file, unless it is missing, of another format or model, or of another epoch; then
    /// all vectors are read from the database.
    fn open_snapshot(&mut self, files: Option<&SnapshotFiles>) {
        let snapshot = files.and_then(|files| {
            let path = snapshot::path(&files.directory, &self.model);
            VectorSnapshot::open(&path, &self.model, self.dimensions)
        });
        self.snapshot = snapshot
            .filter(|snapshot| snapshot.epoch == self.epoch)
            .map(Arc::new);
        self.last_batch = self
            .snapshot
            .as_ref()
            .map_or(0, |snapshot| snapshot.last_batch);
    }

    fn read_recent(&mut self, connection: &Connection, spans: &Spans) -> Result<()> {
        let mut last_batch = self.last_batch;
        let mut count = 0;
        let recent = &mut self.recent;
        each_vector(
            connection,
            &self.model,
            self.dimensions,
            self.last_batch,
            &mut |vector| {
                last_batch = vector.location.batch;
                // Vectors of a message that is gone are left out.
                if let Some(span) = spans.find(vector.passage.message()) {
                    recent.entry(span.project).or_default().push(&vector);
                    count += 1;
                }
                Ok(())
            },
        )?;
        self.last_batch = last_batch;
        self.recent_count += count;
        if count > 0 {
            self.recent.values_mut().for_each(VectorRows::sort);
        }
        Ok(())
    }

    /// The passages nearest to a query that a filter admits; see
    /// [`VectorIndex::nearest`](crate::VectorIndex::nearest).
    pub(super) fn nearest(
        &self,
        connection: &Connection,
        query: &MatrixQuery,
        filter: &VectorFilter,
        limit: usize,
    ) -> Result<Vec<VectorHit>> {
        let mut found: Vec<ScannedVector> = Vec::new();
        for rows in self.parts(filter.projects) {
            let matrix = rows.matrix(self.dimensions)?;
            let is_admitted = |row: usize| filter.is_in_range(rows.passage(row).message());
            for hit in matrix.scan(query, limit, threads(), &is_admitted)? {
                found.push(ScannedVector {
                    location: rows.locations.get(hit.row),
                    hit: VectorHit {
                        passage: rows.passage(hit.row),
                        cosine: hit.score,
                    },
                });
            }
        }
        let by_nearness = |a: &ScannedVector, b: &ScannedVector| {
            let by_cosine = b.hit.cosine.total_cmp(&a.hit.cosine);
            by_cosine.then(a.hit.passage.cmp(&b.hit.passage))
        };
        found.sort_unstable_by(by_nearness);
        found.truncate(limit);
        for vector in found.iter_mut().take(MAX_RESCORED) {
            if let Some(exact) = self.exact_cosine(connection, query, vector.location)? {
                vector.hit.cosine = exact;
            }
        }
        found.sort_by(by_nearness);
        Ok(found.into_iter().map(|vector| vector.hit).collect())
    }

    /// All rows of the projects.
    fn parts(&self, projects: ProjectFilter) -> Vec<RowsView<'_>> {
        match projects {
            ProjectFilter::One(project) => self.of_project(project).collect(),
            ProjectFilter::All => {
                let recent = self.recent.values().map(VectorRows::view);
                let in_file = self.snapshot.iter().flat_map(|snapshot| snapshot.parts());
                recent.chain(in_file).collect()
            }
            ProjectFilter::None => Vec::new(),
        }
    }

    /// The rows of a project.
    fn of_project(&self, project: ProjectId) -> impl Iterator<Item = RowsView<'_>> {
        let recent = self.recent.get(&project).map(VectorRows::view);
        let in_file = self
            .snapshot
            .as_ref()
            .and_then(|snapshot| snapshot.part(project));
        recent.into_iter().chain(in_file)
    }

    /// The cosine with both planes, read from the database.
    fn exact_cosine(
        &self,
        connection: &Connection,
        query: &MatrixQuery,
        location: VectorLocation,
    ) -> Result<Option<f32>> {
        let mut statement =
            connection.prepare_cached("SELECT count, data FROM vectors WHERE seq = ?1")?;
        let dimensions = self.dimensions;
        let cosine = statement.query_row([location.batch], |row| {
            let count = usize::try_from(row.get::<_, i64>(0)?).unwrap_or(0);
            let data = row.get_ref(1)?.as_blob()?;
            Ok(Batch::parse(count, dimensions, data).and_then(|batch| {
                let at = location.row as usize;
                let (high, low) = (batch.high(at, dimensions)?, batch.low(at, dimensions)?);
                Some(query.score(high, low, batch.scale(at)?))
            }))
        });
        Ok(cosine.optional()?.flatten())
    }

    /// The best passage of each message; see [`VectorIndex::scores`](crate::VectorIndex::scores).
    pub(super) fn scores(
        &self,
        archive: &ArchiveState<'_>,
        query: &MatrixQuery,
        messages: &[MessageId],
    ) -> Result<Vec<Option<VectorHit>>> {
        let mut scores = Vec::with_capacity(messages.len());
        // Messages next to each other are mostly of one project, whose rows are looked up once.
        let mut of_project: Option<(ProjectId, Vec<(RowsView<'_>, Matrix<'_>)>)> = None;
        for message in messages {
            let Some(project) = archive.project_of(*message)? else {
                scores.push(None);
                continue;
            };
            let parts = match &mut of_project {
                Some((known, parts)) if *known == project => parts,
                other => {
                    let parts = self.of_project(project);
                    let parts = parts.map(|rows| Ok((rows, rows.matrix(self.dimensions)?)));
                    &mut other.insert((project, parts.collect::<Result<_>>()?)).1
                }
            };
            let mut best: Option<VectorHit> = None;
            for (rows, matrix) in parts {
                for (row, passage) in rows.of_message(*message) {
                    let cosine = matrix.score(query, row);
                    if cosine > best.map_or(0.0, |best| best.cosine) {
                        best = Some(VectorHit { passage, cosine });
                    }
                }
            }
            scores.push(best);
        }
        Ok(scores)
    }
}

/// Threads for one scan.
fn threads() -> usize {
    std::thread::available_parallelism()
        .map_or(1, std::num::NonZero::get)
        .min(MAX_SCAN_THREADS)
}
