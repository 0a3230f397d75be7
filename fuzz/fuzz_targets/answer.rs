//! The answer of a model server, in any pieces.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lorekeep_fuzz::answers::any_pieces_of_an_answer_read_the_same;

fuzz_target!(|data: &[u8]| any_pieces_of_an_answer_read_the_same(data));
