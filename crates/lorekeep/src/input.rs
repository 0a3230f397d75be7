//! Files that a person names to be read line by line, or standard input.

use std::io::{self, BufRead, BufReader, ErrorKind};
use std::path::Path;

use crate::fault::Fault;

/// What to do about what is no regular file: reading it could wait for ever.
pub(crate) const NOT_A_FILE_HINT: &str =
    "`-` reads standard input, and the shell can redirect anything to that";

/// Whether a path means standard input: `-`, or the name that the system has for it. Opened by that name, a
/// pipe would be refused as no file.
pub(crate) fn is_standard(path: &Path) -> bool {
    let is_device =
        cfg!(unix) && (path == Path::new("/dev/stdin") || path == Path::new("/dev/fd/0"));
    path == Path::new("-") || is_device
}

/// Opens a file, or standard input for `-`.
pub(crate) fn open(file: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    if is_standard(file) {
        return Ok(Box::new(io::stdin().lock()));
    }
    match files::open(file) {
        Ok(file) => Ok(Box::new(BufReader::new(file))),
        Err(error) if error.kind() == ErrorKind::InvalidInput => {
            Err(Fault::failure(error.to_string())
                .hint(NOT_A_FILE_HINT)
                .into())
        }
        Err(error) => Err(error.into()),
    }
}
