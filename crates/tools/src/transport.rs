//! The three ways to a server, each as a transport of `rmcp`.

pub(crate) mod events;
pub(crate) mod process;
pub(crate) mod stdio;
pub(crate) mod web;
pub(crate) mod streamable;
pub(crate) mod sse;
