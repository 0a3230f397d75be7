//! Characters: cards as other programs write them, and conversations in which they speak.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chat::character::{CharacterCard, CharacterLibrary, MacroValues, expand};
use chat::{ConversationSettings, Error, NewConversation};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::person::{Person, PersonHome, last, model, sent};
use crate::scripted::{Answer, ScriptedServer, end, text};

fn friendly() -> ScriptedServer {
    model(|_, _| Answer::stream(&[text("Of course."), end("stop")]))
}

fn read(card: &Value) -> CharacterCard {
    CharacterCard::parse(card.to_string().as_bytes(), "file-name").expect("a character")
}

/// A chunk of a PNG file. Its sum isn't looked at.
fn chunk(kind: &str, data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).expect("a short chunk");
    [&length.to_be_bytes()[..], kind.as_bytes(), data, &[0; 4]].concat()
}

fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    file.extend(chunk("IHDR", &[0; 13]));
    file.extend(chunks.concat());
    file.extend(chunk("IEND", &[]));
    file
}

fn named(name: &str) -> String {
    json!({"spec": "chara_card_v2", "data": {"name": name, "description": "d"}}).to_string()
}

fn packed(text: &str) -> Vec<u8> {
    let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(text.as_bytes()).expect("it is packed");
    out.finish().expect("it is packed")
}

/// The library of a temporary directory.
fn library() -> (tempfile::TempDir, CharacterLibrary) {
    let directory = tempfile::tempdir().expect("a directory");
    let library = CharacterLibrary::new(directory.path().join("characters"));
    (directory, library)
}

#[test]
fn a_card_is_found_wherever_a_picture_has_it() {
    let encoded = |name: &str| STANDARD.encode(named(name));
    let plain = |key: &str, name: &str| {
        chunk(
            "tEXt",
            &[key.as_bytes(), &[0], encoded(name).as_bytes()].concat(),
        )
    };
    let zipped = chunk(
        "zTXt",
        &[b"chara\0\0", &packed(&encoded("Zed"))[..]].concat(),
    );
    let utf8 = chunk(
        "iTXt",
        &[b"chara\0\0\0en\0k\0", encoded("Ida").as_bytes()].concat(),
    );
    let utf8_zipped = chunk(
        "iTXt",
        &[b"chara\0\x01\0\0\0", &packed(&encoded("Ivo"))[..]].concat(),
    );
    let data = chunk("IDAT", &[1, 2, 3]);
    let spaced = encoded("Sam")
        .as_bytes()
        .chunks(20)
        .collect::<Vec<_>>()
        .join(&b"\n"[..]);
    let spaced = chunk("tEXt", &[b"Chara\0", &spaced[..]].concat());
    let unpadded = encoded("Una!").trim_end_matches('=').to_owned();
    let unpadded = chunk("tEXt", &[b"chara\0", unpadded.as_bytes()].concat());
    let (directory, library) = library();
    for (nth, (chunks, expected)) in [
        (vec![plain("chara", "Ann"), data.clone()], "Ann"),
        (vec![data.clone(), plain("chara", "Bea")], "Bea"),
        (
            vec![plain("chara", "Old"), data.clone(), plain("ccv3", "New")],
            "New",
        ),
        (vec![zipped, data.clone()], "Zed"),
        (vec![utf8, data.clone()], "Ida"),
        (vec![utf8_zipped, data.clone()], "Ivo"),
        (vec![spaced, data.clone()], "Sam"),
        (vec![unpadded, data.clone()], "Una!"),
    ]
    .into_iter()
    .enumerate()
    {
        let path = directory.path().join(format!("{nth}.png"));
        std::fs::write(&path, png(&chunks)).expect("a file");
        let character = library.read(&path).expect("a character");
        assert_eq!(character.card.name, expected);
    }
}

