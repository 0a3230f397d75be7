//! One text, read piece by piece and looked through.

use std::collections::HashMap;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use guard::stream_scanner::{Pace, Settled, StreamScanner};
use guard::{Judged, Kind};

use super::allow::{self, has_remark};
use super::decode::{Decoder, TextEncoding};
use super::job::{GoOn, ScanEvent, ScanFinding, ScanJob, ScanTrouble, TextScanner};
use super::position::Position;
use crate::input::NOT_A_FILE_HINT;

/// Bytes that are looked through at once.
const PIECE_BYTES: usize = 512 << 10;

/// Bytes in which a file that isn't text shows it.
pub(super) const HEAD_BYTES: usize = 8 << 10;

/// Bytes of a line, before and after a finding, in which a remark is looked for.
const REMARK_BYTES: usize = 4 << 10;

/// Looks through a file.
pub(super) fn file(
    scanner: &TextScanner<'_>,
    job: &ScanJob,
    path: &Path,
    is_named: bool,
    tell: &mut dyn FnMut(ScanEvent) -> GoOn,
) -> Result<(), ScanTrouble> {
    let file = files::open(path).map_err(|error| ScanTrouble {
        what: why(&error, path),
        hint: (error.kind() == ErrorKind::InvalidInput).then_some(NOT_A_FILE_HINT),
    })?;
    let mut reader = TextReader::new(scanner, job, tell);
    reader.may_remark = true;
    reader.may_be_binary = !is_named;
    Ok(reader.read(file)?)
}

/// Looks through standard input. A remark in it means nothing: it may come from anywhere.
pub(super) fn input(
    scanner: &TextScanner<'_>,
    job: &ScanJob,
    input: impl Read,
    tell: &mut dyn FnMut(ScanEvent) -> GoOn,
) -> Result<(), String> {
    TextReader::new(scanner, job, tell).read(input)
}

/// The system's words, without the path, which stands before them anyway.
fn why(error: &std::io::Error, path: &Path) -> String {
    let text = error.to_string();
    let kind = text.strip_prefix(&format!("`{}` is ", path.display()));
    let words = text.rsplit_once("`: ").map(|(_, words)| words);
    kind.or(words).unwrap_or(&text).to_owned()
}

struct TextReader<'a, 'e> {
    scanner: &'a TextScanner<'e>,
    job: &'a ScanJob,
    tell: &'a mut dyn FnMut(ScanEvent) -> GoOn,
    may_remark: bool,
    may_be_binary: bool,
}

impl<'a, 'e> TextReader<'a, 'e> {
    fn new(
        scanner: &'a TextScanner<'e>,
        job: &'a ScanJob,
        tell: &'a mut dyn FnMut(ScanEvent) -> GoOn,
    ) -> Self {
        Self {
            scanner,
            job,
            tell,
            may_remark: false,
            may_be_binary: false,
        }
    }

    fn read(self, mut input: impl Read) -> Result<(), String> {
        let mut buffer = vec![0; PIECE_BYTES];
        let mut text = String::with_capacity(PIECE_BYTES + 4);
        let mut decoder = Decoder::default();
        let mut encoding = TextEncoding::Utf8;
        let policy = self.scanner.policy.clone().only(self.job.kinds);
        let mut stream =
            StreamScanner::new(self.scanner.engine, &policy, Pace::Pieces(PIECE_BYTES));
        let mut locating = Locating::new(self.scanner, self.job, None, self.may_remark);
        let mut bytes: u64 = 0;
        loop {
            let read = fill(&mut input, &mut buffer).map_err(|error| error.to_string())?;
            if bytes == 0 {
                encoding = TextEncoding::of(&buffer[..read.min(HEAD_BYTES)]);
                decoder = Decoder::of(encoding);
                locating.has_bytes = encoding == TextEncoding::Utf8;
            }
            let is_binary = encoding == TextEncoding::Utf8
                && bytes == 0
                && buffer[..read.min(HEAD_BYTES)].contains(&0);
            if is_binary && self.may_be_binary {
                (self.tell)(ScanEvent::Binary);
                return Ok(());
            }
            bytes += read as u64;
            text.clear();
            decoder.push(&buffer[..read], &mut text);
            if read < buffer.len() {
                decoder.finish(&mut text);
            }
            if let Some(settled) = stream.push(&text)
                && !locating.tell(&settled, self.tell)
            {
                return Ok(());
            }
            if read < buffer.len() {
                break;
            }
        }
        if locating.tell(&stream.finish(), self.tell) {
            (self.tell)(ScanEvent::Done {
                files: 1,
                bytes,
                allowed: locating.allowed,
            });
        }
        Ok(())
    }
}

