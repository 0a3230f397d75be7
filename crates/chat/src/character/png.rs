//! Character cards within pictures: the text chunks of a PNG file.
//!
//! Format: <https://www.w3.org/TR/png-3/#11textinfo>. The picture itself isn't decoded. Programs write the chunk `chara`
//! (version 2) and `ccv3` (version 3), before or behind the picture's data, as base64.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use flate2::read::ZlibDecoder;

const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// How long an unpacked text may get, in bytes.
const MAX_TEXT_BYTES: u64 = 32 << 20;

/// Padding is missing in some cards.
const LENIENT_BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// One chunk: its kind, its data, and all of its bytes.
struct Chunk<'a> {
    kind: &'a [u8],
    data: &'a [u8],
    whole: &'a [u8],
}

/// Whether a file is a PNG file by its first bytes.
pub(super) fn is_png(bytes: &[u8]) -> bool {
    bytes.starts_with(PNG_SIGNATURE)
}

/// The card in a picture, as JSON: that of version 3 if there is one.
///
/// # Errors
/// What is missing, or can't be read.
pub(super) fn card(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut found: Option<(bool, String)> = None;
    for chunk in chunks(bytes) {
        let Some((name, text)) = text_chunk(&chunk) else {
            continue;
        };
        let is_v3 = name.eq_ignore_ascii_case(b"ccv3");
        if (is_v3 || name.eq_ignore_ascii_case(b"chara"))
            && found.as_ref().is_none_or(|(had_v3, _)| is_v3 && !had_v3)
        {
            found = Some((is_v3, text));
        }
    }
    let (_, text) = found.ok_or("is a picture without a character in it")?;
    let packed: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    // Some write the JSON as it is.
    if packed.first() == Some(&b'{') {
        return Ok(text.into_bytes());
    }
    LENIENT_BASE64
        .decode(packed)
        .map_err(|error| format!("has a character in it that is no base64: {error}"))
}

/// Whether a picture has a card of version 3 in it.
pub(super) fn is_v3(bytes: &[u8]) -> bool {
    chunks(bytes)
        .filter_map(|chunk| text_chunk(&chunk))
        .any(|(name, _)| name.eq_ignore_ascii_case(b"ccv3"))
}

/// A picture with another card in it, in place of those that it has.
pub(super) fn with_card(bytes: &[u8], json: &str, is_v3: bool) -> Vec<u8> {
    let mut out = PNG_SIGNATURE.to_vec();
    let names: &[&[u8]] = if is_v3 {
        &[b"chara", b"ccv3"]
    } else {
        &[b"chara"]
    };
    let encoded = base64::engine::general_purpose::STANDARD.encode(json);
    for chunk in chunks(bytes) {
        if chunk.kind == b"IEND" {
            for name in names {
                push_text(&mut out, name, &encoded);
            }
        }
        let is_card = text_chunk(&chunk).is_some_and(|(name, _)| {
            name.eq_ignore_ascii_case(b"chara") || name.eq_ignore_ascii_case(b"ccv3")
        });
        if !is_card {
            out.extend_from_slice(chunk.whole);
        }
    }
    out
}

/// The chunks of a file as far as they are whole; a damaged rest is left out.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let mut rest = bytes.get(PNG_SIGNATURE.len()..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = u32::from_be_bytes(*length) as usize;
        let (kind, after) = after.split_at_checked(4)?;
        let (data, after) = after.split_at_checked(length)?;
        let (_, after) = after.split_at_checked(4)?;
        let whole = &rest[..length + 12];
        rest = after;
        Some(Chunk { kind, data, whole })
    })
}

/// The name and text of a chunk that has some.
fn text_chunk<'a>(chunk: &Chunk<'a>) -> Option<(&'a [u8], String)> {
    let end = chunk.data.iter().position(|byte| *byte == 0)?;
    let (name, rest) = (&chunk.data[..end], &chunk.data[end + 1..]);
    let text = match chunk.kind {
        b"tEXt" => String::from_utf8_lossy(rest).into_owned(),
        // The method of compression, of which there is one.
        b"zTXt" => unpacked(rest.get(1..)?)?,
        b"iTXt" => {
            let is_packed = *rest.first()? == 1;
            // Language and translated name.
            let mut parts = rest.get(2..)?.splitn(3, |byte| *byte == 0);
            let text = parts.nth(2)?;
            match is_packed {
                true => unpacked(text)?,
                false => String::from_utf8_lossy(text).into_owned(),
            }
        }
        _ => return None,
    };
    Some((name, text))
}

fn unpacked(bytes: &[u8]) -> Option<String> {
    let mut text = Vec::new();
    let mut limited = ZlibDecoder::new(bytes).take(MAX_TEXT_BYTES + 1);
    limited.read_to_end(&mut text).ok()?;
    (text.len() as u64 <= MAX_TEXT_BYTES).then(|| String::from_utf8_lossy(&text).into_owned())
}

fn push_text(out: &mut Vec<u8>, name: &[u8], text: &str) {
    let mut body = b"tEXt".to_vec();
    body.extend_from_slice(name);
    body.push(0);
    body.extend_from_slice(text.as_bytes());
    let length = u32::try_from(body.len() - 4).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    let mut sum = flate2::Crc::new();
    sum.update(&body);
    out.extend_from_slice(&body);
    out.extend_from_slice(&sum.sum().to_be_bytes());
}
