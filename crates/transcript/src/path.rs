//! The parts of a log's path that sources look at. Paths may come from any system, so that both `/`
//! and `\` part directories.

/// The file name of a path with `/` or, from Windows, `\`.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or_default()
}

/// The file name of a log without its endings: that of compression and that of its format.
pub(crate) fn stem(path: &str) -> &str {
    let name = uncompressed(file_name(path));
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// A file name without the ending of compressed files.
pub(crate) fn uncompressed(name: &str) -> &str {
    name.strip_suffix(".zst").unwrap_or(name)
}
