//! Why something isn't fetched, one variant for each decision that a caller makes.

use std::time::Duration;

/// Why something isn't fetched. Its text is one line without a full stop, and says what failed and where.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address can't be used: it is no URL, of another scheme than `http` and `https`, or holds a password.
    #[error("`{url}` {why}")]
    BadUrl {
        /// The address as given, or as a redirect named it.
        url: String,
        /// Why not.
        why: &'static str,
    },
    /// The host is, or may be, in a private network.
    #[error("`{host}` is at {address}, which is no public address: it isn't fetched")]
    Private {
        /// The host.
        host: String,
        /// The address that it has there.
        address: std::net::IpAddr,
    },
    /// The host has no address.
    #[error("`{host}` isn't found")]
    Unresolved {
        /// The host.
        host: String,
    },
    /// Each address redirects to another one.
    #[error("`{url}` redirects more than {limit} times")]
    TooManyRedirects {
        /// The address that was asked for.
        url: String,
        /// The number of redirects that are followed.
        limit: usize,
    },
    /// It redirects to another host, and only the one was asked about.
    #[error("`{url}` leads to another host: `{to}`")]
    LeadsElsewhere {
        /// The address that redirects.
        url: String,
        /// Where to.
        to: String,
    },
    /// The server refuses.
    #[error("`{url}` answers with status {status}")]
    Status {
        /// The address that was asked at last.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// There is more than the limit.
    #[error("`{url}` is larger than {limit} bytes")]
    TooLarge {
        /// The address that was asked at last.
        url: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// It took too long.
    #[error("`{url}` took longer than {} s", limit.as_secs())]
    TimedOut {
        /// The address.
        url: String,
        /// The limit.
        limit: Duration,
    },
    /// The connection failed, or broke.
    #[error("`{url}` can't be fetched: {why}")]
    Failed {
        /// The address.
        url: String,
        /// Why, as one line.
        why: String,
    },
}
