//! Random work of two sessions and a person: every line that tells something goes to who wrote it.

use proptest::prelude::*;

use super::work::{Work, authors};

const FILE: &str = "src/work.rs";

/// Who does something, where (as a share of the file), how many lines go, what comes.
#[derive(Clone, Debug)]
struct Act {
    who: u8,
    place: u16,
    removed: u8,
    added: u8,
    /// Whether the log keeps the file as it was, whether the whole file is written, and whether all
    /// is committed afterwards.
    keeps: bool,
    whole: bool,
    commits: bool,
}

fn act() -> impl Strategy<Value = Act> {
    (
        0..3_u8,
        any::<u16>(),
        0..4_u8,
        1..5_u8,
        any::<bool>(),
        0..6_u8,
        0..4_u8,
    )
        .prop_map(|(who, place, removed, added, keeps, whole, commits)| Act {
            who,
            place,
            removed,
            added,
            keeps,
            whole: whole == 0,
            commits: commits == 0,
        })
}

fn text(lines: &[(String, String)]) -> String {
    lines.iter().map(|(line, _)| format!("{line}\n")).collect()
}

/// Does what was drawn; returns the lines with who wrote them.
fn play(work: &mut Work, acts: &[Act]) -> Vec<(String, String)> {
    let mut truth: Vec<(String, String)> = Vec::new();
    for (nth, act) in acts.iter().enumerate() {
        let who = ["a", "b", "hand"][usize::from(act.who)];
        let at = usize::from(act.place) % (truth.len() + 1);
        let mut added: Vec<(String, String)> = (0..act.added)
            .map(|line| (format!("    step_{nth}_{line}({who:?});"), who.to_owned()))
            .collect();
        if act.added == 4 {
            added.push(("}".to_owned(), who.to_owned()));
        }
        let end = (at + usize::from(act.removed)).min(truth.len());
        let mut next = truth.clone();
        next.splice(at..end, added.clone());
        // The text to replace must stand once: it grows until it does.
        let (mut from, mut to) = (at, end);
        let whole = text(&truth);
        while from < to + 1
            && (text(&truth[from..to]).is_empty()
                || whole.matches(&text(&truth[from..to])).count() > 1)
        {
            if from > 0 {
                from -= 1;
            } else if to < truth.len() {
                to += 1;
            } else {
                break;
            }
        }
        let is_unique =
            !truth[from..to].is_empty() && whole.matches(&text(&truth[from..to])).count() == 1;
        let old = text(&truth[from..to]);
        let new = text(&next[from..to + next.len() - truth.len()]);
        match who {
            "hand" => work.hand(FILE, &text(&next)),
            who if act.whole || !is_unique => {
                work.write(who, FILE, &text(&next));
            }
            who if act.keeps => {
                work.edit(who, FILE, &old, &new);
            }
            who => {
                work.bare_edit(who, FILE, &old, &new);
            }
        }
        truth = next;
        if act.commits {
            work.commit(&format!("Commit {nth}"));
        }
    }
    truth
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn nobody_gets_lines_of_others(acts in prop::collection::vec(act(), 4..24)) {
        let Some(mut work) = Work::new() else { return Ok(()) };
        let truth = play(&mut work, &acts);
        if truth.is_empty() {
            return Ok(());
        }
        let found = authors(&work.blame(FILE));
        let (mut right, mut all) = (0_usize, 0_usize);
        for ((line, who), found) in truth.iter().zip(&found) {
            if line == "}" {
                continue;
            }
            // `hand` is a commit, which says that no session is known.
            let is_session = found == "a" || found == "b";
            prop_assert!(!is_session || found == who, "{line:?} is {who}'s, not {found}'s\n{truth:?}\n{found:?}");
            if who != "hand" {
                all += 1;
                right += usize::from(found == who);
            }
        }
        prop_assert!(right * 10 >= all * 9, "{right} of {all}\n{truth:?}\n{found:?}");
    }
}
