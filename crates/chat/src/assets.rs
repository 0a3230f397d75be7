//! Files of the chat: pictures that go with messages, and what tools made. Each is named by what it holds, and
//! messages, events and answers only name it.

mod kind;
mod store;

pub(crate) use kind::AssetKind;
pub use store::{AssetInfo, MediaRetention};
pub(crate) use store::{AssetStore, sweep};
