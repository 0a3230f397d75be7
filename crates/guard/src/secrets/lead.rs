//! The rules that a word of the index leads to.

use super::generic::SecretSort;
use super::rule::{KeyRule, NamedKeyRule};

/// What a word leads to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lead {
    Key(&'static KeyRule),
    Named(&'static NamedKeyRule),
    Word(SecretSort),
    Command(usize),
    Bearer,
    Basic,
    Block,
    Putty,
    Kubernetes,
    Login,
    Address,
    Jwt,
    Piped,
    Slashed,
}
