//! What the guards make of a set, counted.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use guard::{Action, Engine, Finding, Kind, Policy};

use super::set::{LabelledSet, LabelledText, Truth, TruthSpan};

/// The entities that are counted together as structured personal data.
const STRUCTURED_ENTITIES: [&str; 6] = [
    "CREDIT_CARD",
    "EMAIL_ADDRESS",
    "IBAN_CODE",
    "IP_ADDRESS",
    "PHONE_NUMBER",
    "US_SSN",
];

/// Right and wrong answers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Counts {
    /// There is something, and it was found.
    pub(crate) hits: u64,
    /// There is something, and it was missed.
    pub(crate) misses: u64,
    /// There is nothing, and something was found.
    pub(crate) false_alarms: u64,
    /// There is nothing, and nothing was found.
    pub(crate) passed: u64,
}

impl Counts {
    /// Share of what there is that was found; none if there is nothing.
    pub(crate) fn recall(&self) -> Option<f64> {
        share(self.hits, self.misses)
    }

    /// Share of what was found that was there.
    pub(crate) fn precision(&self) -> Option<f64> {
        share(self.hits, self.false_alarms)
    }

    /// The harmonic mean of the two.
    pub(crate) fn f1(&self) -> Option<f64> {
        share(2 * self.hits, self.misses + self.false_alarms)
    }

    /// Share of what is harmless that was found all the same.
    pub(crate) fn false_positive_rate(&self) -> Option<f64> {
        share(self.false_alarms, self.passed)
    }

    /// Where the recall on all such texts lies, with 95% confidence.
    pub(crate) fn recall_interval(&self) -> Option<(f64, f64)> {
        interval(self.hits, self.misses)
    }

    /// Where the share of false alarms on all such texts lies, with 95% confidence.
    pub(crate) fn false_positive_interval(&self) -> Option<(f64, f64)> {
        interval(self.false_alarms, self.passed)
    }

    /// Adds another's.
    pub(crate) fn add(&mut self, other: Self) {
        self.hits += other.hits;
        self.misses += other.misses;
        self.false_alarms += other.false_alarms;
        self.passed += other.passed;
    }

