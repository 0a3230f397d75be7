//! Knowledge in a turn: which documents count for what is said.

use memory::{DocumentOrigin, DocumentScope, NewDocument, NewSection};
use serde_json::Value;

use crate::person::{Person, PersonHome, model};
use crate::tools::saying;

/// Puts a document with these sections where every conversation has it.
fn add(person: &Person, name: &str, sections: &[String]) {
    let sections = sections.iter().map(|text| NewSection {
        heading: String::new(),
        text: text.clone(),
        place: "{}".to_owned(),
    });
    let document = NewDocument {
        scope: DocumentScope::Everywhere,
        name: name.to_owned(),
        origin: DocumentOrigin::Upload,
        place: name.to_owned(),
        format: "markdown".to_owned(),
        hash: name.to_owned(),
        bytes: 1,
        modified: None,
        pages: None,
        problems: Vec::new(),
        sections: sections.collect(),
    };
    let mut archive = person.memory.archive().expect("the archive");
    archive.put_document(1, &document).expect("it is kept");
}

/// Names of the documents whose sections went before the model, and whether it is told that nothing fits.
async fn recalled(person: &Person, said: &str) -> (Vec<String>, bool) {
    let chat = person.conversation().await;
    let events = person.say(&chat, said).await;
    let told = events.iter().find(|event| event.0 == "KnowledgeRecalled");
    let (_, data) = told.expect("it is told");
    assert_eq!(data["whole"][0]["name"], "rules-2.md", "{data}");
    let sections = data["sections"].as_array().expect("sections").iter();
    let names = sections.map(|section| section["name"].as_str().expect("a name").to_owned());
    (
        names.collect(),
        data.get("nothing").is_some_and(Value::is_string),
    )
}

#[tokio::test]
async fn a_message_that_names_a_whole_document_quotes_no_other() {
    let home = PersonHome::new();
    let server = model(|_, _| saying("Aye."));
    let person = home.open(&server);
    add(
        &person,
        "rules-2.md",
        &["The helm is never left.".to_owned()],
    );
    let chapter = |number| format!("Rule {number} of the manual says what the helm does in wind.");
    let manual: Vec<String> = (0..60).map(chapter).collect();
    add(&person, "long-manual.md", &manual);

    let (quoted, _) = recalled(&person, "What do the rules say of the helm in wind?").await;
    assert!(quoted.contains(&"long-manual.md".to_owned()), "{quoted:?}");
    // It is there whole, so neither another is quoted nor is it told that nothing was found.
    let asked = "What does RULES-2.md say of the helm in wind?";
    assert_eq!(recalled(&person, asked).await, (Vec::new(), false));
    // What is asked of a long message that was pasted stands at its end.
    let pasted = format!("{}\n{asked}", "The helm in wind, äöü. ".repeat(2_000));
    assert_eq!(recalled(&person, &pasted).await, (Vec::new(), false));
    // A ranked document that is named as well still counts.
    let both = "Do rules-2.md and long-manual.md agree on the helm in wind?";
    let (quoted, _) = recalled(&person, both).await;
    assert!(quoted.contains(&"long-manual.md".to_owned()), "{quoted:?}");
}
