//! The generic format, read and written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lorekeep_fuzz::{any_split_reads_the_same, written_lines_read_the_same};

fuzz_target!(|data: &[u8]| {
    any_split_reads_the_same(transcript::jsonl::SOURCE, data);
    written_lines_read_the_same(data);
});
