//! `.env` files, with values that refer to others.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lorekeep_fuzz::variables_are_read_from_any_bytes;

fuzz_target!(|data: &[u8]| {
    variables_are_read_from_any_bytes(data);
});
