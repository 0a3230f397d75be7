//! What the program around the server tells of itself: its settings and where they come from, and what its checks find.
//! The server only passes it on.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

/// A setting of the program as it is in force.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SettingInForce {
    /// The key in the settings file: `section.name`.
    pub key: &'static str,
    /// What it does.
    pub about: &'static str,
    /// What its values are, in words.
    pub values: String,
    /// The value, written as in the file; of a secret only whether it is set.
    pub value: String,
    /// Its default, written as in the file.
    pub default: String,
    /// `default`, `file`, `environment` or `dotenv`.
    pub origin: &'static str,
    /// The line of the file, or the name of the variable.
    pub place: Option<String>,
    /// The variable that would set it.
    pub variable: String,
    /// Whether its value is a secret, which is never told.
    pub is_secret: bool,
}

/// The settings that are in force since the server began.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct SettingsInForce {
    /// The settings file, which need not be there.
    pub file: String,
    /// Where the archive is.
    pub data: String,
    /// The settings, in the order of their page.
    pub settings: Vec<SettingInForce>,
}

/// Something that a check found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HealthCheck {
    /// What was looked at, in one word.
    pub name: &'static str,
    /// `good`, `note` or `bad`.
    pub state: &'static str,
    /// What was found, in words.
    pub what: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Looks at everything that can be checked quickly. Blocks.
#[derive(Clone)]
pub struct HealthChecks(pub Arc<dyn Fn() -> Vec<HealthCheck> + Send + Sync>);

impl fmt::Debug for HealthChecks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HealthChecks")
    }
}

/// What the program tells of itself.
#[derive(Clone, Debug)]
pub struct ProgramOperation {
    /// The settings.
    pub settings: Arc<SettingsInForce>,
    /// The checks.
    pub checks: HealthChecks,
}

impl Default for ProgramOperation {
    fn default() -> Self {
        Self {
            settings: Arc::default(),
            checks: HealthChecks(Arc::new(Vec::new)),
        }
    }
}
