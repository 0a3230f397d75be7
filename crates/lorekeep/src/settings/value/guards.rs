//! Values of the settings of guards: actions, and patterns that are checked when they are read.

use guard::content::{Level, Levels};
use guard::{Action, Allow, Kind, Pattern, Place};

use super::raw::{Invalid, Raw, SettingValue, each, expected, items, list, one_of, quote};

/// Entities of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ChosenEntities {
    /// No entity of the kind.
    None,
    /// All entities of the kind.
    All,
    /// Those of these names.
    These(Vec<String>),
}

impl SettingValue for ChosenEntities {
    fn kind() -> String {
        "`none`, `all` or a list of entities in capital letters".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        let names = items::<Self>(raw, ',')?;
        match names.as_slice() {
            [] => return Ok(Self::None),
            [one] if one == "none" => return Ok(Self::None),
            [one] if one == "all" => return Ok(Self::All),
            _ => {}
        }
        let names = each(&names, |name| {
            if is_entity(name) {
                return Ok(name.to_owned());
            }
            Err(format!(
                "`{name}` is no entity's name, expected {}",
                Self::kind()
            ))
        })?;
        Ok(Self::These(names))
    }

    fn show(&self) -> String {
        match self {
            Self::None => quote("none"),
            Self::All => quote("all"),
            Self::These(names) => list(names),
        }
    }
}

fn is_entity(name: &str) -> bool {
    let in_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    name.len() > 1 && name.bytes().all(in_name)
}

/// What a rule of the settings is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RuleSubject {
    /// A kind.
    Kind(Kind),
    /// An entity or one of the guards' rules.
    Name(String),
}

/// A rule of the settings: `[PLACE ]WHAT=VERDICT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GuardRule {
    /// Where it holds; everywhere if it doesn't say.
    pub(crate) place: Option<Place>,
    /// What it is about.
    pub(crate) subject: RuleSubject,
    /// What becomes of that.
    pub(crate) action: Action,
}

/// The places that something is done in so far.
const RULE_PLACES: [Place; 3] = [Place::Store, Place::Recall, Place::Scan];

impl GuardRule {
    fn parse(text: &str) -> Result<Self, String> {
        let form = || format!("`{text}`: expected WHAT=VERDICT or PLACE WHAT=VERDICT");
        let (left, action) = text.rsplit_once('=').ok_or_else(form)?;
        let action = action.trim();
        let action = Action::from_name(action).ok_or_else(|| {
            let names = Action::ALL.map(Action::name);
            format!(
                "`{text}`: no verdict `{action}`, expected {}",
                one_of(&names)
            )
        })?;
        let left: Vec<&str> = left.split_whitespace().collect();
        let (place, what) = match left.as_slice() {
            [what] => (None, *what),
            [place, what] => (Some(named_place(text, place)?), *what),
            _ => return Err(form()),
        };
        let subject = Kind::from_name(what)
            .map_or_else(|| RuleSubject::Name(what.to_owned()), RuleSubject::Kind);
        let rule = Self {
            place,
            subject,
            action,
        };
        rule.check(text)?;
        Ok(rule)
    }

    /// What is written is written masked or as it is; secrets never as they are.
    fn check(&self, text: &str) -> Result<(), String> {
        if self.place != Some(Place::Store) {
            return Ok(());
        }
        if !matches!(self.action, Action::Allow | Action::Mask) {
            return Err(format!("`{text}`: what is written is `allow` or `mask`"));
        }
        if self.action == Action::Allow && self.subject == RuleSubject::Kind(Kind::Secret) {
            return Err(format!(
                "`{text}`: secrets are always masked before writing"
            ));
        }
        Ok(())
    }

    fn show(&self) -> String {
        let place = self
            .place
            .map_or_else(String::new, |place| format!("{} ", place.name()));
        let what = match &self.subject {
            RuleSubject::Kind(kind) => kind.name(),
            RuleSubject::Name(name) => name,
        };
        format!("{place}{what}={}", self.action.name())
    }
}