#[test]
fn a_picture_that_is_exported_has_the_card_and_is_the_same_picture() {
    let (directory, library) = library();
    let card = chunk(
        "tEXt",
        &[b"chara\0", STANDARD.encode(named("Ann")).as_bytes()].concat(),
    );
    let data = chunk("IDAT", b"the picture itself");
    let path = directory.path().join("any name.png");
    std::fs::write(&path, png(&[card, data.clone()])).expect("a file");
    let id = library.import(&path, false).expect("it is taken in");
    assert_eq!(id, "ann");
    // Once more is nothing new, another one of the name is refused.
    assert_eq!(library.import(&path, false).as_deref(), Ok("ann"));
    let other = directory.path().join("other.json");
    std::fs::write(&other, named("Ann")).expect("a file");
    assert!(library.import(&other, false).is_err());
    let character = library
        .get("ann")
        .expect("it can be read")
        .expect("it is there");
    let exported = character.to_png().expect("it has a picture");
    assert!(exported.windows(data.len()).any(|part| part == data));
    let again = directory.path().join("again.png");
    std::fs::write(&again, exported).expect("a file");
    assert_eq!(
        library.read(&again).expect("a character").card,
        character.card
    );
}

#[test]
fn what_is_no_card_is_told_and_breaks_nothing() {
    let (directory, library) = library();
    let bomb = {
        let zeros = vec![b' '; 40 << 20];
        chunk(
            "zTXt",
            &[b"chara\0\0", &packed(&String::from_utf8_lossy(&zeros))[..]].concat(),
        )
    };
    let mut cut = png(&[chunk(
        "tEXt",
        &[b"chara\0", STANDARD.encode(named("Ann")).as_bytes()].concat(),
    )]);
    cut.truncate(60);
    let mut long = b"\x89PNG\r\n\x1a\n".to_vec();
    long.extend([0xFF; 40]);
    for (name, bytes, expected) in [
        (
            "none.png",
            png(&[chunk("IDAT", &[0])]),
            "without a character",
        ),
        ("bomb.png", png(&[bomb]), "without a character"),
        ("cut.png", cut, "without a character"),
        ("long.png", long, "without a character"),
        ("text.json", b"hello".to_vec(), "is no JSON"),
        ("list.json", b"[]".to_vec(), "no object"),
        (
            "other.json",
            br#"{"version": 3}"#.to_vec(),
            "neither a name",
        ),
        ("zip.charx", b"PK\x03\x04rest".to_vec(), "is no ZIP archive"),
        (
            "bad.toml",
            b"name = \"Ann\"\n\ngreting = \"Hi\"\n".to_vec(),
            "line 3: unknown field `greting`",
        ),
    ] {
        let path = directory.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        let failure = library.read(&path).expect_err(name).to_string();
        assert!(failure.contains(expected), "{name}: {failure}");
        assert!(failure.starts_with(&format!("`{name}` ")), "{failure}");
    }
    for id in ["../secret", "", ".hidden", "a/b", "c:\\d"] {
        assert!(library.get(id).expect("no failure").is_none(), "{id}");
    }
}

#[test]
fn a_zip_archive_has_its_card_in_it() {
    let (directory, library) = library();
    let path = directory.path().join("ann.charx");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).expect("a file"));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file("card.json", options).expect("an entry");
    archive
        .write_all(named("Ann").as_bytes())
        .expect("it is written");
    archive.finish().expect("an archive");
    assert_eq!(library.import(&path, false).as_deref(), Ok("ann"));
    let (list, failures) = library.list();
    assert_eq!((list.len(), failures.len()), (1, 0));
    assert_eq!(list[0].name, "Ann");
}

