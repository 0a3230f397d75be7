//! Personal data: structured identifiers, decided by checksums, ranges, shapes and whole words
//! nearby.
//!
//! One pass over the bytes stops at words that hold a digit, at `@` and at colons; only there do
//! the recognisers look, each within bounds, so that the time is linear in the text whatever it
//! holds. What is only a run of digits is nothing by itself: its checksum and what the words around
//! it call it decide, and words that call it something else (`order`, `build`, `sku`) decide
//! against it.

use crate::finding::Finding;

mod bounds;

pub use bounds::{CONTEXT_LEFT_BYTES, CONTEXT_RIGHT_BYTES, MAX_FINDING_BYTES};

mod hit;
mod words;
mod terms;
mod context;
mod word;
mod number;
mod checksum;
mod email;
mod phone;
mod card;
mod iban;
mod network;
mod crypto;
mod us;
mod national;
mod document;
mod date;
mod address;
mod scan;

/// Which personal data is looked for: all of [`ENTITIES`] by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PiiOptions {
    /// `None` is all.
    entities: Option<Vec<&'static str>>,
}

/// The error of [`PiiOptions::only`]: a name that is none of [`ENTITIES`]; holds the name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown personal data `{0}`")]
pub struct UnknownEntity(pub String);

impl PiiOptions {
    /// Looks for these of [`ENTITIES`] only, such as `EMAIL_ADDRESS`; for nothing if `names` is empty.
    ///
    /// # Errors
    ///
    /// The first name that isn't one of them; upper and lower case count.
    pub fn only<T: AsRef<str>>(names: &[T]) -> Result<Self, UnknownEntity> {
        let known = |name: &T| {
            let found = ENTITIES.iter().find(|entity| **entity == name.as_ref());
            found
                .copied()
                .ok_or_else(|| UnknownEntity(name.as_ref().to_owned()))
        };
        let entities = names.iter().map(known).collect::<Result<_, _>>()?;
        Ok(Self {
            entities: Some(entities),
        })
    }
}

/// The names of all personal data that can be looked for, as findings ([`Finding::entity`]) and settings
/// use them, in the order of the alphabet.
pub const ENTITIES: &[&str] = &[
    "ABA_ROUTING_NUMBER",
    "AU_ABN",
    "AU_ACN",
    "AU_MEDICARE",
    "AU_TFN",
    "BE_NATIONAL_NUMBER",
    "BR_CNPJ",
    "BR_CPF",
    "CA_SIN",
    "CH_AHV",
    "CN_RESIDENT_ID",
    "CREDIT_CARD",
    "CRYPTO",
    "DATE_OF_BIRTH",
    "DE_HEALTH_INSURANCE",
    "DE_ID_CARD",
    "DE_SOCIAL_SECURITY",
    "DE_TAX_ID",
    "DK_CPR",
    "EMAIL_ADDRESS",
    "ES_NIE",
    "ES_NIF",
    "FI_PERSONAL_IDENTITY_CODE",
    "FR_NIR",
    "IBAN_CODE",
    "IN_AADHAAR",
    "IN_GSTIN",
    "IN_PAN",
    "IN_VOTER",
    "IP_ADDRESS",
    "IT_FISCAL_CODE",
    "KR_FRN",
    "KR_RRN",
    "MAC_ADDRESS",
    "MEDICAL_INSURANCE",
    "MEDICAL_LICENSE",
    "MEDICAL_RECORD",
    "NL_BSN",
    "NO_FODSELSNUMMER",
    "PASSPORT",
    "PHONE_NUMBER",
    "PL_PESEL",
    "PT_NIF",
    "SE_PERSONNUMMER",
    "SG_NRIC_FIN",
    "STREET_ADDRESS",
    "TH_TNIN",
    "TR_NATIONAL_ID",
    "UK_DRIVING_LICENCE",
    "UK_NHS",
    "UK_NINO",
    "US_BANK_NUMBER",
    "US_DRIVER_LICENSE",
    "US_ITIN",
    "US_MBI",
    "US_NPI",
    "US_PASSPORT",
    "US_SSN",
    "ZA_ID_NUMBER",
];

/// Whether what follows a number may make it an address, as far as there is text.
pub(crate) fn may_be_address(rest: &str) -> bool {
    address::may_follow(rest)
}

/// The names of all rules.
#[rustfmt::skip]
pub(crate) const RULES: &[&str] = &[
    "aba-routing", "au-abn", "au-acn", "au-medicare", "au-tfn", "bank-account",
    "be-national-number", "br-cnpj", "br-cpf", "ca-sin", "card-luhn", "ch-ahv",
    "cn-resident-id", "crypto-base58check", "crypto-bech32", "crypto-eip55", "crypto-ethereum", "date-of-birth",
    "de-health-insurance", "de-id-card", "de-social-security", "de-tax-id", "dk-cpr", "driver-license",
    "email", "es-nie", "es-nif", "es-nif-short", "fi-personal-identity-code", "fr-nir",
    "iban-mod97", "in-aadhaar", "in-gstin", "in-pan", "in-voter", "ipv4",
    "ipv6", "it-fiscal-code", "kr-frn", "kr-rrn", "mac", "medical-insurance",
    "medical-record", "nl-bsn", "no-fodselsnummer", "passport", "phone-context", "phone-grouped",
    "phone-international", "phone-likely", "pl-pesel", "pt-nif", "se-personnummer", "sg-nric-fin",
    "street-address", "th-tnin", "tr-national-id", "uk-driving-licence", "uk-nhs", "uk-nino",
    "us-dea", "us-itin", "us-mbi", "us-npi", "us-passport", "us-ssn",
    "us-ssn-called", "za-id-number",
];

/// The detector.
#[derive(Debug, Default)]
pub(crate) struct PiiGuard {
    options: PiiOptions,
}

impl PiiGuard {
    pub(crate) fn new(options: PiiOptions) -> Self {
        Self { options }
    }

    pub(crate) fn find(&self, text: &str, out: &mut Vec<Finding>) {
        let mut hits = Vec::new();
        scan::scan(text, &mut hits);
        if let Some(entities) = &self.options.entities {
            hits.retain(|hit| entities.contains(&hit.entity));
        }
        out.extend(hits.into_iter().map(Finding::from));
    }
}
