//! International bank account numbers: a country, its length and a check by 97.

use super::checksum::mod_97;
use super::hit::PiiHit;
use super::word::{DigitWord, glued_left, is_word};
use super::words::Topics;

/// Each country's length, as its registry has it.
const COUNTRY_LENGTHS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 \
    ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 \
    LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 \
    SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30 DZ26 AO25 BJ28 BF28 CV25 CM27 CF27 TD27 KM27 CG27 \
    CI28 GA27 GQ27 GW25 IR26 MG27 ML28 MA28 MZ25 NE28 SN28 TG28";

pub(super) fn find(word: &DigitWord<'_>, hits: &mut Vec<PiiHit>) {
    let bytes = word.bytes();
    let start = word.start;
    let is_start = word.end - start >= 4
        && bytes[start..start + 2].iter().all(u8::is_ascii_alphabetic)
        && bytes[start + 2..start + 4].iter().all(u8::is_ascii_digit);
    if !is_start || glued_left(bytes, start) {
        return;
    }
    let Some(length) = length(&word.text[start..start + 2]) else {
        return;
    };
    let (end, characters, length) = match take(bytes, start, length) {
        Some((end, characters)) => (end, characters, length),
        None => match odd(word) {
            Some(odd) => odd,
            None => return,
        },
    };
    let turned = characters[4..length].iter().chain(&characters[..4]);
    if mod_97(turned.copied()) != 1 {
        return;
    }
    hits.push(PiiHit {
        entity: "IBAN_CODE",
        rule: "iban-mod97",
        start,
        end,
        score: 1.0,
        why: "a country's length and the check digits of an IBAN",
    });
}

/// A word that isn't as long as its country's are, where the text speaks of accounts.
fn odd(word: &DigitWord<'_>) -> Option<(usize, [u8; 34], usize)> {
    let length = word.end - word.start;
    if !(15..=34).contains(&length) {
        return None;
    }
    let (end, characters) = take(word.bytes(), word.start, length)?;
    let context = word.nearby.context(word.start, end);
    let is_called = context.says_within(Topics::IBAN.or(Topics::BANK), 8);
    is_called.then_some((end, characters, length))
}

fn length(country: &str) -> Option<usize> {
    let mut countries = COUNTRY_LENGTHS.split_ascii_whitespace();
    let found = countries.find(|entry| entry[..2].eq_ignore_ascii_case(country))?;
    found[2..].parse().ok()
}

/// So many letters and digits from `start`, and where they end. Between them stand no signs at all, or spaces,
/// dashes, dots or a line's end: anywhere between digits, and behind each four otherwise.
fn take(bytes: &[u8], start: usize, length: usize) -> Option<(usize, [u8; 34])> {
    let mut characters = [0; 34];
    let (mut at, mut count, mut since) = (start, 0, 0);
    while count < length {
        let byte = *bytes.get(at)?;
        if byte.is_ascii_alphanumeric() {
            characters[count] = byte;
            count += 1;
            since += 1;
            at += 1;
            continue;
        }
        let gap = gap(&bytes[at..]);
        let next = bytes.get(at + gap).copied().unwrap_or_default();
        let is_digits = count > 2 && bytes[at - 1].is_ascii_digit() && next.is_ascii_digit();
        let is_parted = since == 4 || since >= 2 && is_digits || count == 2;
        if gap == 0 || !is_parted || !next.is_ascii_alphanumeric() {
            return None;
        }
        at += gap;
        since = 0;
    }
    let is_whole = bytes.get(at).is_none_or(|byte| !is_word(*byte));
    is_whole.then_some((at, characters))
}

/// Bytes of what parts the groups of an account's number.
fn gap(bytes: &[u8]) -> usize {
    if let [b'-' | b'.' | b'/', ..] = bytes {
        return 1;
    }
    let blanks = |from: usize| {
        let rest = bytes[from..].iter().take(MAX_GAP_BYTES);
        rest.take_while(|b| matches!(b, b' ' | b'\t')).count()
    };
    let before = blanks(0);
    let feed = match bytes.get(before..) {
        Some([b'\r', b'\n', ..]) => 2,
        Some([b'\n', ..]) => 1,
        _ => return if before <= 3 { before } else { 0 },
    };
    before + feed + blanks(before + feed)
}

/// Blanks at the start of a line that goes on.
const MAX_GAP_BYTES: usize = 8;
