//! The categories of unwanted content, and the levels that say how sure the guard has to be before a
//! finding of a category counts.

/// The categories of unwanted content, with the names and meanings of OpenAI's moderation API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// Contempt for people because of what they are.
    Hate,
    /// Contempt for people because of what they are, with violence or threats.
    HateThreatening,
    /// Insults and bullying.
    Harassment,
    /// Threats to a person.
    HarassmentThreatening,
    /// Self-harm shown or praised.
    SelfHarm,
    /// Somebody says that they want to harm themselves.
    SelfHarmIntent,
    /// A way to harm oneself is asked for or given.
    SelfHarmInstructions,
    /// Content that is meant to arouse, or that offers sexual services.
    Sexual,
    /// Sexual content with a person under 18 in it.
    SexualMinors,
    /// Death, violence or injury.
    Violence,
    /// Death, violence or injury in graphic detail.
    ViolenceGraphic,
    /// Advice or help for a crime without violence.
    Illicit,
    /// Advice or help for a violent crime, or for getting or making a weapon.
    IllicitViolent,
}

impl Category {
    /// Every category, in the order of the outputs of the model that scores texts.
    pub const ALL: [Self; 13] = [
        Self::Hate,
        Self::HateThreatening,
        Self::Harassment,
        Self::HarassmentThreatening,
        Self::SelfHarm,
        Self::SelfHarmIntent,
        Self::SelfHarmInstructions,
        Self::Sexual,
        Self::SexualMinors,
        Self::Violence,
        Self::ViolenceGraphic,
        Self::Illicit,
        Self::IllicitViolent,
    ];

    /// The category's name as settings and JSON answers write it, such as `self-harm/intent`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hate => "hate",
            Self::HateThreatening => "hate/threatening",
            Self::Harassment => "harassment",
            Self::HarassmentThreatening => "harassment/threatening",
            Self::SelfHarm => "self-harm",
            Self::SelfHarmIntent => "self-harm/intent",
            Self::SelfHarmInstructions => "self-harm/instructions",
            Self::Sexual => "sexual",
            Self::SexualMinors => "sexual/minors",
            Self::Violence => "violence",
            Self::ViolenceGraphic => "violence/graphic",
            Self::Illicit => "illicit",
            Self::IllicitViolent => "illicit/violent",
        }
    }

    /// The category that [`Category::name`] calls so; `None` for any other word; case counts.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|category| category.name() == name)
    }

    /// Why text is taken for it, in words for a person, such as "reads like an insult or bullying".
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Self::Hate => "reads like contempt for people because of what they are",
            Self::HateThreatening => "reads like a threat to people because of what they are",
            Self::Harassment => "reads like an insult or bullying",
            Self::HarassmentThreatening => "reads like a threat to a person",
            Self::SelfHarm => "reads like self-harm that is shown or praised",
            Self::SelfHarmIntent => "reads as if somebody wants to harm themselves",
            Self::SelfHarmInstructions => "reads like a question for a way to harm oneself",
            Self::Sexual => "reads like sexual content",
            Self::SexualMinors => "reads like sexual content with somebody under 18",
            Self::Violence => "reads like violence that is shown, wished for or praised",
            Self::ViolenceGraphic => "reads like violence in bloody detail",
            Self::Illicit => "reads like a request for help with a crime",
            Self::IllicitViolent => {
                "reads like a request for help with a violent crime or a weapon"
            }
        }
    }

    /// The model's scores, from 0 to 1, from which a finding counts: at [`Level::Low`],
    /// [`Level::Medium`] and [`Level::High`], in this order.
    #[must_use]
    pub fn thresholds(self) -> [f32; 3] {
        match self {
            Self::Hate => [0.50, 0.33, 0.15],
            Self::HateThreatening => [0.30, 0.15, 0.06],
            Self::Harassment => [0.50, 0.25, 0.15],
            Self::HarassmentThreatening => [0.50, 0.20, 0.08],
            Self::SelfHarm => [0.40, 0.20, 0.14],
            Self::SelfHarmIntent => [0.40, 0.15, 0.10],
            Self::SelfHarmInstructions => [0.40, 0.15, 0.08],
            Self::Sexual => [0.50, 0.30, 0.20],
            Self::SexualMinors => [0.30, 0.15, 0.08],
            Self::Violence => [0.50, 0.25, 0.14],
            Self::ViolenceGraphic => [0.40, 0.10, 0.03],
            Self::Illicit => [0.60, 0.35, 0.20],
            Self::IllicitViolent => [0.50, 0.20, 0.10],
        }
    }
}

/// How strict the guard is: the higher the level, the less sure it has to be, and the less is let through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Only what is certain counts: the most is let through.
    Low,
    /// What is likely counts.
    #[default]
    Medium,
    /// Even what is only possible counts: the least is let through.
    High,
}

