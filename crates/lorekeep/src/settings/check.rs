//! What is wrong with settings that are valid each for itself: names that mean nothing.

use guard::Kind;

use super::nearest::{nearest, nearest_owned};
use super::value::{ChosenEntities, GuardRule, OwnPatterns, RuleSubject};
use crate::fault::Fault;

/// A fault for each name in `guard.store_pii` that no guard looks for: what a person meant by it would
/// not happen.
pub(super) fn unknown_personal_data(
    store_pii: &ChosenEntities,
    patterns: &OwnPatterns,
) -> Vec<Fault> {
    let ChosenEntities::These(names) = store_pii else {
        return Vec::new();
    };
    let unknown = names
        .iter()
        .filter(|name| patterns.kind_of(name) != Some(Kind::Pii));
    let fault = |name: &String| {
        let fault = Fault::usage(format!("`guard.store_pii`: no personal data `{name}`"));
        match nearest(name, guard::pii::ENTITIES.iter().copied()) {
            Some(near) => fault.hint(format!("did you mean `{near}`?")),
            None => fault.hint("docs/guards.md lists what is looked for"),
        }
    };
    unknown.map(fault).collect()
}

/// A fault for each rule of the settings that is about something no guard finds: it would change nothing. A
/// second opinion may find what only it knows; then a name is wrong only if it is almost one that is known.
pub(super) fn unknown_rules<'a>(
    rules: impl Iterator<Item = (&'static str, &'a GuardRule)>,
    patterns: &OwnPatterns,
    has_opinions: bool,
) -> Vec<Fault> {
    let fault = |(setting, rule): (&str, &GuardRule)| {
        let RuleSubject::Name(name) = &rule.subject else {
            return None;
        };
        let own = patterns.get().iter().map(|pattern| pattern.entity());
        let near = unknown_name(name, own)?;
        if has_opinions && near.is_none() {
            return None;
        }
        let fault = Fault::usage(format!("`{setting}`: no rule, entity or kind `{name}`"));
        Some(match near {
            Some(near) => fault.hint(format!("did you mean `{near}`?")),
            None => {
                fault.hint("`lorekeep scan` and `lorekeep guard explain` print the names of rules")
            }
        })
    };
    rules.filter_map(fault).collect()
}

/// What is said of a name that no finding can have: the known one that is most like it, if one is. `None` for a
/// name that is known; `own` are a person's own entities.
pub(crate) fn unknown_name<'a>(
    name: &str,
    own: impl Iterator<Item = &'a str>,
) -> Option<Option<String>> {
    let own: Vec<&str> = own.collect();
    let is_own = own.contains(&name);
    if is_own || guard::names::is_rule(name) || guard::names::entities().any(|known| known == name)
    {
        return None;
    }
    let own = own.into_iter().map(str::to_owned);
    let entities = guard::names::entities().map(str::to_owned).chain(own);
    Some(nearest_owned(name, guard::names::rules().chain(entities)))
}
