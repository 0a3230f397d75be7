//! What a value looks like: chosen by chance, written by a person, or a stand-in for a real one.

/// For each letter, those that follow it in nine of ten pairs of letters within the words and names
/// that people write. Four of ten pairs within random letters are among them.
const LETTER_PAIRS: [&[u8]; 26] = [
    b"bcdfgiklmnprstuvwxy",
    b"abeilorsuy",
    b"acehiklorstuy",
    b"adeilorstu",
    b"abcdefgilmnopqrstvwxy",
    b"aefilorstu",
    b"aehilnorsu",
    b"aeiort",
    b"abcdefglmnoprstvxz",
    b"aou",
    b"eis",
    b"acdeilopstuy",
    b"abeilmopsu",
    b"acdefgiklnopstuv",
    b"abcdfgiklmnoprstuvw",
    b"acehiloprstuy",
    b"u",
    b"acdefgiklmnoprstuy",
    b"acdehiklmopstuy",
    b"acdefhilmnoprstuy",
    b"abcdefilmnprst",
    b"aei",
    b"aeinors",
    b"ceipt",
    b"npst",
    b"e",
];

/// What a stand-in has in it, in lower case.
const STAND_INS: &[&[u8]] = &[
    b"example",
    b"placeholder",
    b"dummy",
    b"changeme",
    b"change_me",
    b"change-me",
    b"changeit",
    b"your_",
    b"your-",
    b"yourapi",
    b"yourtoken",
    b"yoursecret",
    b"yourpass",
    b"yourkey",
    b"my_",
    b"my-",
    b"mysecret",
    b"mypass",
    b"mytoken",
    b"myapi",
    b"insert",
    b"replace",
    b"redacted",
    b"masked",
    b"sample",
    b"notreal",
    b"not-real",
    b"not_real",
    b"notasecret",
    b"foobar",
    b"lorem",
    b"secret_here",
    b"key_here",
    b"token_here",
    b"goes_here",
    b"goes-here",
    b"-here",
    b"_here",
    b"hidden",
    b"omitted",
    b"removed",
    b"censored",
    b"undefined",
    b"invalid",
    b"fake",
    b"mock",
    b"todo",
    b"fixme",
    b"testtest",
    b"abc123",
    b"deadbeef",
    b"asdf",
    b"qwerty",
    b"not-a-",
    b"none",
    b"null",
];

/// Stand-ins that a long random value has in it too seldom to matter.
const LONG_STAND_INS: &[&[u8]] = &[
    b"example",
    b"placeholder",
    b"dummy",
    b"changeme",
    b"change_me",
    b"change-me",
    b"redacted",
    b"yourapi",
    b"your_",
    b"your-",
    b"insert",
    b"replace",
    b"sample",
    b"notreal",
    b"deadbeef",
    b"_here",
    b"-here",
    b"foobar",
    b"token_",
    b"secret_",
    b"password",
];

/// Passwords of test beds, and words that stand where a password would.
const WEAK_PASSWORDS: &[&str] = &[
    "",
    "a",
    "abc",
    "admin",
    "administrator",
    "alice",
    "app",
    "bar",
    "baz",
    "bob",
    "default",
    "dev",
    "demo",
    "false",
    "foo",
    "guest",
    "hello",
    "key",
    "letmein",
    "local",
    "login",
    "lorekeep",
    "mongo",
    "mypassword",
    "mysql",
    "no",
    "none",
    "null",
    "optional",
    "oracle",
    "p",
    "pass",
    "passphrase",
    "passw",
    "passwd",
    "password",
    "passwort",
    "postgres",
    "postgresql",
    "prod",
    "prompt",
    "pw",
    "pwd",
    "pswd",
    "rabbitmq",
    "readonly",
    "redis",
    "required",
    "root",
    "sa",
    "scott",
    "secret",
    "something",
    "string",
    "tiger",
    "temp",
    "test",
    "tester",
    "testing",
    "token",
    "true",
    "user",
    "username",
    "value",
    "welcome",
    "x",
    "xyz",
    "yes",
    "z",
    "pa$$word",
    "p@ssword",
    "p@ssw0rd",
    "passw0rd",
    "s3cr3t",
    "supersecret",
    "topsecret",
    "mysecret",
    "secretpassword",
    "testpassword",
    "password1",
    "userpass",
    "userpassword",
    "testpass",
    "newpass",
    "oldpass",
    "newpassword",
    "oldpassword",
    "adminpass",
    "adminpassword",
    "rootpass",
    "rootpassword",
    "dbpass",
    "dbpassword",
];

