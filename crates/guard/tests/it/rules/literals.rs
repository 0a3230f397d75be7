//! The literals of Rust source: what rules consist of, whatever the code around them is called or
//! looks like. Comments, attributes, tests and messages of errors are left out, and so are the
//! numbers 0 and 1, which are places and steps more often than limits.

/// The literals of a source file, in their order.
pub(super) fn of(source: &str) -> Vec<String> {
    let mut reader = Reader {
        rest: source,
        word: "",
    };
    let mut literals = Vec::new();
    while let Some(token) = reader.token() {
        let is_message =
            matches!(reader.word, "expect" | "panic") || reader.word.ends_with("Error");
        match token {
            Token::Literal(literal) if !is_message && !matches!(literal, "0" | "1") => {
                let is_number = literal.starts_with(|c: char| c.is_ascii_digit());
                literals.push(if is_number {
                    literal.replace('_', "")
                } else {
                    without_names(literal)
                });
            }
            Token::Word(word) => reader.word = word,
            Token::Attribute("#[cfg(test)]") => reader.skip_item(),
            Token::Sign('(' | '!') => {}
            _ => reader.word = "",
        }
    }
    literals
}

/// A string without the names in it that are formatted into it: `{LIMIT}` is `{}`.
fn without_names(literal: &str) -> String {
    let mut parts = literal.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_name = part.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let of_name = |c: char| is_name && (c.is_alphanumeric() || c == '_');
        text.push('{');
        text.push_str(part.trim_start_matches(of_name));
    }
    text
}

enum Token<'s> {
    Literal(&'s str),
    Word(&'s str),
    Attribute(&'s str),
    Sign(char),
}

struct Reader<'s> {
    rest: &'s str,
    /// The last word, if nothing but `(` or `!(` follows it.
    word: &'s str,
}

impl<'s> Reader<'s> {
    fn token(&mut self) -> Option<Token<'s>> {
        loop {
            self.rest = self.rest.trim_start();
            let comment = match self.rest.get(..2) {
                Some("//") => self.rest.find('\n').unwrap_or(self.rest.len()),
                Some("/*") => self.rest.find("*/").map_or(self.rest.len(), |end| end + 2),
                _ => break,
            };
            self.take(comment);
        }
        let first = self.rest.chars().next()?;
        let next = self.rest[first.len_utf8()..].chars().next();
        Some(match first {
            '"' => Token::Literal(self.quoted(0, '"')),
            'b' if next == Some('"') => Token::Literal(self.quoted(1, '"')),
            'b' if next == Some('\'') => Token::Literal(self.quoted(1, '\'')),
            'r' | 'b' if self.raw_hashes().is_some() => Token::Literal(self.raw()),
            '\'' if self.is_char() => Token::Literal(self.quoted(0, '\'')),
            '#' if matches!(next, Some('[' | '!')) => Token::Attribute(self.attribute()),
            '0'..='9' => Token::Literal(self.number()),
            c if c.is_alphabetic() || c == '_' => {
                let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
                Token::Word(self.take(end.unwrap_or(self.rest.len())))
            }
            c => {
                self.take(c.len_utf8());
                Token::Sign(c)
            }
        })
    }

    fn take(&mut self, bytes: usize) -> &'s str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }

    /// A literal between quotes, which has so many letters before the first.
    fn quoted(&mut self, letters: usize, quote: char) -> &'s str {
        let mut escaped = false;
        let end = self.rest[letters + 1..].find(|c: char| {
            let is_end = c == quote && !escaped;
            escaped = c == '\\' && !escaped;
            is_end
        });
        self.take(letters + 2 + end.expect("an end of a literal"))
    }

    /// How many `#` a raw string has, if one is next.
    fn raw_hashes(&self) -> Option<usize> {
        let rest = self.rest.strip_prefix('b').unwrap_or(self.rest);
        let rest = rest.strip_prefix('r')?;
        let quote = rest.find(|c| c != '#')?;
        rest[quote..].starts_with('"').then_some(quote)
    }

    fn raw(&mut self) -> &'s str {
        let hashes = self.raw_hashes().unwrap_or_default();
        let start = self.rest.find('"').expect("a quote") + 1;
        let end = format!("\"{}", "#".repeat(hashes));
        let length = self.rest[start..].find(&end).expect("an end of a literal");
        self.take(start + length + end.len())
    }

    /// Whether a character is next, rather than a lifetime.
    fn is_char(&self) -> bool {
        let mut chars = self.rest.chars().skip(1);
        chars.next() == Some('\\') || chars.next() == Some('\'')
    }

    fn number(&mut self) -> &'s str {
        let bytes = self.rest.as_bytes();
        let mut end = 0;
        while let Some(byte) = bytes.get(end) {
            // `1.5` is a number, `1..5` two.
            let is_point = *byte == b'.' && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
            if !(byte.is_ascii_alphanumeric() || *byte == b'_' || is_point) {
                break;
            }
            end += 1;
        }
        self.take(end)
    }

    fn attribute(&mut self) -> &'s str {
        let mut depth = 0;
        let end = self.rest.find(|c| {
            depth += i32::from(c == '[') - i32::from(c == ']');
            c == ']' && depth == 0
        });
        self.take(end.expect("an end of an attribute") + 1)
    }

    /// Skips what stands between the next braces.
    fn skip_item(&mut self) {
        let mut depth = 0;
        while let Some(token) = self.token() {
            match token {
                Token::Sign('{') => depth += 1,
                Token::Sign('}') if depth == 1 => return,
                Token::Sign('}') => depth -= 1,
                _ => {}
            }
        }
    }
}

#[test]
fn literals_are_found_whatever_stands_around_them() {
    let source = r##"
//! "a comment"
#[derive(Debug)]
const NAMES: &[&str] = &["one {NAME:?}", /* "no" */ r"t\wo", b"\"three"];
fn find<'a>(text: &'a str) -> bool {
    text.len() > 1_000 && (0..20).contains(&1) || text.starts_with(['\'', 'x']) || 0.75 > 1.
}
static KEYS: Keys = Keys::new().expect("no rule").or(Err(KeyError("none"))).or(panic!("no"));
#[cfg(test)]
mod tests {
    const IGNORED: &str = "{ \" }";
}
const LAST: u32 = 0x10;
"##;
    let expected = [
        r#""one {:?}""#,
        r#"r"t\wo""#,
        r#"b"\"three""#,
        "1000",
        "20",
        r"'\''",
        "'x'",
        "0.75",
        "0x10",
    ];
    assert_eq!(of(source), expected);
}
