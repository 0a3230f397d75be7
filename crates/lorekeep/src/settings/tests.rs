//! Settings through their public way in: a file and an environment in, values and faults out.

#![allow(
    clippy::disallowed_methods,
    reason = "tests make and read files of every kind"
)]

use super::*;

fn load(file: &str, variables: &[(&str, &str)]) -> LoadedSettings {
    let home = tempfile::tempdir().expect("a temporary directory");
    fs_err::write(home.path().join("config.toml"), file).expect("a settings file");
    let path = home.path().to_string_lossy().into_owned();
    let mut all = vec![("LOREKEEP_HOME", path.as_str()), ("HOME", "/home/ann")];
    all.extend(variables);
    LoadedSettings::read(&Environment::of(&all)).expect("locations")
}

fn faults(file: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let loaded = load(file, variables);
    let told = |fault: &Fault| format!("{} | {}", fault.what, fault.hint.as_deref().unwrap_or(""));
    let faults = loaded.faults.iter().map(told);
    // The whole path is told; that of a test is another each time.
    let path = loaded.locations.config_file.display().to_string();
    faults
        .map(|fault| fault.replace(&path, "config.toml"))
        .collect()
}

#[test]
fn environment_beats_file_beats_default() {
    let file = "[search]\nlimit = 5\nmin_score = 0.25\n";
    let loaded = load(file, &[("SEARCH__LIMIT", "7")]);
    assert_eq!(loaded.settings.search.limit.get(), 7);
    assert_eq!(loaded.settings.search.min_score.get(), 0.25);
    assert_eq!(loaded.settings.search.mode.0, recall::Mode::Hybrid);
    let origin = |key| {
        let found = loaded.resolved.iter().find(|resolved| resolved.key == key);
        found.expect("every setting is resolved").origin.to_string()
    };
    assert_eq!(origin("search.limit"), "environment, SEARCH__LIMIT");
    assert_eq!(origin("search.min_score"), "config.toml, line 3");
    assert_eq!(origin("search.mode"), "default");
}

#[test]
fn names_of_other_programs_are_honoured() {
    let loaded = load(
        "",
        &[
            ("ENABLE_MEMORY_DECAY", "True"),
            ("DECAY_SCALE_DAYS", "30"),
            ("MODEL_CACHE_DAYS", "1"),
            ("CLAUDE_CONFIG_DIR", "/a, ~/b"),
            ("CODEX_HOME", "/c"),
            ("QDRANT_URL", "http://localhost:6334/"),
            ("QDRANT_API_KEY", " sesame "),
            ("CSR_DB_PATH", "~/csr.db"),
        ],
    );
    assert!(loaded.faults.is_empty());
    assert!(loaded.settings.memory.decay_enabled.0);
    assert_eq!(loaded.settings.memory.decay_half_life_days.get(), 30.0);
    assert_eq!(loaded.settings.embedding.cache_days.get(), 1.0);
    let roots = loaded.roots();
    let claude_code: Vec<&Path> = roots.of(transcript::claude_code::SOURCE).collect();
    assert_eq!(claude_code, [Path::new("/a"), Path::new("/home/ann/b")]);
    let codex: Vec<&Path> = roots.of(transcript::codex::SOURCE).collect();
    assert_eq!(codex, [Path::new("/c")]);
    let store = &loaded.settings.self_reflect;
    assert_eq!(store.qdrant_url.get(), Some("http://localhost:6334"));
    let home = Some(Path::new("/home/ann"));
    assert_eq!(
        store.database.path(home),
        Some(PathBuf::from("/home/ann/csr.db"))
    );
    // A secret is used, and shown nowhere.
    assert_eq!(store.qdrant_api_key.get(), Some("sesame"));
    let shown = format!("{:?} {:?}", loaded.settings, loaded.resolved);
    assert!(!shown.contains("sesame"), "{shown}");
}

