//! The built program as a process: what a person types, and what comes out.

mod support;

mod help;
mod settings;
mod archive;
mod search;
mod meaning;
mod output;
mod failures;
mod upkeep;
mod setup;
mod browse;
