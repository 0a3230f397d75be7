//! Fetches what an address (URL) names, for texts that strangers wrote: results of tools, characters, documents.
//!
//! What is fetched must not let a stranger reach into the networks that this machine stands in (server-side request
//! forgery, SSRF). So each hop of redirects is looked at by itself: only `http` and `https`; the host is resolved
//! once, every address that it has must be public, and the connection goes to one of the addresses that were looked
//! at. What the operator allows ([`FetchOptions::allow_private`]) or the caller vouches for by its origin is an
//! exception. Size and time are limited, and what comes is told by its bytes and not by what the server says of it.
//! This crate must not know what anything is fetched for.

mod address;
mod error;
mod sniff;
mod resolver;
mod fetched;
mod fetcher;

pub use address::is_public;
pub use error::Error;
pub use fetched::Fetched;
pub use fetcher::{FetchOptions, Fetcher};
pub use resolver::{HostResolver, Resolving};
pub use sniff::media_type;