/// Counts of the sorts of bytes in a value.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sorts {
    pub length: usize,
    pub lower: usize,
    pub upper: usize,
    pub digits: usize,
    /// Neither letter nor digit nor any of `_-.`, nor a blank.
    pub symbols: usize,
    pub blanks: usize,
}

impl Sorts {
    /// Those of a value.
    pub(super) fn of(value: &[u8]) -> Self {
        let mut sorts = Self {
            length: value.len(),
            ..Self::default()
        };
        for byte in value {
            match byte {
                b'a'..=b'z' => sorts.lower += 1,
                b'A'..=b'Z' => sorts.upper += 1,
                b'0'..=b'9' => sorts.digits += 1,
                b'_' | b'-' | b'.' => {}
                b' ' | b'\t' => sorts.blanks += 1,
                _ => sorts.symbols += 1,
            }
        }
        sorts
    }

    pub(super) fn letters(self) -> usize {
        self.lower + self.upper
    }

    /// How many of lower case, upper case, digits and symbols there are.
    pub(super) fn classes(self) -> usize {
        let counts = [self.lower, self.upper, self.digits, self.symbols];
        counts.iter().filter(|count| **count > 0).count()
    }
}

/// Shannon's entropy of a value's bytes, in bits per byte.
pub(super) fn entropy(value: &[u8]) -> f32 {
    let mut counts = [0u16; 256];
    for byte in value.iter().take(4096) {
        counts[usize::from(*byte)] += 1;
    }
    let total = value.len().min(4096) as f32;
    let terms = counts.iter().filter(|count| **count > 0).map(|count| {
        let share = f32::from(*count) / total;
        -share * share.log2()
    });
    terms.sum()
}

/// The share of pairs of letters that words have, and how many pairs there are. A change from lower
/// to upper case starts a new word.
pub(super) fn wordiness(value: &[u8]) -> (f32, usize) {
    let (mut pairs, mut known) = (0, 0);
    for pair in value.windows(2) {
        let [first, second] = [pair[0], pair[1]];
        let is_border = first.is_ascii_lowercase() && second.is_ascii_uppercase();
        if !first.is_ascii_alphabetic() || !second.is_ascii_alphabetic() || is_border {
            continue;
        }
        pairs += 1;
        let row = LETTER_PAIRS[usize::from(first.to_ascii_lowercase() - b'a')];
        known += usize::from(row.contains(&second.to_ascii_lowercase()));
    }
    (known as f32 / pairs.max(1) as f32, pairs)
}

/// Whether a value is made of words rather than by chance.
pub(super) fn is_wordy(value: &[u8]) -> bool {
    let (share, pairs) = wordiness(value);
    // Letters that stand alone between digits are no words, whatever they are.
    if pairs * 5 < value.len() * 2 || scattered(value) >= 3 {
        return false;
    }
    let needed = match pairs {
        0..=3 => return false,
        4..=7 => 0.95,
        8..=15 => 0.8,
        16..=31 => 0.72,
        _ => 0.68,
    };
    share >= needed
}

/// How often digits stand between letters.
fn scattered(value: &[u8]) -> usize {
    let groups = value.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit());
    let groups: usize = groups.filter(|group| group[0].is_ascii_digit()).count();
    let ends = [value.first(), value.last()];
    let outer = ends.into_iter().flatten().filter(|b| b.is_ascii_digit());
    groups.saturating_sub(outer.count())
}

/// Whether a value stands in for a real one: `xxxx`, `<token>`, `your-key`, `AKIA…EXAMPLE`.
pub(super) fn stands_in(value: &[u8]) -> bool {
    let words = if value.len() >= 20 {
        LONG_STAND_INS
    } else {
        STAND_INS
    };
    is_template(value) || is_monotonous(value) || has_any(value, words)
}

/// Words that ask for a value, whatever stands around them.
const ASKING_WORDS: &[&[u8]] = &[
    b"your",
    b"example",
    b"change",
    b"replace",
    b"insert",
    b"placeholder",
    b"here",
    b"redacted",
    b"sample",
];

/// Whether a value is a template, repeats itself or asks for another.
pub(super) fn is_stand_in_of_any_length(value: &[u8]) -> bool {
    is_template(value) || is_monotonous(value) || has_any(value, ASKING_WORDS)
}

/// Whether a key's own part, without what it begins with, is one that nobody was given.
pub(super) fn is_unreal(value: &[u8]) -> bool {
    is_monotonous(value) || has_any(value, LONG_STAND_INS)
}

