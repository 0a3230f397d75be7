//! The embedded index beside a plain one that keeps floats in a map and compares them one by one: both find
//! the same, whatever is added, erased and moved between projects, with files and without.

#![allow(
    clippy::disallowed_methods,
    reason = "tests make and read files of every kind"
)]

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use embed::{Embedding, ModelId};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use rusqlite::Connection;
use tempfile::TempDir;

use super::{EmbeddedIndex, SnapshotFiles};
use crate::index::PassageId;
use crate::index::vectors::{
    ArchiveState, MessageRange, VectorFilter, VectorHit, VectorIndex, VectorQuery, VectorSpace,
};
use crate::store::{
    self, ConversationId, MessageId, ProjectFilter, ProjectId, Span, Spans, regroup,
};
use crate::{Home, Result};

const VECTOR_DIMENSIONS: usize = 16;
/// How far a cosine may be off where only the high planes of vector and query are compared: each component
/// of either is rounded by at most half of 1/127, and the components of a unit vector of 16 sum up to 4 at most.
const MAX_ERROR: f32 = 2.0 * 4.0 * 0.5 / 127.0;
const MESSAGES_OF_PROJECT: i64 = 12;
const PROJECT_COUNT: i64 = 3;

/// Keeps vectors as they come.
#[derive(Default)]
struct PlainIndex(Mutex<BTreeMap<(ModelId, PassageId), Embedding>>);

impl PlainIndex {
    /// Every passage that is there, with its exact cosine and its project, the nearest first.
    fn all(
        &self,
        archive: &ArchiveState<'_>,
        query: VectorQuery<'_>,
    ) -> Result<Vec<(VectorHit, ProjectId)>> {
        let mut all = Vec::new();
        for ((model, passage), vector) in &*self.0.lock().expect("no panic") {
            if let Some(project) = archive.project_of(passage.message())?
                && model == query.model
                && !vector.is_empty()
            {
                let cosine = vector.cosine(query.vector);
                let hit = VectorHit {
                    passage: *passage,
                    cosine,
                };
                all.push((hit, project));
            }
        }
        all.sort_by(|a, b| b.0.cosine.total_cmp(&a.0.cosine));
        Ok(all)
    }
}

impl VectorIndex for PlainIndex {
    fn prepare(&self, archive: &ArchiveState<'_>, space: VectorSpace<'_>) -> Result<u64> {
        let mut count = 0;
        for (model, passage) in self.0.lock().expect("no panic").keys() {
            let is_there = archive.project_of(passage.message())?.is_some();
            count += u64::from(is_there && model == space.model);
        }
        Ok(count)
    }

    fn nearest(
        &self,
        archive: &ArchiveState<'_>,
        query: VectorQuery<'_>,
        filter: &VectorFilter,
        limit: usize,
    ) -> Result<Vec<VectorHit>> {
        let all = self.all(archive, query)?.into_iter();
        let found = all.filter(|(hit, project)| {
            filter.projects.admits(*project) && filter.is_in_range(hit.passage.message())
        });
        Ok(found.map(|(hit, _)| hit).take(limit).collect())
    }

    fn scores(
        &self,
        archive: &ArchiveState<'_>,
        query: VectorQuery<'_>,
        messages: &[MessageId],
    ) -> Result<Vec<Option<VectorHit>>> {
        let all = self.all(archive, query)?;
        let best = |message: &MessageId| {
            let mut of_message = all
                .iter()
                .filter(|(hit, _)| hit.passage.message() == *message);
            let best = of_message.next().map(|(hit, _)| *hit);
            best.filter(|hit| hit.cosine > 0.0)
        };
        Ok(messages.iter().map(best).collect())
    }

    fn upsert(
        &self,
        _: &ArchiveState<'_>,
        model: &ModelId,
        vectors: &[(PassageId, Embedding)],
    ) -> Result<()> {
        let mut kept = self.0.lock().expect("no panic");
        for (passage, vector) in vectors {
            kept.insert((model.clone(), *passage), vector.clone());
        }
        Ok(())
    }

