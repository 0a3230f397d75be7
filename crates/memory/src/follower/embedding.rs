//! Embedding a little of what was just said, beside other work and with a model that others use too.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use embed::{Embedder, Embedding, ModelId};
use recall::{ArchiveOpener, Stop};

/// Passages that are embedded after a catch-up.
const MAX_PASSAGES: usize = 256;

/// Time after each text in which other threads get the model: calls of several threads take turns, and
/// a query must not wait for more than one text.
const PAUSE_AFTER_TEXT: Duration = Duration::from_micros(300);

/// The thread that embeds, while there is something to embed.
#[derive(Default)]
pub(super) struct IdleEmbedding {
    running: Option<JoinHandle<()>>,
    stop: Arc<Stop>,
}

impl IdleEmbedding {
    /// Embeds some of what waits, unless that is being done.
    pub(super) fn start(
        &mut self,
        opener: ArchiveOpener,
        model: Arc<dyn Embedder>,
        lower_priority: fn(),
    ) {
        if self
            .running
            .as_ref()
            .is_some_and(|thread| !thread.is_finished())
        {
            return;
        }
        let stop = Arc::clone(&self.stop);
        let started = std::thread::Builder::new()
            .name("embed".into())
            .spawn(move || {
                lower_priority();
                // What fails here is tried again after the next catch-up, and who is asked for the
                // archive's state tells how much waits.
                drop(embed(&opener, &*model, &stop));
            });
        self.running = started.ok();
    }
}

impl Drop for IdleEmbedding {
    /// It ends after a few passages by itself; the end of the process need not wait for that.
    fn drop(&mut self) {
        self.stop.set();
    }
}

fn embed(opener: &ArchiveOpener, model: &dyn Embedder, stop: &Stop) -> recall::Result<u64> {
    let one_by_one = OneByOne(model);
    opener.open()?.embed_some(&one_by_one, MAX_PASSAGES, stop)
}

/// A model that gets one text at a time.
struct OneByOne<'a>(&'a dyn Embedder);

impl Embedder for OneByOne<'_> {
    fn model_id(&self) -> &ModelId {
        self.0.model_id()
    }

    fn dimensions(&self) -> usize {
        self.0.dimensions()
    }

    fn embed(&self, texts: &[&str]) -> embed::Result<Vec<Embedding>> {
        let mut vectors = Vec::with_capacity(texts.len());
        for text in texts {
            vectors.extend(self.0.embed(&[text])?);
            std::thread::sleep(PAUSE_AFTER_TEXT);
        }
        Ok(vectors)
    }
}
