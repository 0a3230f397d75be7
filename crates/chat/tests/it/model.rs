//! Models: streams of all providers from files, and requests over real sockets.

mod answers;
mod refusals;
mod remembered;
mod requests;
mod servers;
mod streams;
mod support;
