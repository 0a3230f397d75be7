//! Documents of knowledge: text, Markdown, HTML, source code and DOCX.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lorekeep_fuzz::documents::documents_are_read_from_any_bytes;

fuzz_target!(|data: &[u8]| {
    documents_are_read_from_any_bytes(data);
});
