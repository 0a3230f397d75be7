//! A log as it grows, in any format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lorekeep_fuzz::logs::any_growth_reads_the_same;

fuzz_target!(|data: &[u8]| any_growth_reads_the_same(data));
