//! Patches as assistants write them: the `*** Begin Patch` form and unified diffs. Reads them as far
//! as they can be understood; must not know who applied them, or to what.

use super::change::{LineSign, LoggedChange, LoggedEdit, PatchedPart};

/// What a patch does to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FilePatch {
    pub(crate) path: String,
    /// Where the file is afterwards, if it moves.
    pub(crate) moved_to: Option<String>,
    pub(crate) action: PatchAction,
}

/// What becomes of the file of a [`FilePatch`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PatchAction {
    /// The file is new, with this content.
    Add(String),
    Update(Vec<PatchedPart>),
    Delete,
}

impl FilePatch {
    /// The patch as an edit. Of a file that moves it is the edit of the new name.
    pub(crate) fn into_edit(self) -> LoggedEdit {
        let change = match self.action {
            PatchAction::Add(content) => LoggedChange::Whole(content),
            PatchAction::Update(hunks) => LoggedChange::Hunks(hunks),
            PatchAction::Delete => LoggedChange::Gone,
        };
        LoggedEdit::new(self.moved_to.unwrap_or(self.path), change, "patch")
    }
}

/// What opens a patch in the form that Codex's `apply_patch` takes.
pub(crate) const BEGIN_PATCH: &str = "*** Begin Patch";

/// What tells, in such a patch, where a file is afterwards.
pub(crate) const MOVE_TO: &str = "*** Move to: ";

/// The files of all `*** Begin Patch` patches in a text.
pub(crate) fn files(text: &str) -> Vec<FilePatch> {
    let mut files: Vec<FilePatch> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        if line.trim_end().ends_with(BEGIN_PATCH) {
            is_open = true;
            continue;
        }
        if !is_open {
            continue;
        }
        if line.trim() == "*** End Patch" {
            is_open = false;
        } else if let Some(file) = opened(line) {
            files.push(file);
        } else if let Some(file) = files.last_mut() {
            go_on(file, line);
        }
    }
    files
}

fn opened(line: &str) -> Option<FilePatch> {
    let line = line.trim();
    let file = |path: &str, action| FilePatch {
        path: path.trim().to_owned(),
        moved_to: None,
        action,
    };
    if let Some(path) = line.strip_prefix("*** Add File: ") {
        return Some(file(path, PatchAction::Add(String::new())));
    }
    if let Some(path) = line.strip_prefix("*** Update File: ") {
        return Some(file(path, PatchAction::Update(Vec::new())));
    }
    let path = line.strip_prefix("*** Delete File: ")?;
    Some(file(path, PatchAction::Delete))
}

fn go_on(file: &mut FilePatch, line: &str) {
    if let Some(path) = line.trim().strip_prefix(MOVE_TO) {
        file.moved_to = Some(path.trim().to_owned());
        return;
    }
    match &mut file.action {
        PatchAction::Add(content) => {
            if let Some(text) = line.strip_prefix('+') {
                content.push_str(text);
                content.push('\n');
            }
        }
        PatchAction::Update(hunks) => update(hunks, line),
        PatchAction::Delete => {}
    }
}

fn update(hunks: &mut Vec<PatchedPart>, line: &str) {
    if line.starts_with("*** End of File") {
        return;
    }
    if let Some(after) = line.strip_prefix("@@") {
        let after = after.trim().trim_end_matches("@@").trim_end();
        // Several in a row narrow the place down: the last one is the nearest.
        let is_nested = hunks.last().is_some_and(|hunk| hunk.lines.is_empty());
        if !is_nested {
            hunks.push(PatchedPart::default());
        }
        if let Some(hunk) = hunks.last_mut()
            && !after.is_empty()
        {
            hunk.after = Some(after.to_owned());
        }
        return;
    }
    if hunks.is_empty() {
        hunks.push(PatchedPart::default());
    }
    if let Some(hunk) = hunks.last_mut() {
        hunk.lines.push(signed(line));
    }
}

fn signed(line: &str) -> (LineSign, String) {
    let (sign, text) = match line.as_bytes().first() {
        Some(b'+') => (LineSign::Added, &line[1..]),
        Some(b'-') => (LineSign::Removed, &line[1..]),
        Some(b' ') => (LineSign::Kept, &line[1..]),
        _ => (LineSign::Kept, line),
    };
    (sign, text.to_owned())
}

