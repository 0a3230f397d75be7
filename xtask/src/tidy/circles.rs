//! The modules of each crate: no circle between files, none between top-level modules, and no file
//! that uses what a file above it defines.

use crate::modules::CrateModules;

/// What is wrong with the modules of the crates.
pub(super) fn check(crates: &[CrateModules]) -> Vec<String> {
    crates.iter().flat_map(wrong_arrows).collect()
}

fn wrong_arrows(modules: &CrateModules) -> Vec<String> {
    let CrateModules { dir, tree, graph } = modules;
    let names = |circle: &[usize]| {
        let names: Vec<&str> = circle.iter().map(|file| &*tree.files[*file]).collect();
        names.join(", ")
    };
    let mut wrong = Vec::new();
    for circle in graph.circles() {
        wrong.push(format!("{dir}/src: a circle of {}", names(&circle)));
    }
    for circle in graph.circles_of_tops(tree) {
        let names = names(&circle);
        wrong.push(format!("{dir}/src: a circle of top-level modules, {names}"));
    }
    for (from, to) in graph.upward(tree) {
        let items: Vec<&str> = graph.arrows[&(from, to)].iter().map(|n| &**n).collect();
        let (from, to, items) = (&tree.files[from], &tree.files[to], items.join("`, `"));
        wrong.push(format!("{dir}/src/{from}: uses `{items}` of {to} above it"));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::modules::CrateModules;

    #[test]
    fn a_child_that_uses_what_its_parent_defines_is_named() {
        let modules = CrateModules::from_texts(
            "crates/a",
            &[
                ("lib.rs", "mod b;"),
                ("b.rs", "mod c; const LIMIT_LINES: u8 = c::f();"),
                ("b/c.rs", "fn f() -> u8 { super::LIMIT_LINES }"),
            ],
        );
        assert_eq!(
            check(&[modules]),
            [
                "crates/a/src: a circle of b.rs, b/c.rs",
                "crates/a/src/b/c.rs: uses `LIMIT_LINES` of b.rs above it"
            ]
        );
    }
}
