//! Every setting, declared once: its TOML key, environment name, default, type and page come from here.
//!
//! Only this module and those below it read the environment. A setting that nothing reads must not
//! be here.

mod value;
mod declare;
mod nearest;
mod environment;
mod dotenv;
mod variables;
mod layers;
mod file;
pub(crate) mod write;
mod check;
mod locations;
mod places;
mod sources;
mod retired;
mod page;
mod chat;
mod told;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use mcp::ToolSet;

use crate::fault::Fault;
pub(crate) use chat::{ChatModel, ServerSettings};
pub(crate) use check::unknown_name;
pub(crate) use declare::{ResolvedSetting, SettingOrigin};
pub(crate) use environment::{Environment, PagerChoice, Terminal};
use layers::SettingLayers;
pub(crate) use locations::Locations;
pub(crate) use places::ClientDirectories;
use value::{
    Address, Allowed, BasePath, BuiltInTools, ContentLevels, Days, Dirs, Fraction, GuardRules,
    ListenHost, NameList, OneDir, OneFile, OneLine, OpinionPlaces, OwnPatterns, ProjectRules,
    SearchMode, Secret, ServersFile, Strictness, Switch, Temperature, Whole, Words,
};
pub(crate) use value::{ChosenEntities, GuardRule, RuleSubject, ServerAuth};
use variables::Variables;

