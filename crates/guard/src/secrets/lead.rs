//! The rules that a word of the index leads to.

use super::generic::Sort;
use super::rule::{Key, Named};

/// What a word leads to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lead {
    Key(&'static Key),
    Named(&'static Named),
    Word(Sort),
    Command(usize),
    Bearer,
    Basic,
    Block,
    Putty,
    Kubernetes,
    Login,
    Address,
    Jwt,
}
