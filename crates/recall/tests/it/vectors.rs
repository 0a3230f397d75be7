//! Vectors elsewhere: an index that a caller brings, and one that stays in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use embed::{Embedding, FixedEmbedder, ModelId};
use recall::{
    Archive, ArchiveOpener, ArchiveState, Error, Guards, MessageId, Mode, NewReflection,
    NoProgress, PassageId, ReflectionChange, Result, Scope, SearchRequest, Stop, VectorFilter,
    VectorHit, VectorIndex, VectorQuery, VectorSpace, VectorStorage,
};

use crate::support::{NOW, Sandbox, assert_sound, embed, generic, ids, import, in_project, lines};

/// An index as another crate would bring it, by the public face alone: floats in a map.
#[derive(Default)]
struct MapIndex {
    kept: Mutex<BTreeMap<PassageId, Embedding>>,
    /// How often it was asked for scores.
    score_calls: Mutex<usize>,
    /// Whether what it stands for can't be reached.
    is_down: Mutex<bool>,
}

impl MapIndex {
    fn reach(&self) -> Result<()> {
        match *self.is_down.lock().unwrap() {
            true => Err(Error::VectorIndex("connection refused".into())),
            false => Ok(()),
        }
    }
}

impl VectorIndex for MapIndex {
    fn prepare(&self, _: &ArchiveState<'_>, _: VectorSpace<'_>) -> Result<u64> {
        self.reach()?;
        Ok(self.kept.lock().unwrap().len() as u64)
    }

    fn nearest(
        &self,
        archive: &ArchiveState<'_>,
        query: VectorQuery<'_>,
        filter: &VectorFilter,
        limit: usize,
    ) -> Result<Vec<VectorHit>> {
        let mut found = Vec::new();
        for (passage, vector) in &*self.kept.lock().unwrap() {
            let message = passage.message();
            let project = archive.project_of(message)?;
            if !vector.is_empty()
                && project.is_some_and(|project| filter.projects.admits(project))
                && filter.is_in_range(message)
            {
                let (passage, cosine) = (*passage, vector.cosine(query.vector));
                found.push(VectorHit { passage, cosine });
            }
        }
        found.sort_by(|a, b| b.cosine.total_cmp(&a.cosine));
        found.truncate(limit);
        Ok(found)
    }

    fn scores(
        &self,
        _: &ArchiveState<'_>,
        query: VectorQuery<'_>,
        messages: &[MessageId],
    ) -> Result<Vec<Option<VectorHit>>> {
        *self.score_calls.lock().unwrap() += 1;
        let kept = self.kept.lock().unwrap();
        let best = |message: &MessageId| {
            let passages = PassageId::new(*message, 0)..PassageId::new(MessageId(message.0 + 1), 0);
            kept.range(passages)
                .map(|(passage, vector)| VectorHit {
                    passage: *passage,
                    cosine: vector.cosine(query.vector),
                })
                .filter(|hit| hit.cosine > 0.0)
                .max_by(|a, b| a.cosine.total_cmp(&b.cosine))
        };
        Ok(messages.iter().map(best).collect())
    }

    fn upsert(
        &self,
        _: &ArchiveState<'_>,
        _: &ModelId,
        vectors: &[(PassageId, Embedding)],
    ) -> Result<()> {
        self.reach()?;
        self.kept.lock().unwrap().extend(vectors.iter().cloned());
        Ok(())
    }

    fn erase(&self, _: &ArchiveState<'_>, messages: &[MessageId]) -> Result<()> {
        let mut kept = self.kept.lock().unwrap();
        kept.retain(|passage, _| !messages.contains(&passage.message()));
        Ok(())
    }

    fn clear(&self, _: &ArchiveState<'_>) -> Result<()> {
        self.kept.lock().unwrap().clear();
        Ok(())
    }

    fn verify(&self, _: &ArchiveState<'_>) -> Result<Vec<String>> {
        Ok(vec!["the map is only a map".into()])
    }
}

fn opener(sandbox: &Sandbox, vectors: VectorStorage) -> ArchiveOpener {
    ArchiveOpener {
        vectors,
        ..ArchiveOpener::new(&sandbox.home(), &Guards::default())
    }
}

/// An archive with all fixtures, its vectors where `vectors` says.
fn imported(sandbox: &Sandbox, vectors: VectorStorage) -> Archive {
    let mut archive = opener(sandbox, vectors).open().unwrap();
    import(&mut archive, &sandbox.request());
    embed(&mut archive);
    archive
}

/// What searches of every mode find, with their scores to two digits.
fn found(archive: &mut Archive) -> Vec<Vec<(String, i64)>> {
    let mut found = Vec::new();
    for query in ["celadon glaze", "which tide table", "kiln temperature"] {
        for mode in [Mode::Hybrid, Mode::Semantic] {
            let request = SearchRequest {
                mode,
                ..SearchRequest::new(query, Scope::All, NOW)
            };
            let response = archive.search(&request, Some(&FixedEmbedder::new(32)));
            let hits = response.unwrap().hits.into_iter();
            found.push(
                hits.map(|hit| (hit.message_id, (hit.score * 100.0).round() as i64))
                    .collect(),
            );
        }
    }
    found
}

