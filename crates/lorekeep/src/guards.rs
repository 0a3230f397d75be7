//! From settings to guards: the engine, the masks and the policies of each place. It must not know
//! what is found how.

mod classifier;
mod moderation;

use std::sync::Arc;

use guard::{Action, Engine, Kind, Place, Policies, Policy};

use crate::settings::{ChosenEntities, GuardRule, GuardSettings, RuleSubject, Settings};

/// The engine with what the settings add to it. Its rules, and the classifier, are made ready when
/// they are first needed.
pub(crate) fn engine(settings: &Settings) -> Engine {
    let guard = &settings.guard;
    let engine = Engine::new(guard::EngineOptions {
        pii: guard::pii::PiiOptions::default(),
        content: guard.content.get().clone(),
        patterns: guard.patterns.get().to_vec(),
        allow: guard.allow.get().clone(),
    });
    let engine = match guard.classifier.path(None) {
        Some(directory) => {
            let score = guard.classifier_score.get();
            engine.with_second_opinion(Box::new(classifier::ClassifierOpinion::new(
                directory, score,
            )))
        }
        None => engine,
    };
    match guard.moderation_url.get() {
        Some(address) => {
            let key = guard.moderation_key.get();
            engine.with_second_opinion(Box::new(moderation::Moderation::new(address, key)))
        }
        None => engine,
    }
}

/// What an archive is guarded with.
pub(crate) fn of_archive(settings: &Settings) -> recall::Guards {
    recall::Guards::new(Arc::new(engine(settings))).with_policies(
        policies(settings, Place::Store),
        policies(settings, Place::Recall),
    )
}

/// What becomes of findings in a place, for all projects and for each that has rules of its own.
pub(crate) fn policies(settings: &Settings, place: Place) -> Policies {
    let guard = &settings.guard;
    let mut default = Policy::of(place);
    default.on_failure = guard.on_failure.0;
    default.second_opinion = guard.second_opinion.has(place);
    if place == Place::Store {
        default = match &guard.store_pii {
            ChosenEntities::None => default,
            ChosenEntities::All => default.with(Kind::Pii, Action::Mask),
            ChosenEntities::These(names) => names.iter().fold(default, |policy, name| {
                policy.except(Some(Kind::Pii), name, Action::Mask)
            }),
        };
    }
    let apply = |policy, rule: &GuardRule| apply(guard, policy, rule, place);
    let default = guard.rules.get().iter().fold(default, apply);
    let mut projects: Vec<(String, Policy)> = Vec::new();
    for (project, rule) in guard.projects.get() {
        let known = projects.iter_mut().find(|(name, _)| name == project);
        if let Some((_, policy)) = known {
            *policy = apply(policy.clone(), rule);
        } else {
            projects.push((project.clone(), apply(default.clone(), rule)));
        }
    }
    Policies { default, projects }
}

fn apply(guard: &GuardSettings, policy: Policy, rule: &GuardRule, place: Place) -> Policy {
    let is_elsewhere = rule.place.is_some_and(|of| of != place);
    // A text is written with or without a mask; what else a rule says is about showing it.
    let is_about_showing = !matches!(rule.action, Action::Allow | Action::Mask);
    if is_elsewhere || (place == Place::Store && is_about_showing) {
        return policy;
    }
    match &rule.subject {
        RuleSubject::Kind(kind) => policy.with(*kind, rule.action),
        RuleSubject::Name(name) => policy.except(guard.patterns.kind_of(name), name, rule.action),
    }
}