#[test]
fn nothing_that_a_person_had_is_lost_by_taking_in_a_card() {
    let (directory, library) = library();
    let characters = directory.path().join("characters");
    std::fs::create_dir(&characters).expect("a directory");
    let own = "name = \"Ann\"\n[broken";
    std::fs::write(characters.join("ann.toml"), own).expect("a file");
    let picture = png(&[chunk("IDAT", b"a photograph")]);
    std::fs::write(characters.join("ann.png"), &picture).expect("a file");
    let card = directory.path().join("card.charx.json");
    std::fs::write(&card, named("Ann")).expect("a file");
    let failure = library.import(&card, false).expect_err("it is there");
    assert!(failure.is_taken, "{failure}");
    let kept = |name: &str| std::fs::read(characters.join(name)).ok();
    assert_eq!(kept("ann.toml").as_deref(), Some(own.as_bytes()));
    let with_card = chunk(
        "tEXt",
        &[b"chara\0", STANDARD.encode(named("Ann")).as_bytes()].concat(),
    );
    std::fs::write(&card, png(&[with_card])).expect("a file");
    let other = characters.join("ann.json");
    std::fs::write(&other, "{}").expect("a file");
    assert_eq!(library.import(&card, true).as_deref(), Ok("ann"));
    assert_eq!(kept("ann.toml.replaced").as_deref(), Some(own.as_bytes()));
    assert_eq!(kept("ann.png.replaced"), Some(picture));
    assert_eq!(kept("ann.json").as_deref(), Some(&b"{}"[..]));
    let character = library
        .get("ann")
        .expect("it can be read")
        .expect("it is there");
    assert_eq!(character.path, characters.join("ann.png"));
}

#[test]
fn a_file_that_changes_is_read_anew() {
    let (directory, library) = library();
    let characters = directory.path().join("characters");
    std::fs::create_dir(&characters).expect("a directory");
    let path = characters.join("ann.toml");
    std::fs::write(&path, "name = \"Ann\"\n").expect("a file");
    let name = || {
        library
            .get("ann")
            .expect("it can be read")
            .map(|one| one.card.name.clone())
    };
    assert_eq!(name().as_deref(), Some("Ann"));
    std::fs::write(&path, "name = \"Annabel\"\n").expect("a file");
    assert_eq!(name().as_deref(), Some("Annabel"));
    std::fs::write(&path, "name = 3\n").expect("a file");
    assert!(library.get("ann").is_err());
    std::fs::remove_file(&path).expect("it is removed");
    assert_eq!(name(), None);
}

#[test]
fn markdown_with_front_matter_and_prompts_in_poml_are_characters() {
    let (directory, library) = library();
    let read = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).expect("a file");
        library.read(&path).map(|character| character.card)
    };
    for text in [
        "---\nname: Ann\ntags: [a, b]\nlore:\n  - keys: [quince]\n    text: old\n---\nShe gardens.\n",
        "+++\nname = \"Ann\"\ntags = [\"a\", \"b\"]\n[[lore]]\nkeys = [\"quince\"]\ntext = \"old\"\n+++\nShe gardens.\n",
    ] {
        let card = read("any.md", text).expect("a character");
        assert_eq!(
            (card.name.as_str(), card.description.as_str()),
            ("Ann", "She gardens.")
        );
        assert_eq!(card.tags, ["a", "b"]);
        assert_eq!(brought_up(&card, &["a quince"]), ["old"]);
    }
    let bare = read("Napoleon.md", "He is the emperor.").expect("a character");
    assert_eq!(
        (bare.name.as_str(), bare.description.as_str()),
        ("Napoleon", "He is the emperor.")
    );
    let wrong = read("wrong.md", "---\nname: Ann\ngreting: Hi\n---\n").expect_err("a mistake");
    assert!(
        wrong.problem.contains("line 3:") && wrong.problem.contains("greting"),
        "{wrong}"
    );
    let card = read(
        "Napoleon.poml",
        "<poml>\n  <role>You are <b>{{character}}</b>,\n  emperor &amp; general.</role>\n  <task>Answer.<br/>Briefly.\n\
         <list><item>one</item><item>two</item></list></task>\n<odd>kept</odd> {{context}}</poml>",
    )
    .expect("a character");
    assert_eq!(card.name, "Napoleon");
    assert_eq!(
        card.system_prompt,
        "# Role\nYou are **{{char}}**, emperor & general.\n\n# Task\nAnswer.\nBriefly.\n\n- one\n- two\n\nkept "
    );
    assert_eq!(card.problems, ["`<odd>` isn't known; its text is kept"]);
    let broken = read("broken.poml", "<poml>\n<role>\n</task></poml>").expect_err("a mistake");
    assert!(broken.problem.starts_with("line 3:"), "{broken}");
    let deep = format!("{}{}", "<p>".repeat(100_000), "</p>".repeat(100_000));
    assert!(read("deep.poml", &deep).is_err());
}

