//! Whether a text is a document rather than something said to an assistant.

/// Shorter texts are no documents.
const MIN_DOCUMENT_BYTES: usize = 100;
/// Only so many lines are looked at.
const MAX_LINES: usize = 400;

/// Openings of lines, or of fields between bars, that mails and other records have.
const FIELD_NAMES: &[&str] = &[
    "subject:",
    "from:",
    "to:",
    "cc:",
    "date:",
    "sent:",
    "content:",
    "email_from:",
    "received date:",
    "reply-to:",
    "betreff:",
    "von:",
    "an:",
    "gesendet:",
    "objet:",
    "asunto:",
    "de:",
    "para:",
    "message-id:",
    "title:",
    "body:",
    "url:",
    "author:",
    "published:",
];

/// What people write at the start or the end of a letter, and what stands below a mass mail.
const LETTER_OPENINGS: &[&str] = &[
    "hi ",
    "hello ",
    "dear ",
    "hey ",
    "good morning",
    "hallo ",
    "liebe ",
    "bonjour ",
    "hola ",
];
const LETTER_CLOSINGS: &[&str] = &[
    "regards",
    "sincerely",
    "thanks,",
    "thank you,",
    "thanks!",
    "best,",
    "cheers,",
    "yours truly",
    "unsubscribe",
    "privacy policy",
    "sent from my",
    "all rights reserved",
    "grüße",
    "the team",
    " team\n",
    "cordialement",
    "saludos",
    "reply to this email",
    "view in browser",
    "wrote:",
    "do not reply",
    "you are receiving",
    "click here",
    "attached",
    "contact us",
    "contact support",
];

/// Openings of lines of code, of what a program says of its errors, and of logs.
const CODE_SIGNS: &[&str] = &[
    "import ",
    "from ",
    "def ",
    "class ",
    "return ",
    "return;",
    "if ",
    "for ",
    "while ",
    "#include",
    "public ",
    "private ",
    "function ",
    "const ",
    "let ",
    "var ",
    "fn ",
    "use ",
    "print(",
    "traceback",
    "file \"",
    "try:",
    "except",
    "else:",
    "elif ",
    "}",
    "{",
    "//",
    "/*",
    "* ",
    "select ",
    "insert ",
    "package ",
    "async ",
    "await ",
    "assert ",
    "raise ",
    "with ",
    "@",
    "at ",
    "```",
    "npm ",
    "pip ",
    "$ ",
    "console.",
    "self.",
    "error:",
    "warning:",
    "export ",
    "struct ",
    "impl ",
    "#!",
    "echo ",
    "<?php",
    "printf",
    "end",
    "data = ",
];

/// The sorts of documents that are told apart.
pub(super) enum DocumentSort {
    /// A letter or a mail.
    Letter,
    /// Code and what programs say.
    Code,
    /// A table or a page.
    Table,
}

/// What sort of document a normalised text looks like, if it looks like one.
pub(super) fn sort_of(text: &str) -> Option<DocumentSort> {
    if text.len() < MIN_DOCUMENT_BYTES {
        None
    } else if is_letter(text) {
        Some(DocumentSort::Letter)
    } else if is_code(text) {
        Some(DocumentSort::Code)
    } else {
        is_table_or_page(text).then_some(DocumentSort::Table)
    }
}

fn is_letter(text: &str) -> bool {
    let parts = text.split(['\n', '|']).take(MAX_LINES).map(str::trim_start);
    let fields = parts.filter(|part| FIELD_NAMES.iter().any(|field| part.starts_with(field)));
    if fields.count() >= 2 {
        return true;
    }
    let greets = text.split(['\n', '|']).take(MAX_LINES).any(|line| {
        let line = line
            .trim_start()
            .trim_start_matches(|c: char| !c.is_alphabetic());
        let is_greeting = LETTER_OPENINGS.iter().any(|word| line.starts_with(word));
        is_greeting && line.find(',').is_some_and(|comma| comma < 40)
    });
    let closes = LETTER_CLOSINGS
        .iter()
        .filter(|word| text.contains(**word))
        .count();
    closes >= 3 || (greets && closes >= 1)
}

fn is_code(text: &str) -> bool {
    let (mut lines, mut code) = (0, 0);
    for line in text
        .lines()
        .take(MAX_LINES)
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        lines += 1;
        let opens = CODE_SIGNS.iter().any(|word| line.starts_with(word));
        let ends = line.ends_with([';', '{', '}', ')', ',', '(', '[', ']'])
            || (line.ends_with(':') && line.contains('('));
        let assigns = line.contains(" = ") || line.contains(" == ") || line.contains("()");
        code += usize::from((opens && !line.ends_with(['.', '?', '!'])) || ends || assigns);
    }
    lines >= 5 && code * 10 >= lines * 4
}

fn is_table_or_page(text: &str) -> bool {
    let lines = || text.lines().take(MAX_LINES);
    let rows = lines()
        .filter(|line| line.matches(['|', '\t']).count() >= 2)
        .count();
    let tags = text.matches("</").take(4).count();
    rows >= 3 || tags >= 3
}
