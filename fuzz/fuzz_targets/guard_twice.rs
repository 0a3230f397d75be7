//! Masking a masked text changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lorekeep_fuzz::masking_twice_is_masking_once;

fuzz_target!(|data: &[u8]| masking_twice_is_masking_once(data));
