//! All guards on any text: findings are places in it, in order, and masking takes them away.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lorekeep_fuzz::guards_find_places_in_any_text;

fuzz_target!(|data: &[u8]| guards_find_places_in_any_text(data));
