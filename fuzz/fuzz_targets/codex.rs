//! Codex CLI's rollout files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lorekeep_fuzz::any_split_reads_the_same;
use transcript::Source;

fuzz_target!(|data: &[u8]| any_split_reads_the_same(Source::Codex, data));
