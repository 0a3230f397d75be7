//! Schemas of tools in the dialects of providers.

use serde_json::{Map, Value, json};
use tools::{SchemaDialect, schema_for};

/// Shapes of schemas as servers of the registries have them.
fn corpus() -> Map<String, Value> {
    serde_json::from_str(include_str!("../data/schemas.json")).expect("an object")
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

fn gemini(value: &Value) -> Value {
    let made = schema_for(&object(value), SchemaDialect::Gemini);
    Value::Object(made.unwrap_or_else(|error| panic!("{error}: {value}")))
}

fn open_ai(value: &Value) -> Value {
    let made = schema_for(&object(value), SchemaDialect::OpenAi);
    Value::Object(made.unwrap_or_else(|error| panic!("{error}: {value}")))
}

/// Whether a schema has only what Gemini's interface documents.
fn check_gemini(schema: &Value, place: &str) {
    const KEYWORDS: [&str; 16] = [
        "type",
        "format",
        "title",
        "description",
        "nullable",
        "enum",
        "items",
        "maxItems",
        "minItems",
        "properties",
        "required",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "anyOf",
    ];
    let schema = schema
        .as_object()
        .unwrap_or_else(|| panic!("{place}: no object: {schema}"));
    for keyword in schema.keys() {
        assert!(KEYWORDS.contains(&&**keyword), "{place}: `{keyword}`");
    }
    match schema.get("type") {
        Some(Value::String(kind)) => {
            assert!(
                ["string", "number", "integer", "boolean", "array", "object"].contains(&&**kind),
                "{place}: {kind}"
            );
            assert!(!schema.contains_key("anyOf"), "{place}: both");
            assert_eq!(
                schema.contains_key("items"),
                kind == "array",
                "{place}: items"
            );
            assert!(
                kind == "object" || !schema.contains_key("properties"),
                "{place}: properties"
            );
        }
        None => assert!(
            schema.contains_key("anyOf"),
            "{place}: neither type nor choices"
        ),
        Some(other) => panic!("{place}: {other}"),
    }
    for (name, property) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        check_gemini(property, &format!("{place}.{name}"));
    }
    for name in schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let name = name.as_str().expect("a name");
        assert!(
            schema["properties"].get(name).is_some(),
            "{place}: `{name}` is required and isn't there"
        );
    }
    for value in schema
        .get("enum")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        assert!(
            value.as_str().is_some_and(|text| !text.is_empty()),
            "{place}: {value}"
        );
    }
    for choice in schema
        .get("anyOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        check_gemini(choice, &format!("{place}.anyOf"));
    }
    if let Some(items) = schema.get("items") {
        check_gemini(items, &format!("{place}.items"));
    }
}

#[test]
fn every_shape_can_be_said_in_every_dialect() {
    let corpus = corpus();
    assert!(corpus.len() >= 20);
    for (name, schema) in &corpus {
        let made = gemini(schema);
        check_gemini(&made, name);
        assert_eq!(made["type"], "object", "{name}");
        let made = open_ai(schema);
        assert_eq!(made["type"], "object", "{name}");
        assert!(made["properties"].is_object(), "{name}");
        for keyword in ["anyOf", "oneOf", "allOf", "$ref", "$schema", "enum", "not"] {
            assert!(made.get(keyword).is_none(), "{name}: `{keyword}`");
        }
        // Once is enough.
        assert_eq!(open_ai(&made), made, "{name}");
    }
}

