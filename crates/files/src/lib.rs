//! The one place where files that others left are opened, and where files are written.
//!
//! A cloned repository, a log or another program may have put anything under a name: a link, a named
//! pipe, a device, a file without end. So what is read is a regular file, opened without waiting and
//! read up to a limit; what is written is a new file of a random name that takes the place of the old
//! one whole; and inside of a [`Root`] no link leads out. What the files are for isn't known here. Errors
//! are of the kind ([`std::io::ErrorKind`]) that the system gives, unless another is named.

mod draft;
mod read;
mod root;
mod own;
mod network;

pub use draft::{Access, Draft};
pub use network::is_network_path;
pub use own::{create_dir, create_private_dir, is_at, open_append, open_lock, rename};
pub use read::{is_regular, open, read, read_start, read_text, reason};
pub use root::Root;