fn named_place(text: &str, name: &str) -> Result<Place, String> {
    let place = Place::from_name(name).filter(|place| RULE_PLACES.contains(place));
    place.ok_or_else(|| {
        let names = RULE_PLACES.map(Place::name);
        format!("`{text}`: no place `{name}`, expected {}", one_of(&names))
    })
}

/// Rules for all projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GuardRules(Vec<GuardRule>);

impl GuardRules {
    /// No rules.
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    /// The rules.
    pub(crate) fn get(&self) -> &[GuardRule] {
        &self.0
    }
}

impl SettingValue for GuardRules {
    fn kind() -> String {
        "a list of `WHAT=VERDICT` or `PLACE WHAT=VERDICT`".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        each(&items::<Self>(raw, ',')?, GuardRule::parse).map(Self)
    }

    fn show(&self) -> String {
        list(self.0.iter().map(GuardRule::show))
    }
}

/// Rules for single projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProjectRules(Vec<(String, GuardRule)>);

impl ProjectRules {
    /// No rules.
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    /// Project and rule.
    pub(crate) fn get(&self) -> &[(String, GuardRule)] {
        &self.0
    }
}

impl SettingValue for ProjectRules {
    fn kind() -> String {
        "a list of `PROJECT: WHAT=VERDICT` or `PROJECT: PLACE WHAT=VERDICT`".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        let of = |text: &str| {
            let parts = text.rsplit_once(": ");
            let (project, rule) =
                parts.ok_or_else(|| format!("`{text}`: expected PROJECT: WHAT=VERDICT"))?;
            Ok((project.trim().to_owned(), GuardRule::parse(rule)?))
        };
        each(&items::<Self>(raw, ',')?, of).map(Self)
    }

    fn show(&self) -> String {
        let rules = self.0.iter();
        list(rules.map(|(project, rule)| format!("{project}: {}", rule.show())))
    }
}

/// Patterns of a person's own.
#[derive(Clone, Debug)]
pub(crate) struct OwnPatterns(Vec<Pattern>);

impl OwnPatterns {
    /// No patterns.
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    /// The patterns.
    pub(crate) fn get(&self) -> &[Pattern] {
        &self.0
    }

    /// The kind that an entity belongs to: that of the person's own pattern of this name, else personal
    /// data if the guards look for it; `None` where nobody knows the name.
    pub(crate) fn kind_of(&self, entity: &str) -> Option<Kind> {
        let own = self.0.iter().find(|pattern| pattern.entity() == entity);
        own.map(Pattern::kind).or_else(|| {
            let is_pii = guard::pii::ENTITIES.contains(&entity);
            is_pii.then_some(Kind::Pii)
        })
    }
}

impl SettingValue for OwnPatterns {
    fn kind() -> String {
        "a list of `KIND ENTITY = REGEX`".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        each(&items::<Self>(raw, '\n')?, pattern).map(Self)
    }

    fn show(&self) -> String {
        list(self.0.iter().map(|pattern| {
            let (kind, entity) = (pattern.kind().name(), pattern.entity());
            format!("{kind} {entity} = {}", pattern.regex())
        }))
    }
}

fn pattern(text: &str) -> Result<Pattern, String> {
    let form = || format!("`{text}`: expected KIND ENTITY = REGEX");
    let (left, regex) = text.split_once('=').ok_or_else(form)?;
    let left: Vec<&str> = left.split_whitespace().collect();
    let [kind, entity] = left.as_slice() else {
        return Err(form());
    };
    let kind = Kind::from_name(kind).ok_or_else(|| {
        let names = Kind::ALL.map(Kind::name);
        format!("`{text}`: no kind `{kind}`, expected {}", one_of(&names))
    })?;
    if !is_entity(entity) {
        return Err(format!(
            "`{text}`: an entity's name is of capital letters, digits and `_`"
        ));
    }
    Pattern::new(kind, entity, regex.trim()).map_err(|error| error.to_string())
}

