//! The module graph as text: floors, circles and arrows that run up, each with the names that tie.

use std::fmt::Write as _;

use super::graph::ModuleGraph;
use super::tree::{FileNumber, ModuleTree};

/// One line: how many files and arrows, and what is wrong with them.
pub(super) fn summary(name: &str, tree: &ModuleTree, graph: &ModuleGraph) -> String {
    let circles = graph.circles();
    let lengths: Vec<String> = circles.iter().map(|c| c.len().to_string()).collect();
    let lengths = match lengths.is_empty() {
        true => String::new(),
        false => format!(" (of {} files)", lengths.join(", ")),
    };
    let tops = graph.circles_of_tops(tree);
    let top_lengths: Vec<String> = tops.iter().map(|c| c.len().to_string()).collect();
    let top_lengths = match top_lengths.is_empty() {
        true => String::new(),
        false => format!(" (of {})", top_lengths.join(", ")),
    };
    format!(
        "{name}: {} files, {} arrows, {} circles{lengths}, {} circles of top-level modules\
         {top_lengths}, {} arrows that run up, {} paths not understood",
        tree.files.len(),
        graph.arrows.len(),
        circles.len(),
        tops.len(),
        graph.upward(tree).len(),
        graph.lost.len()
    )
}

/// Everything: floors from the top, then circles, then arrows that run up.
pub(super) fn drawing(tree: &ModuleTree, graph: &ModuleGraph) -> String {
    let mut page = String::new();
    let floors = graph.floors(tree.files.len());
    for floor in (0..=floors.iter().copied().max().unwrap_or(0)).rev() {
        let _ = writeln!(page, "\nfloor {floor}");
        for (file, _) in floors.iter().enumerate().filter(|(_, at)| **at == floor) {
            let _ = writeln!(page, "  {}", tree.files[file]);
            for (from, to) in graph.arrows.keys().filter(|(from, _)| *from == file) {
                let _ = writeln!(page, "    → {}", arrow_end(tree, graph, *from, *to));
            }
        }
    }
    let circles = graph.circles().into_iter().map(|circle| ("files", circle));
    let tops = graph.circles_of_tops(tree).into_iter();
    for (what, circle) in circles.chain(tops.map(|circle| ("top-level modules", circle))) {
        let names: Vec<&str> = circle
            .iter()
            .map(|file| tree.files[*file].as_str())
            .collect();
        let _ = writeln!(
            page,
            "\ncircle of {} {what}: {}",
            circle.len(),
            names.join(", ")
        );
        for (from, to) in graph.arrows.keys() {
            let end = |file: FileNumber| match what {
                "files" => file,
                _ => tree.top_of(file),
            };
            let [start, end] = [*from, *to].map(end);
            if start != end && circle.contains(&start) && circle.contains(&end) {
                let _ = writeln!(
                    page,
                    "  {} → {}",
                    tree.files[*from],
                    arrow_end(tree, graph, *from, *to)
                );
            }
        }
    }
    for (from, to) in graph.upward(tree) {
        let _ = writeln!(
            page,
            "\nup: {} → {}",
            tree.files[from],
            arrow_end(tree, graph, from, to)
        );
    }
    for (file, path) in &graph.lost {
        let _ = writeln!(page, "\nnot understood: {}: {path}", tree.files[*file]);
    }
    page
}

fn arrow_end(tree: &ModuleTree, graph: &ModuleGraph, from: FileNumber, to: FileNumber) -> String {
    let names: Vec<&str> = graph.arrows[&(from, to)]
        .iter()
        .map(String::as_str)
        .collect();
    let up = if tree.is_above(to, from) { " (up)" } else { "" };
    format!("{}{up}: {}", tree.files[to], names.join(", "))
}