#[test]
fn none_and_nothing_count_as_not_set() {
    let loaded = load("", &[("SEARCH__LIMIT", ""), ("DECAY_WEIGHT", "None")]);
    assert!(loaded.faults.is_empty());
    assert_eq!(loaded.settings.search.limit.get(), 10);
}

#[test]
fn unknown_keys_are_faults_with_line_and_nearest_key() {
    assert_eq!(
        faults("[search]\nlimits = 3\n\n[serch]\n", &[]),
        [
            "config.toml, line 2: no setting `search.limits` | did you mean `search.limit`?",
            "config.toml, line 4: no setting `serch` | did you mean `search`?",
        ]
    );
}

#[test]
fn invalid_values_are_faults_that_say_what_was_expected() {
    assert_eq!(
        faults("[search]\nlimit = 0\n", &[("DECAY_WEIGHT", "2")]),
        [
            "config.toml, line 2: `search.limit` is `0`, expected a whole number from 1 to 1000 | \
             `lorekeep config docs` describes `search.limit`",
            "environment variable `DECAY_WEIGHT` is `2`, expected a number from 0 to 1 | \
             `lorekeep config docs` describes `memory.decay_weight`",
        ]
    );
    assert_eq!(
        faults("search = 3\n", &[]),
        [
            "config.toml, line 1: `search` is a table of settings, not a value | write `[search]` on \
          a line of its own"
        ]
    );
}

#[test]
fn broken_toml_is_a_fault_with_its_line() {
    let faults = faults("[search]\nlimit = \n", &[]);
    assert_eq!(faults.len(), 1);
    assert!(
        faults[0].starts_with("config.toml, line 2: "),
        "{}",
        faults[0]
    );
}

#[test]
fn a_proxy_password_is_not_shown() {
    let loaded = load("", &[("HTTPS_PROXY", "http://ann:secret@proxy:3128")]);
    assert_eq!(
        loaded.settings.embedding.proxy_url.get(),
        Some("http://ann:secret@proxy:3128")
    );
    assert!(
        loaded
            .resolved
            .iter()
            .all(|resolved| !resolved.value.contains("secret"))
    );
}

#[test]
fn defaults_written_to_a_file_give_the_defaults() {
    let mut file = String::new();
    let mut section = "";
    for declared in declared() {
        if declared.section() != section {
            section = declared.section();
            file.push_str(&format!("[{section}]\n"));
        }
        file.push_str(&format!(
            "{} = {}\n",
            declared.name(),
            (declared.default)(declared.key)
        ));
    }
    let (written, plain) = (load(&file, &[]), load("", &[]));
    assert_eq!(written.faults, []);
    for (one, other) in written.resolved.iter().zip(&plain.resolved) {
        assert_eq!((one.key, &one.value), (other.key, &other.value));
    }
}

#[test]
fn xdg_directories_are_used_without_a_home_of_our_own() {
    let environment = Environment::of(&[("HOME", "/home/ann"), ("XDG_DATA_HOME", "relative")]);
    let locations = Locations::find(&environment).expect("locations");
    assert_eq!(
        locations.config_file,
        Path::new("/home/ann/.config/lorekeep/config.toml")
    );
    assert_eq!(
        locations.home.data(),
        Path::new("/home/ann/.local/share/lorekeep")
    );
    assert_eq!(locations.cache, Path::new("/home/ann/.cache/lorekeep"));
}

#[test]
fn the_page_names_every_setting() {
    let page = page();
    for declared in declared() {
        assert!(page.contains(&format!("### `{}`", declared.key)));
        assert!(page.contains(&declared.environment()));
    }
}