declare::declare! {
    /// Where assistants leave their logs, and when they are read.
    import: ImportSettings {
        /// Read what is new before each search, for a tenth of a second at most.
        on_search: Switch = Switch(true);
        /// Paths that are never imported, with all below them: logs, and conversations in these
        /// directories. `*`, `?` and `**` stand for names; `~` for the home directory. `lorekeep
        /// exclude` changes this and the next two.
        exclude_paths: NameList = NameList::none();
        /// Projects that are never imported, by name or key; `*` and `?` stand for characters.
        exclude_projects: NameList = NameList::none();
        /// Sources that are never imported, such as `codex`.
        exclude_sources: NameList = NameList::none();
    }
    /// What Claude Self-Reflect left, for `lorekeep reflect import`.
    self_reflect: SelfReflectSettings {
        /// The database of its version 9.
        database: OneFile = OneFile::of("~/.claude-self-reflect/csr-engine.db"), alias "CSR_DB_PATH";
        /// Address of the Qdrant that holds the reflections of earlier versions. Where there is
        /// neither, the usual one on this machine is asked.
        qdrant_url: Address = Address::none(), alias "QDRANT_URL";
        /// The key that this Qdrant asks for. Better in the environment than in a file.
        qdrant_api_key: Secret = Secret::none(), alias "QDRANT_API_KEY";
    }
    /// What a search does unless it is told otherwise.
    search: SearchSettings {
        /// How many hits to show.
        limit: Whole<1, 1000> = Whole::of(10);
        /// Search by words and meaning (`hybrid`), by words (`lexical`) or by meaning (`semantic`).
        mode: SearchMode = SearchMode(recall::Mode::Hybrid);
        /// Leave out hits below this score.
        min_score: Fraction = Fraction::of(0.0);
    }
    /// Whether newer messages rank higher:
    /// score · ((1 − weight) + weight · 2^(−age / half-life)).
    memory: MemorySettings {
        /// Rank newer messages higher: age lowers the score.
        decay_enabled: Switch = Switch(false), alias "ENABLE_MEMORY_DECAY";
        /// How much of a score age can take.
        decay_weight: Fraction = Fraction::of(0.3), alias "DECAY_WEIGHT";
        /// Age in days at which half of that is gone.
        decay_half_life_days: Days = Days::of(90.0), alias "DECAY_SCALE_DAYS";
    }
    /// What assistants get through MCP.
    mcp: McpSettings {
        /// Which tools are listed: those that are needed daily (`compact`), `all`, or all under
        /// Claude Self-Reflect's later names too (`self-reflect`). What isn't listed can be called
        /// all the same.
        tools: ToolSet = ToolSet::Compact;
        /// How many tokens an answer may take in the model's context.
        max_tokens: Whole<500, 20_000> = Whole::of(2000);
        /// File with the token that clients over HTTP must send; its owner alone may read it.
        /// Without it a token is made and kept beside the archive.
        token_file: OneFile = OneFile::none();
        /// Names under which clients may reach the server over HTTP, beside those of this machine
        /// alone (`localhost`, `127.0.0.1`, `::1`).
        hosts: NameList = NameList::none();
        /// Web origins whose pages may talk to the server over HTTP, such as
        /// `https://tools.example.org`.
        origins: NameList = NameList::none();
        /// Directories whose files `blame` may read for clients over HTTP, as far as projects in them
        /// are archived. Without any it reads none for them; over standard input and output it reads
        /// files of archived projects and of the directory that the client works in.
        http_blame: Dirs = Dirs::of(&[]);
    }
    /// What hooks tell assistants automatically about old conversations (`lorekeep hook`).
    hooks: HookSettings {
        /// How many tokens a recap of the project takes at most when a session starts; 0 for none.
        recap_tokens: Whole<0, 2000> = Whole::of(400);
        /// Tell what was said before about a prompt, where that is clearly relevant.
        prompt_evidence: Switch = Switch(false);
        /// How many tokens that takes at most.
        prompt_tokens: Whole<100, 2000> = Whole::of(500);
        /// How well it must match.
        prompt_min_score: Fraction = Fraction::of(0.7);
        /// After how many milliseconds a hook ends, whatever it is doing.
        deadline_ms: Whole<50, 30000> = Whole::of(300);
    }
    /// What is done about secrets, personal data, instructions aimed at assistants and unwanted
    /// content. Secrets are always masked before anything is written, and no setting changes that.
    guard: GuardSettings {
        /// Which personal data is masked before it is written: `none`, `all`, or the names of
        /// entities such as `CREDIT_CARD` and `IBAN_CODE`. What was masked can't be had back.
        store_pii: ChosenEntities = ChosenEntities::None;
        /// What becomes of findings where it isn't what is usual: `WHAT=VERDICT`, in one place
        /// only as `PLACE WHAT=VERDICT`. `WHAT` is a kind (`secret`, `pii`, `injection`,
        /// `content`), an entity (`IP_ADDRESS`) or a rule; a place is `store` (before writing),
        /// `recall` (before old text is shown) or `scan`; a verdict is `allow`, `flag`, `mask`,
        /// `quarantine` or `block`; where text is written only `allow` and `mask` count. The last
        /// that fits decides. In the environment a list is separated by commas.
        rules: GuardRules = GuardRules::none();
        /// The same for single projects: `PROJECT: WHAT=VERDICT` or
        /// `PROJECT: PLACE WHAT=VERDICT`. They come after `rules`.
        projects: ProjectRules = ProjectRules::none();
        /// Regular expressions of values that are never findings, such as `AKIATEST[A-Z0-9]+`: each
        /// must match all of a value. In the environment one per line.
        allow: Allowed = Allowed::none();
        /// Patterns of your own: `KIND ENTITY = REGEX`, such as
        /// `pii EMPLOYEE_ID = \bEMP-[0-9]{6}\b`. If the expression has a group named `value`, that
        /// is the finding. In the environment one per line.
        patterns: OwnPatterns = OwnPatterns::none();
        /// How much counts as unwanted content: what is certain (`low`), likely (`medium`) or
        /// possible (`high`); or the levels that suit one adult (`private`), a household with
        /// children (`family`) or people at work (`company`). After it come categories that differ,
        /// such as `medium, sexual=off, hate=high`; `sexual/minors` can't be `off`.
        content: ContentLevels = ContentLevels::usual();
        /// Directory of a classifier that gives a second opinion on prompt injection: `model.onnx`,
        /// `vocab.txt` (uncased WordPiece) and `config.json` of a BERT-like model. It finds more and
        /// takes tens of milliseconds.
        classifier: OneFile = OneFile::none();
        /// How sure the classifier must be.
        classifier_score: Fraction = Fraction::of(0.9);
        /// Address of a moderation endpoint as OpenAI's API has it, such as
        /// `https://api.example.org/v1`, for a second opinion on content. Texts are sent there.
        moderation_url: Address = Address::none();
        /// The key for it. Better in the environment than in a file.
        moderation_key: Secret = Secret::none();
        /// Where second opinions are asked for, if there are any: `recall`, `scan`.
        second_opinion: OpinionPlaces = OpinionPlaces::of(&[guard::Place::Scan]);
        /// What becomes of a text when a guard fails on it.
        on_failure: Strictness = Strictness(guard::Action::Block);
    }
    /// The model on this machine that finds by meaning.
    embedding: EmbeddingSettings {
        /// How many threads embed; 0 for one per core.
        threads: Whole<0, 256> = Whole::of(0);
        /// How many days a verified model file is trusted before its checksum is read again.
        cache_days: Days = Days::of(7.0), alias "MODEL_CACHE_DAYS";
        /// Address that `lorekeep model fetch` downloads from.
        hub_url: Address = Address::of(embed::HUB_ENDPOINT), alias "HF_ENDPOINT";
        /// Address of an HTTP proxy for that download.
        proxy_url: Address = Address::none(), alias "HTTPS_PROXY", alias "https_proxy";
        /// Directory of the model's files. Without it they are in the directory of the cache.
        model_dir: OneDir = OneDir::none(), alias "FASTEMBED_CACHE_PATH";
    }
    /// The model that the chat talks to, on any server that speaks as OpenAI's does.
    model: ModelSettings {
        /// Base URL of the server, such as `http://localhost:11434/v1`; with or without `/v1`. Where it is set, a name
        /// is needed, and a key unless the server is on this machine or in its network.
        url: Address = Address::none();
        /// The model's name there.
        name: OneLine = OneLine::none();
        /// The key for it. Better in the environment than in a file.
        api_key: Secret = Secret::none();
        /// A command whose first line of output is the key, for keys in a keyring, a password manager or a vault, such
        /// as `secret-tool lookup service lorekeep`. The system's shell runs it when the chat or the server starts. It
        /// counts where there is no `api_key`, and never from a `.env` file.
        api_key_command: OneLine = OneLine::none();
        /// How freely the model chooses its words. Without it nothing is sent, and the model's own default holds.
        temperature: Temperature = Temperature::unset();
    }
    /// The chat.
    chat: ChatSettings {
        /// Instructions that stand before every conversation that has none of its own. Without them the program's
        /// own are sent: who is asked, in which form to answer, and what the context is.
        system: Words = Words::none();
        /// The character of conversations that name none, by its id or name; see docs/chat/characters.md. Without one the
        /// model speaks as itself.
        character: OneLine = OneLine::none(), alias "CHARACTER__NAME";
        /// The name under which characters know you.
        user: OneLine = OneLine::none();
        /// Who you are, for characters: a few sentences.
        persona: Words = Words::none();
        /// Whether your memory (this chat's conversations, reflections, sessions with other assistants) is searched
        /// for each message, and what is relevant put before the model as quoted history.
        recall: Switch = Switch(true);
        /// Whether sessions with other assistants count for that, or only the chat's own conversations and
        /// reflections.
        recall_imported: Switch = Switch(true);
        /// How many tokens of the model's context what is recalled may take.
        recall_tokens: Whole<100, 100_000> = Whole::of(1_000);
        /// Whether the model may be asked to put older messages in short once they don't fit into its context any
        /// more: one call each time that happens. Otherwise they are left out of what it is sent.
        summaries: Switch = Switch(false);
    }
    /// Tools that models may call in the chat.
    tools: ToolSettings {
        /// The file that lists servers of tools (MCP), `mcp.json`; see docs/chat/tools.md. Without it, the file of that
        /// name beside the settings file, or in the directory that `--dir` names, if there is one. A relative path
        /// is below that directory.
        servers: ServersFile = ServersFile::none(), alias "MCP__PATH";
        /// Those of the program's own that are offered, where neither a conversation nor its character says otherwise.
        built_in: BuiltInTools = BuiltInTools::usual();
        /// The address of a SearXNG, such as `http://localhost:8888`, with which models may search the web.
        search_url: Address = Address::none();
        /// How many calls one turn may make; then the model has to answer with what it knows.
        calls: Whole<1, 500> = Whole::of(25);
        /// How many tokens of one result the model is told. All of it is kept.
        result_tokens: Whole<200, 200_000> = Whole::of(6_000);
        /// How many seconds a turn waits for you to allow a call.
        approval_wait_s: Whole<5, 86_400> = Whole::of(300);
        /// Whether files that results name, and pages, may be fetched from private networks and this machine. What is at
        /// the address of the very server that named it is fetched in any case.
        allow_private: Switch = Switch(false);
        /// How many days sounds and films that tools made are kept; 0 for as long as their messages.
        media_days: Whole<0, 36_500> = Whole::of(0);
        /// How many MB of them are kept, the newest; 0 for any number.
        media_mb: Whole<0, 100_000_000> = Whole::of(0);
    }
    /// Documents that the chat looks things up in; see docs/chat/knowledge.md.
    knowledge: KnowledgeSettings {
        /// Directories whose files and folders may be named through the API. The command line may name any.
        roots: Dirs = Dirs::of(&[]);
        /// The largest document that is taken, in MiB.
        max_mib: Whole<1, 1_024> = Whole::of(64);
        /// Whether addresses in private networks and on this machine may be fetched.
        private_addresses: Switch = Switch(false);
        /// How many tokens of the model's context documents may take together that are small enough to be there
        /// whole; 0 for none.
        whole_tokens: Whole<0, 1_000_000> = Whole::of(4_000);
        /// How many tokens of it sections may take that are found for a message.
        tokens: Whole<100, 100_000> = Whole::of(2_000);
    }
    /// Facts about you, which the chat draws from what you say and remembers; see docs/chat/facts.md.
    facts: FactSettings {
        /// Whether a model may be asked after a turn what you said of yourself: one call for each message that may
        /// say something, of the model that answered. Otherwise only what you write down yourself is known, and what a
        /// model notes with the tool `remember` (`tools.built_in`).
        extract: Switch = Switch(false);
        /// How many tokens that may take a day (UTC), those of answers included; what is left over is looked at on
        /// the next day.
        daily_tokens: Whole<0, 1_000_000_000> = Whole::of(50_000);
        /// How many tokens of a message the facts may take that are recalled for it.
        recall_tokens: Whole<0, 100_000> = Whole::of(300);
    }
    /// The gateway, for programs that speak OpenAI's protocol (`/v1`).
    gateway: GatewaySettings {
        /// Keep calls of programs as conversations, tagged `gateway`, in which `search` and assistants find what was
        /// said. Secrets and personal data are masked as in the chat.
        record: Switch = Switch(false);
    }
    /// The server of the chat.
    server: HttpSettings {
        /// The address to listen at: `127.0.0.1` for this machine alone, `0.0.0.0` for all that can reach it.
        host: ListenHost = ListenHost::loopback(), alias "GRADIO_SERVER_NAME";
        /// The port to listen at.
        port: Whole<1, 65_535> = Whole::of(7860), alias "GRADIO_SERVER_PORT";
        /// The path that all pages lie below, behind a proxy: empty, or such as `/chat`.
        base_path: BasePath = BasePath::root(), alias "GRADIO_ROOT_PATH";
        /// Who may use it: whoever has a key (`keys`), or anybody who can reach it (`none`), which is refused
        /// unless only this machine can.
        auth: ServerAuth = ServerAuth::Keys;
        /// Names under which browsers and programs may reach it, beside those of this machine alone
        /// (`localhost`, `127.0.0.1`, `::1`).
        allowed_hosts: NameList = NameList::none();
        /// Web origins whose pages may call it, such as `https://tools.example.org`.
        cors: NameList = NameList::none();
        /// A command whose first line of output, 32 characters or more, seals the keys of providers that the API is
        /// given, such as `secret-tool lookup service lorekeep-seal`. Without it a key in the file `seal.key` does,
        /// beside the settings file. It is never taken from a `.env` file.
        seal_key_command: OneLine = OneLine::none();
    }
}