#[test]
fn fields_of_wrong_types_cost_only_themselves() {
    let card = read(
        &json!({"spec": "chara_card_v2", "spec_version": 2.0, "data": {
            "name": null, "description": 17, "personality": {"a": 1}, "first_mes": "",
            "alternate_greetings": ["Hi", 3, null, {}], "tags": "a, b", "character_book": null,
            "extensions": {"depth_prompt": {"prompt": "Remember.", "depth": "2", "role": "odd"}},
        }}),
    );
    assert_eq!(card.name, "file-name");
    assert_eq!(card.description, "17");
    assert_eq!(card.personality, "");
    assert_eq!(card.problems, ["`personality` is no text"]);
    assert_eq!(card.greetings, ["Hi", "3"]);
    assert_eq!(card.tags, ["a", "b"]);
    let prompt = card.depth_prompt.expect("a prompt");
    assert_eq!((prompt.depth, prompt.role), (2, "system"));
    // Version 1 has the same fields without a frame.
    let old = read(&json!({"name": "Ann", "first_mes": "Hello"}));
    assert_eq!(old.to_json()["data"]["name"], "Ann");
    assert_eq!(old.to_json()["spec"], "chara_card_v2");
}

#[test]
fn macros_stand_for_what_they_say_and_others_stay() {
    let now = "2026-03-01T09:05[UTC]".parse().expect("a time");
    let values = MacroValues {
        character: "Ann",
        user: "{{char}}",
        persona: "a gardener",
        original: "",
        now: &now,
        seed: 7,
    };
    for (said, expected) in [
        ("{{char}} and {{USER}}", "Ann and {{char}}"),
        ("<BOT> {{ char }}", "Ann Ann"),
        ("{{// a note}}{{comment: x}}{{hidden_key:k}}.", "."),
        (
            "{{time}} {{date}} {{weekday}} {{isodate}}",
            "09:05 1 March 2026 Sunday 2026-03-01",
        ),
        ("{{reverse:abc}}", "cba"),
        (
            "{{unknown::a}} {% if %} {{char",
            "{{unknown::a}} {% if %} {{char",
        ),
        ("{{random::{{char}}::{{char}}}}", "Ann"),
        (
            "{{roll:0d6}} {{roll:999d6}} {{roll:d6x}}",
            "{{roll:0d6}} {{roll:999d6}} {{roll:d6x}}",
        ),
        ("{{char:x}} {{}}", "{{char:x}} {{}}"),
    ] {
        assert_eq!(expand(said, &values), expected);
    }
    let rolled: u64 = expand("{{roll:2d6}}", &values).parse().expect("a number");
    assert!((2..=12).contains(&rolled));
    assert!(["a", "b", "c"].contains(&expand("{{random:a,b,c}}", &values).as_str()));
    let deep = format!("{}x{}", "{{reverse:".repeat(5_000), "}}".repeat(5_000));
    assert!(expand(&deep, &values).contains('x'));
    let open = "{{".repeat(100_000);
    assert_eq!(expand(&open, &values), open);
}

fn book(entries: &Value, more: Value) -> CharacterCard {
    let mut book = json!({"entries": entries});
    if let (Some(book), Value::Object(more)) = (book.as_object_mut(), more) {
        book.extend(more);
    }
    read(&json!({"data": {"name": "Ann", "character_book": book}}))
}

fn brought_up(card: &CharacterCard, said: &[&str]) -> Vec<String> {
    let book = card.lorebook.as_ref().expect("a book");
    book.brought_up(said, said.len())
        .into_iter()
        .map(|lore| lore.text.to_owned())
        .collect()
}