    fn erase(&self, _: &ArchiveState<'_>, messages: &[MessageId]) -> Result<()> {
        let mut kept = self.0.lock().expect("no panic");
        kept.retain(|(_, passage), _| !messages.contains(&passage.message()));
        Ok(())
    }

    fn clear(&self, _: &ArchiveState<'_>) -> Result<()> {
        self.0.lock().expect("no panic").clear();
        Ok(())
    }

    fn verify(&self, _: &ArchiveState<'_>) -> Result<Vec<String>> {
        Ok(Vec::new())
    }
}

/// What happens to an archive's vectors.
#[derive(Clone, Debug)]
enum IndexChange {
    /// Passages of these messages are embedded: how many of each, and what their vectors are made from.
    Embed(Vec<(i64, usize, u64)>),
    Erase(Vec<i64>),
    /// All messages of one project go to another.
    Move(i64, i64),
    /// A message is deleted.
    Delete(i64),
    Clear,
}

fn any_change() -> impl Strategy<Value = IndexChange> {
    let last = MESSAGES_OF_PROJECT * PROJECT_COUNT;
    let message = 1..=last;
    let passages = (message.clone(), 1..4_usize, any::<u64>());
    prop_oneof![
        6 => prop::collection::vec(passages, 1..8).prop_map(IndexChange::Embed),
        2 => prop::collection::vec(message.clone(), 1..4).prop_map(IndexChange::Erase),
        1 => (1..=PROJECT_COUNT, 1..=PROJECT_COUNT).prop_map(|(from, into)| IndexChange::Move(from, into)),
        1 => message.prop_map(IndexChange::Delete),
        1 => Just(IndexChange::Clear),
    ]
}

#[derive(Clone, Debug)]
struct AnyQuery {
    seed: u64,
    project: Option<i64>,
    ranges: Option<(i64, i64)>,
    limit: usize,
}

fn any_query() -> impl Strategy<Value = AnyQuery> {
    let last = MESSAGES_OF_PROJECT * PROJECT_COUNT;
    let project = prop::option::of(1..=PROJECT_COUNT);
    let range = prop::option::of((1..=last, 0..10_i64));
    (any::<u64>(), project, range, 1..40_usize).prop_map(|(seed, project, ranges, limit)| {
        AnyQuery {
            seed,
            project,
            ranges,
            limit,
        }
    })
}

/// A vector that a number stands for; of one in eight, that of a text without words.
fn vector(seed: u64) -> Embedding {
    if seed.is_multiple_of(8) {
        return Embedding::empty(VECTOR_DIMENSIONS);
    }
    let mut state = seed;
    let values = (0..VECTOR_DIMENSIONS).map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let bytes = state.to_le_bytes();
        f32::from(i16::from_le_bytes([bytes[5], bytes[6]]))
    });
    Embedding::from_values(values.collect())
}

/// An archive with messages in three projects, its vectors in four indexes at once.
struct IndexBench {
    _directory: TempDir,
    connection: Connection,
    plain: PlainIndex,
    embedded: [EmbeddedIndex; 3],
    files: std::path::PathBuf,
}

fn model() -> ModelId {
    ModelId::new("test-16")
}