impl Settings {
    /// The model to chat with; `None` if none is set.
    ///
    /// # Errors
    /// Where a URL is set, but not all that is needed with it.
    pub(crate) fn chat_model(&self) -> Result<Option<ChatModel>, Fault> {
        let model = &self.model;
        let temperature = model.temperature.get();
        let key = (&model.api_key, model.api_key_command.get());
        chat::model(model.url.get(), model.name.get(), key, temperature)
    }

    /// How the chat is served.
    ///
    /// # Errors
    /// No authentication where other machines can reach the server.
    pub(crate) fn chat_server(&self) -> Result<ServerSettings, Fault> {
        let server = &self.server;
        let settings = ServerSettings {
            address: SocketAddr::new(server.host.get(), server.port.port()),
            base_path: server.base_path.get().to_owned(),
            auth: server.auth,
            allowed_hosts: server.allowed_hosts.get().to_vec(),
            cors: server.cors.get().to_vec(),
        };
        settings.checked()
    }

    /// Takes commands out that stand in a `.env` file, and tells of them: such files come with projects of others.
    fn refuse_commands(&mut self, resolved: &[ResolvedSetting]) -> Vec<Fault> {
        let commands = [
            ("model.api_key_command", &mut self.model.api_key_command),
            ("server.seal_key_command", &mut self.server.seal_key_command),
        ];
        let mut faults = Vec::new();
        for (key, value) in commands {
            let origin = resolved.iter().find(|setting| setting.key == key);
            if let Some(SettingOrigin::DotEnv { .. }) = origin.map(|setting| &setting.origin) {
                *value = OneLine::none();
                let what = format!("`{key}` stands in a `.env` file, from which no command is run");
                faults.push(Fault::usage(what).hint("put it into config.toml or the environment"));
            }
        }
        faults
    }

