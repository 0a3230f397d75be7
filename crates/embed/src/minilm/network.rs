//! The network in its runtime: rows of token numbers → one vector per token.

use super::options::MiniLmOptions;
use crate::convert::{INPUT_MASK, INPUT_TOKENS, OUTPUT_HIDDEN, WEIGHTS_FILE};
use crate::store::GRAPH_FILE;
use crate::{Error, ModelStore, Result};
use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, op_registry};
use rten_tensor::NdTensor;
use std::sync::Arc;

pub(super) struct Network {
    model: Model,
    tokens: NodeId,
    mask: NodeId,
    hidden: NodeId,
    pool: Arc<ThreadPool>,
}

impl Network {
    pub(super) fn load(store: &ModelStore, options: &MiniLmOptions) -> Result<Self> {
        let model = load_mapped(store, options.prepack)?;
        let damaged = |e: rten::RunError| Error::Damaged {
            path: store.file(GRAPH_FILE),
            why: e.to_string(),
        };
        Ok(Self {
            tokens: model.node_id(INPUT_TOKENS).map_err(damaged)?,
            mask: model.node_id(INPUT_MASK).map_err(damaged)?,
            hidden: model.node_id(OUTPUT_HIDDEN).map_err(damaged)?,
            model,
            pool: Arc::new(ThreadPool::with_num_threads(options.threads.max(1))),
        })
    }

    /// Runs one batch; `length` is that of its longest row, shorter ones are padded. The result
    /// is `[row, token, component]`, with vectors of no meaning for padding.
    pub(super) fn run(&self, rows: &[&[u32]], length: usize) -> Result<NdTensor<f32, 3>> {
        let mut tokens = NdTensor::<i32, 2>::zeros([rows.len(), length]);
        let mut mask = NdTensor::<i32, 2>::zeros([rows.len(), length]);
        for (index, row) in rows.iter().enumerate() {
            for (place, token) in row.iter().enumerate() {
                tokens[[index, place]] = token.cast_signed();
                mask[[index, place]] = 1;
            }
        }
        let inputs = vec![(self.tokens, tokens.into()), (self.mask, mask.into())];
        let options = RunOptions::default().with_thread_pool(Some(self.pool.clone()));
        let [hidden] = self
            .model
            .run_n(inputs, [self.hidden], Some(options))
            .map_err(|e| Error::Runtime(e.to_string()))?;
        hidden
            .try_into()
            .map_err(|_| Error::Runtime("the output is no f32 of rank 3".to_owned()))
    }
}

/// Maps the weights into memory, so that a process that embeds one query reads the words that it
/// needs and no more, and several processes share one copy.
#[expect(unsafe_code, reason = "mapping a file is unsafe, see the note")]
fn load_mapped(store: &ModelStore, prepack: bool) -> Result<Model> {
    let mut options = ModelOptions::with_ops(op_registry!(
        Add,
        Cast,
        Div,
        DynamicQuantizeLinear,
        Erf,
        Gather,
        LayerNormalization,
        MatMul,
        MatMulInteger,
        Mul,
        Reshape,
        Shape,
        Slice,
        Softmax,
        Sub,
        Transpose,
        Unsqueeze
    ));
    options.prepack_weights(prepack);
    let graph = store.file(GRAPH_FILE);
    for path in [&graph, &store.file(WEIGHTS_FILE)] {
        if !files::is_regular(path) {
            return Err(Error::NotFetched { path: store.path() });
        }
    }
    // SAFETY: the mapped files must not change while they are mapped. Nothing in this program
    // writes to them after they were put in place: fetching anew renames another directory to that
    // name, and the old files live on until they are unmapped. The directory is the user's own.
    let model = unsafe { options.load_mmap(&graph) };
    model.map_err(|e| Error::Damaged {
        path: graph,
        why: e.to_string(),
    })
}
