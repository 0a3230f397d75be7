//! When the model is loaded, and how: searches go without where it isn't there or of no use yet.

use std::time::Duration;

use embed::{MiniLm, MiniLmOptions, ModelStore, State, Verification};
use recall::{Archive, Mode};

use crate::clock;
use crate::command::App;
use crate::settings::Settings;

/// What loading came to.
pub(crate) enum Loaded {
    /// It is there.
    Ready(Box<MiniLm>),
    /// It was never fetched.
    Missing,
    /// It isn't needed for what was asked.
    Unneeded,
    /// It is there, but can't be used.
    Broken(embed::Error),
}

impl Loaded {
    /// The model as whoever embeds takes it.
    pub(crate) fn embedder(&self) -> Option<&dyn embed::Embedder> {
        match self {
            Self::Ready(model) => Some(&**model),
            Self::Missing | Self::Unneeded | Self::Broken(_) => None,
        }
    }
}

/// The place of the model.
pub(crate) fn store(app: &App) -> ModelStore {
    ModelStore::mini_lm(app.home().models())
}

/// How long a verified file is trusted.
pub(crate) fn verification(settings: &Settings) -> Verification {
    Verification::IfOlderThan(Duration::from_secs_f64(
        settings.embedding.cache_days.get() * 86_400.0,
    ))
}

/// For searches: loaded only if the mode needs it and something can be found with it.
pub(crate) fn for_search(
    app: &App,
    archive: &Archive,
    mode: Mode,
    options: &MiniLmOptions,
) -> anyhow::Result<Loaded> {
    if mode == Mode::Lexical {
        return Ok(Loaded::Unneeded);
    }
    if store(app).status().state == State::Missing {
        return Ok(Loaded::Missing);
    }
    if mode == Mode::Hybrid && archive.indexed()?.embedded == 0 {
        return Ok(Loaded::Unneeded);
    }
    Ok(load(app, options))
}

/// For embedding what was imported.
pub(crate) fn for_embedding(app: &App) -> Loaded {
    load(app, &MiniLmOptions::many_texts(threads(app.settings())))
}

/// How many threads embed.
pub(crate) fn threads(settings: &Settings) -> usize {
    match settings.embedding.threads.get() {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        threads => threads,
    }
}

fn load(app: &App, options: &MiniLmOptions) -> Loaded {
    let store = store(app);
    let checked = store.check(verification(app.settings()), clock::system());
    match checked.and_then(|_| MiniLm::load(&store, options)) {
        Ok(model) => Loaded::Ready(Box::new(model)),
        Err(embed::Error::NotFetched { .. }) => Loaded::Missing,
        Err(error) => Loaded::Broken(error),
    }
}
