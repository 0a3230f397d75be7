//! Texts that hold an example of any rule of secrets and personal data anywhere, beside and within one
//! another; the fuzz targets read this file too.

use std::sync::LazyLock;

/// Personal data of every entity, each with the words that it is known by.
const PERSONAL: &[&str] = &[
    "mira.holm+news@post.example.org",
    "so: +44 20 7946 0018 is it",
    "Tel: 785 8949",
    "call me at 2125550147 tonight or write",
    "Office 555 0147, fax 555 0148",
    "my card: 4104332181960018",
    "4104 3321 8196 0018 12/29 123",
    "IBAN DE16 2004 1133 0123 4567 89",
    "routing number 014294019",
    "bank account number: 00123456789",
    "from 203.0.113.77 port 22",
    "[2001:db8::7f3a]:443",
    "3C-22-FB-A0-11-9E",
    "3c22.fba0.119e",
    "1EtiuiRsvgRv5bo7eLChK83DHVTQFaNupP",
    "wallet 0x7b1e03d94af2c8560e1b9ad7f3c462085de91fa3",
    "SSN: 123-45-6780",
    "my social security number is 219099123",
    "ITIN 912-72-4321",
    "NPI 1457655698",
    "Medicare 3XY7-PQ4-RT56",
    "DEA number BK1234563",
    "passport C12345678",
    "passport number PA1234567",
    "driver's license number D1234567",
    "driving licence MORGA657100SM9IJ",
    "MRN: 00482915",
    "member id XYZ123456789",
    "NHS number 487 434 8734",
    "NI number AB 12 34 56 C",
    "PESEL 85041255646",
    "personnummer 810612-4178",
    "BSN: 200499154",
    "rijksregisternummer 85.04.12-123.69",
    "Steuer-ID 56 123 478 993",
    "Krankenversichertennummer A123456780",
    "Personalausweis T22000129",
    "Sozialversicherungsnummer 15070649C001",
    "756.2966.8516.12",
    "1 85 04 75 123 456 57",
    "NIF 239822587",
    "TC kimlik no 83096520744",
    "DNI 54782913H",
    "Y4782913-P",
    "codice fiscale VRDLGU85D12F205K",
    "hetu 120485-3218",
    "CPR 120485-1000",
    "fødselsnummer 12048551694",
    "Aadhaar 7325 2175 2500",
    "ABCPK1234Z",
    "GSTIN 27ABCPK1234Z1Z0",
    "voter id ABC1234567",
    "RRN 850412-1234567",
    "FRN 850412-5234567",
    "Thai ID 3300335421689",
    "110105198504126184",
    "NRIC S7547812G",
    "ABN 89 334 721 228",
    "ACN 104 018 126",
    "tax file number 476650618",
    "Medicare card 2523 14913 5",
    "social insurance number 577 594 922",
    "CPF 995.562.053-65",
    "CNPJ 36.452.577/0001-81",
    "South African ID 8504125123086",
    "DOB: 04/12/1985",
    "geboren am 12. März 1985",
    "at 221 North Oak Street, Apt 4",
    "Hauptstraße 12",
];

/// What stands between and around, and tells rules what a number is or isn't.
const AROUND: &[&str] = &[
    " ",
    "\n",
    "",
    "\"",
    ", ",
    ": ",
    "=",
    "/",
    "-",
    ".",
    "@",
    "://",
    "\\n",
    "\r\n",
    "\t",
    "; ",
    "'",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "日本",
    "é",
    "the order number is ",
    "phone ",
    "password: ",
    "my ssn is ",
    " my number is ",
    "token=",
    "id ",
    "order ",
    "a word or two, ",
    "data:\n",
    "[masked:EMAIL_ADDRESS:1f0c93aa]",
    "password: [masked:PASSWORD:12345678]",
    "[masked:",
    "-----BEGIN PRIVATE KEY-----",
    "private-lines: 3",
    "plain words that say nothing at all. ",
];

/// What cuts a word in two and isn't seen.
pub(crate) const CUTS: &[&str] = &[
    "\0",
    "\u{8}",
    "\u{7f}",
    "\u{7}",
    "\r",
    "\u{1b}",
    "\u{200b}",
    "\u{200d}",
    "\u{2060}",
    "\u{ad}",
    "\u{feff}",
    "\u{202e}",
    "\u{2066}",
    "\u{fe0f}",
    "\u{e0041}",
    "\u{1b}[m\u{1b}[K",
    "\u{1b}[1;32m",
    "\u{9b}0m",
    "\u{1b}]0;a title\u{7}",
];

/// Chooses by numbers that somebody else chose, and by chance of its own once these are used up.
pub(crate) struct Choices<'a> {
    given: std::slice::Iter<'a, u8>,
    state: u64,
}

impl<'a> Choices<'a> {
    pub(crate) fn new(given: &'a [u8]) -> Self {
        let seed = given.iter().fold(0x2545_f491_4f6c_dd1d_u64, |seed, byte| {
            seed.wrapping_mul(0x100_0000_01b3) ^ u64::from(*byte)
        });
        Self {
            given: given.iter(),
            state: seed | 1,
        }
    }

    /// A number below another.
    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        let own = usize::try_from(self.state >> 33).unwrap_or(0);
        own % most.max(1)
    }

    fn next(&mut self) -> Option<usize> {
        self.given.next().map(|byte| usize::from(*byte))
    }

    fn of<'t, T: AsRef<str>>(&mut self, all: &'t [T]) -> &'t str {
        let nth = self.below(all.len());
        all[nth].as_ref()
    }
}

/// Every example.
#[cfg(test)]
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    SECRETS
        .iter()
        .map(String::as_str)
        .chain(PERSONAL.iter().copied())
}

static SECRETS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut choices = Choices::new(b"secrets");
    guard::secrets::examples(&mut |most| choices.below(most))
});

/// A text of examples and what may stand around them, each byte of `plan` a step.
pub(crate) fn text(plan: &[u8]) -> String {
    let mut choices = Choices::new(plan);
    let mut out = String::new();
    while let Some(step) = choices.next() {
        let part = match step % 8 {
            0..=1 => choices.of(&SECRETS),
            2..=3 => choices.of(PERSONAL),
            _ => choices.of(AROUND),
        };
        let inner = |choices: &mut Choices<'_>, text: &str| {
            let at = choices.below(text.len() + 1);
            text.floor_char_boundary(at)
        };
        match step / 8 % 8 {
            // Within what is there already, or only a part of it.
            0 => {
                let at = inner(&mut choices, &out);
                let near = out.len().saturating_sub(300);
                let at = out.floor_char_boundary(at.max(near));
                out.insert_str(at, part);
            }
            1 => out.push_str(&part[inner(&mut choices, part)..]),
            2 => out.push_str(&part[..inner(&mut choices, part)]),
            3 if step > 128 => {
                let at = inner(&mut choices, part);
                out.push_str(&part[..at]);
                out.push_str(choices.of(CUTS));
                out.push_str(&part[at..]);
            }
            _ => out.push_str(part),
        }
        if step >= 200 {
            out.push_str(choices.of(AROUND));
        }
    }
    out
}
