//! What the chat knows of the person: drawn from their own words where that is allowed, and put before the model
//! where it is about what they say.
//!
//! A model only proposes. What it proposes must be anchored by a quote that stands in the person's own words, and
//! goes through a sieve of fixed rules; answers, recalled text, results of tools and instructions aren't among what
//! it is shown as a source at all.

mod options;
mod words;
mod lexicon;
mod own_text;
mod proposal;
mod sieve;
mod merge;
mod drawing;
mod recalled;

pub(crate) use drawing::{DrawnFact, FactWork, form_of_refusal, tokens_of};
pub use options::FactOptions;
pub(crate) use proposal::{FactAnswerForm, FactProposal};
pub(crate) use recalled::{RecalledFact, recall};
pub use sieve::FactRefusal;
