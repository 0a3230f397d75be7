//! What stands between the name of a secret and the secret in a sentence, in the languages that people
//! write in: `the password is …`, `a senha do banco é …`, `密码是…`.

/// Words that lead to the value, in lower case.
#[rustfmt::skip]
const VERBS: &[&str] = &[
    "is", "was", "are", "to", "be", "remains", "becomes",
    "ist", "lautet", "war", "heißt", "est", "était", "sera", "es", "era", "será", "é", "eh", "foi", "è", "sarà",
    "je", "jest", "będzie", "byl", "bylo", "er", "är", "var", "blir", "oli", "este", "va", "являет", "это", "є", "це",
    "είναι", "هي", "هو", "היא", "הוא", "है", "adalah", "ialah", "là", "คือ", "olarak", "budur", "şu", "az", "a következő",
    "set", "changed", "reset", "—", "–",
];

/// What follows a name at once in scripts that put no blank there, the longest first.
#[rustfmt::skip]
const PARTICLES: &[&str] = &[
    "就是", "应该是", "是", "为", "為", "设为", "は", "が", "を", "も", "는", "은", "이", "가", "를", "을", "คือ", "—", "–",
];

/// Whether a word leads to a value.
pub(super) fn is_verb(word: &[u8]) -> bool {
    let Ok(word) = std::str::from_utf8(word) else {
        return false;
    };
    let is_it = |verb: &&str| **verb == *word || word.to_lowercase() == **verb;
    VERBS.iter().any(is_it)
}

/// Bytes of the particle that a text begins with, 0 if with none.
pub(super) fn particle(text: &[u8]) -> usize {
    let found = PARTICLES
        .iter()
        .find(|particle| text.starts_with(particle.as_bytes()));
    found.map_or(0, |particle| particle.len())
}
