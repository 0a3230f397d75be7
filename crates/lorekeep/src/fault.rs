//! Why a command can't go on: one type for wrong arguments, wrong settings and failures of files, with
//! the class that decides on the exit code and with what a person can do about it.

use recall::ErrorClass;

/// Why a command can't go on, said by the program itself rather than by a library.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub(crate) struct Fault {
    /// What kind of fault it is, which decides on the exit code.
    pub(crate) class: ErrorClass,
    /// What is wrong and where, without a full stop.
    pub(crate) what: String,
    /// What a person can do about it.
    pub(crate) hint: Option<String>,
}

impl Fault {
    /// Arguments or settings that can't be used as they are.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(ErrorClass::Invalid, what.into())
    }

    /// A failure of something beyond this program, such as a file or another process.
    pub(crate) fn failure(what: impl Into<String>) -> Self {
        Self::new(ErrorClass::Internal, what.into())
    }

    /// Something that was named isn't there.
    pub(crate) fn missing(what: impl Into<String>) -> Self {
        Self::new(ErrorClass::NotFound, what.into())
    }

    fn new(class: ErrorClass, what: String) -> Self {
        Self {
            class,
            what,
            hint: None,
        }
    }

    /// The fault with a remedy for the person.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}
