//! Paths that reach another machine.

/// Whether merely looking at a path could reach another machine: on Windows a UNC path sends the
/// person's credentials to the host that it names. Paths that logs name are checked before they are
/// looked at.
///
/// True for `\\host\share` and `//host/share` in every mixture of separators, for `\\?\UNC\host\share`
/// and `\??\UNC\…`, and for the device namespaces `\\.\` and `\\?\` unless a drive letter follows.
/// Where `/` is the only separator, only forms that begin with a backslash count: `//home/ada` is a
/// local path there.
#[must_use]
pub fn is_network_path(path: &str) -> bool {
    is_network_path_of(path, cfg!(windows))
}

fn is_network_path_of(path: &str, is_windows: bool) -> bool {
    let separator = |byte: &u8| *byte == b'\\' || is_windows && *byte == b'/';
    let bytes = path.as_bytes();
    if bytes.starts_with(br"\??\") {
        return !is_drive(&bytes[4..]);
    }
    match bytes {
        [first, second, rest @ ..] if separator(first) && separator(second) => {
            let is_verbatim = rest.first() == Some(&b'?') && rest.get(1).is_some_and(separator);
            !(is_verbatim && is_drive(&rest[2..]))
        }
        _ => false,
    }
}

fn is_drive(bytes: &[u8]) -> bool {
    matches!(bytes, [letter, b':', ..] if letter.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unc_paths_in_every_spelling_are_network_paths() {
        for path in [
            r"\\host\share\x",
            r"//host/share",
            r"\/host/share",
            r"\\?\UNC\host\share",
            r"//?/UNC/host/share",
            r"\??\UNC\host\share",
            r"\\.\pipe\x",
            r"\\?\GLOBALROOT\Device\Mup\host",
            r"\\",
        ] {
            assert!(is_network_path_of(path, true), "{path}");
        }
        for path in [
            r"C:\src",
            r"\\?\C:\src",
            r"\??\C:\src",
            r"\src",
            "src",
            "",
            "/",
        ] {
            assert!(!is_network_path_of(path, true), "{path}");
        }
        assert!(is_network_path_of(r"\\host\share", false));
        assert!(!is_network_path_of("//home/ada/src", false));
    }
}