#[test]
fn patterns_are_checked_with_line_and_place() {
    let file =
        "[guard]\npatterns = [\n  'pii STAFF = \\bEMP-[0-9]{6}\\b',\n  'pii PLANT = (äb]c',\n]\n";
    assert_eq!(
        faults(file, &[]),
        [
            "config.toml, line 4: `guard.patterns`: bad pattern `(äb]c` at character 1: unclosed group \
          | `lorekeep config docs` describes `guard.patterns`"
        ]
    );
    let check = |key: &str, value: &str, expected: &str| {
        let faults = faults(&format!("[guard]\n{key} = {value}\n"), &[]);
        assert!(
            faults.len() == 1 && faults[0].contains(expected),
            "{key} = {value}: {faults:?}"
        );
    };
    check("patterns", "['pii STAFF']", "expected KIND ENTITY = REGEX");
    check("patterns", "['pie STAFF = x']", "no kind `pie`");
    check("patterns", "['pii staff = x']", "capital letters");
    check(
        "patterns",
        "['pii BOMB = (\\w{1000}){1000}']",
        "bytes when made ready",
    );
    check(
        "patterns",
        "['pii BACK = (a)\\1']",
        "character 4: backreferences",
    );
    check("allow", "['test', '.*']", "allows anything");
    check("allow", "['te[st']", "at character 3");
    check("store_pii", "\"credit card\"", "no entity's name");
    check("store_pii", "\"CREDITCARD\"", "did you mean `CREDIT_CARD`?");
    check("rules", "[\"secret\"]", "expected WHAT=VERDICT");
    check("rules", "[\"secret=delete\"]", "no verdict `delete`");
    check("rules", "[\"print pii=mask\"]", "no place `print`");
    check("rules", "[\"store secret=allow\"]", "always masked");
    check("rules", "[\"store pii=block\"]", "is `allow` or `mask`");
    check(
        "rules",
        "[\"generic-pasword=allow\"]",
        "did you mean `generic-password`?",
    );
    check(
        "rules",
        "[\"scan IP_ADRESS=allow\"]",
        "did you mean `IP_ADDRESS`?",
    );
    check(
        "projects",
        "[\"clinic: injection/tsak=flag\"]",
        "did you mean `injection/task`?",
    );
    check("rules", "[\"zzz=allow\"]", "no rule, entity or kind `zzz`");
    check(
        "projects",
        "[\"pii=mask\"]",
        "expected PROJECT: WHAT=VERDICT",
    );
    check("content", "\"much\"", "no such level `much`");
    check("content", "\"\"", "a level or a preset");
    check("content", "3", "a level or a preset");
    check("content", "\"low, hats=off\"", "no such category `hats`");
    check("content", "\"sexual/minors=off\"", "can't be off");
    check("on_failure", "\"mask\"", "`quarantine` or `block`");
    check(
        "second_opinion",
        "[\"store\"]",
        "`store` isn't `recall` or `scan`",
    );
}

#[test]
fn content_has_a_level_or_one_for_each_category() {
    use guard::content::{Category, Level};
    let of = |value: &str, category: Category| {
        let loaded = load(&format!("[guard]\ncontent = {value}\n"), &[]);
        assert_eq!(loaded.faults, [], "{value}");
        loaded.settings.guard.content.get().of(category)
    };
    assert_eq!(of("\"high\"", Category::Hate), Some(Level::High));
    let mixed = "\"medium, sexual=off,hate=high\"";
    assert_eq!(of(mixed, Category::Sexual), None);
    assert_eq!(of(mixed, Category::Hate), Some(Level::High));
    assert_eq!(of(mixed, Category::Violence), Some(Level::Medium));
    let list = "[\"family\", \"violence=off\"]";
    assert_eq!(of(list, Category::Violence), None);
    assert_eq!(of(list, Category::Sexual), Some(Level::High));
    let loaded = load("", &[("GUARD__CONTENT", "private, hate=medium")]);
    assert_eq!(loaded.faults, []);
    let mut all = loaded.resolved.iter();
    let shown = all.find(|resolved| resolved.key == "guard.content");
    let shown = shown.map(|resolved| resolved.value.as_str());
    assert_eq!(shown, Some("\"private, hate=medium\""));
}