#[test]
fn lore_comes_up_when_it_is_spoken_of() {
    let card = book(
        &json!([
            {"keys": ["Quince"], "content": "Quinces are sour.", "enabled": true, "insertion_order": 2},
            {"keys": ["medlar"], "content": "off", "enabled": false},
            {"keys": ["PIN"], "content": "exact", "case_sensitive": true, "insertion_order": 3},
            {"keys": ["pear"], "secondary_keys": ["wine"], "selective": true, "content": "perry", "insertion_order": 4},
            {"keys": ["/ap+le(s?)\\b/i"], "content": "apples", "insertion_order": 5},
            {"keys": ["^ß"], "use_regex": true, "content": "sharp", "insertion_order": 6},
            {"keys": [], "content": "@@constant\n@@unknown 3\nalways", "insertion_order": 1},
            {"keys": ["soon"], "content": "@@activate_only_after 3\nlater", "insertion_order": 7},
            {"key": ["world"], "content": "of a world file", "order": 8, "disable": false},
            {"keys": ["("], "use_regex": true, "content": "broken"},
            7,
        ]),
        json!({}),
    );
    assert_eq!(card.problems.len(), 2, "{:?}", card.problems);
    assert_eq!(brought_up(&card, &["nothing"]), ["always"]);
    assert_eq!(
        brought_up(&card, &["a QUINCES tree, a medlar, a pin"]),
        ["always", "Quinces are sour."]
    );
    assert_eq!(
        brought_up(&card, &["the PIN of a pear"]),
        ["always", "exact"]
    );
    assert_eq!(brought_up(&card, &["pear", "Wine"]), ["always", "perry"]);
    assert_eq!(brought_up(&card, &["APPLES"]), ["always", "apples"]);
    assert_eq!(brought_up(&card, &["soon"]), ["always"]);
    assert_eq!(
        brought_up(&card, &["soon", "x", "world"]),
        ["always", "later", "of a world file"]
    );
}

#[test]
fn lore_keeps_within_its_budget_and_brings_up_other_lore_only_so_often() {
    let entries: Vec<Value> = (0..50)
        .map(|nth| {
            let next = nth + 1;
            json!({"keys": [format!("k{nth}.")], "content": format!("k{next}. {}", "word ".repeat(20)),
                "enabled": true, "insertion_order": nth, "priority": -nth})
        })
        .collect();
    let chained = book(
        &json!(entries),
        json!({"recursive_scanning": true, "token_budget": 10_000}),
    );
    assert_eq!(brought_up(&chained, &["k0."]).len(), 4);
    let all: String = (0..50).map(|nth| format!("k{nth}. ")).collect();
    let small = book(&json!(entries), json!({"token_budget": 100}));
    let few = brought_up(&small, &[&all]);
    assert!(
        few.len() == 2 && few[0].starts_with("k1.") && few[1].starts_with("k2."),
        "{few:?}"
    );
}

const CARD: &str = r#"
name = "Ann"
description = "{{char}} keeps an orchard in {{random::Kent::Jura}}."
personality = "patient"
scenario = "{{char}} meets {{user}} at the gate."
greeting = "Good morning, {{user}}."
greetings = ["Who is there?"]
examples = "<START>\n{{user}}: Hello\n{{char}}: Hello."
system = "Be {{char}}. {{original}}"
after = "Answer in one sentence, {{char}}."
model = "here/other"
recall = false

[parameters]
temperature = 0.7

[[lore]]
keys = ["quince"]
text = "{{char}} planted the quince <in> 1998."
"#;

async fn with_ann(person: &Person, home: &PersonHome) -> String {
    std::fs::create_dir_all(home.characters()).expect("a directory");
    std::fs::write(home.characters().join("ann.toml"), CARD).expect("a file");
    let new = NewConversation {
        settings: ConversationSettings {
            character: Some("ann".to_owned()),
            ..ConversationSettings::default()
        },
        ..NewConversation::default()
    };
    let made = person.chat.create(new).await;
    made.expect("a conversation").summary.id
}

