//! The made-up documents: 100 sections of prose (Markdown, HTML, PDF), 50 of source code, 50 tables.

use std::fmt::Write as _;

use crate::made_pdf::made_pdf;

/// A document as it is written to a file.
pub(super) struct MadeDocument {
    pub(super) name: &'static str,
    /// `prose`, `code` or `tables`.
    pub(super) kind: &'static str,
    pub(super) bytes: Vec<u8>,
    pub(super) sections: Vec<MadeSection>,
}

/// A section, and a question that it answers.
pub(super) struct MadeSection {
    /// Words that stand nowhere else, on one line.
    pub(super) needle: String,
    pub(super) question: String,
    /// Of PDF.
    pub(super) page: Option<u32>,
    /// Of HTML.
    pub(super) anchor: Option<String>,
}

/// Ten places, each with a person and a number.
const PLACES: [(&str, &str, u32); 10] = [
    ("Tessow", "Ilse Brand", 31),
    ("Harnholm", "Jorn Petersen", 14),
    ("Quellau", "Maud Ferrer", 22),
    ("Osterby", "Klaas Reimers", 9),
    ("Lindwerder", "Agnes Thole", 17),
    ("Veldrup", "Ruben Sander", 26),
    ("Marienkoog", "Tilda Voss", 12),
    ("Arnsfleet", "Henk Boysen", 38),
    ("Dornum", "Lotte Karst", 7),
    ("Sandhagen", "Emil Rohde", 44),
];

/// Ten subjects: a heading, what is said (`{place}`, `{person}`, `{n}`), and a question in other words.
const SUBJECTS: [(&str, &str, &str); 10] = [
    (
        "Crossing rules",
        "The ferry at {place} stays moored once gusts pass {n} knots; {person} then hoists a black cone.",
        "How strong must the wind blow before boats don't leave {place}?",
    ),
    (
        "Bakehouse",
        "In {place} the dough rests for {n} hours in the cellar before {person} fires the oven.",
        "How long is the bread mixture left alone in {place}?",
    ),
    (
        "Reading room",
        "Borrowers in {place} may keep a volume for {n} days, and {person} writes the date on a slip.",
        "For how much time can somebody take a book home in {place}?",
    ),
    (
        "The spring",
        "Iron makes the spring of {place} brown; {person} lets a jug stand for {n} minutes first.",
        "Why does the drinking water have a rusty colour in {place}?",
    ),
    (
        "Mill wheel",
        "The flood tore {n} paddles off the wheel at {place}, which {person} carved anew from ash.",
        "Which harm did high water do to the mill in {place}?",
    ),
    (
        "Market stalls",
        "Pitches on the square of {place} are drawn by lot each spring, {n} of them; {person} keeps the urn.",
        "How are the spots for sellers given out in {place}?",
    ),
    (
        "Fire brigade",
        "Volunteers of the brigade in {place} get {n} marks for each call, paid out by {person}.",
        "What do helpers who put out blazes earn in {place}?",
    ),
    (
        "Hives",
        "{person} carts the {n} hives of {place} to the heath in August, when the heather blooms.",
        "Where do the bees spend the late summer at {place}?",
    ),
    (
        "Surgery",
        "The doctor, {person}, sees the sick of {place} on Tuesdays only, {n} of them in a morning.",
        "On which weekday can patients be examined in {place}?",
    ),
    (
        "Night watch",
        "A bell is rung {n} times at curfew in {place}, after which {person} bars the south gate.",
        "What signal tells people in {place} that the town is being shut for the evening?",
    ),
];

/// What stands around it and answers nothing.
const FILLERS: [&str; 6] = [
    "The account was copied from the parish book, whose first pages are lost.",
    "Older people tell it differently, and no two of them agree on the year.",
    "A drawing of it hangs in the hall beside the stairs.",
    "Travellers have mentioned it in their letters, mostly in passing.",
    "The council has spoken of changing this twice and let it be.",
    "Nobody remembers who began it, or for which reason.",
];

fn filled(text: &str, (place, person, n): (&str, &str, u32)) -> String {
    text.replace("{place}", place)
        .replace("{person}", person)
        .replace("{n}", &n.to_string())
}