impl IndexBench {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let home = Home::new(
            directory.path().join("data"),
            directory.path().join("cache"),
        );
        let connection = store::open(&home, Duration::from_secs(1)).expect("an archive");
        for project in 1..=PROJECT_COUNT {
            let first = (project - 1) * MESSAGES_OF_PROJECT + 1;
            let span = Span {
                first: MessageId(first),
                last: MessageId(first + MESSAGES_OF_PROJECT - 1),
                conversation: ConversationId(project),
                project: ProjectId(project),
                log: None,
                at: None,
            };
            span.insert(&connection).expect("a span");
        }
        let files = home.vectors();
        let with_files = |min_rows| EmbeddedIndex {
            files: Some(SnapshotFiles {
                directory: files.clone(),
                min_rows,
            }),
            ..EmbeddedIndex::default()
        };
        Self {
            plain: PlainIndex::default(),
            // One that writes files, one that maps them, and one that does neither.
            embedded: [
                with_files(5),
                with_files(usize::MAX),
                EmbeddedIndex::in_memory(),
            ],
            _directory: directory,
            connection,
            files,
        }
    }

    fn state(&self) -> ArchiveState<'_> {
        ArchiveState::new(&self.connection)
    }

    /// Changes the database through the embedded index at `at`, and the plain one.
    fn apply(&self, change: &IndexChange, at: usize) -> Result<()> {
        let (state, embedded) = (self.state(), &self.embedded[at]);
        match change {
            IndexChange::Embed(messages) => {
                let mut vectors = BTreeMap::new();
                for (message, count, seed) in messages {
                    // What has vectors is embedded again only after they were erased.
                    self.erase(embedded, &[MessageId(*message)])?;
                    vectors.retain(|passage: &PassageId, _| passage.message().0 != *message);
                    for position in 0..*count {
                        let passage = PassageId::new(MessageId(*message), position);
                        vectors.insert(passage, vector(seed.wrapping_add(position as u64)));
                    }
                }
                let vectors: Vec<_> = vectors.into_iter().collect();
                embedded.upsert(&state, &model(), &vectors)?;
                self.plain.upsert(&state, &model(), &vectors)?;
            }
            IndexChange::Erase(messages) => {
                let messages: Vec<_> = messages.iter().copied().map(MessageId).collect();
                self.erase(embedded, &messages)?;
            }
            IndexChange::Move(from, into) => {
                let sql = "UPDATE span SET project = ?2 WHERE project = ?1";
                self.connection.execute(sql, [from, into])?;
                regroup(&self.connection)?;
            }
            IndexChange::Delete(message) => {
                let message = MessageId(*message);
                self.erase(embedded, &[message])?;
                let sql = "UPDATE span SET last = ?1 - 1 WHERE first < ?1 AND last = ?1";
                self.connection.execute(sql, [message.0])?;
            }
            IndexChange::Clear => {
                embedded.clear(&state)?;
                self.plain.clear(&state)?;
            }
        }
        Ok(())
    }

    fn erase(&self, embedded: &EmbeddedIndex, messages: &[MessageId]) -> Result<()> {
        embedded.erase(&self.state(), messages)?;
        self.plain.erase(&self.state(), messages)
    }

    fn check(&self, asked: &AnyQuery) -> Result<(), TestCaseError> {
        let (model, vector) = (model(), vector(asked.seed | 1));
        let query = VectorQuery {
            model: &model,
            vector: &vector,
        };
        let filter = VectorFilter {
            projects: asked
                .project
                .map_or(ProjectFilter::All, |id| ProjectFilter::One(ProjectId(id))),
            ranges: asked.ranges.map(|(first, length)| {
                vec![MessageRange {
                    first: MessageId(first),
                    last: MessageId(first + length),
                }]
            }),
        };
        let spans = Spans::all(&self.connection).expect("spans");
        let last = MESSAGES_OF_PROJECT * PROJECT_COUNT;
        let messages: Vec<_> = (0..=last + 2).rev().map(MessageId).collect();
        for state in [
            self.state(),
            ArchiveState::with_spans(&self.connection, &spans),
        ] {
            let nearest = |index: &dyn VectorIndex, limit| {
                index.prepare(&state, query.space()).expect("it is read");
                let found = index.nearest(&state, query, &filter, limit);
                found.expect("it is found")
            };
            let expected = nearest(&self.plain, usize::MAX);
            let scores = self.plain.scores(&state, query, &messages).expect("scores");
            for index in &self.embedded {
                let found = nearest(index, asked.limit);
                check_nearest(&found, &expected, asked.limit)?;
                let own = index.scores(&state, query, &messages).expect("scores");
                check_scores(&own, &scores)?;
                prop_assert!(index.verify(&state).expect("it is read").is_empty());
            }
        }
        Ok(())
    }
}