#[tokio::test]
async fn a_character_greets_speaks_and_knows_what_is_spoken_of() {
    let (home, server) = (PersonHome::new(), friendly());
    let person = home.open(&server);
    let chat = with_ann(&person, &home).await;
    let view = person.view(&chat).await;
    assert_eq!(view.thread.len(), 1);
    assert_eq!(view.thread[0].text, "Good morning, Ines.");
    assert_eq!(view.thread[0].variants.len(), 2);
    let events = person.say(&chat, "Whose quince is that?").await;
    assert_eq!(last(&events).0, "RunCompleted");
    let title = person.view(&chat).await.summary.title;
    assert_eq!(title.as_deref(), Some("Whose quince is that?"));
    person.say(&chat, "And the pear?").await;
    let requests = sent(&server);
    let (first, second) = (&requests[0], &requests[1]);
    assert_eq!(first["model"], "other");
    assert_eq!(first["temperature"], 0.7);
    let system = first["messages"][0]["content"].as_str().expect("a text");
    assert!(
        system.starts_with("Be Ann. Be kind.\n\nAnn keeps an orchard in "),
        "{system}"
    );
    for part in [
        "Personality of Ann: patient",
        "Ann meets Ines at the gate.",
        "Who Ines is: Ines grows",
        "Ines: Hello",
    ] {
        assert!(system.contains(part), "{part} in {system}");
    }
    assert_eq!(first["messages"][1]["role"], "assistant");
    let asked = first["messages"][2]["content"].as_str().expect("a text");
    assert!(
        asked.contains("<lore>\nAnn planted the quince &lt;in&gt; 1998.\n</lore>"),
        "{asked}"
    );
    assert!(
        asked.ends_with("<instructions>\nAnswer in one sentence, Ann.\n</instructions>"),
        "{asked}"
    );
    // What was sent stays as it was, but for what stands at the end each time.
    assert_eq!(second["messages"][0], first["messages"][0]);
    let before = second["messages"][2]["content"].as_str().expect("a text");
    assert!(asked.starts_with(before), "{before}");
    let newest = second["messages"][4]["content"].as_str().expect("a text");
    assert!(
        newest.contains("And the pear?") && newest.contains("<instructions>"),
        "{newest}"
    );
}

#[tokio::test]
async fn a_character_that_is_not_there_is_told() {
    let (home, server) = (PersonHome::new(), friendly());
    let person = home.open(&server);
    let chat = with_ann(&person, &home).await;
    std::fs::remove_file(home.characters().join("ann.toml")).expect("it is removed");
    let events = person.say(&chat, "Hello?").await;
    let (name, data) = last(&events);
    assert_eq!(name, "RunError");
    assert!(
        data.to_string().contains("there is no character `ann`"),
        "{data}"
    );
    // What else is set can be changed, and the character taken away.
    let settings = |character: &str| chat::ConversationPatch {
        settings: Some(ConversationSettings {
            character: Some(character.to_owned()),
            model: Some("here/m".to_owned()),
            ..ConversationSettings::default()
        }),
        ..chat::ConversationPatch::default()
    };
    let other = person.chat.change(&chat, None, settings("bea")).await;
    assert!(matches!(other, Err(Error::NotFound { .. })));
    let same = person.chat.change(&chat, None, settings("ann")).await;
    same.expect("another model");
    let none = person.chat.change(&chat, None, settings("")).await;
    assert_eq!(none.expect("no character").settings.character, None);
    let events = person.say(&chat, "Hello?").await;
    assert_eq!(last(&events).0, "RunCompleted");
    let new = NewConversation {
        settings: ConversationSettings {
            character: Some("../ann".to_owned()),
            ..ConversationSettings::default()
        },
        ..NewConversation::default()
    };
    assert!(matches!(
        person.chat.create(new).await,
        Err(Error::NotFound { .. })
    ));
}

