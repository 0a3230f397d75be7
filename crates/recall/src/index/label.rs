//! Labels: the tools that messages call and the files that they touch, by which searches are narrowed.

use transcript::FileAction;

/// The kinds of labels of a message, by which searches are narrowed. The numbers are stored in the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub(crate) enum Label {
    /// The name of a tool that it calls.
    Tool = 0,
    /// A file that was read.
    Read = 1,
    /// A file that was edited.
    Edited = 2,
}

impl Label {
    /// The label of a touched file.
    pub(crate) fn of(action: FileAction) -> Self {
        match action {
            FileAction::Read => Self::Read,
            FileAction::Edited => Self::Edited,
        }
    }
}