    /// What keeps the chat from starting, though every setting is valid by itself; nothing else minds.
    pub(crate) fn chat_faults(&self) -> Vec<Fault> {
        let faults = [self.chat_model().err(), self.chat_server().err()];
        faults.into_iter().flatten().collect()
    }
}

/// The declaration of every setting, in the order of the page: first where logs lie, which the sources
/// declare.
fn declared() -> &'static [declare::DeclaredSetting] {
    static ALL: LazyLock<Vec<declare::DeclaredSetting>> = LazyLock::new(|| {
        sources::declared()
            .chain(DECLARED.iter().copied())
            .collect()
    });
    &ALL
}

/// The page that describes every setting, in Markdown.
pub(crate) fn page() -> String {
    page::page(declared(), SECTIONS)
}

/// The settings of this run and where they came from.
pub(crate) struct LoadedSettings {
    /// The value of every setting.
    pub(crate) settings: Settings,
    roots: recall::Roots,
    /// Where things are kept.
    pub(crate) locations: Locations,
    /// The person's home directory, which `~` stands for.
    pub(crate) user_home: Option<PathBuf>,
    /// Each setting as text and where it came from, in the order of the declaration.
    pub(crate) resolved: Vec<ResolvedSetting>,
    /// Everything that is wrong with files and environment; such settings have their defaults.
    pub(crate) faults: Vec<Fault>,
    /// What does nothing, such as variables that are no longer used; it ends no command.
    pub(crate) notes: Vec<Fault>,
}

