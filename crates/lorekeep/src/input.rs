//! Files that a person names to be read line by line, or standard input.

use std::io::{self, BufRead, BufReader, ErrorKind};
use std::path::Path;

use crate::fault::Fault;

/// What to do about what is no regular file: reading it could wait for ever.
pub(crate) const NOT_A_FILE_HINT: &str =
    "`-` reads standard input, and the shell can redirect anything to that";

/// Opens a file, or standard input for `-`.
pub(crate) fn open(file: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    if file == Path::new("-") {
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