impl Level {
    /// Every level, the one that lets most through first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// The level's name as settings write it: `low` (only what is certain is reported), `medium` or `high` (the
    /// most is reported).
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The level that [`Level::name`] calls so; `None` for any other word, such as `off`, which only
    /// [`Levels::parse`] knows.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

/// The level at which each category is looked for; a category without a level isn't. The default is
/// [`Level::Medium`] for all.
///
/// `sexual/minors` is always looked for, at [`Level::Low`] at least: no deployment has a use for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels([Option<Level>; 13]);

/// Why [`Levels::parse`] can't read a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LevelsError {
    /// A word that is no level, no deployment (`private`, `family`, `company`) and not `off`; holds it.
    #[error("no such level `{0}`: low, medium, high, off, or private, family, company")]
    Level(String),
    /// A word that is no [`Category::name`]; holds it.
    #[error("no such category `{0}`")]
    Category(String),
    /// `sexual/minors` was to be switched off, by itself or with all others, which can't be.
    #[error("`sexual/minors` can't be off")]
    Needed,
}

impl Default for Levels {
    fn default() -> Self {
        Level::default().into()
    }
}

impl From<Level> for Levels {
    fn from(level: Level) -> Self {
        Self([Some(level); 13])
    }
}

impl Levels {
    /// The levels for one adult on their own machine, named `private` in settings: [`Level::Low`], but
    /// [`Level::Medium`] for `self-harm/intent` and `sexual/minors`; `sexual`, `violence` and
    /// `violence/graphic` aren't looked for.
    #[must_use]
    pub fn private() -> Self {
        let all = Self::from(Level::Low);
        let all = all
            .with(Category::Sexual, None)
            .with(Category::Violence, None);
        let all = all.with(Category::ViolenceGraphic, None);
        let all = all.with(Category::SelfHarmIntent, Some(Level::Medium));
        all.with(Category::SexualMinors, Some(Level::Medium))
    }

    /// The levels for a family with children, named `family` in settings: [`Level::High`], but
    /// [`Level::Medium`] for `harassment`, `violence` and `illicit`, which quarrels and crime stories are
    /// full of. Their subcategories, such as `harassment/threatening`, are at [`Level::High`].
    #[must_use]
    pub fn family() -> Self {
        let all = Self::from(Level::High);
        let all = all.with(Category::Harassment, Some(Level::Medium));
        let all = all.with(Category::Violence, Some(Level::Medium));
        all.with(Category::Illicit, Some(Level::Medium))
    }

    /// The levels for people at work, named `company` in settings: [`Level::Medium`] in every category.
    #[must_use]
    pub fn company() -> Self {
        Self::from(Level::Medium)
    }

    /// These levels with another one for a category; `None` switches the category off, but for
    /// `sexual/minors`, which stays at [`Level::Low`] at least.
    #[must_use]
    pub fn with(mut self, category: Category, level: Option<Level>) -> Self {
        let least = (category == Category::SexualMinors).then_some(Level::Low);
        self.0[category as usize] = level.max(least);
        self
    }

    /// The level at which a category is looked for; `None` if it isn't.
    #[must_use]
    pub fn of(&self, category: Category) -> Option<Level> {
        self.0[category as usize]
    }

    /// Reads a level or deployment (`private`, `family`, `company`), followed by levels of
    /// categories if they differ: `medium, sexual=off, hate=high`. Parts are read from left to right, so
    /// that a level or deployment undoes what stands before it; without one it is `medium`. Names are those
    /// of [`Category::name`] and [`Level::name`], in lower case; blanks around them don't matter.
    ///
    /// # Errors
    ///
    /// If a word is no level, deployment or category, or `sexual/minors` would be off.
    pub fn parse(text: &str) -> Result<Self, LevelsError> {
        let mut levels = Self::default();
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            levels = match part.split_once('=') {
                Some((name, level)) => levels.with_named(name.trim(), level.trim())?,
                None => Self::named(part)?,
            };
        }
        Ok(levels)
    }

    fn named(name: &str) -> Result<Self, LevelsError> {
        match name {
            "private" => Ok(Self::private()),
            "family" => Ok(Self::family()),
            "company" => Ok(Self::company()),
            "off" => Err(LevelsError::Needed),
            _ => Level::from_name(name)
                .map(Self::from)
                .ok_or_else(|| LevelsError::Level(name.to_owned())),
        }
    }

    fn with_named(self, category: &str, level: &str) -> Result<Self, LevelsError> {
        let Some(category) = Category::from_name(category) else {
            return Err(LevelsError::Category(category.to_owned()));
        };
        match (level, Level::from_name(level)) {
            ("off", _) if category == Category::SexualMinors => Err(LevelsError::Needed),
            ("off", _) => Ok(self.with(category, None)),
            (_, Some(level)) => Ok(self.with(category, Some(level))),
            _ => Err(LevelsError::Level(level.to_owned())),
        }
    }

    /// Whether a score counts.
    pub(super) fn is_over(&self, category: Category, score: f32) -> bool {
        let level = self.of(category);
        level.is_some_and(|level| score >= category.thresholds()[level as usize])
    }
}
