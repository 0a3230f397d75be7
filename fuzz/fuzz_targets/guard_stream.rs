//! Masking in pieces: however a text is cut, all of it is accounted for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lorekeep_fuzz::any_pieces_are_accounted_for;

fuzz_target!(|data: &[u8]| any_pieces_are_accounted_for(data));
