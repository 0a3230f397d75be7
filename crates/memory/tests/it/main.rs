//! The memory as surfaces use it: many threads, few connections, with and without a model.

mod support;
mod connections;
mod searching;
