//! What the graph of a made-up crate holds.

use super::CrateModules;

/// The arrows of a crate as `from > to: names`.
#[track_caller]
fn check(files: &[(&str, &str)], expected: &[&str]) {
    let CrateModules { tree, graph, .. } = CrateModules::from_texts("crates/made-up", files);
    let found: Vec<String> = graph
        .arrows
        .iter()
        .map(|((from, to), names)| {
            let names: Vec<&str> = names.iter().map(|name| &**name).collect();
            format!(
                "{} > {}: {}",
                tree.files[*from],
                tree.files[*to],
                names.join(" ")
            )
        })
        .collect();
    assert_eq!(found, expected);
    assert!(graph.lost.is_empty(), "{:?}", graph.lost);
}

#[test]
fn imports_paths_and_types_are_arrows() {
    check(
        &[
            ("lib.rs", "mod a; mod b; mod c;"),
            (
                "a.rs",
                "use crate::b::{self, Height as H}; fn f(w: super::c::Width) { b::g() }",
            ),
            ("b.rs", "pub struct Height; pub fn g() {}"),
            ("c.rs", "pub struct Width;"),
        ],
        &["a.rs > b.rs: Height g", "a.rs > c.rs: Width"],
    );
}

#[test]
fn re_exports_lead_to_the_definer() {
    check(
        &[
            ("lib.rs", "mod a; mod b; pub use b::Depth;"),
            ("a.rs", "use crate::Depth; type D = crate::b::Depth;"),
            ("b.rs", "mod c; pub use c::Depth;"),
            ("b/c.rs", "pub struct Depth;"),
        ],
        &[
            "lib.rs > b/c.rs: Depth",
            "a.rs > b/c.rs: Depth",
            "b.rs > b/c.rs: Depth",
        ],
    );
}

#[test]
fn what_a_glob_brings_is_followed() {
    check(
        &[
            (
                "lib.rs",
                "mod a; use a::LIMIT_BYTES; const MAX_LINES: u8 = 1;",
            ),
            ("a.rs", "mod b; pub const LIMIT_BYTES: u8 = 2;"),
            ("a/b.rs", "use super::*; fn f() -> u8 { LIMIT_BYTES }"),
        ],
        &["lib.rs > a.rs: LIMIT_BYTES", "a/b.rs > a.rs: LIMIT_BYTES"],
    );
}

#[test]
fn tests_and_other_crates_make_no_arrows() {
    check(
        &[
            (
                "lib.rs",
                "mod a; mod b; use std::fmt; use serde::Serialize;",
            ),
            (
                "a.rs",
                "#[cfg(test)] mod tests { use crate::b::g; } #[test] fn t() { crate::b::g() }
                      #[cfg(all(test, unix))] use crate::b::g;",
            ),
            ("b.rs", "pub fn g() { std::mem::drop(serde::de::Error) }"),
        ],
        &[],
    );
}

#[test]
fn inline_modules_belong_to_their_file() {
    check(
        &[
            ("lib.rs", "mod a; mod c;"),
            (
                "a.rs",
                "pub mod b { pub fn g() { super::h(); crate::c::k() } } fn h() { b::g() }",
            ),
            ("c.rs", "pub fn k() { crate::a::b::g() }"),
        ],
        &["a.rs > c.rs: k", "c.rs > a.rs: g"],
    );
}

#[test]
fn macros_hide_no_paths() {
    check(
        &[
            ("lib.rs", "mod a; mod b; mod c; mod d;"),
            (
                "a.rs",
                "fn f() { format!(\"{}\", crate::b::g(1)); matches!(x, crate::c::Shape::Round if y) }",
            ),
            ("b.rs", "pub fn g(x: u8) {}"),
            ("c.rs", "pub enum Shape { Round }"),
            (
                "d.rs",
                "macro_rules! made { () => { $crate::b::g(2) } } #[serde(with = \"crate::c::Shape\")] struct D;",
            ),
        ],
        &[
            "a.rs > b.rs: g",
            "a.rs > c.rs: Shape",
            "d.rs > b.rs: g",
            "d.rs > c.rs: Shape",
        ],
    );
}

#[test]
fn what_a_macro_writes_is_of_the_module_that_calls_it() {
    check(
        &[
            (
                "lib.rs",
                "mod a; mod b; macro_rules! shared { () => {} } mod c;",
            ),
            ("a.rs", "use crate::b::Declared;"),
            ("b.rs", "mod make; make::declare! { Declared }"),
            (
                "b/make.rs",
                "macro_rules! declare { ($n:ident) => {} } pub(super) use declare;",
            ),
            ("c.rs", "shared!();"),
        ],
        &[
            "a.rs > b.rs: Declared",
            "b.rs > b/make.rs: declare",
            "c.rs > lib.rs: shared",
        ],
    );
}

#[test]
fn a_function_and_a_module_may_share_a_name() {
    check(
        &[
            ("lib.rs", "mod a; mod b;"),
            (
                "a.rs",
                "use crate::b::split; fn f() { split(); split::LENGTH_BYTES; }",
            ),
            ("b.rs", "pub mod split; pub fn split() {}"),
            ("b/split.rs", "pub const LENGTH_BYTES: u8 = 1;"),
        ],
        &["a.rs > b.rs: split", "a.rs > b/split.rs: LENGTH_BYTES"],
    );
}

#[test]
fn circles_arrows_up_and_floors_are_found() {
    let CrateModules { tree, graph, .. } = CrateModules::from_texts(
        "crates/made-up",
        &[
            ("lib.rs", "mod a; mod b; mod leaf; pub use a::f;"),
            (
                "a.rs",
                "mod inner; pub fn f() { crate::b::g(); } pub struct Upper;",
            ),
            ("a/inner.rs", "fn h(u: super::Upper) { crate::leaf::l() }"),
            ("b.rs", "pub fn g() { crate::a::f() }"),
            ("leaf.rs", "pub fn l() {}"),
        ],
    );
    let name = |file: &usize| tree.files[*file].as_str();
    let circles = graph.circles();
    assert_eq!(circles.len(), 1);
    assert_eq!(
        circles[0].iter().map(name).collect::<Vec<_>>(),
        ["a.rs", "b.rs"]
    );
    assert_eq!(graph.circles_of_tops(&tree), circles);
    let upward = graph.upward(&tree);
    let upward: Vec<_> = upward.iter().map(|(a, b)| (name(a), name(b))).collect();
    assert_eq!(upward, [("a/inner.rs", "a.rs")]);
    let floors = graph.floors(tree.files.len());
    let floor = |file: &str| floors[tree.files.iter().position(|name| name == file).unwrap()];
    assert_eq!(
        ["leaf.rs", "a.rs", "b.rs", "lib.rs", "a/inner.rs"].map(floor),
        [0, 0, 0, 1, 1]
    );
}
