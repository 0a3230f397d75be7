//! Links, pipes and devices that somebody put where a file is expected.

use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use files::{Access, Draft, Root};

fn directory() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

fn pipe(path: &Path) {
    rustix::fs::mkfifoat(
        rustix::fs::CWD,
        path,
        rustix::fs::Mode::from_raw_mode(0o600),
    )
    .expect("a named pipe");
}

fn mode(path: &Path) -> u32 {
    let metadata = fs_err::metadata(path).expect("metadata");
    metadata.permissions().mode() & 0o7777
}

#[test]
fn what_is_no_file_is_refused_without_waiting() {
    let dir = directory();
    let fifo = dir.path().join("fifo");
    pipe(&fifo);
    let link = dir.path().join("link");
    symlink(&fifo, &link).expect("a link");
    let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket"));
    for path in [
        &fifo,
        &link,
        dir.path(),
        &dir.path().join("socket"),
        Path::new("/dev/zero"),
        Path::new("/dev/tty"),
    ] {
        let error = files::open(path).expect_err("no file");
        assert_eq!(
            error.kind(),
            ErrorKind::InvalidInput,
            "{}: {error}",
            path.display()
        );
        assert!(files::open_lock(path).is_err());
        assert!(files::open_append(path).is_err());
    }
    let missing = files::open(&dir.path().join("none")).expect_err("nothing");
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

#[test]
fn files_are_read_up_to_a_limit() {
    let dir = directory();
    let path = dir.path().join("a");
    fs_err::write(&path, "12345").expect("a file");
    assert_eq!(files::read(&path, 5).expect("its bytes"), b"12345");
    let error = files::read(&path, 4).expect_err("too long");
    assert_eq!(error.kind(), ErrorKind::FileTooLarge);
    // One that claims to be empty and isn't.
    assert!(
        files::read(Path::new("/proc/self/status"), 1 << 20).is_ok_and(|bytes| !bytes.is_empty())
    );
    let error = files::read(Path::new("/proc/self/status"), 10).expect_err("too long");
    assert_eq!(error.kind(), ErrorKind::FileTooLarge);
}

#[test]
fn a_draft_replaces_a_link_and_leaves_what_it_led_to() {
    let dir = directory();
    let victim = dir.path().join("victim");
    fs_err::write(&victim, "mine").expect("a file");
    let path = dir.path().join("file");
    symlink(&victim, &path).expect("a link");
    let mut draft = Draft::new(&path, Access::Private).expect("a draft");
    draft.write_all(b"new").expect("written");
    draft.replace().expect("replaced");
    assert_eq!(fs_err::read(&victim).expect("the victim"), b"mine");
    assert_eq!(fs_err::read(&path).expect("the file"), b"new");
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn a_lock_or_a_log_is_not_opened_through_a_link() {
    let dir = directory();
    let outside = dir.path().join("outside");
    let link = dir.path().join("lock");
    symlink(&outside, &link).expect("a link");
    assert!(files::open_lock(&link).is_err());
    assert!(files::open_append(&link).is_err());
    assert!(!outside.exists(), "made through a dangling link");
}

#[test]
fn no_link_leads_out_of_a_root() {
    let dir = directory();
    let (root, outside) = (dir.path().join("root"), dir.path().join("outside"));
    fs_err::create_dir(&root).expect("a directory");
    fs_err::create_dir(&outside).expect("a directory");
    fs_err::write(outside.join("secret"), "secret").expect("a file");
    symlink("../outside", root.join("dir")).expect("a link");
    symlink("../outside/secret", root.join("file")).expect("a link");
    symlink(outside.join("secret"), root.join("absolute")).expect("a link");
    symlink("../outside/new", root.join("dangling")).expect("a link");
    symlink("nothing", root.join("nowhere")).expect("a link");
    symlink("loop", root.join("loop")).expect("a link");
    pipe(&root.join("fifo"));
    let opened = Root::open(&root).expect("a root");
    for path in [
        "dir/secret",
        "dir/new",
        "dir/deep/new",
        "file",
        "absolute",
        "dangling",
        "nowhere",
        "loop",
        "fifo",
        "fifo/x",
        "../outside/secret",
        "dir/../../outside/secret",
        "/etc/passwd",
        "",
        ".",
    ] {
        let path = Path::new(path);
        assert!(opened.read(path, 100).is_err(), "read {}", path.display());
        assert!(
            opened.replace(path, b"x").is_err(),
            "replaced {}",
            path.display()
        );
    }
    assert_eq!(
        fs_err::read(outside.join("secret")).expect("the secret"),
        b"secret"
    );
    assert_eq!(fs_err::read_dir(&outside).expect("a directory").count(), 1);
    assert!(!root.join("nothing").exists());
}

#[test]
fn links_inside_of_a_root_lead_to_the_file_itself() {
    let dir = directory();
    let opened = Root::open(dir.path()).expect("a root");
    opened
        .replace(Path::new("real/deep/file"), b"1")
        .expect("written");
    symlink("real/deep", dir.path().join("short")).expect("a link");
    symlink("short/file", dir.path().join("link")).expect("a link");
    let path = Path::new("link");
    assert_eq!(opened.read(path, 9).expect("read"), Some(b"1".to_vec()));
    assert_eq!(
        opened.resolve(path).expect("a path"),
        opened.path().join("real/deep/file")
    );
    opened.replace(path, b"2").expect("written");
    assert!(fs_err::symlink_metadata(dir.path().join("link")).is_ok_and(|link| link.is_symlink()));
    assert_eq!(
        fs_err::read(dir.path().join("real/deep/file")).expect("the file"),
        b"2"
    );
    assert_eq!(opened.read(Path::new("none/file"), 9).expect("read"), None);
}

#[test]
fn a_file_keeps_its_permissions_and_nothing_is_left_beside_it() {
    let dir = directory();
    let path = dir.path().join("file");
    for bits in [0o600, 0o640, 0o664, 0o755, 0o4755] {
        fs_err::write(&path, "old").expect("a file");
        fs_err::set_permissions(&path, std::fs::Permissions::from_mode(bits)).expect("a mode");
        let root = Root::open(dir.path()).expect("a root");
        root.replace(Path::new("file"), b"new").expect("written");
        assert_eq!(mode(&path), bits & 0o777, "{bits:o}");
    }
    drop(Draft::new(&path, Access::Private).expect("a draft"));
    assert_eq!(
        fs_err::read_dir(dir.path()).expect("a directory").count(),
        1
    );
}
