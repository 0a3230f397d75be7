//! Codex CLI's rollout files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lorekeep_fuzz::any_split_reads_the_same;

fuzz_target!(|data: &[u8]| any_split_reads_the_same(transcript::codex::SOURCE, data));