#[test]
fn policies_follow_the_settings_and_secrets_stay_masked() {
    use crate::guards::{engine, policies};
    use guard::{Action, Place};
    let file = "[guard]\nstore_pii = \"STAFF\"\nrules = [\"scan SHIP=flag\", \"TOKEN=allow\"]\n\
                projects = [\"docks: recall SHIP=block\", \"docks: pii=allow\"]\n\
                patterns = ['pii STAFF = EMP-\\d+', 'pii SHIP = IMO\\d+', 'secret TOKEN = tok_\\d+']\n\
                allow = ['EMP-0+']\n";
    let loaded = load(file, &[]);
    assert_eq!(loaded.faults, []);
    let settings = &loaded.settings;
    let actions = |place, project| -> Vec<String> {
        let policies = policies(settings, place);
        let judged = engine(settings).judge("EMP-1 EMP-000 IMO77 tok_5", policies.project(project));
        let action =
            |judged: &guard::Judged| format!("{} {}", judged.finding.entity, judged.action.name());
        judged.findings.iter().map(action).collect()
    };
    assert_eq!(actions(Place::Store, "x"), ["STAFF mask", "TOKEN mask"]);
    assert_eq!(actions(Place::Store, "docks"), ["STAFF mask", "TOKEN mask"]);
    assert_eq!(actions(Place::Scan, "x"), ["STAFF mask", "SHIP flag"]);
    assert_eq!(actions(Place::Recall, "docks"), ["SHIP block"]);
    assert_eq!(
        policies(settings, Place::Scan).default.on_failure,
        Action::Block
    );
}

/// Settings with a `.env` file beside the settings file.
fn load_dotenv(dotenv: &str, file: &str, variables: &[(&str, &str)]) -> LoadedSettings {
    let home = tempfile::tempdir().expect("a temporary directory");
    fs_err::write(home.path().join(".env"), dotenv).expect("a file of variables");
    fs_err::write(home.path().join("config.toml"), file).expect("a settings file");
    let path = home.path().to_string_lossy().into_owned();
    let mut all = vec![("LOREKEEP_HOME", path.as_str()), ("HOME", "/home/ann")];
    all.extend(variables);
    LoadedSettings::read(&Environment::of(&all)).expect("locations")
}

/// What is wrong in settings of the chat, with the hint of each.
fn chat_faults(dotenv: &str) -> Vec<String> {
    let loaded = load_dotenv(dotenv, "", &[]);
    assert_eq!(loaded.faults, [], "{dotenv}");
    let faults = loaded.settings.chat_faults().into_iter();
    faults.map(|fault| fault.what).collect()
}

#[test]
fn environment_beats_dotenv_beats_file() {
    let dotenv = "SEARCH__LIMIT=5\nSEARCH__MODE=lexical\nsearch__min_score=None\nCODEX_HOME=/c\n";
    let file = "[search]\nlimit = 3\nmode = \"semantic\"\nmin_score = 0.5\n";
    let loaded = load_dotenv(dotenv, file, &[("search__limit", "7")]);
    assert_eq!(loaded.faults, []);
    assert_eq!(loaded.settings.search.limit.get(), 7);
    assert_eq!(loaded.settings.search.mode.0, recall::Mode::Lexical);
    assert_eq!(loaded.settings.search.min_score.get(), 0.5);
    let codex = loaded.roots();
    assert_eq!(
        codex.of(transcript::codex::SOURCE).collect::<Vec<_>>(),
        [Path::new("/c")]
    );
    let origin = |key| {
        let found = loaded.resolved.iter().find(|resolved| resolved.key == key);
        found.expect("every setting is resolved").origin.to_string()
    };
    assert_eq!(origin("search.limit"), "environment, search__limit");
    assert_eq!(origin("search.mode"), ".env, line 2, SEARCH__MODE");
    assert_eq!(origin("search.min_score"), "config.toml, line 4");
}