/// Whether a value is a password that only test beds have.
pub(super) fn is_weak(value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else {
        return false;
    };
    let lower = text.to_ascii_lowercase();
    let stem = lower.trim_end_matches(|c: char| c.is_ascii_digit() || "!@#$%^&*.-_".contains(c));
    let stem = stem.trim_start_matches(|c: char| c.is_ascii_digit() || "!@#$%^&*.-_".contains(c));
    WEAK_PASSWORDS.contains(&lower.as_str()) || (stem.len() >= 3 && WEAK_PASSWORDS.contains(&stem))
}

fn has_any(value: &[u8], words: &[&[u8]]) -> bool {
    let lower = value.to_ascii_lowercase();
    let finds = |word: &&[u8]| memchr::memmem::find(&lower, word).is_some();
    words.iter().any(finds)
}

/// Whether a value is a variable, a template's hole or a mark that something was left out.
fn is_template(value: &[u8]) -> bool {
    let has = |mark: &[u8]| memchr::memmem::find(value, mark).is_some();
    let first = value.first().copied().unwrap_or_default();
    let second = value.get(1).copied().unwrap_or_default();
    let variable = first == b'$'
        && (second == b'{' || second == b'(' || second.is_ascii_alphabetic() || second == b'_')
        && value.iter().filter(|b| **b == b'$').count() == 1
        && !value.iter().any(|b| b"!@#^&*".contains(b));
    variable
        || (first == b'<' && value.contains(&b'>'))
        || (matches!(first, b'{' | b'[' | b'(' | b'|') && is_bracketed(value))
        || (first == b'%' && value.last() == Some(&b'%'))
        || (first == b'%' && matches!(second, b's' | b'd' | b'v' | b'(' | b'q'))
        || [
            &b"{{"[..],
            b"${",
            b"$(",
            b"#{",
            b"<%",
            b"...",
            b"***",
            b"@{",
            b"{}",
            b"((",
        ]
        .into_iter()
        .any(has)
        || has("…".as_bytes())
        || has("•".as_bytes())
}

/// Whether what begins with a bracket is one's contents rather than a value that begins so.
fn is_bracketed(value: &[u8]) -> bool {
    let closes = value.iter().any(|b| b"}])".contains(b));
    closes || value.len() < 8 || !value.iter().any(u8::is_ascii_digit)
}

/// Whether a value repeats itself or counts up: `xxxxxxxx`, `00000000`, `abcdefgh`, `12345678`.
///
/// Where only a part does and the rest is long and varied, the rest is a secret all the same: a
/// token may begin with a number such as 123456789012.
fn is_monotonous(value: &[u8]) -> bool {
    let (mut same, mut rising) = (1, 1);
    let mut varied_from = 0;
    let mut has_run = false;
    for (at, pair) in value.windows(2).enumerate() {
        same = if pair[0] == pair[1] { same + 1 } else { 1 };
        rising = if pair[0].wrapping_add(1) == pair[1] || (pair[0], pair[1]) == (b'9', b'0') {
            rising + 1
        } else {
            1
        };
        let most = match pair[1] {
            b'x' | b'X' => 4,
            b'*' | b'.' | b'?' => 3,
            // Zeros in base64.
            b'A' => 12,
            _ => 8,
        };
        if same >= most || rising >= 7 {
            let run = at + 2 - same.max(rising);
            if is_varied(value.get(varied_from..run).unwrap_or_default()) {
                return false;
            }
            has_run = true;
            varied_from = at + 2;
        }
    }
    if has_run {
        return !is_varied(&value[varied_from..]);
    }
    distinct(value) < value.len().min(24) / 4 + 1
}

/// Whether bytes are long and varied enough to be a secret by themselves.
fn is_varied(bytes: &[u8]) -> bool {
    bytes.len() >= 20 && distinct(bytes) >= 12
}

fn distinct(bytes: &[u8]) -> usize {
    let mut seen = [false; 256];
    bytes.iter().for_each(|b| seen[usize::from(*b)] = true);
    seen.iter().filter(|seen| **seen).count()
}

/// Whether a value is a UUID.
pub(super) fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether a value is all hexadecimal digits.
pub(super) fn is_hex(value: &[u8]) -> bool {
    value.iter().all(u8::is_ascii_hexdigit)
}

/// Whether letters are words joined by `_` or `-`.
pub(super) fn is_made_of_words(own: &[u8]) -> bool {
    let sorts = Sorts::of(own);
    let (share, pairs) = wordiness(own);
    sorts.digits == 0 && pairs >= 10 && share > 0.75
}

/// Whether a value is a name of several words.
pub(super) fn is_name(value: &[u8]) -> bool {
    let sorts = Sorts::of(value);
    sorts.digits * 8 < sorts.length
        && value.iter().any(|b| matches!(b, b'_' | b'-'))
        && is_wordy(value)
}
