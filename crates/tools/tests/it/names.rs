//! Names of tools for models.

use serde_json::json;

use crate::support::{LONG, command, options, servers_with};

#[tokio::test]
async fn names_are_unique_short_and_of_allowed_characters() {
    let long = "a server with a name that is longer than any name of a tool may be, by far";
    let entries = json!([
        command("a b", &[]),
        command("a_b", &[]),
        command(long, &[]),
        command("ä", &[]),
        command("ö", &[])
    ]);
    let servers = servers_with(entries, options());
    servers.settle(LONG).await;
    let names: Vec<_> = servers
        .listed()
        .into_iter()
        .map(|tool| tool.wire_name)
        .collect();
    assert_eq!(names.len(), 20);
    for name in &names {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        assert!(
            (1..=64).contains(&name.len()) && name.chars().all(is_allowed),
            "{name}"
        );
        assert_eq!(
            names.iter().filter(|other| *other == name).count(),
            1,
            "{name}"
        );
    }
    assert!(names.contains(&"a_b__echo".to_owned()), "{names:?}");
    servers.close().await;
}