#[test]
fn chattrs_own_variables_make_a_model() {
    let dotenv = "MODEL__URL=https://generativelanguage.googleapis.com/v1beta/openai/\n\
                  MODEL__NAME=gemini-2.5-flash\nMODEL__API_KEY=\"sesame\"\nDEBUG=true\n\
                  VECTOR_DATABASE__URL=http://vector_database:6333\nMEMORY__COLLECTION_NAME=memories\n\
                  MCP__PATH=./mcp.json\nCHARACTER__NAME=Napoleon\nDIRECTORY__BASE=.\nTIMEZONE=Africa/Cairo\n";
    let loaded = load_dotenv(dotenv, "", &[]);
    assert_eq!(
        (loaded.faults.as_slice(), loaded.notes.as_slice()),
        (&[][..], &[][..])
    );
    let model = loaded
        .settings
        .chat_model()
        .expect("no fault")
        .expect("a model");
    assert_eq!(
        model.url,
        "https://generativelanguage.googleapis.com/v1beta/openai"
    );
    assert_eq!(model.name, "gemini-2.5-flash");
    assert_eq!(model.key.get(), Some("sesame"));
    assert_eq!(model.temperature, None);
    let shown = format!("{model:?} {:?} {:?}", loaded.settings, loaded.resolved);
    assert!(!shown.contains("sesame"), "{shown}");
}

#[test]
fn a_url_wants_a_name_and_mostly_a_key() {
    assert_eq!(chat_faults(""), [""; 0]);
    assert_eq!(chat_faults("MODEL__NAME=x\nMODEL__API_KEY=y\n"), [""; 0]);
    let far = "MODEL__URL=https://api.example.org/v1\n";
    assert_eq!(
        chat_faults(far),
        ["`MODEL__URL` is set, but `MODEL__NAME` and `MODEL__API_KEY` aren't"]
    );
    assert_eq!(
        chat_faults(&format!("{far}MODEL__NAME=x\nMODEL__API_KEY=None\n")),
        ["`MODEL__URL` is set, but `MODEL__API_KEY` isn't"]
    );
    assert_eq!(
        chat_faults(&format!("{far}MODEL__API_KEY=x\n")),
        ["`MODEL__URL` is set, but `MODEL__NAME` isn't"]
    );
    assert_eq!(
        chat_faults("MODEL__URL=http:///v1\nMODEL__NAME=x\n"),
        ["`MODEL__URL` names no server"]
    );
    for near in [
        "localhost:11434",
        "127.0.0.1",
        "[::1]:8080",
        "10.1.2.3",
        "192.168.0.9:1234",
        "ollama:11434",
        "ann:x@nas.local",
        "host.docker.internal:1234",
        "[fd00::1]",
    ] {
        assert_eq!(
            chat_faults(&format!("MODEL__URL=http://{near}/v1\nMODEL__NAME=x\n")),
            [""; 0],
            "{near}"
        );
    }
    for far in [
        "8.8.8.8",
        "api.example.org",
        "172.32.0.1",
        "localhost.example.org",
        "localhost@8.8.8.8",
    ] {
        assert_eq!(
            chat_faults(&format!("MODEL__URL=http://{far}/v1\nMODEL__NAME=x\n")).len(),
            1,
            "{far}"
        );
    }
}