/// Fills the buffer, unless the input ends before.
fn fill(input: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Turns findings in settled text into findings with a place.
pub(super) struct Locating<'a, 'e> {
    scanner: &'a TextScanner<'e>,
    job: &'a ScanJob,
    /// The name of the file, and its path below the root.
    path: Arc<str>,
    commit: Option<Arc<str>>,
    may_remark: bool,
    position: Position,
    /// How often a line of the same text held the same.
    seen: HashMap<String, usize>,
    /// Findings left out because somebody allowed them.
    pub(super) allowed: u64,
    /// Whether places in the text are places in the file.
    pub(super) has_bytes: bool,
    /// For lines of a text that aren't those of the file: what they are there.
    pub(super) lines: Option<Vec<(u64, u64)>>,
}

impl<'a, 'e> Locating<'a, 'e> {
    /// At the start of a text; `part` is a path in a commit.
    pub(super) fn new(
        scanner: &'a TextScanner<'e>,
        job: &'a ScanJob,
        part: Option<(Arc<str>, Arc<str>)>,
        may_remark: bool,
    ) -> Self {
        let (path, commit) = match part {
            Some((path, commit)) => (path, Some(commit)),
            None => (Arc::clone(&job.name), None),
        };
        Self {
            scanner,
            job,
            path,
            commit,
            may_remark,
            position: Position::START,
            seen: HashMap::new(),
            allowed: 0,
            has_bytes: true,
            lines: None,
        }
    }

    /// Tells what was found in settled text.
    pub(super) fn tell(
        &mut self,
        settled: &Settled<'_>,
        tell: &mut dyn FnMut(ScanEvent) -> GoOn,
    ) -> GoOn {
        for failure in &settled.failures {
            let what = format!("the guard `{}` failed: {}", failure.guard, failure.what);
            let path = self.path.to_string();
            let trouble = what.into();
            if !tell(ScanEvent::Problem { path, trouble }) {
                return false;
            }
        }
        let mut found = Vec::new();
        let mut at = settled.range.start;
        for judged in &settled.findings {
            let start = judged.finding.start.max(at);
            self.position = self.position.after(&settled.around[at..start]);
            at = start;
            if let Some(one) = self.found(settled, judged) {
                found.push(one);
            }
        }
        let rest = settled.around.get(at..settled.range.end);
        self.position = self.position.after(rest.unwrap_or_default());
        found.is_empty() || tell(ScanEvent::Found(found))
    }

    fn found(&mut self, settled: &Settled<'_>, judged: &Judged) -> Option<ScanFinding> {
        let finding = &judged.finding;
        let (line, from) = line_around(settled.around, finding.start, finding.end);
        let below = match self.commit {
            Some(_) => Path::new(&*self.path),
            None => &self.job.below,
        };
        if self.job.allow.allows(below, finding) || (self.may_remark && has_remark(line)) {
            self.allowed += 1;
            return None;
        }
        let end = self.position.after(finding.of(settled.around));
        let is_value = matches!(finding.kind, Kind::Secret | Kind::Pii);
        let offset = settled.offset;
        let bytes = (offset + finding.start as u64, offset + finding.end as u64);
        Some(ScanFinding {
            path: Arc::clone(&self.path),
            commit: self.commit.clone(),
            from: (self.line(self.position.line), self.position.column),
            to: (self.line(end.line), end.column),
            bytes: (self.commit.is_none() && self.has_bytes).then_some(bytes),
            allow_line: allow::is_below(below).then(|| allow::line(below, &finding.rule)),
            shown: is_value.then(|| last_four(finding.of(settled.around))),
            fingerprint: if self.scanner.with_fingerprints {
                self.fingerprint(settled, finding, line, from)
            } else {
                String::new()
            },
            finding: finding.clone(),
            action: judged.action,
        })
    }

    /// The line of the file that a line of the text is.
    fn line(&self, line: u64) -> u64 {
        let Some(lines) = &self.lines else {
            return line;
        };
        let after = lines.partition_point(|(text, _)| *text <= line);
        let before = after.checked_sub(1).and_then(|at| lines.get(at));
        before.map_or(line, |(text, file)| file + (line - text))
    }

    /// What tells a finding from others in other versions of its file: its rule and its line, from
    /// which all that was found in it is taken out.
    fn fingerprint(
        &mut self,
        settled: &Settled<'_>,
        finding: &guard::Finding,
        line: &str,
        from: usize,
    ) -> String {
        let within = settled.findings.iter().filter_map(|other| {
            let mut other = other.finding.clone();
            if other.end <= from || other.start >= from + line.len() {
                return None;
            }
            other.start = other.start.max(from) - from;
            other.end = other.end.min(from + line.len()) - from;
            Some(other)
        });
        let masker = |mask| guard::Masker::new(&[0; 32], mask);
        let hidden = masker(guard::Mask::SameLength);
        let line = hidden.mask(line, &within.collect::<Vec<_>>()).into_owned();
        let what = format!("{}\0{}\0{}", self.path, finding.rule, line.trim());
        let mut digest = masker(guard::Mask::Hash).instead("", &what);
        digest.truncate(32);
        let times = self.seen.entry(digest.clone()).or_default();
        *times += 1;
        format!("{digest}:{times}")
    }
}

/// The line that a finding is on, as far as it is near, and where that starts.
fn line_around(text: &str, start: usize, end: usize) -> (&str, usize) {
    let near = text.floor_char_boundary(start.saturating_sub(REMARK_BYTES));
    let far = text.ceil_char_boundary((end + REMARK_BYTES).min(text.len()));
    let from = text[near..start]
        .rfind('\n')
        .map_or(near, |at| near + at + 1);
    let to = text[end..far].find('\n').map_or(far, |at| end + at);
    (&text[from..to], from)
}

/// The last four letters and digits of a long value, and of a short one nothing.
pub(crate) fn last_four(value: &str) -> String {
    let mut letters: Vec<char> = value
        .chars()
        .rev()
        .filter(|c| c.is_alphanumeric())
        .take(12)
        .collect();
    if letters.len() < 12 {
        return "****".to_owned();
    }
    letters.truncate(4);
    "****".chars().chain(letters.into_iter().rev()).collect()
}