#[test]
fn meanings_stay_in_geminis_words() {
    let corpus = corpus();
    let property =
        |name: &str, property: &str| gemini(&corpus[name])["properties"][property].clone();
    assert_eq!(
        property("pydantic: optional and definitions", "task"),
        json!({"type": "object", "description": "what to do", "properties": {
            "level": {"type": "string", "title": "Level", "enum": ["low", "high"]}, "name": {"type": "string"},
        }, "required": ["level"]})
    );
    assert_eq!(
        property("pydantic: optional and definitions", "other")["nullable"],
        true
    );
    assert_eq!(
        property("zod: tagged union", "action")["anyOf"][1],
        json!({"type": "object", "properties": {"kind": {"type": "string", "enum": ["close"]}, "id": {"type": "integer"}}, "required": ["kind"]})
    );
    assert_eq!(
        property("browser: several types", "value"),
        json!({"description": "what to fill in", "anyOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]})
    );
    assert_eq!(
        property("browser: several types", "button"),
        json!({"type": "string", "enum": ["left", "right"]})
    );
    assert_eq!(
        property("fetch: pydantic with bounds", "max_length"),
        json!({"type": "integer", "title": "Max Length", "minimum": 1, "maximum": 999_999})
    );
    assert_eq!(
        property("gradio: paths with a format of its own", "audio")["description"],
        "a file (format: Gradio File Input - a http or https url to a file)"
    );
    assert_eq!(
        property("payments: numbers to choose from", "days"),
        json!({"type": "integer", "description": "one of: 7, 30, 90"})
    );
    assert_eq!(
        property("thinking: whole numbers", "branchId"),
        json!({"type": "string", "nullable": true})
    );
    assert_eq!(
        property("maps: a pair of numbers", "at"),
        json!({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2})
    );
    assert_eq!(
        property("everything: zod reference to a path", "second"),
        json!({"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]})
    );
    let search = gemini(&corpus["search: choices at the top"]);
    assert_eq!(search["required"], json!(["n"]));
    assert_eq!(
        search["properties"].as_object().expect("an object").len(),
        3
    );
    let database = gemini(&corpus["database: all of"]);
    assert_eq!(database["required"], json!(["sql"]));
    assert_eq!(database["properties"]["page"], json!({"type": "integer"}));
}

#[test]
fn the_plain_dialect_keeps_all_but_what_is_broken() {
    let corpus = corpus();
    for name in [
        "time: texts with examples",
        "memory: lists of objects",
        "pydantic: optional and definitions",
        "zod: tagged union",
        "conditions",
    ] {
        assert_eq!(open_ai(&corpus[name]), corpus[name], "{name}");
    }
    assert_eq!(
        open_ai(&corpus["broken: wrong types everywhere"])["properties"],
        json!({"a": {"type": "string", "minLength": "5", "description": 5}, "b": {}, "c": {}, "d": {}, "e": {}, "f": {}, "g": {"type": "text"}})
    );
}

#[test]
fn loops_and_bombs_are_refused_and_the_rest_of_a_list_is_not() {
    let tree = json!({"type": "object", "properties": {"root": {"$ref": "#/$defs/Node"}}, "$defs": {"Node": {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Node"}}}}}});
    let error = schema_for(&object(&tree), SchemaDialect::Gemini).expect_err("a loop");
    assert_eq!(
        error.to_string(),
        "`root.children.items`: `#/$defs/Node` refers to itself"
    );
    assert!(schema_for(&object(&tree), SchemaDialect::OpenAi).is_ok());
    for circle in [
        json!({"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}}),
        json!({"$ref": "#"}),
        json!({"type": "object", "properties": {"a": {"$ref": "#/properties/a"}}}),
        json!({"type": "object", "properties": {"a": {"$ref": "#"}}}),
        json!({"allOf": [{"$ref": "#"}]}),
    ] {
        assert!(
            schema_for(&object(&circle), SchemaDialect::Gemini).is_err(),
            "{circle}"
        );
        let _ = schema_for(&object(&circle), SchemaDialect::OpenAi);
    }
    // Each level names the one below twice: 2^30 parts.
    let mut definitions = Map::new();
    for level in 0..30 {
        let below = json!({"$ref": format!("#/$defs/L{}", level + 1)});
        definitions.insert(
            format!("L{level}"),
            json!({"type": "object", "properties": {"a": below, "b": below}}),
        );
    }
    definitions.insert("L30".to_owned(), json!({"type": "string"}));
    let bomb = json!({"type": "object", "properties": {"x": {"$ref": "#/$defs/L0"}}, "$defs": definitions});
    let error = schema_for(&object(&bomb), SchemaDialect::Gemini).expect_err("too many");
    assert!(error.why.contains("too many parts"), "{error}");
    let mut deep = json!({"type": "string"});
    for _ in 0..50 {
        deep = json!({"type": "object", "properties": {"a": deep}});
    }
    assert!(schema_for(&object(&deep), SchemaDialect::Gemini).is_err());
    for none in [
        json!({"type": "array"}),
        json!({"type": ["string", "null"]}),
    ] {
        for dialect in [SchemaDialect::Gemini, SchemaDialect::OpenAi] {
            assert!(schema_for(&object(&none), dialect).is_err(), "{none}");
        }
    }
    let required = json!({"type": "object", "properties": {"a b": {}}, "required": ["a b"]});
    assert!(schema_for(&object(&required), SchemaDialect::Gemini).is_err());
}
