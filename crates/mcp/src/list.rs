//! Lists in answers: as many entries as fit.

use serde_json::Value;
use wire::markup::Markup;

use super::call::TokenBudget;

/// Entries that fit, as text and as values.
#[derive(Debug, Default)]
pub(crate) struct FittedList {
    pub(crate) lines: Vec<Markup>,
    pub(crate) values: Vec<Value>,
    /// Whether entries were left out for want of room.
    pub(crate) is_cut: bool,
}

/// Takes entries until the budget is used up.
pub(crate) fn fit<T>(
    items: impl IntoIterator<Item = T>,
    mut budget: TokenBudget,
    mut write: impl FnMut(usize, T) -> (Markup, Value),
) -> FittedList {
    let mut fitted = FittedList::default();
    for (index, item) in items.into_iter().enumerate() {
        let (text, value) = write(index, item);
        if !budget.take_both(&text, &value) {
            fitted.is_cut = true;
            break;
        }
        fitted.lines.push(text);
        fitted.values.push(value);
    }
    fitted
}

/// `a, b, c`.
pub(crate) fn joined<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    items.into_iter().collect::<Vec<_>>().join(", ")
}

/// `Edit(3), Read(1)`.
pub(crate) fn counted<'a>(items: impl IntoIterator<Item = (&'a str, u64)>) -> String {
    let items = items
        .into_iter()
        .map(|(name, count)| format!("{name}({count})"));
    items.collect::<Vec<_>>().join(", ")
}