/// All documents.
pub(super) fn documents() -> Vec<MadeDocument> {
    let mut all = vec![
        markdown("chronicle.md", &SUBJECTS[..3]),
        markdown("customs.md", &SUBJECTS[3..5]),
        html("gazette.html", &SUBJECTS[5..8]),
        pdf("survey.pdf", &SUBJECTS[8..]),
    ];
    all.extend(code());
    all.push(tables());
    all
}

fn prose(subject: &(&str, &str, &str), at: usize) -> (String, String, MadeSection) {
    let (heading, text, question) = subject;
    let place = PLACES[at];
    let needle = filled(text, place);
    let (before, after) = (FILLERS[at % 6], FILLERS[(at * 5 + 2) % 6]);
    let text = format!("{before} {needle} {after}");
    let made = MadeSection {
        needle,
        question: filled(question, place),
        page: None,
        anchor: None,
    };
    (format!("{heading} of {}", place.0), text, made)
}

fn markdown(name: &'static str, subjects: &[(&str, &str, &str)]) -> MadeDocument {
    let (mut text, mut sections) = (format!("# {name}\n\n"), Vec::new());
    for at in 0..PLACES.len() {
        for subject in subjects {
            let (heading, said, section) = prose(subject, at);
            let _ = write!(text, "## {heading}\n\n{said}\n\n");
            sections.push(section);
        }
    }
    MadeDocument {
        name,
        kind: "prose",
        bytes: text.into_bytes(),
        sections,
    }
}

fn html(name: &'static str, subjects: &[(&str, &str, &str)]) -> MadeDocument {
    let (mut text, mut sections) = (
        "<!doctype html><html><body><h1>Gazette</h1>".to_owned(),
        Vec::new(),
    );
    for at in 0..PLACES.len() {
        for subject in subjects {
            let (heading, said, mut section) = prose(subject, at);
            let anchor = heading.to_lowercase().replace(' ', "-");
            let _ = write!(text, "<h2 id=\"{anchor}\">{heading}</h2>\n<p>{said}</p>\n");
            section.anchor = Some(anchor);
            sections.push(section);
        }
    }
    text.push_str("</body></html>");
    MadeDocument {
        name,
        kind: "prose",
        bytes: text.into_bytes(),
        sections,
    }
}

fn pdf(name: &'static str, subjects: &[(&str, &str, &str)]) -> MadeDocument {
    let (mut pages, mut sections) = (Vec::new(), Vec::new());
    for at in 0..PLACES.len() {
        for subject in subjects {
            let (heading, said, mut section) = prose(subject, at);
            let mut lines = vec![(16, heading)];
            lines.extend(wrapped(&said).into_iter().map(|line| (11, line)));
            pages.push(lines);
            section.page = u32::try_from(pages.len()).ok();
            sections.push(section);
        }
    }
    MadeDocument {
        name,
        kind: "prose",
        bytes: made_pdf(&pages),
        sections,
    }
}

/// Lines as a page has them.
pub(super) fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        if lines
            .last()
            .is_some_and(|line| line.len() + word.len() > 80)
        {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
    }
    lines
}

/// What functions are about: the name in the code, and what a question calls it.
const THINGS: [(&str, &str); 5] = [
    ("invoice", "bill"),
    ("thumbnail", "small preview picture"),
    ("upload", "file that is being sent"),
    ("subscriber", "person on the mailing list"),
    ("shipment", "parcel on its way"),
];

