//! Files that are there whole or not at all.

use std::io::Write as _;

use files::{Access, Draft};

#[test]
fn of_many_that_make_a_file_one_is_first() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("key");
    let placed = std::thread::scope(|scope| {
        let makers: Vec<_> = (0..8_u8)
            .map(|number| {
                let path = &path;
                scope.spawn(move || {
                    let mut draft = Draft::new(path, Access::Private).expect("a draft");
                    draft.write_all(&[number; 32]).expect("written");
                    draft.place_if_absent().expect("placed or not")
                })
            })
            .collect();
        makers
            .into_iter()
            .filter(|_| true)
            .map(|maker| maker.join().expect("no panic"))
            .filter(|first| *first)
            .count()
    });
    assert_eq!(placed, 1);
    let bytes = fs_err::read(&path).expect("the file");
    assert!(bytes.len() == 32 && bytes.iter().all(|byte| *byte == bytes[0]));
    assert_eq!(
        fs_err::read_dir(dir.path()).expect("a directory").count(),
        1
    );
}

#[test]
fn a_place_without_name_or_directory_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    for path in ["/", "..", "none/file"] {
        assert!(
            Draft::new(&dir.path().join(path), Access::Ordinary).is_err(),
            "{path}"
        );
    }
}
