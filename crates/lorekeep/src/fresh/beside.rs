//! Embedding a little of what was just said, beside other work and with a model that others use too.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use embed::{Embedder, ModelId};
use recall::{Archive, Guards, Home, Stop};

use crate::interrupt;

/// Lends a model to a function if one is loaded, and returns whether it was. Called for one text at
/// a time, so that whoever else needs the model gets it in between.
pub(crate) type LendEmbedder = dyn Fn(&mut dyn FnMut(&dyn Embedder)) -> bool + Send + Sync;

/// Passages that are embedded after a catch-up.
const PASSAGES: usize = 256;

/// Time in which others can take the model: a lock that is free for a moment only goes to the same
/// thread again.
const GAP: Duration = Duration::from_micros(300);

/// The thread that embeds, while there is something to embed.
#[derive(Default)]
pub(super) struct Embedding {
    running: Option<JoinHandle<()>>,
    stop: Arc<Stop>,
}

impl Embedding {
    /// Embeds some of what waits, unless that is being done.
    pub(super) fn start(&mut self, (home, guards): (&Home, &Guards), lend: Arc<LendEmbedder>) {
        if self
            .running
            .as_ref()
            .is_some_and(|thread| !thread.is_finished())
        {
            return;
        }
        let (home, guards) = (home.clone(), guards.clone());
        let stop = Arc::clone(&self.stop);
        let started = std::thread::Builder::new()
            .name("embed".into())
            .spawn(move || {
                interrupt::be_nice_here();
                // What fails here is tried again after the next catch-up, and who is asked for the
                // archive's state tells how much waits.
                drop(embed((&home, &guards), &*lend, &stop));
            });
        self.running = started.ok();
    }
}

impl Drop for Embedding {
    /// It ends after a few passages by itself; the end of the process need not wait for that.
    fn drop(&mut self) {
        self.stop.set();
    }
}

fn embed(
    (home, guards): (&Home, &Guards),
    lend: &LendEmbedder,
    stop: &Stop,
) -> recall::Result<u64> {
    let mut about = None;
    lend(&mut |embedder| about = Some((embedder.model_id().clone(), embedder.dimensions())));
    let Some((model, dimensions)) = about else {
        return Ok(0);
    };
    let borrowed = Borrowed {
        lend,
        model,
        dimensions,
    };
    Archive::open(home, guards)?.embed_some(&borrowed, PASSAGES, stop)
}

/// A model that is borrowed anew for each text.
struct Borrowed<'a> {
    lend: &'a LendEmbedder,
    model: ModelId,
    dimensions: usize,
}

impl Embedder for Borrowed<'_> {
    fn model_id(&self) -> &ModelId {
        &self.model
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn embed(&self, texts: &[&str]) -> embed::Result<Vec<embed::Embedding>> {
        let mut vectors = Vec::with_capacity(texts.len());
        for text in texts {
            let mut made = None;
            (self.lend)(&mut |embedder| made = Some(embedder.embed(&[text])));
            let made = made.unwrap_or_else(|| Err(gone()))?;
            vectors.extend(made);
            std::thread::sleep(GAP);
        }
        Ok(vectors)
    }
}

fn gone() -> embed::Error {
    embed::Error::Runtime("the model is no longer loaded".into())
}
