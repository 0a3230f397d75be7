//! The spellings of one path: of Windows and its shells, of WSL, and of addresses of files.
//!
//! One directory is `C:\src\shop` to PowerShell, `c:/src/shop` to an editor, `/c/src/shop` to Git Bash and
//! `/mnt/c/src/shop` to WSL; and `/home/ada/shop` in WSL is `\\wsl.localhost\Ubuntu\home\ada\shop` to
//! Windows. Nothing is looked up on disk, but whether a root such as `/c` is there.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// What a path starts at, with the rest of it, which has `/` only.
enum Spelling<'a> {
    /// A drive of Windows.
    Drive(char, Cow<'a, str>),
    /// A share of another machine.
    Share(Cow<'a, str>),
    /// A path of a system with one root.
    Root(Cow<'a, str>),
    /// A relative path, or one that isn't understood.
    Other,
}

impl<'a> Spelling<'a> {
    fn of(path: &'a str) -> Self {
        let is_windows = path.starts_with('\\') || drive(path).is_some();
        let slashed = match is_windows {
            true => Cow::Owned(path.replace('\\', "/")),
            false => Cow::Borrowed(path),
        };
        let verbatim = ["//?/", "//./", "/??/"]
            .into_iter()
            .find(|start| slashed.starts_with(start));
        let slashed = verbatim.map_or(slashed.clone(), |start| cut(slashed, start.len()));
        if let Some(letter) = drive(&slashed) {
            return Self::Drive(letter, cut(slashed, 2));
        }
        if verbatim.is_some() {
            let is_share = slashed
                .get(..4)
                .is_some_and(|s| s.eq_ignore_ascii_case("UNC/"));
            return match is_share {
                true => Self::share(cut(slashed, 3)),
                false => Self::Other,
            };
        }
        if slashed.starts_with("//") && (is_windows || is_host(&slashed[2..])) {
            return Self::share(cut(slashed, 1));
        }
        match slashed.starts_with('/') {
            true if is_windows => Self::Other,
            true => Self::root(slashed),
            false => Self::Other,
        }
    }

    /// What follows the first of the separators before a host.
    fn share(rest: Cow<'a, str>) -> Self {
        let parts = rest.trim_start_matches('/');
        let (host, shared) = parts.split_once('/').unwrap_or((parts, ""));
        let is_wsl = ["wsl$", "wsl.localhost"]
            .iter()
            .any(|name| host.eq_ignore_ascii_case(name));
        if !is_wsl {
            return Self::Share(rest);
        }
        let inside = shared.split_once('/').map_or("", |(_, inside)| inside);
        Self::root(Cow::Owned(format!("/{inside}")))
    }

    /// A path of a system with one root, below which Windows' drives may be mounted.
    fn root(path: Cow<'a, str>) -> Self {
        // VS Code writes `/c:/src` where an address `file:///c:/src` was.
        if let Some(letter) = drive(&path[1..]) {
            return Self::Drive(letter, cut(path, 3));
        }
        for (mount, is_shell) in [("/mnt/", false), ("/cygdrive/", false), ("/", true)] {
            let Some(rest) = path.strip_prefix(mount) else {
                continue;
            };
            let mut letters = rest.chars();
            if let (Some(letter), None | Some('/')) = (letters.next(), letters.next())
                && letter.is_ascii_lowercase()
                && !(is_shell && is_directory_of_here(letter))
            {
                return Self::Drive(letter, cut(path, mount.len() + 1));
            }
        }
        Self::Root(path)
    }
}

/// The rest of a text.
fn cut(text: Cow<'_, str>, at: usize) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[at..]),
        Cow::Owned(text) => Cow::Owned(text[at..].to_owned()),
    }
}

/// The letter of the drive that a path starts with.
fn drive(path: &str) -> Option<char> {
    match path.as_bytes() {
        [letter, b':'] | [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic() => {
            Some(char::from(*letter))
        }
        _ => None,
    }
}

/// Whether what follows two slashes is a host of Windows' distributions of Linux: elsewhere two slashes
/// are one.
fn is_host(rest: &str) -> bool {
    let host = rest.split('/').next().unwrap_or_default();
    cfg!(windows)
        || ["wsl$", "wsl.localhost"]
            .iter()
            .any(|name| host.eq_ignore_ascii_case(name))
}

/// Whether `/c` is a directory of this machine and no drive as Git Bash writes it.
fn is_directory_of_here(letter: char) -> bool {
    !cfg!(windows) && Path::new(&format!("/{letter}")).is_dir()
}

/// A path as it is shown, in the one form of its system: drives and shares with backslashes, no separator
/// at the end or twice, and case as it was.
pub(crate) fn normal_path(path: &str) -> Cow<'_, str> {
    match Spelling::of(path) {
        Spelling::Drive(letter, rest) => {
            let below = joined(&rest, '\\');
            let letter = letter.to_ascii_uppercase();
            match below.is_empty() {
                true => Cow::Owned(format!("{letter}:\\")),
                false => Cow::Owned(format!("{letter}:{below}")),
            }
        }
        Spelling::Share(rest) => Cow::Owned(format!("\\{}", joined(&rest, '\\'))),
        Spelling::Root(rest) if is_joined(&rest) => rest,
        Spelling::Root(rest) => match joined(&rest, '/') {
            empty if empty.is_empty() => Cow::Borrowed("/"),
            path => Cow::Owned(path),
        },
        Spelling::Other => {
            let trimmed = path.trim_end_matches(['/', '\\']);
            Cow::Borrowed(if trimmed.is_empty() { path } else { trimmed })
        }
    }
}

/// A path as it is compared: [`normal_path`] with composed letters, and where the system tells no capitals
/// from small letters, in small letters.
pub(crate) fn place_of(path: &str) -> String {
    let normal = normal_path(path);
    let composed = match is_nfc(&normal) {
        true => normal,
        false => Cow::Owned(normal.nfc().collect()),
    };
    match drive(&composed) {
        Some(letter) => format!("{letter}{}", composed[1..].to_lowercase()),
        None if composed.starts_with("\\\\") => composed.to_lowercase(),
        None => composed.into_owned(),
    }
}

/// A file's path as it is compared, with `/` only: [`place_of`] where it begins at a root.
pub(crate) fn comparable_file(path: &str) -> String {
    let path = match matches!(Spelling::of(path), Spelling::Other) {
        true => Cow::Borrowed(path),
        false => Cow::Owned(place_of(path)),
    };
    path.replace('\\', "/")
}

/// Whether a path as [`comparable_file`] gives it is of a system that doesn't tell capitals from small letters.
pub(crate) fn is_caseless(path: &str) -> bool {
    drive(path).is_some() || path.starts_with("//")
}

/// Where a path lies for the system that this runs on: in WSL drives are mounted below `/mnt`.
pub(crate) fn native(path: &str) -> PathBuf {
    let normal = normal_path(path);
    if cfg!(windows) {
        return PathBuf::from(&*normal);
    }
    // What is spelled as a path of this system is one, whatever else it may mean.
    if path.starts_with('/') && !path.starts_with("//") && drive(&path[1..]).is_none() {
        return PathBuf::from(match path.trim_end_matches('/') {
            "" => "/",
            trimmed => trimmed,
        });
    }
    match drive(&normal) {
        Some(letter) => {
            let mount = format!("/mnt/{}", letter.to_ascii_lowercase());
            match Path::new(&mount).is_dir() {
                true => PathBuf::from(mount + &normal[2..].replace('\\', "/")),
                false => PathBuf::from(&*normal),
            }
        }
        None => PathBuf::from(&*normal),
    }
}

/// The places above one, the nearest first, without the root of all.
pub(crate) fn above(place: &str) -> impl Iterator<Item = &str> {
    let root = root_length(place);
    place
        .rmatch_indices(['/', '\\'])
        .map(|(at, _)| at)
        .take_while(move |at| *at >= root)
        .filter(|at| *at > 0)
        .map(|at| &place[..at])
}

/// Bytes of a place up to which it is no directory: `C:`, `\\host\share`.
fn root_length(place: &str) -> usize {
    if drive(place).is_some() {
        return 3;
    }
    if let Some(shared) = place.strip_prefix("\\\\") {
        let host_end = shared.find('\\').map_or(place.len(), |at| at + 3);
        return place[host_end..]
            .find('\\')
            .map_or(place.len(), |at| host_end + at);
    }
    1
}

/// Whether a place is the root of a system, a drive or a share.
pub(super) fn is_root(place: &str) -> bool {
    place.len() <= root_length(place)
}

/// Whether a place lies below another one.
pub(crate) fn is_below(place: &str, above: &str) -> bool {
    let rest = place.strip_prefix(above);
    rest.is_some_and(|rest| {
        rest.starts_with(['/', '\\']) || !rest.is_empty() && above.ends_with(['/', '\\'])
    })
}

/// The parts of a path, with a separator before each.
fn joined(path: &str, separator: char) -> String {
    let mut all = String::with_capacity(path.len() + 1);
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        all.push(separator);
        all.push_str(part);
    }
    all
}