/// What functions do: the name, the body, and what a question asks.
const DEEDS: [(&str, &str, &str); 10] = [
    (
        "retry_{t}",
        "    for attempt in range(5):\n        if send({t}):\n            return True\n        time.sleep(2 ** attempt)\n    return False",
        "Which routine tries a {q} again with growing pauses after a failure?",
    ),
    (
        "cached_{t}",
        "    if key not in STORE:\n        STORE[key] = load({t})\n    return STORE[key]",
        "Where is a {q} remembered so that it isn't loaded twice?",
    ),
    (
        "reject_empty_{t}",
        "    if not {t} or not {t}.strip():\n        raise ValueError('nothing in it')\n    return {t}",
        "What refuses a {q} without any content?",
    ),
    (
        "purge_old_{t}s",
        "    limit = now() - timedelta(days=30)\n    return [one for one in {t}s if one.created > limit]",
        "Which code throws away each {q} that is more than a month old?",
    ),
    (
        "sort_{t}s_by_size",
        "    return sorted({t}s, key=lambda one: one.bytes, reverse=True)",
        "How is the largest {q} put in front of the others?",
    ),
    (
        "merge_duplicate_{t}s",
        "    seen = {}\n    for one in {t}s:\n        seen.setdefault(one.digest, one)\n    return list(seen.values())",
        "What makes one of every {q} that occurs several times?",
    ),
    (
        "encrypt_{t}",
        "    nonce = os.urandom(12)\n    return nonce + AESGCM(key).encrypt(nonce, {t}, None)",
        "Which part makes a {q} unreadable to whoever lacks the secret?",
    ),
    (
        "throttle_{t}",
        "    wait = last + 1 / per_second - time.monotonic()\n    if wait > 0:\n        time.sleep(wait)",
        "What slows things down so that no {q} comes too soon after another?",
    ),
    (
        "notify_about_{t}",
        "    message = EmailMessage()\n    message['To'] = owner.address\n    smtp.send_message(message)",
        "Where does the owner get a mail concerning a {q}?",
    ),
    (
        "count_{t}s_per_day",
        "    counter = Counter(one.created.date() for one in {t}s)\n    return sorted(counter.items())",
        "How many of a {q} are there for every date, and what works that out?",
    ),
];

fn code() -> Vec<MadeDocument> {
    const NAMES: [&str; 5] = [
        "billing.py",
        "images.py",
        "transfer.py",
        "mailing.py",
        "logistics.py",
    ];
    let files = NAMES.iter().zip(THINGS).map(|(name, (thing, called))| {
        let (mut text, mut sections) = ("import os\nimport time\n\n\n".to_owned(), Vec::new());
        for (deed, body, question) in DEEDS {
            let head = format!("def {}({thing}, key=None):", deed.replace("{t}", thing));
            let _ = write!(text, "{head}\n{}\n\n\n", body.replace("{t}", thing));
            sections.push(MadeSection {
                needle: head,
                question: question.replace("{q}", called),
                page: None,
                anchor: None,
            });
        }
        MadeDocument {
            name,
            kind: "code",
            bytes: text.into_bytes(),
            sections,
        }
    });
    files.collect()
}

/// What tables hold: a heading, the columns, two rows, and a question.
const TABLES: [(&str, &str, &str); 5] = [
    (
        "Fares from {place}",
        "| Passenger | Price |\n|---|---|\n| Adult | {n} marks |\n| Child | free |",
        "What does a grown-up pay to travel from {place}?",
    ),
    (
        "Opening hours in {place}",
        "| Day | Hours |\n|---|---|\n| Monday | 8 to {n} |\n| Sunday | closed |",
        "Can one go shopping at the weekend in {place}?",
    ),
    (
        "Depths off {place}",
        "| Buoy | Fathoms |\n|---|---|\n| Red | {n} |\n| Green | 3 |",
        "How deep is the sea near {place}?",
    ),
    (
        "Crew of the {place} lifeboat",
        "| Duty | Name |\n|---|---|\n| Coxswain | {person} |\n| Oars | {n} men |",
        "Who steers the rescue vessel of {place}?",
    ),
    (
        "Harvest of {place}",
        "| Crop | Sacks |\n|---|---|\n| Rye | {n} |\n| Oats | 60 |",
        "How much grain was brought in at {place}?",
    ),
];

fn tables() -> MadeDocument {
    let (mut text, mut sections) = ("# Tables\n\n".to_owned(), Vec::new());
    for place in PLACES {
        for (heading, table, question) in TABLES {
            let (heading, table) = (filled(heading, place), filled(table, place));
            let _ = write!(
                text,
                "## {heading}\n\n{table}\n\nRecorded in {}.\n\n",
                heading.to_lowercase()
            );
            sections.push(MadeSection {
                needle: format!("Recorded in {}.", heading.to_lowercase()),
                question: filled(question, place),
                page: None,
                anchor: None,
            });
        }
    }
    MadeDocument {
        name: "tables.md",
        kind: "tables",
        bytes: text.into_bytes(),
        sections,
    }
}