#[test]
fn another_index_serves_a_whole_archive() {
    let (sandbox, other) = (Sandbox::with_fixtures(), Sandbox::with_fixtures());
    let index = Arc::new(MapIndex::default());
    let mut archive = imported(&sandbox, VectorStorage::Index(index.clone()));
    let mut embedded = imported(&other, VectorStorage::Files);
    let (by_map, by_scan) = (found(&mut archive), found(&mut embedded));
    assert_eq!(by_map.len(), by_scan.len());
    for (one, other) in by_map.iter().zip(&by_scan) {
        // Rounding may put two that are equally near in another order, and leave out what isn't near at
        // all, which stands at the end.
        assert!(!one.is_empty() && !other.is_empty());
        let rest = one
            .iter()
            .skip(other.len())
            .chain(other.iter().skip(one.len()));
        assert!(
            rest.clone().all(|(_, score)| *score == 0),
            "{one:?} {other:?}"
        );
        let close = |(a, b): (&(String, i64), &(String, i64))| (a.1 - b.1).abs() <= 2;
        assert!(one.iter().zip(other).all(close), "{one:?} {other:?}");
    }
    // Scores are asked for in batches: of all candidates, and of those around the best.
    assert_eq!(*index.score_calls.lock().unwrap(), 2 * by_map.len());
    let count: i64 = sandbox
        .database()
        .query_row("SELECT count(*) FROM vectors", [], |row| row.get(0))
        .unwrap();
    assert_eq!(
        count, 0,
        "the database holds vectors though another index has them"
    );
    let damage = crate::support::damage(&archive);
    assert_eq!(damage, ["the map is only a map"]);
}

#[test]
fn another_index_forgets_what_is_deleted() {
    let sandbox = Sandbox::new();
    let index = Arc::new(MapIndex::default());
    let mut archive = imported(&sandbox, VectorStorage::Index(index.clone()));
    let new = NewReflection {
        content: "Celadon cracks if it cools too fast.".into(),
        now: NOW,
        ..NewReflection::default()
    };
    let kept = archive.reflect(&new).unwrap();
    embed(&mut archive);
    assert_eq!(index.kept.lock().unwrap().len(), 1);
    let change = ReflectionChange {
        content: Some("Celadon cracks if it is fired twice.".into()),
        tags: None,
        now: NOW,
    };
    archive
        .edit_reflection(&kept.id, &Scope::All, &change)
        .unwrap();
    assert!(index.kept.lock().unwrap().is_empty());
    embed(&mut archive);
    assert_eq!(index.kept.lock().unwrap().len(), 1);
    archive.delete_reflection(&kept.id, &Scope::All).unwrap();
    assert!(index.kept.lock().unwrap().is_empty());
}

#[test]
fn another_index_is_not_asked_about_other_projects() {
    let sandbox = Sandbox::new();
    let said = |id: &str, project: &str| {
        let mut line = generic(id, id, "The glaze is too thin.");
        line["project"] = project.into();
        line
    };
    sandbox.write("a.jsonl", &lines(&[said("1", "kiln"), said("2", "mill")]));
    let index = Arc::new(MapIndex::default());
    let mut archive = imported(&sandbox, VectorStorage::Index(index));
    let request = SearchRequest {
        mode: Mode::Semantic,
        ..in_project("glaze", "mill")
    };
    let response = archive.search(&request, Some(&FixedEmbedder::new(32)));
    assert_eq!(ids(&response.unwrap()), ["2"]);
}

#[test]
fn an_index_that_is_down_is_an_error_of_its_own_and_loses_nothing() {
    let sandbox = Sandbox::with_fixtures();
    let index = Arc::new(MapIndex::default());
    *index.is_down.lock().unwrap() = true;
    let storage = VectorStorage::Index(index.clone());
    let mut archive = opener(&sandbox, storage).open().unwrap();
    import(&mut archive, &sandbox.request());
    let embedder = FixedEmbedder::new(32);
    let failed = archive.embed_pending(&embedder, &Stop::new(), &NoProgress);
    assert!(matches!(failed, Err(Error::VectorIndex(_))), "{failed:?}");
    let request = SearchRequest::new("celadon", Scope::All, NOW);
    let failed = archive.search(&request, Some(&embedder));
    assert!(matches!(failed, Err(Error::VectorIndex(_))));
    assert!(!archive.search(&request, None).unwrap().hits.is_empty());
    *index.is_down.lock().unwrap() = false;
    embed(&mut archive);
    let indexed = archive.indexed().unwrap();
    assert!(indexed.embedded == indexed.embeddable && indexed.embedded > 0);
}

#[test]
fn an_archive_with_vectors_in_memory_writes_no_file_of_them() {
    let (sandbox, other) = (Sandbox::with_fixtures(), Sandbox::with_fixtures());
    let mut in_memory = imported(&sandbox, VectorStorage::Memory);
    let mut in_files = imported(&other, VectorStorage::Files);
    assert_eq!(found(&mut in_memory), found(&mut in_files));
    assert!(!sandbox.home().vectors().exists());
    assert_sound(&in_memory);
    // What one process embedded another one finds.
    let mut again = opener(&sandbox, VectorStorage::Memory).open().unwrap();
    assert_eq!(found(&mut again), found(&mut in_files));
    assert!(!sandbox.home().vectors().exists());
}

#[test]
fn archives_of_one_opener_can_share_their_vectors() {
    let sandbox = Sandbox::with_fixtures();
    let opener = opener(&sandbox, VectorStorage::Memory).with_shared_vectors();
    let (mut writer, reader) = (opener.open().unwrap(), opener.open().unwrap());
    import(&mut writer, &sandbox.request());
    embed(&mut writer);
    let expected = found(&mut writer);
    let mut readers = [
        reader,
        opener.open().unwrap(),
        opener.clone().open().unwrap(),
    ];
    std::thread::scope(|scope| {
        let searches = readers
            .each_mut()
            .map(|reader| scope.spawn(|| found(reader)));
        for search in searches {
            assert_eq!(search.join().unwrap(), expected);
        }
    });
}
