//! No part of what any guard finds survives masking.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lorekeep_fuzz::no_part_of_a_finding_survives;

fuzz_target!(|data: &[u8]| no_part_of_a_finding_survives(data));
