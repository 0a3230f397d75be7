//! `${NAME}` and `${NAME:-default}` in values of the configuration.

use super::types::ConfigVariables;

/// Puts the values of variables in their place. `$$` isn't special, and neither is a `$` without a brace.
///
/// # Errors
/// The name of a variable that isn't set and has no default, or what stands between braces that aren't closed.
pub(super) fn expand(text: &str, variables: ConfigVariables<'_>) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        expanded.push_str(&rest[..start]);
        let inner = &rest[start + 2..];
        let Some(end) = inner.find('}') else {
            return Err(inner.to_owned());
        };
        expanded.push_str(&value_of(&inner[..end], variables)?);
        rest = &inner[end + 1..];
    }
    expanded.push_str(rest);
    Ok(expanded)
}

fn value_of(inner: &str, variables: ConfigVariables<'_>) -> Result<String, String> {
    let (name, default) = match inner.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (inner, None),
    };
    // Editors write the variables of the environment with a prefix.
    let name = name.strip_prefix("env:").unwrap_or(name);
    match (variables(name).filter(|value| !value.is_empty()), default) {
        (Some(value), _) => Ok(value),
        (None, Some(default)) => Ok(default.to_owned()),
        (None, None) => variables(name).ok_or_else(|| name.to_owned()),
    }
}