#[test]
fn a_section_may_be_one_object_and_single_names_win_over_it() {
    let dotenv = "MODEL={\"url\": \"http://localhost:1/v1\", \"NAME\": \"a\", \"temperature\": 0.5, \"other\": 1, \"api_key\": null}\n\
                  MODEL__NAME=b\n";
    let loaded = load_dotenv(
        dotenv,
        "",
        &[("SERVER", r#"{"allowed_hosts": ["x", "y"], "auth": "None"}"#)],
    );
    assert_eq!(loaded.faults, []);
    let model = loaded
        .settings
        .chat_model()
        .expect("no fault")
        .expect("a model");
    assert_eq!(
        (model.url.as_str(), model.name.as_str()),
        ("http://localhost:1/v1", "b")
    );
    assert_eq!(model.temperature, Some(0.5));
    let server = loaded.settings.chat_server().expect("no fault");
    assert_eq!(server.allowed_hosts, ["x", "y"]);
    // Another program's variable of such a name.
    assert_eq!(load("", &[("MODEL", "gpt-5"), ("SEARCH", "")]).faults, []);
    let whats = |variables: &[(&str, &str)]| faults("", variables);
    assert_eq!(
        whats(&[("MODEL", r#"{"api_key": "sesame" "name": "x"}"#)]),
        [
            "environment variable `MODEL`: not a JSON object, see its line 1, column 22 | \
          write {\"name\": \"value\"}, or `MODEL__NAME=value`"
        ]
    );
    assert_eq!(
        whats(&[("MODEL", r#"{"api_key": ["sesame"], "temperature": 3}"#)]),
        [
            "environment variable `MODEL.api_key`: expected a text on one line | \
             `lorekeep config docs` describes `model.api_key`",
            "environment variable `MODEL.temperature` is `3`, expected a number from 0 to 1, or an empty \
             text for none | `lorekeep config docs` describes `model.temperature`",
        ]
    );
}

#[test]
fn secrets_may_stand_in_files() {
    let secrets = tempfile::tempdir().expect("a temporary directory");
    let file = |name: &str, text: &str| {
        let path = secrets.path().join(name);
        fs_err::write(&path, text).expect("a secret");
        path.to_string_lossy().into_owned()
    };
    let good = file("key", "sesame\n");
    let loaded = load(
        "",
        &[
            ("MODEL__API_KEY_FILE", &good),
            ("QDRANT_API_KEY_FILE", &good),
        ],
    );
    assert_eq!(loaded.faults, []);
    assert_eq!(loaded.settings.model.api_key.get(), Some("sesame"));
    assert_eq!(
        loaded.settings.self_reflect.qdrant_api_key.get(),
        Some("sesame")
    );
    let loaded = load(
        "",
        &[("MODEL__API_KEY_FILE", &good), ("MODEL__API_KEY", "other")],
    );
    assert_eq!(loaded.settings.model.api_key.get(), Some("other"));
    let check = |path: &str, expected: &str| {
        let faults = faults("", &[("MODEL__API_KEY_FILE", path)]);
        assert!(
            faults.len() == 1 && faults[0].contains(expected),
            "{faults:?}"
        );
        assert!(!faults[0].contains("sesame"), "{faults:?}");
    };
    check(
        &file("two", "sesame\nsesame\n"),
        "expected a text on one line",
    );
    check("/nowhere/to/be/found", "No such file");
    check(
        &secrets.path().to_string_lossy(),
        "is a directory, not a file",
    );
}

#[test]
fn names_of_gradio_say_where_to_serve() {
    let variables = [
        ("GRADIO_SERVER_NAME", "0.0.0.0"),
        ("GRADIO_SERVER_PORT", "7861"),
        ("GRADIO_ROOT_PATH", "https://example.org/chat/"),
        ("FASTEMBED_CACHE_PATH", "~/fastembed"),
    ];
    let loaded = load("", &variables);
    assert_eq!(loaded.faults, []);
    let server = loaded.settings.chat_server().expect("no fault");
    assert_eq!(server.address.to_string(), "0.0.0.0:7861");
    assert_eq!(server.base_path, "/chat");
    let dir = loaded
        .settings
        .embedding
        .model_dir
        .path(Some(Path::new("/home/ann")));
    assert_eq!(dir, Some(PathBuf::from("/home/ann/fastembed")));
    let usual = load("", &[]).settings.chat_server().expect("no fault");
    assert_eq!(usual.address.to_string(), "127.0.0.1:7860");
    let open = load("", &[("SERVER__AUTH", "none")]);
    assert!(open.settings.chat_server().is_ok());
    let open = load("", &[("SERVER__AUTH", "none"), ("SERVER__HOST", "::")]);
    let fault = open
        .settings
        .chat_server()
        .expect_err("others can reach it");
    assert_eq!(
        fault.what,
        "`server.auth` is `none`, but `[::]:7860` can be reached from elsewhere"
    );
    for path in ["chat", "/a b", "/a/../b", "/a//b", "/a?b", "//x"] {
        assert_eq!(
            load("", &[("SERVER__BASE_PATH", path)]).faults.len(),
            1,
            "{path}"
        );
    }
}