/// Whether [`joined`] would change nothing.
fn is_joined(path: &str) -> bool {
    path == "/"
        || !path.ends_with('/')
            && !path.contains("//")
            && !path.contains("/./")
            && !path.ends_with("/.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_path_are_one_place() {
        for path in [
            "C:\\src\\Shop",
            "c:/src/shop/",
            "C:\\\\src\\shop\\",
            "\\\\?\\C:\\src\\shop",
            "\\??\\C:\\src\\shop",
            "//?/C:/src/shop",
            "/c:/src/shop",
            "/mnt/c/src/shop",
            "/mnt/c//src/SHOP/",
            "/cygdrive/c/src/shop",
            "\\\\wsl$\\Ubuntu\\mnt\\c\\src\\shop",
        ] {
            assert_eq!(place_of(path), "C:\\src\\shop", "{path}");
        }
        for path in [
            "/home/ada/dam",
            "/home/ada/dam//",
            "/home//ada/./dam",
            "\\\\wsl.localhost\\Ubuntu\\home\\ada\\dam",
            "\\\\WSL$\\Debian\\home\\ada\\dam\\",
            "//wsl.localhost/Ubuntu/home/ada/dam",
            "\\\\?\\UNC\\wsl.localhost\\Ubuntu\\home\\ada\\dam",
        ] {
            assert_eq!(place_of(path), "/home/ada/dam", "{path}");
        }
        for path in [
            "\\\\Host\\Share\\shop\\",
            "\\\\?\\UNC\\host\\share\\shop",
            "//?/UNC/host/share/Shop",
        ] {
            assert_eq!(place_of(path), "\\\\host\\share\\shop", "{path}");
        }
    }

    #[test]
    fn case_counts_where_the_system_tells_it() {
        assert_eq!(place_of("/home/Ada/Shop"), "/home/Ada/Shop");
        assert_eq!(normal_path("c:\\Src\\Shop"), "C:\\Src\\Shop");
        assert_eq!(place_of("/home/ada/a\\b"), "/home/ada/a\\b");
        // Composed and decomposed letters are the same to every system.
        assert_eq!(place_of("/home/ada/Cafe\u{301}"), "/home/ada/Caf\u{e9}");
    }

    #[test]
    fn roots_stay_what_they_are() {
        assert_eq!(normal_path("/"), "/");
        assert_eq!(normal_path("//"), "/");
        assert_eq!(normal_path("C:"), "C:\\");
        assert_eq!(normal_path("c:\\"), "C:\\");
        assert_eq!(normal_path("/mnt/d"), "D:\\");
        assert_eq!(normal_path("/mnt/data/x"), "/mnt/data/x");
        assert_eq!(normal_path("~/shop/"), "~/shop");
        assert_eq!(normal_path(""), "");
        assert_eq!(normal_path("\\\\?\\"), "\\\\?");
    }

    #[test]
    fn a_drive_is_looked_for_where_it_is_mounted() {
        let is_unix = !cfg!(windows);
        if is_unix {
            assert_eq!(native("/mnt/z/src/"), Path::new("/mnt/z/src"));
            assert_eq!(native("/home/ada"), Path::new("/home/ada"));
            assert_eq!(native("/"), Path::new("/"));
        }
    }

    #[test]
    fn places_above_end_at_the_root() {
        let all = |place| above(place).collect::<Vec<_>>();
        assert_eq!(all("/a/b/c"), ["/a/b", "/a"]);
        assert_eq!(all("C:\\a\\b"), ["C:\\a"]);
        assert_eq!(
            all("\\\\host\\share\\a\\b"),
            ["\\\\host\\share\\a", "\\\\host\\share"]
        );
        assert_eq!(all("/"), [""; 0]);
        assert!(is_below("/a/b", "/a") && is_below("/a", "/") && !is_below("/ab", "/a"));
        assert!(!is_below("/a", "/a") && !is_below("/", "/"));
    }
}