/// Values that are never findings.
#[derive(Clone, Debug)]
pub(crate) struct Allowed {
    patterns: Vec<String>,
    allow: Allow,
}

impl Allowed {
    /// Nothing is allowed.
    pub(crate) fn none() -> Self {
        Self {
            patterns: Vec::new(),
            allow: Allow::default(),
        }
    }

    /// What matches them.
    pub(crate) fn get(&self) -> &Allow {
        &self.allow
    }
}

impl SettingValue for Allowed {
    fn kind() -> String {
        "a list of regular expressions".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        let patterns = items::<Self>(raw, '\n')?;
        each(&patterns, |pattern| {
            let one = [pattern.to_owned()];
            Allow::new(&one).map_err(|error| error.to_string())
        })?;
        let allow = Allow::new(&patterns).map_err(|error| error.to_string())?;
        Ok(Self { patterns, allow })
    }

    fn show(&self) -> String {
        list(&self.patterns)
    }
}

/// How much unwanted content is let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ContentLevels {
    text: String,
    levels: Levels,
}

impl ContentLevels {
    /// What is usual.
    pub(crate) fn usual() -> Self {
        Self {
            text: Level::default().name().to_owned(),
            levels: Levels::default(),
        }
    }

    /// The level of each category.
    pub(crate) fn get(&self) -> &Levels {
        &self.levels
    }
}

impl SettingValue for ContentLevels {
    fn kind() -> String {
        "a level or a preset, and then `CATEGORY=LEVEL` for what differs".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        let parts = items::<Self>(raw, ',')?;
        if parts.is_empty() {
            return Err(expected::<Self>());
        }
        // Item by item first, so that a list's complaint names the item that it is about.
        each(&parts, |part| {
            Levels::parse(part).map_err(|error| error.to_string())
        })?;
        let text = parts.join(", ");
        let levels = Levels::parse(&text).map_err(|error| Invalid::from(error.to_string()))?;
        Ok(Self { text, levels })
    }

    fn show(&self) -> String {
        quote(&self.text)
    }
}

/// An action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strictness(pub(crate) Action);

impl SettingValue for Strictness {
    fn kind() -> String {
        one_of(&["allow", "flag", "quarantine", "block"])
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        // There is nothing to mask where nothing was found.
        let action = named(raw, Action::from_name).filter(|action| *action != Action::Mask);
        action.map(Self).ok_or_else(expected::<Self>)
    }

    fn show(&self) -> String {
        quote(self.0.name())
    }
}

fn named<T>(raw: &Raw, of: impl Fn(&str) -> Option<T>) -> Option<T> {
    match raw {
        Raw::Text(text) => of(text),
        _ => None,
    }
}

/// Places where second opinions are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpinionPlaces(Vec<Place>);

impl OpinionPlaces {
    /// These places.
    pub(crate) fn of(places: &[Place]) -> Self {
        Self(places.to_vec())
    }

    /// Whether a place is among them.
    pub(crate) fn has(&self, place: Place) -> bool {
        self.0.contains(&place)
    }
}

/// Places whose texts can wait for a second opinion.
const PATIENT_PLACES: [Place; 2] = [Place::Recall, Place::Scan];

impl SettingValue for OpinionPlaces {
    fn kind() -> String {
        let names = PATIENT_PLACES.map(Place::name);
        format!("a list of {}", one_of(&names))
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        let place = |name: &str| {
            let mut known = PATIENT_PLACES.into_iter();
            let found = known.find(|place| place.name() == name);
            found.ok_or_else(|| {
                format!(
                    "`{name}` isn't {}",
                    one_of(&PATIENT_PLACES.map(Place::name))
                )
            })
        };
        each(&items::<Self>(raw, ',')?, place).map(Self)
    }

    fn show(&self) -> String {
        list(self.0.iter().map(|place| place.name()))
    }
}