    fn count(&mut self, is_there: bool, is_found: bool) {
        match (is_there, is_found) {
            (true, true) => self.hits += 1,
            (true, false) => self.misses += 1,
            (false, true) => self.false_alarms += 1,
            (false, false) => self.passed += 1,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows")]
fn share(part: u64, rest: u64) -> Option<f64> {
    let all = part + rest;
    (all > 0).then(|| part as f64 / all as f64)
}

/// Wilson's score interval for a share, with 95% confidence.
#[expect(clippy::cast_precision_loss, reason = "counts of rows")]
fn interval(part: u64, rest: u64) -> Option<(f64, f64)> {
    /// Standard deviations on either side.
    const Z: f64 = 1.959_964;
    let share = share(part, rest)?;
    let n = (part + rest) as f64;
    let middle = share + Z * Z / (2.0 * n);
    let width = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    let low = ((middle - width) / scale).max(0.0);
    Some((low, ((middle + width) / scale).min(1.0)))
}

/// What became of one entity or category.
#[derive(Clone, Debug)]
pub(crate) struct EntityScore {
    /// Its name.
    pub(crate) entity: String,
    /// Spans that agree to the byte; the same as `overlapping` for categories.
    pub(crate) exact: Counts,
    /// Spans that overlap.
    pub(crate) overlapping: Counts,
}

/// What became of a set.
#[derive(Debug)]
pub(crate) struct SetScore {
    /// Its name.
    pub(crate) name: String,
    /// What was to be found.
    pub(crate) kind: Kind,
    /// How many texts the set has.
    pub(crate) rows: usize,
    /// Texts by whether there is anything in them and whether anything was found.
    pub(crate) texts: Counts,
    /// Each entity or category that the set knows and the guards do.
    pub(crate) entities: Vec<EntityScore>,
    /// The structured ones of them together.
    pub(crate) structured: Option<EntityScore>,
    /// Entities of the set that the guards don't look for.
    pub(crate) unknown: Vec<String>,
    /// Time of all guards for a text, in microseconds: half of the texts took no longer.
    pub(crate) p50_us: f64,
    /// 95% of the texts took no longer.
    pub(crate) p95_us: f64,
}

/// Judges each text of a set, with all guards, and counts those of its kind.
pub(crate) fn measure(engine: &Engine, policy: &Policy, set: &LabelledSet) -> SetScore {
    let known = Entities::of(set);
    let mut texts = Counts::default();
    let mut scores: BTreeMap<String, (Counts, Counts)> = BTreeMap::new();
    let mut times = Vec::with_capacity(set.rows.len());
    for row in &set.rows {
        let started = Instant::now();
        let judgement = engine.judge(&row.text, policy);
        times.push(started.elapsed().as_secs_f64() * 1e6);
        let found: Vec<Finding> = judgement
            .findings
            .into_iter()
            .filter(|judged| judged.finding.kind == set.kind && judged.action > Action::Allow)
            .map(|judged| judged.finding)
            .collect();
        if known.concerns(row) {
            texts.count(known.is_positive(row), known.is_found(row, &found));
        }
        known.compare(row, &found, &mut scores);
    }
    let entities: Vec<EntityScore> = scores.into_iter().map(EntityScore::of).collect();
    times.sort_by(f64::total_cmp);
    SetScore {
        name: set.name.clone(),
        kind: set.kind,
        rows: set.rows.len(),
        texts,
        structured: together(&entities),
        entities,
        unknown: known.unknown,
        p50_us: percentile(&times, 50),
        p95_us: percentile(&times, 95),
    }
}

fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let at = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(at).copied().unwrap_or_default()
}

impl EntityScore {
    fn of((entity, (exact, overlapping)): (String, (Counts, Counts))) -> Self {
        Self {
            entity,
            exact,
            overlapping,
        }
    }
}

fn together(entities: &[EntityScore]) -> Option<EntityScore> {
    let is_structured = |score: &&EntityScore| STRUCTURED_ENTITIES.contains(&score.entity.as_str());
    let of: Vec<&EntityScore> = entities.iter().filter(is_structured).collect();
    if of.is_empty() {
        return None;
    }
    let mut all = EntityScore::of(("structured".to_owned(), Default::default()));
    for score in of {
        all.exact.add(score.exact);
        all.overlapping.add(score.overlapping);
    }
    Some(all)
}

/// The entities that both a set and the guards know: only those can be compared.
struct Entities {
    known: BTreeSet<String>,
    unknown: Vec<String>,
}

impl Entities {
    fn of(set: &LabelledSet) -> Self {
        let mut named = BTreeSet::new();
        for row in &set.rows {
            match &row.truth {
                Truth::Spans(spans) => {
                    named.extend(spans.iter().map(|span| span.entity.clone()));
                }
                Truth::Only(entity, _) => {
                    named.insert(entity.clone());
                }
                Truth::Categories(names) => named.extend(names.iter().cloned()),
                Truth::Label(_) => {}
            }
        }
        let is_known = |entity: &String| {
            set.kind != Kind::Pii || guard::pii::ENTITIES.contains(&entity.as_str())
        };
        let (known, unknown): (BTreeSet<_>, BTreeSet<_>) = named.into_iter().partition(is_known);
        Self {
            known,
            unknown: unknown.into_iter().collect(),
        }
    }

    /// Whether the guards look for what the text is about.
    fn concerns(&self, row: &LabelledText) -> bool {
        match &row.truth {
            Truth::Only(entity, _) => self.known.contains(entity),
            _ => true,
        }
    }

    fn is_positive(&self, row: &LabelledText) -> bool {
        match &row.truth {
            Truth::Spans(spans) => spans.iter().any(|span| self.known.contains(&span.entity)),
            truth => truth.is_positive(),
        }
    }

    /// Whether anything was found that counts for this text.
    fn is_found(&self, row: &LabelledText, found: &[Finding]) -> bool {
        match &row.truth {
            Truth::Label(_) | Truth::Categories(_) => !found.is_empty(),
            Truth::Spans(_) if self.known.is_empty() => !found.is_empty(),
            Truth::Spans(_) => found.iter().any(|f| self.known.contains(&*f.entity)),
            Truth::Only(entity, _) => found.iter().any(|f| f.entity == *entity),
        }
    }

    fn compare(
        &self,
        row: &LabelledText,
        found: &[Finding],
        scores: &mut BTreeMap<String, (Counts, Counts)>,
    ) {
        match &row.truth {
            Truth::Label(_) => {}
            Truth::Categories(names) => {
                for category in &self.known {
                    let is_there = names.contains(category);
                    let is_found = found.iter().any(|f| is_of_category(&f.entity, category));
                    let (exact, overlapping) = scores.entry(category.clone()).or_default();
                    exact.count(is_there, is_found);
                    overlapping.count(is_there, is_found);
                }
            }
            Truth::Spans(spans) => {
                for entity in &self.known {
                    spans_of(entity, spans, found, scores);
                }
            }
            Truth::Only(entity, spans) => {
                if self.known.contains(entity) {
                    spans_of(entity, spans, found, scores);
                }
            }
        }
    }
}

/// `hate/threatening` is `hate` too; the other way round it isn't said.
fn is_of_category(entity: &str, category: &str) -> bool {
    let rest = entity.strip_prefix(category);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn spans_of(
    entity: &str,
    spans: &[TruthSpan],
    found: &[Finding],
    scores: &mut BTreeMap<String, (Counts, Counts)>,
) {
    let spans: Vec<&TruthSpan> = spans.iter().filter(|span| span.entity == entity).collect();
    let found: Vec<&Finding> = found.iter().filter(|f| f.entity == entity).collect();
    let (exact, overlapping) = scores.entry(entity.to_owned()).or_default();
    let same = |span: &TruthSpan, f: &Finding| span.bytes == (f.start..f.end);
    let touching =
        |span: &TruthSpan, f: &Finding| span.bytes.start < f.end && f.start < span.bytes.end;
    exact.add(matches(&spans, &found, same));
    overlapping.add(matches(&spans, &found, touching));
}

fn matches(
    spans: &[&TruthSpan],
    found: &[&Finding],
    fits: impl Fn(&TruthSpan, &Finding) -> bool,
) -> Counts {
    let hit = |span: &&&TruthSpan| found.iter().any(|f| fits(span, f));
    let right = |f: &&&Finding| spans.iter().any(|span| fits(span, f));
    let hits = spans.iter().filter(hit).count() as u64;
    Counts {
        hits,
        misses: spans.len() as u64 - hits,
        false_alarms: (found.len() - found.iter().filter(right).count()) as u64,
        passed: 0,
    }
}
