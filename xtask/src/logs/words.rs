//! A vocabulary with the statistics of technical talk: a few words everywhere, most hardly ever.

use super::rng::Rng;

/// In the order of how often they are said.
const COMMON_WORDS: &str = "the to a and in it is that of this for we i on be with not as so if but have \
    you are can from do at should when by what or an there which no was how all will just now then \
    only need one don't also has its like because before after new first use into same them would \
    still where they more each instead why than without could does already here every again been \
    both between while until over some two my our their any once even two through under within";

const TECHNICAL_WORDS: &str = "file test error function value code line call type return data user name \
    path check list key time run build change config request response server client database query \
    index table column row field message session token cache queue worker job task thread process \
    memory buffer stream socket connection timeout retry backoff limit rate batch page cursor offset \
    lock transaction commit rollback migration schema version release branch merge rebase diff patch \
    review module package crate import export class method struct trait interface generic closure \
    iterator future promise async await callback handler router middleware endpoint header body \
    cookie auth login password permission role scope policy secret certificate proxy gateway cluster \
    node pod container image volume deploy pipeline stage job artifact log metric trace span alert \
    dashboard latency throughput percentile histogram counter gauge sample benchmark profile leak \
    crash panic exception stack frame signal exit status warning lint format compile link load parse \
    serialize encode decode hash digest signature encrypt decrypt compress archive backup restore \
    snapshot replica shard partition leader follower quorum consensus clock timestamp timezone date \
    locale currency decimal rounding float integer overflow underflow null option default fallback \
    flag argument parameter environment variable setting override template render component state \
    effect hook prop event listener dispatch reducer store selector memo layout grid flex margin \
    padding border color theme font icon button form input validation tooltip modal dialog sidebar \
    navbar route redirect link anchor scroll animation canvas texture shader vertex mesh camera \
    regex pattern match token lexer parser grammar syntax tree visitor walker rewrite optimise \
    inline cache invalidate evict expire refresh subscribe publish topic consumer producer \
    acknowledge replay dedupe idempotent webhook payload envelope invoice customer order shipment \
    refund discount tax ledger account balance transfer settlement reconcile audit report export \
    search rank score relevance tokenizer stem synonym embedding vector similarity threshold recall \
    precision fixture mock stub snapshot assertion coverage flaky regression integration unit smoke \
    rename extract move delete duplicate refactor simplify document comment readme changelog license \
    dependency upgrade downgrade pin lockfile registry mirror vendor workspace target feature \
    platform architecture windows linux kernel driver firmware sensor device bluetooth usb serial \
    port baud packet frame checksum interrupt register pointer reference borrow lifetime ownership \
    mutex semaphore barrier atomic ordering fence channel select spawn join cancel abort drain flush \
    sync durable fsync journal checkpoint compact vacuum analyse explain plan scan seek join filter \
    group aggregate window sort distinct union view trigger constraint foreign unique primary";

const NAME_SYLLABLES: &str = "ka ver lo min tra dex pul son mar quo fen bri tol ash gen vex ori nam zet \
    cor dal hy per lum ras tik wen jor sil pha nox ber cam dro el fis gal hem ith";

/// How many words there are in all.
const WORD_COUNT: usize = 24_000;
/// Entries of the table that words are drawn from: the share of each is its frequency.
const TABLE_ENTRIES: usize = 1 << 16;

/// Words, drawn about as often as people use them.
pub(super) struct WordTable {
    all: Vec<String>,
    table: Vec<u16>,
    common: usize,
}

impl WordTable {
    /// The vocabulary; the same for every seed, as a language is.
    pub(super) fn new() -> Self {
        let mut all: Vec<String> = COMMON_WORDS.split_whitespace().map(str::to_owned).collect();
        let common = all.len();
        all.extend(TECHNICAL_WORDS.split_whitespace().map(str::to_owned));
        let syllables: Vec<&str> = NAME_SYLLABLES.split_whitespace().collect();
        let mut rng = Rng::new(0x1A06, 0);
        while all.len() < WORD_COUNT {
            let parts = 2 + rng.below(3);
            all.push((0..parts).map(|_| *rng.pick(&syllables)).collect());
        }
        Self {
            table: frequencies(all.len()),
            all,
            common,
        }
    }

    /// Any word, the common ones most.
    pub(super) fn any(&self, rng: &mut Rng) -> &str {
        // The table has no room for the rare half of the vocabulary.
        if rng.below(16) == 0 {
            return rng.pick(&self.all).as_str();
        }
        &self.all[usize::from(*rng.pick(&self.table))]
    }

    /// A word that says something: not one of the commonest.
    pub(super) fn content(&self, rng: &mut Rng) -> &str {
        rng.favour(&self.all[self.common..]).as_str()
    }

    /// A technical word that exists.
    pub(super) fn technical(&self, rng: &mut Rng) -> &str {
        rng.favour(&self.all[self.common..self.common + 400])
            .as_str()
    }

    /// Appends a sentence of about `length` words, some of them from `topic`.
    pub(super) fn sentence(
        &self,
        rng: &mut Rng,
        topic: &[String],
        length: usize,
        text: &mut String,
    ) {
        let start = text.len();
        for at in 0..length.max(2) {
            if at > 0 {
                text.push_str(if rng.below(14) == 0 { ", " } else { " " });
            }
            match rng.below(10) {
                0 | 1 if !topic.is_empty() => text.push_str(rng.favour(topic).as_str()),
                2 => text.push_str(self.technical(rng)),
                _ => text.push_str(self.any(rng)),
            }
        }
        text[start..start + 1].make_ascii_uppercase();
        text.push(*rng.pick(&['.', '.', '.', '.', ':', '?']));
    }

    /// A paragraph of about `length` bytes.
    pub(super) fn paragraph(
        &self,
        rng: &mut Rng,
        topic: &[String],
        length: usize,
        text: &mut String,
    ) {
        let end = text.len() + length;
        while text.len() < end {
            let words = rng.range(4, 18);
            self.sentence(rng, topic, words, text);
            text.push_str(if rng.below(5) == 0 { "\n\n" } else { " " });
        }
        text.truncate(text.trim_end().len());
    }
}

/// A table in which the word of rank `r` has about `1 / r` of the entries.
fn frequencies(words: usize) -> Vec<u16> {
    let mut rng = Rng::new(0x21FF, 0);
    let total: f64 = (1..=words).map(|rank| 1.0 / rank as f64).sum();
    let mut table = Vec::with_capacity(TABLE_ENTRIES);
    for rank in 1..=words {
        let share = TABLE_ENTRIES as f64 / (rank as f64 * total);
        let extra = usize::from(rng.chance(share.fract()));
        #[expect(
            clippy::cast_possible_truncation,
            reason = "at most the size of the table"
        )]
        #[expect(clippy::cast_sign_loss, reason = "a share isn't negative")]
        let entries = share as usize + extra;
        let word = u16::try_from(rank - 1).unwrap_or(u16::MAX);
        table.extend(std::iter::repeat_n(word, entries));
    }
    table
}
