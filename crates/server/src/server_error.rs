//! Why a server can't start or its own database can't be used.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a server can't start, or why its own database can't be used. The text is one line without a full
/// stop; [`Self::hint`] says what a person can do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// Another program listens on the address.
    #[error("`{0}` is in use by another program")]
    AddressInUse(SocketAddr),
    /// The address can't be listened on.
    #[error("can't listen on `{address}`: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// Another server uses the same archive.
    #[error("another server uses `{}`{}", data.display(), of_running(address.as_deref(), *process))]
    AlreadyRunning {
        /// The data directory of both.
        data: PathBuf,
        /// Where the other one listens, if it says so.
        address: Option<String>,
        /// Its process, if it says so.
        process: Option<u32>,
    },
    /// An option would make the server unsafe.
    #[error("{what}")]
    Unsafe {
        /// What is unsafe.
        what: String,
        /// What to do.
        hint: &'static str,
    },
    /// An option can't be understood.
    #[error("{0}")]
    BadOption(String),
    /// A newer Lorekeep wrote the server's database.
    #[error("server database `{}` has schema version {found}, newer than the {known} that this program knows", path.display())]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// The server's database failed.
    #[error("server database: {0}")]
    Database(#[from] rusqlite::Error),
    /// A file couldn't be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    NoRandomness(getrandom::Error),
    /// A sealed key can't be opened: the file of the sealing key is another one, or the database was changed.
    #[error("a sealed key can't be opened")]
    Unsealable,
    /// What a key is to be can't be stored.
    #[error("{0}")]
    BadKey(String),
    /// No key has this id.
    #[error("no key `{0}`")]
    NoKey(String),
}

impl ServerError {
    /// What a person can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::AddressInUse(address) => format!(
                "`ss -ltnp 'sport = :{port}'` or `lsof -i :{port}` tells which; `--addr` takes another port",
                port = address.port()
            ),
            Self::Listen { .. } => "`--addr` takes another address".to_owned(),
            Self::AlreadyRunning { .. } => {
                "one server serves an archive: use that one, end it first, or set LOREKEEP_HOME"
                    .to_owned()
            }
            Self::Unsafe { hint, .. } => (*hint).to_owned(),
            Self::Newer { .. } => "update lorekeep, or restore a backup".to_owned(),
            Self::Unsealable => {
                "restore the file `seal.key`, or give the providers' keys again".to_owned()
            }
            Self::NoKey(_) => "`lorekeep key list` prints the ids".to_owned(),
            _ => return None,
        })
    }
}

fn of_running(address: Option<&str>, process: Option<u32>) -> String {
    let address = address.map(|address| format!("on {address}"));
    let process = process.map(|process| format!("process {process}"));
    let known: Vec<String> = address.into_iter().chain(process).collect();
    match known.is_empty() {
        true => String::new(),
        false => format!(" ({})", known.join(", ")),
    }
}
