//! Why a guard can't judge any text.

use crate::learned::WeightsError;

/// A part of a guard that can't be used, though it is compiled in. It must not pass for "nothing
/// found": the engine makes a failure of it, and the policy says what becomes of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unready {
    /// The weights of a model.
    #[error("its weights can't be used: {0}")]
    Weights(#[from] WeightsError),
    /// A model that doesn't have the outputs that the guard asks for.
    #[error("its model has {0} outputs, which is wrong")]
    Outputs(usize),
    /// The pattern of a rule.
    #[error("its rule `{0}` doesn't compile")]
    Rule(&'static str),
}
