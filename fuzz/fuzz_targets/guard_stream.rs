//! A text in pieces gives what the whole text gives.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lorekeep_fuzz::any_pieces_are_masked_as_the_whole_is;

fuzz_target!(|data: &[u8]| any_pieces_are_masked_as_the_whole_is(data));