/// Checks that what was found is the nearest of all, but for what rounding allows.
fn check_nearest(
    found: &[VectorHit],
    all: &[VectorHit],
    limit: usize,
) -> Result<(), TestCaseError> {
    prop_assert_eq!(found.len(), all.len().min(limit));
    for (at, hit) in found.iter().enumerate() {
        let exact = all.iter().find(|other| other.passage == hit.passage);
        let exact = exact.map(|exact| exact.cosine);
        prop_assert!(
            exact.is_some_and(|exact| (exact - hit.cosine).abs() < MAX_ERROR),
            "{hit:?} is {exact:?}"
        );
        let off = (hit.cosine - all[at].cosine).abs();
        prop_assert!(
            off < 2.0 * MAX_ERROR,
            "{hit:?} at {at} instead of {:?}",
            all[at]
        );
        prop_assert!(at == 0 || found[at - 1].cosine >= hit.cosine, "{found:?}");
    }
    Ok(())
}

fn check_scores(
    found: &[Option<VectorHit>],
    expected: &[Option<VectorHit>],
) -> Result<(), TestCaseError> {
    prop_assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        let [own, other] = [found, expected].map(|hit| hit.map_or(0.0, |hit| hit.cosine));
        prop_assert!(
            (own - other).abs() < MAX_ERROR,
            "{found:?} instead of {expected:?}"
        );
        let messages = [found, expected].map(|hit| hit.map(|hit| hit.passage.message()));
        prop_assert!(own < MAX_ERROR || messages[0] == messages[1]);
    }
    Ok(())
}

#[test]
fn the_embedded_index_finds_what_a_plain_one_finds() {
    let changes = prop::collection::vec((any_change(), 0..3_usize), 1..14);
    let queries = prop::collection::vec(any_query(), 1..4);
    let mut runner = TestRunner::new(Config {
        cases: 48,
        ..Config::default()
    });
    runner
        .run(&(changes, queries), |(changes, queries)| {
            let bench = IndexBench::new();
            for (change, at) in &changes {
                bench.apply(change, *at).expect("it is applied");
                bench.check(&queries[0])?;
            }
            for query in &queries {
                bench.check(query)?;
            }
            Ok(())
        })
        .expect("both find the same");
}

#[test]
fn an_index_in_memory_leaves_files_alone() {
    let bench = IndexBench::new();
    let many = (1..=20).map(|message| (message, 2, 7)).collect();
    bench
        .apply(&IndexChange::Embed(many), 2)
        .expect("it is kept");
    let model = model();
    let space = VectorSpace {
        model: &model,
        dimensions: VECTOR_DIMENSIONS,
    };
    let [writing, mapping, in_memory] = &bench.embedded;
    assert_eq!(
        in_memory
            .prepare(&bench.state(), space)
            .expect("it is read"),
        40
    );
    assert!(!bench.files.exists());
    // A file that others made isn't read: one that claims to hold all and holds nothing.
    writing.prepare(&bench.state(), space).expect("it is read");
    let file = super::snapshot::path(&bench.files, model.as_str());
    let mut bytes = fs_err::read(&file).expect("a file");
    bytes[40..48].fill(0);
    fs_err::write(&file, &bytes).expect("a file");
    assert_eq!(
        mapping.prepare(&bench.state(), space).expect("it is read"),
        0
    );
    let other = EmbeddedIndex::in_memory();
    assert_eq!(
        other.prepare(&bench.state(), space).expect("it is read"),
        40
    );
    assert_eq!(fs_err::read(&file).expect("a file"), bytes);
}