impl LoadedSettings {
    /// Reads the files and the environment.
    pub(crate) fn read(environment: &Environment) -> Result<Self, Fault> {
        let locations = Locations::find(environment)?;
        let home = environment.user_home();
        let (file, mut faults) = file::read(&locations.config_file, declared());
        let mut notes = Vec::new();
        let variables = [
            Variables::of_process(environment, declared(), &mut faults),
            Variables::of_file(
                &locations.dotenv_file,
                environment,
                declared(),
                (&mut faults, &mut notes),
            ),
        ];
        let file = (file, locations.config_file.as_path());
        let mut layers = SettingLayers::new(variables, home.as_deref(), file, declared());
        let roots = sources::resolve(&mut layers, home.as_deref());
        let mut settings = Settings::resolve(&mut layers);
        settings.guard.classifier = settings.guard.classifier.resolved(home.as_deref());
        faults.append(&mut layers.faults);
        faults.append(&mut settings.refuse_commands(&layers.resolved));
        notes.extend(retired::notes(&layers, declared()));
        faults.append(&mut Self::faults_of_guards(&settings.guard));
        let resolved = layers.resolved;
        Ok(Self {
            settings,
            roots,
            locations,
            user_home: home,
            resolved,
            faults,
            notes,
        })
    }

    /// What is wrong with settings of guards that are valid each by itself.
    fn faults_of_guards(guard: &GuardSettings) -> Vec<Fault> {
        let mut faults = check::unknown_personal_data(&guard.store_pii, &guard.patterns);
        let everywhere = guard.rules.get().iter().map(|rule| ("guard.rules", rule));
        let projects = guard.projects.get().iter();
        let projects = projects.map(|(_, rule)| ("guard.projects", rule));
        let has_opinions =
            guard.moderation_url.get().is_some() || guard.classifier.path(None).is_some();
        faults.append(&mut check::unknown_rules(
            everywhere.chain(projects),
            &guard.patterns,
            has_opinions,
        ));
        faults
    }

    /// Which sources there are, where their logs lie on this machine, and what of them is never imported.
    pub(crate) fn roots(&self) -> recall::Roots {
        let import = &self.settings.import;
        let exclusions = self.exclusions(
            import.exclude_paths.get(),
            import.exclude_projects.get(),
            import.exclude_sources.get(),
        );
        self.roots.clone().excluding(exclusions)
    }

    /// What lists of paths, projects and sources exclude.
    pub(crate) fn exclusions(
        &self,
        paths: &[String],
        projects: &[String],
        sources: &[String],
    ) -> recall::Exclusions {
        let home = self.user_home.as_deref();
        let paths: Vec<String> = paths
            .iter()
            .map(|path| value::expand(path, home).to_string_lossy().into_owned())
            .collect();
        recall::Exclusions::new(&paths, projects, sources)
    }

    /// Every setting as it is in force, for whoever asks the server.
    pub(crate) fn in_force(&self) -> server::SettingsInForce {
        let file = self.shorten(&self.locations.config_file);
        let data = self.shorten(self.locations.home.data());
        told::in_force(declared(), &self.resolved, (file, data))
    }

    /// A path as a person would write it: `~` for the home directory.
    pub(crate) fn shorten(&self, path: &Path) -> String {
        match self
            .user_home
            .as_deref()
            .and_then(|home| path.strip_prefix(home).ok())
        {
            Some(rest) => format!("~/{}", rest.display()),
            None => path.display().to_string(),
        }
    }
}

#[cfg(test)]
mod tests;