/// The hunks of a unified diff of one file.
pub(crate) fn unified(diff: &str) -> Vec<PatchedPart> {
    let mut hunks: Vec<PatchedPart> = Vec::new();
    let mut left = (0, 0);
    for line in diff.lines() {
        if let Some((at, lengths)) = header(line) {
            left = lengths;
            let at = Some(at);
            hunks.push(PatchedPart {
                at,
                ..PatchedPart::default()
            });
            continue;
        }
        let Some(hunk) = hunks.last_mut().filter(|_| left != (0, 0)) else {
            continue;
        };
        if line.starts_with('\\') {
            continue;
        }
        let (sign, text) = signed(line);
        let (removed, added) = (sign != LineSign::Added, sign != LineSign::Removed);
        left.0 -= usize::from(removed && left.0 > 0);
        left.1 -= usize::from(added && left.1 > 0);
        hunk.lines.push((sign, text));
    }
    hunks
}

/// The first line and the lengths of `@@ -1,2 +1,3 @@`.
fn header(line: &str) -> Option<(usize, (usize, usize))> {
    let (old, rest) = line.strip_prefix("@@ -")?.split_once(" +")?;
    let (new, _) = rest.split_once(" @@")?;
    let range = |text: &str| -> Option<(usize, usize)> {
        match text.split_once(',') {
            Some((first, length)) => Some((first.parse().ok()?, length.parse().ok()?)),
            None => Some((text.parse().ok()?, 1)),
        }
    };
    let ((first, before), (_, after)) = (range(old)?, range(new)?);
    // Where nothing stood before, the number is that of the line above.
    let at = if before == 0 {
        first
    } else {
        first.saturating_sub(1)
    };
    Some((at, (before, after)))
}

/// The files of the unified diffs in a text, as `git diff` prints them.
pub(crate) fn git_diffs(text: &str) -> Vec<FilePatch> {
    let mut files = Vec::new();
    let mut starts: Vec<usize> = text.match_indices("\n+++ ").map(|(at, _)| at + 1).collect();
    starts.push(text.len());
    for pair in starts.windows(2) {
        let section = &text[pair[0]..pair[1]];
        let Some((name, diff)) = section.split_once('\n') else {
            continue;
        };
        let name = name["+++ ".len()..].split('\t').next().unwrap_or_default();
        let path = name.strip_prefix("b/").unwrap_or(name).trim().to_owned();
        let hunks = unified(diff);
        if !hunks.is_empty() && path != "/dev/null" {
            files.push(FilePatch {
                path,
                moved_to: None,
                action: PatchAction::Update(hunks),
            });
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_names_files_and_places() {
        let patch = "apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: a.txt\n+one\n+two\n\
            *** Update File: src/b.rs\n*** Move to: src/c.rs\n@@ fn run()\n kept\n-old\n+new\n\n\
            *** Delete File: d\n*** End Patch\nEOF";
        let files = files(patch);
        assert_eq!(files.len(), 3);
        assert_eq!(files[0].action, PatchAction::Add("one\ntwo\n".into()));
        assert_eq!(files[1].moved_to.as_deref(), Some("src/c.rs"));
        let PatchAction::Update(hunks) = &files[1].action else {
            panic!("an update");
        };
        assert_eq!(hunks[0].after.as_deref(), Some("fn run()"));
        assert_eq!(
            hunks[0].side(LineSign::Removed).collect::<Vec<_>>(),
            ["kept", "old", ""]
        );
        assert_eq!(
            hunks[0].side(LineSign::Added).collect::<Vec<_>>(),
            ["kept", "new", ""]
        );
        assert_eq!(files[2].action, PatchAction::Delete);
    }

    #[test]
    fn a_unified_diff_tells_lines() {
        let hunks =
            unified("--- a\n+++ b\n@@ -3,2 +3,3 @@ fn x\n a\n+b\n c\n@@ -9,0 +11 @@\n+z\nnoise");
        assert_eq!((hunks[0].at, hunks[1].at), (Some(2), Some(9)));
        assert_eq!(hunks[1].lines, [(LineSign::Added, "z".to_owned())]);
        let files = git_diffs("x\n--- a/s.rs\n+++ b/s.rs\n@@ -1 +1 @@\n-a\n+b\n");
        assert_eq!(files[0].path, "s.rs");
    }
}
