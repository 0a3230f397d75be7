//! A log of any format, exported and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lorekeep_fuzz::logs::any_export_reads_the_same;

fuzz_target!(|data: &[u8]| any_export_reads_the_same(data));
