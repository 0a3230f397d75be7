//! What a file is, by its name.

/// What a file is, by its name; nothing for files that aren't served by themselves, such as compressed forms.
pub(crate) fn of(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressed_forms_are_not_served_by_their_own_names() {
        assert_eq!(of("assets/a.js.br"), None);
        assert_eq!(of("assets/a.js"), Some("text/javascript; charset=utf-8"));
    }
}