#[tokio::test]
async fn conversations_that_name_no_character_have_the_usual_one_if_it_is_there() {
    let (home, server) = (PersonHome::new(), friendly());
    let mut options = home.options(&server);
    options.character = Some("ANN".to_owned());
    let person = home.open_with(options);
    let character = |character: Option<&str>| NewConversation {
        settings: ConversationSettings {
            character: character.map(str::to_owned),
            ..ConversationSettings::default()
        },
        ..NewConversation::default()
    };
    let made = async |named: Option<&str>| {
        let made = person.chat.create(character(named)).await;
        made.expect("a conversation").settings.character
    };
    assert_eq!(made(None).await, None);
    with_ann(&person, &home).await;
    assert_eq!(made(None).await.as_deref(), Some("ann"));
    assert_eq!(made(Some("")).await, None);
}

/// JSON that a card may have anywhere.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-zß{}:/ ]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_card_of_any_shape_comes_out_as_it_went_in(
        fields in prop::collection::btree_map(
            prop::sample::select(vec![
                "name", "description", "personality", "scenario", "first_mes", "mes_example", "creator_notes",
                "system_prompt", "post_history_instructions", "alternate_greetings", "tags", "creator",
                "character_version", "extensions", "character_book", "nickname", "group_only_greetings", "own",
            ]),
            anything(),
            0..18,
        ),
        is_v3 in any::<bool>(),
    ) {
        let mut data: serde_json::Map<String, Value> =
            fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        data.entry("description").or_insert_with(|| "d".into());
        let spec = if is_v3 { "chara_card_v3" } else { "chara_card_v2" };
        let card = json!({"spec": spec, "data": data, "own": {"more": 1.5}});
        let (directory, library) = library();
        let path = directory.path().join("card.json");
        std::fs::write(&path, card.to_string()).expect("a file");
        let id = library.import(&path, false).expect("it is taken in");
        let character = library.get(&id).expect("it can be read").expect("it is there");
        prop_assert_eq!(character.card.to_json(), card);
        let book = character.card.lorebook.as_ref();
        let _ = book.map(|book| book.brought_up(&["a b c"], 3).len());
    }

    #[test]
    fn any_text_is_expanded(text in "[a-z{}:/<>|, ]{0,80}") {
        let now = "2026-03-01T09:05[UTC]".parse().expect("a time");
        let values = MacroValues {
            character: "Ann", user: "Ines", persona: "", original: "", now: &now, seed: 1,
        };
        let _ = expand(&text, &values);
    }

    #[test]
    fn a_damaged_file_is_refused_or_read(
        kind in 0..4_usize,
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        end in any::<prop::sample::Index>(),
    ) {
        let text = json!({"spec": "chara_card_v3", "data": {
            "name": "Ann", "description": "d", "first_mes": "{{user}}",
            "character_book": {"entries": [{"keys": ["a", "/b+/"], "content": "c", "extensions": {"position": 1}}]},
        }}).to_string();
        let (name, mut bytes) = match kind {
            0 => ("a.json", text.into_bytes()),
            1 => ("a.png", png(&[chunk("tEXt", &[b"ccv3\0", STANDARD.encode(text).as_bytes()].concat())])),
            2 => ("a.png", png(&[chunk("zTXt", &[b"chara\0\0", &packed(&STANDARD.encode(text))[..]].concat())])),
            _ => ("a.charx", charx(&text)),
        };
        for (at, byte) in &cuts {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        if cuts.len() % 3 == 2 {
            bytes.truncate(end.index(bytes.len()));
        }
        let (_directory, library) = library();
        if let Ok(id) = library.take_in(name, &bytes, false) {
            let character = library.get(&id).expect("it can be read").expect("it is there");
            let _ = character.card.to_json();
        }
    }
}

/// A card in an archive, as RisuAI writes it.
fn charx(text: &str) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file("card.json", options).expect("a file");
    archive.write_all(text.as_bytes()).expect("written");
    archive.finish().expect("an archive").into_inner()
}
