//! Names of tools as models take them: `[A-Za-z0-9_-]{1,64}`, each of them once.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use crate::config::hex;

/// How long a name may be; OpenAI's limit, which is the shortest.
pub const MAX_WIRE_NAME: usize = 64;

/// How long the part is that tells apart what was cut or changed.
const TAIL_CHARS: usize = 8;

/// The name of a tool for a model. `taken` are the names that there are already.
pub(crate) fn wire_name(server: &str, tool: &str, taken: &mut HashSet<String>) -> String {
    let plain = format!("{}__{}", cleaned(server), cleaned(tool));
    // Another tool could be mapped to the same name whenever a character was replaced.
    let is_exact = plain == format!("{server}__{tool}") && plain.len() <= MAX_WIRE_NAME;
    let mut name = match is_exact {
        true => plain.clone(),
        false => with_tail(&plain, server, tool, 0),
    };
    let mut round = 1;
    while !taken.insert(name.clone()) {
        name = with_tail(&plain, server, tool, round);
        round += 1;
    }
    name
}

/// The name, cut so that a hash of what it was made of fits behind it.
fn with_tail(plain: &str, server: &str, tool: &str, round: u32) -> String {
    let mut hasher = Sha256::new();
    hasher.update(format!("{}\0{server}\0{tool}\0{round}", server.len()));
    let tail = &hex(&hasher.finalize())[..TAIL_CHARS];
    // The characters are ASCII, so that bytes are characters.
    let start = &plain[..plain.len().min(MAX_WIRE_NAME - TAIL_CHARS - 1)];
    format!("{start}_{tail}")
}

fn cleaned(name: &str) -> String {
    let clean = name.chars().map(|c| match c {
        c if c.is_ascii_alphanumeric() || c == '_' || c == '-' => c,
        _ => '_',
    });
    clean.collect()
}
