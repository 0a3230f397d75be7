//! The settings as they are in force, for whoever asks the server.

use server::{SettingInForce, SettingsInForce};

use super::declare::{DeclaredSetting, ResolvedSetting, SettingOrigin};

/// Every declared setting with its value and where that came from; `file` and `data` as a person would write them.
pub(super) fn in_force(
    declared: &[DeclaredSetting],
    resolved: &[ResolvedSetting],
    (file, data): (String, String),
) -> SettingsInForce {
    let told = |declared: &DeclaredSetting| {
        let resolved = resolved.iter().find(|one| one.key == declared.key)?;
        let (origin, place) = match &resolved.origin {
            SettingOrigin::Default => ("default", None),
            SettingOrigin::File(line) => ("file", Some(line.to_string())),
            SettingOrigin::Environment(name) => ("environment", Some(name.clone())),
            SettingOrigin::DotEnv { name, .. } => ("dotenv", Some(name.clone())),
        };
        Some(SettingInForce {
            key: declared.key,
            about: declared.doc.trim(),
            values: (declared.kind)(),
            value: resolved.value.clone(),
            default: (declared.default)(declared.key),
            origin,
            place,
            variable: declared.environment(),
            is_secret: declared.is_secret,
        })
    };
    SettingsInForce {
        file,
        data,
        settings: declared.iter().filter_map(told).collect(),
    }
}
