//! The types of settings. Each checks its own bounds, so that whoever holds a value needn't.

mod raw;
mod number;
mod path;
mod text;
mod secret;
mod chat;
mod guards;

pub(crate) use self::chat::{BasePath, BuiltInTools, ListenHost, ServerAuth, Temperature};
pub(crate) use self::guards::{
    Allowed, ChosenEntities, ContentLevels, GuardRule, GuardRules, OpinionPlaces, OwnPatterns,
    ProjectRules, RuleSubject, Strictness,
};
pub(crate) use self::number::{Days, Fraction, Switch, Whole};
pub(crate) use self::path::{Dirs, OneDir, OneFile, ServersFile, expand};
pub(crate) use self::raw::{Invalid, Raw, SettingValue};
pub(crate) use self::secret::Secret;
pub(crate) use self::text::{Address, NameList, OneLine, SearchMode, Words};
