//! Personal data: what is found by its form and by what the words around it call it, and what isn't.

use guard::{Engine, EngineOptions, Finding, Kind, Kinds, pii};
use proptest::prelude::*;
use sha3::{Digest as _, Keccak256};

const PII: Kinds = Kinds::NONE.with(Kind::Pii);

fn find(text: &str) -> Vec<Finding> {
    Engine::default().find(text, PII)
}

/// Checks that exactly these are found.
fn check(text: &str, expected: &[(&str, &str)]) {
    let findings = find(text);
    let found: Vec<_> = findings
        .iter()
        .map(|finding| (finding.entity.as_ref(), finding.of(text)))
        .collect();
    assert_eq!(found, expected, "in {text:?}");
}

#[track_caller]
fn check_each(rows: &[(&str, &str, &str)]) {
    for (text, entity, value) in rows {
        check(text, &[(entity, value)]);
    }
}

#[test]
fn e_mail_addresses() {
    check_each(&[
        (
            "write to mira.holm+news@post.example.org.",
            "EMAIL_ADDRESS",
            "mira.holm+news@post.example.org",
        ),
        (
            "Mira Holm <mira_holm@example.co.uk>",
            "EMAIL_ADDRESS",
            "mira_holm@example.co.uk",
        ),
        (
            r#"{"to":"mira@example.com"}"#,
            "EMAIL_ADDRESS",
            "mira@example.com",
        ),
        (
            r"name\nmira@example.com\nend",
            "EMAIL_ADDRESS",
            "mira@example.com",
        ),
        (
            r"\u003cmira@example.com\u003e",
            "EMAIL_ADDRESS",
            "mira@example.com",
        ),
        (
            "mailto:mira@example.com?subject=hi",
            "EMAIL_ADDRESS",
            "mira@example.com",
        ),
        (
            "jörg@müller.example",
            "EMAIL_ADDRESS",
            "jörg@müller.example",
        ),
        (
            "a@xn--mller-kva.xn--p1ai",
            "EMAIL_ADDRESS",
            "a@xn--mller-kva.xn--p1ai",
        ),
    ]);
}

#[test]
fn what_has_an_at_sign_and_is_no_address() {
    for text in [
        "git clone git@example.com:team/repo.git",
        "postgres://app:pass@db.example.com/main",
        "npm i @scope/pkg left-pad@1.3.0",
        "icon@2x.png",
        "@app.route('/x')",
        "uses: actions/checkout@v4.1.1",
        "ssh root@buildhost",
        "Sent from noreply@example.com",
        "a@b",
        "x@.com and @@ and a@-b.com",
        "sshd@server.service",
    ] {
        check(text, &[]);
    }
}

#[test]
fn phones_by_their_form() {
    check_each(&[
        (
            "so: +44 20 7946 0018 is it",
            "PHONE_NUMBER",
            "+44 20 7946 0018",
        ),
        ("+4915123456789", "PHONE_NUMBER", "+4915123456789"),
        ("(+1 212-555-0147)", "PHONE_NUMBER", "+1 212-555-0147"),
        ("(+358) 501234567", "PHONE_NUMBER", "(+358) 501234567"),
        (
            "00 or 0049 30 1234567 then",
            "PHONE_NUMBER",
            "0049 30 1234567",
        ),
        ("(212) 555-0147", "PHONE_NUMBER", "(212) 555-0147"),
        ("212.555.0147x4821", "PHONE_NUMBER", "212.555.0147x4821"),
        ("001-212-555-0147", "PHONE_NUMBER", "001-212-555-0147"),
        ("01 42 68 53 00", "PHONE_NUMBER", "01 42 68 53 00"),
        ("(11) 98765-4321", "PHONE_NUMBER", "(11) 98765-4321"),
        ("07700 900123", "PHONE_NUMBER", "07700 900123"),
    ]);
}

#[test]
fn phones_by_what_they_are_called() {
    check_each(&[
        ("Tel: 785 8949", "PHONE_NUMBER", "785 8949"),
        ("my mobile is 5551234567", "PHONE_NUMBER", "5551234567"),
        (
            "call me at 2125550147 tonight or write",
            "PHONE_NUMBER",
            "2125550147",
        ),
        ("50-98-28-96-Office", "PHONE_NUMBER", "50-98-28-96"),
        ("71 82 93 04 fax", "PHONE_NUMBER", "71 82 93 04"),
        (
            "Rufen Sie mich unter 0431 350690 an",
            "PHONE_NUMBER",
            "0431 350690",
        ),
        ("Mein Handy: 01701234567", "PHONE_NUMBER", "01701234567"),
        ("Mi teléfono es 612345678", "PHONE_NUMBER", "612345678"),
        ("joignable au 0612345678", "PHONE_NUMBER", "0612345678"),
        ("電話番号：0312345678", "PHONE_NUMBER", "0312345678"),
        (
            r#"{"phoneNumber":"5551234567"}"#,
            "PHONE_NUMBER",
            "5551234567",
        ),
        ("contact_phone=5551234567", "PHONE_NUMBER", "5551234567"),
        ("order 99, phone 5551234567", "PHONE_NUMBER", "5551234567"),
        ("5551234567 is my new number", "PHONE_NUMBER", "5551234567"),
    ]);
    check(
        "Office 555 0147, fax 555 0148",
        &[("PHONE_NUMBER", "555 0147"), ("PHONE_NUMBER", "555 0148")],
    );
}

#[test]
fn cards_and_accounts() {
    check_each(&[
        (
            "pay with 4104332181960018 now",
            "CREDIT_CARD",
            "4104332181960018",
        ),
        ("5333-8908-3863-7941", "CREDIT_CARD", "5333-8908-3863-7941"),
        (
            "4104 3321 8196 0018 12/29 123",
            "CREDIT_CARD",
            "4104 3321 8196 0018",
        ),
        ("amex 3702 654235 11618", "CREDIT_CARD", "3702 654235 11618"),
        ("36559407816183", "CREDIT_CARD", "36559407816183"),
        ("my card: 675949593106", "CREDIT_CARD", "675949593106"),
        (
            "IBAN DE16 2004 1133 0123 4567 89",
            "IBAN_CODE",
            "DE16 2004 1133 0123 4567 89",
        ),
        ("to no9386011117947, please", "IBAN_CODE", "no9386011117947"),
        (
            "routing number 014294019",
            "ABA_ROUTING_NUMBER",
            "014294019",
        ),
        (
            "bank account number: 00123456789",
            "US_BANK_NUMBER",
            "00123456789",
        ),
    ]);
    for text in [
        "4104332181960019",
        "order number 4104332181960018",
        "DE17 2004 1133 0123 4567 89",
        "1700000000000",
        "014294019",
        "4111.1111.1111",
    ] {
        check(text, &[]);
    }
}

#[test]
fn machines() {
    check_each(&[
        ("from 203.0.113.77 port 22", "IP_ADDRESS", "203.0.113.77"),
        ("http://198.51.100.23:8080/x", "IP_ADDRESS", "198.51.100.23"),
        ("block 10.20.0.0/16 now", "IP_ADDRESS", "10.20.0.0/16"),
        ("[2001:db8::7f3a]:443", "IP_ADDRESS", "2001:db8::7f3a"),
        ("ip ::1", "IP_ADDRESS", "::1"),
        ("up 02:42:ac:11:00:9f", "MAC_ADDRESS", "02:42:ac:11:00:9f"),
        ("3C-22-FB-A0-11-9E", "MAC_ADDRESS", "3C-22-FB-A0-11-9E"),
        ("3c22.fba0.119e", "MAC_ADDRESS", "3c22.fba0.119e"),
    ]);
    for text in [
        "version 3.12.40.7",
        "Chrome/120.0.6099.71",
        "v8.21.30.44",
        "pkg==2.31.40.55",
        "listening on 127.0.0.1:8080 and 0.0.0.0",
        "mask 255.255.255.0",
        "std::vec::Vec a::b::c1",
        "12:34:56 1:2:3:4",
        "192.168.1.256 and 1.2.3.4.5",
        "ff:ff:ff:ff:ff:ff",
        "SHA1 aa:bb:cc:dd:ee:ff:00:11:22:33",
        "OID 2.5.4.42",
    ] {
        check(text, &[]);
    }
}

#[test]
fn crypto_addresses_by_their_checksums() {
    let lower = "7b1e03d94af2c8560e1b9ad7f3c462085de91fa3";
    let hash = Keccak256::digest(lower);
    let mixed: String = lower
        .chars()
        .enumerate()
        .map(|(at, c)| {
            let nibble = hash[at / 2] >> (4 * (1 - at % 2)) & 15;
            if nibble > 7 {
                c.to_ascii_uppercase()
            } else {
                c
            }
        })
        .collect();
    check(
        &format!("send to 0x{mixed}."),
        &[("CRYPTO", &format!("0x{mixed}"))],
    );
    check(
        &format!("wallet 0x{lower}"),
        &[("CRYPTO", &format!("0x{lower}"))],
    );
    check(&format!("word 0x{lower}"), &[]);
    let first = mixed.find(char::is_alphabetic).expect("it has letters");
    let mut flipped = mixed.into_bytes();
    flipped[first] ^= 0x20;
    let flipped = String::from_utf8(flipped).expect("it is ASCII");
    check(&format!("send to 0x{flipped}"), &[]);
    check_each(&[
        (
            "1EtiuiRsvgRv5bo7eLChK83DHVTQFaNupP",
            "CRYPTO",
            "1EtiuiRsvgRv5bo7eLChK83DHVTQFaNupP",
        ),
        (
            "bc1qv820wugv4drkdkl8u3hc9xajapwxxsqlckqdgs",
            "CRYPTO",
            "bc1qv820wugv4drkdkl8u3hc9xajapwxxsqlckqdgs",
        ),
    ]);
    check("1EtiuiRsvgRv5bo7eLChK83DHVTQFaNupQ", &[]);
    check("bc1qv820wugv4drkdkl8u3hc9xajapwxxsqlckqdgt", &[]);
}

#[test]
fn numbers_of_the_united_states() {
    check_each(&[
        ("SSN: 123-45-6780", "US_SSN", "123-45-6780"),
        ("it says 219-09-9123 there", "US_SSN", "219-09-9123"),
        (
            "my social security number is 219099123",
            "US_SSN",
            "219099123",
        ),
        ("ITIN 912-72-4321", "US_ITIN", "912-72-4321"),
        ("NPI 1457655698", "US_NPI", "1457655698"),
        ("Medicare 3XY7-PQ4-RT56", "US_MBI", "3XY7-PQ4-RT56"),
        ("DEA number BK1234563", "MEDICAL_LICENSE", "BK1234563"),
        ("passport C12345678", "US_PASSPORT", "C12345678"),
        (
            "driver's license number D1234567",
            "US_DRIVER_LICENSE",
            "D1234567",
        ),
        ("MRN: 00482915", "MEDICAL_RECORD", "00482915"),
        (
            "member id XYZ123456789",
            "MEDICAL_INSURANCE",
            "XYZ123456789",
        ),
    ]);
    for text in [
        "000-12-3456",
        "123-00-4567",
        "666-12-3456",
        "part 219-09-9123",
        "078-05-1120",
    ] {
        check(text, &[]);
    }
}

#[test]
fn numbers_of_other_countries() {
    check_each(&[
        ("NHS number 487 434 8734", "UK_NHS", "487 434 8734"),
        ("NI number AB 12 34 56 C", "UK_NINO", "AB 12 34 56 C"),
        ("PESEL 85041255646", "PL_PESEL", "85041255646"),
        ("personnummer 810612-4178", "SE_PERSONNUMMER", "810612-4178"),
        ("BSN: 200499154", "NL_BSN", "200499154"),
        (
            "rijksregisternummer 85.04.12-123.69",
            "BE_NATIONAL_NUMBER",
            "85.04.12-123.69",
        ),
        ("Steuer-ID 56 123 478 993", "DE_TAX_ID", "56 123 478 993"),
        ("756.2966.8516.12", "CH_AHV", "756.2966.8516.12"),
        ("1 85 04 75 123 456 57", "FR_NIR", "1 85 04 75 123 456 57"),
        ("NIF 239822587", "PT_NIF", "239822587"),
        ("TC kimlik no 83096520744", "TR_NATIONAL_ID", "83096520744"),
        ("DNI 54782913H", "ES_NIF", "54782913H"),
        ("Y4782913-P", "ES_NIE", "Y4782913-P"),
        (
            "codice fiscale VRDLGU85D12F205K",
            "IT_FISCAL_CODE",
            "VRDLGU85D12F205K",
        ),
        (
            "hetu 120485-3218",
            "FI_PERSONAL_IDENTITY_CODE",
            "120485-3218",
        ),
        ("Aadhaar 7325 2175 2500", "IN_AADHAAR", "7325 2175 2500"),
        ("ABCPK1234Z", "IN_PAN", "ABCPK1234Z"),
        ("RRN 850412-1234567", "KR_RRN", "850412-1234567"),
        ("Thai ID 3300335421689", "TH_TNIN", "3300335421689"),
        ("110105198504126184", "CN_RESIDENT_ID", "110105198504126184"),
        ("NRIC S7547812G", "SG_NRIC_FIN", "S7547812G"),
        ("ABN 89 334 721 228", "AU_ABN", "89 334 721 228"),
        ("tax file number 476650618", "AU_TFN", "476650618"),
        ("Medicare card 2523 14913 5", "AU_MEDICARE", "2523 14913 5"),
        (
            "social insurance number 577 594 922",
            "CA_SIN",
            "577 594 922",
        ),
        ("CPF 995.562.053-65", "BR_CPF", "995.562.053-65"),
        ("CNPJ 36.452.577/0001-81", "BR_CNPJ", "36.452.577/0001-81"),
        (
            "South African ID 8504125123086",
            "ZA_ID_NUMBER",
            "8504125123086",
        ),
        (
            "fødselsnummer 12048551694",
            "NO_FODSELSNUMMER",
            "12048551694",
        ),
    ]);
}

#[test]
fn births_and_streets() {
    check_each(&[
        ("DOB: 04/12/1985", "DATE_OF_BIRTH", "04/12/1985"),
        (
            "born on April 12, 1985 in Oslo",
            "DATE_OF_BIRTH",
            "April 12, 1985",
        ),
        ("geboren am 12. März 1985", "DATE_OF_BIRTH", "12. März 1985"),
        ("née le 12 avril 1985", "DATE_OF_BIRTH", "12 avril 1985"),
        (
            "at 221 North Oak Street, Apt 4",
            "STREET_ADDRESS",
            "221 North Oak Street, Apt 4",
        ),
        ("Hauptstraße 12", "STREET_ADDRESS", "Hauptstraße 12"),
        (
            "12 bis, rue de la Paix",
            "STREET_ADDRESS",
            "12 bis, rue de la Paix",
        ),
        ("Via Roma 7", "STREET_ADDRESS", "Via Roma 7"),
    ]);
    check("released on 04/12/1985", &[]);
    check("5 Things You Should Know", &[]);
}

/// What people and programs write in numbers that says nothing of anybody.
const HARMLESS: &[&str] = &[
    "The job ran from 1718000123 to 1718009876.",
    "Order #4821937465 has shipped.",
    "Your order number is 114-3948271-5529384.",
    "Invoice 20240017 is overdue by 30 days.",
    "Tracking: 9400 1118 9922 3847 2910 55",
    "Tracking number 1Z999AA10123456784",
    "The timestamp 1718000123456 is in milliseconds.",
    r#"{"id": 4821937465, "ts": 1718000123}"#,
    "2024-11-03T17:22:41.123456Z INFO worker 48213 started",
    "The meeting is on 11/03/2024 at 5:30 pm.",
    "It runs from 12.10.2024 to 24.12.2024.",
    "Version 12.4.31.2207 is out.",
    "Mozilla/5.0 Chrome/124.0.6367.91 Safari/537.36",
    "commit 8f14e45fceea167a5a36dedd4bea2543b1f2c3d4",
    "request 3f2504e0-4f89-41d3-9a0c-0305e82c3301 timed out",
    "SKU 482-193-7465 is out of stock.",
    "Part number 555-123-4567",
    "The model is 4821-9374.",
    "The population grew from 1,204,331 to 1,399,872.",
    "Revenue was $482,193,746.55.",
    "It costs 482 193 746 kr.",
    "Coordinates: 59.913869, 10.752245",
    "ISBN 978-3-16-148410-0",
    "ISSN 2049-3630",
    "doi:10.1000/182938475",
    "EAN 4006381333931",
    "Error 0x80070057 at 0x00007ff6a1b2c3d4",
    "listening on port 48213",
    "at main (/app/index.js:482:19)",
    "const MAX: u64 = 4821937465;",
    "pub const IOC_EXT_RING: u32 = 2148034053;",
    "assert_eq!(sum, 48219374655);",
    "memory usage 4821937465 bytes",
    "Build 20241103.4 failed.",
    "Ticket 4821937 was closed.",
    "Case number 24-048219",
    "Reservation code 482193746.",
    "The lottery numbers were 4 8 15 16 23 42.",
    "Pi is 3.14159265358979323846.",
    "Scores: 48-21, 93-74, 65-55",
    "The years 1914-1918 were dark.",
    "ZIP code 48219-3746",
    "PO Box 482193",
    "IMEI: 482193746555123",
    "We processed 482 193 746 rows in 55 ms.",
    "Downloaded 482193746 bytes",
    "The moon is 384 400 km away.",
    "Section 4.8.2.1 of the spec",
    "OID 1.3.6.1.4.1.4821.93",
    "Customer ID: 4821937465",
    "Transaction 4821937465551234 approved.",
    "Reference: 4821937465",
    "Serial number 482193746555",
    "S/N: 4821-9374-6555",
    "Product key 48219-37465-55123",
    "Gift card number 6006491234567890",
    "Patent US4821937B2",
    "-rw-r--r-- 1 root root 48219374 Jan 12 11:42 a-20241103.log",
    "backup_20241103_482193.tar.gz",
    "screenshot 2024-11-03 at 17.22.41.png",
    "width: 4821px; color: #482193;",
    "matrix: 482 193 7465; 551 23 4567",
    "call function 48219374 times",
    "Call stack depth 4821937",
    "We called the API 48219374 times.",
    "The call took 482193746 ns",
    "reach 4821937 users by next year",
    "Our goal is to reach 482 193 746 subscribers",
    "text length 4821937",
    "The phone costs 1299.99 dollars",
    "The phone model 4821-937 came out in 2019",
    "Mobile build 48219374",
    "cell 48 row 4821937",
    "contact id 482193746",
    "The number 482193746 is prime.",
    "The social post got 482193746 views",
    "account balance 482193746",
    "CVE-2024-48219",
    "docker run -p 4821:9374 img:48219374",
    "[482193.746555] usb 1-4: new device 4821",
    "loss: 0.48219374 step 482193",
    "Rechnung Nr. 4821937465 vom 3.11.2024",
    "Bestellnummer 482-1937465",
    "El pedido 482193746 llegó",
    "Numéro de facture 4821 9374 6555",
    "Aktenzeichen 48 219/37",
    "Kundennummer 482193746",
    "She ran 42.195 km in 3:48:21.",
    "Take bus 482 at 19.37 to stop 46555.",
    "Between 400 000 and 800 000 people",
    "Asset tag 482 193 7465",
    "Meter reading 482 193 746",
    "4821937465",
    "1718000123",
    "answer: 4821937465",
    "Shipment 4821 9374 6555 is on the way",
    "DHL 4821937465 arrives tomorrow",
    "Ticket number 220-4821937465",
    "CAS 48219-37-4",
    "the report id is RPT-482-193-7465",
    "Zoom meeting ID: 482 193 7465",
    "array_impls! { 01 02 03 04 05 06 07 08 09 10 }",
    "the pump number is 482-193-7465",
    "2024-2025 and 1999/2000",
];

#[test]
fn harmless_numbers_stay() {
    assert!(HARMLESS.len() >= 100);
    for text in HARMLESS {
        check(text, &[]);
    }
}

#[test]
fn only_whole_words_count() {
    check("phonetic 5551234567", &[]);
    check("telemetry 5551234567", &[]);
    check("cards4u 675949593106", &[]);
}

#[test]
fn each_number_goes_by_its_own_name() {
    check_each(&[
        (
            "My order is late, call me at 212-555-0147.",
            "PHONE_NUMBER",
            "212-555-0147",
        ),
        (
            "For ticket 48219 ask Ann, 212-555-0147",
            "PHONE_NUMBER",
            "212-555-0147",
        ),
        (
            "order 48219374 was paid with card 4104332181960018",
            "CREDIT_CARD",
            "4104332181960018",
        ),
        (
            "phone 212-555-0147, order 482-193-7465",
            "PHONE_NUMBER",
            "212-555-0147",
        ),
        (
            "Reservation for Mira Holm 212-555-0147",
            "PHONE_NUMBER",
            "212-555-0147",
        ),
    ]);
}

#[test]
fn a_caller_chooses_entities() {
    let options = EngineOptions {
        pii: pii::PiiOptions::only(&["EMAIL_ADDRESS"]).expect("it is one"),
        ..EngineOptions::default()
    };
    let text = "mira@example.com, phone 212-555-0147";
    let found = Engine::new(options).find(text, PII);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].entity, "EMAIL_ADDRESS");
    assert!(pii::PiiOptions::only(&["SHOE_SIZE"]).is_err());
}

#[test]
fn long_input_takes_no_more_than_its_share() {
    for piece in [
        "7",
        "1 ",
        "12-",
        "a@",
        "x.",
        ":",
        "1.",
        "(1)",
        "phone 5551234567 ",
        "4111 ",
        "1 Oak ",
        "\\n1",
        "é1",
    ] {
        let count = (1 << 18) / piece.len();
        let text = piece.repeat(count);
        for finding in find(&text) {
            assert!(finding.end - finding.start <= 320);
        }
    }
}

proptest! {
    #[test]
    fn any_text_gives_sound_findings(text in r"(\PC|[0-9@:.+()x -]|phone |\n){0,120}") {
        let engine = Engine::default();
        let findings = engine.find(&text, PII);
        for finding in &findings {
            prop_assert!(finding.start < finding.end);
            prop_assert!(text.is_char_boundary(finding.start) && text.is_char_boundary(finding.end));
            prop_assert!(finding.score > 0.0 && finding.score <= 1.0);
            prop_assert!(pii::ENTITIES.contains(&finding.entity.as_ref()));
        }
        for pair in findings.windows(2) {
            prop_assert!(pair[0].end <= pair[1].start);
        }
        prop_assert_eq!(findings, engine.find(&text, PII));
    }

    #[test]
    fn a_mask_covers_all_of_a_number_or_nothing(
        nth in 0..6_usize,
        marks in prop::collection::vec(0..7_usize, 8),
        around in 0..6_usize,
    ) {
        const VALUES: [&[&str]; 6] = [
            &["4487", "0859", "1932", "9966"],
            &["DE89", "3704", "0044", "0532", "0130", "00"],
            &["+49", "30", "901820"],
            &["+33", "6", "12", "34", "56", "78"],
            &["415", "555", "2671"],
            &["0176", "1234", "5678"],
        ];
        const MARKS: [&str; 7] = ["", " ", "-", ".", "\u{a0}", "\u{202f}", "  "];
        const AROUND: [&str; 6] = ["call _ now", "电话：_，谢谢", "card _", "IBAN _.", "(_)", "tel:_"];
        // One mark throughout, or that once changed for another.
        let mut value = String::new();
        for (at, part) in VALUES[nth].iter().enumerate() {
            let mark = if at == 2 { marks[1] } else { marks[0] };
            value.push_str(if at > 0 { MARKS[mark] } else { "" });
            value.push_str(part);
        }
        let text = AROUND[around].replace('_', &value);
        let start = text.find(&value).expect("the value");
        let own = start..start + value.len();
        let found = find(&text);
        let open: String = text
            .char_indices()
            .filter(|(at, _)| own.contains(at) && !found.iter().any(|one| (one.start..one.end).contains(at)))
            .map(|(_, c)| c)
            .filter(char::is_ascii_digit)
            .collect();
        let all = value.chars().filter(char::is_ascii_digit).count();
        prop_assert!(open.is_empty() || open.len() == all, "{text:?}: {found:?}");
    }

    #[test]
    fn what_is_further_away_than_the_context_decides_nothing(
        before in "[a-z0-9 .,:@+-]{0,80}",
        after in "[a-z0-9 .,:@+-]{0,80}",
    ) {
        let middle = "call me: +44 20 7946 0018 please";
        let gap_left = " ".repeat(pii::CONTEXT_LEFT_BYTES);
        let gap_right = " ".repeat(pii::CONTEXT_RIGHT_BYTES);
        let text = format!("{before}{gap_left}{middle}{gap_right}{after}");
        let found = find(&text);
        let value = "+44 20 7946 0018";
        prop_assert!(found.iter().any(|finding| finding.of(&text) == value));
    }
}

#[test]
fn a_word_many_empty_lines_away_is_not_near() {
    check("ssn\n536228145", &[("US_SSN", "536228145")]);
    for lines in 20..=92 {
        check(&format!("ssn{}536228145", "\n".repeat(lines)), &[]);
    }
}

#[test]
fn digits_and_signs_of_any_script_are_read() {
    check_each(&[
        (
            "电话：０９０－１２３４－５６７８",
            "PHONE_NUMBER",
            "０９０－１２３４－５６７８",
        ),
        ("رقم هاتفي ٠٥٠١٢٣٤٥٦٧", "PHONE_NUMBER", "٠٥٠١٢٣٤٥٦٧"),
        (
            "カード番号 ４４８７０８５９１９３２９９６６",
            "CREDIT_CARD",
            "４４８７０８５９１９３２９９６６",
        ),
        (
            "DE89\u{a0}3704\u{a0}0044\u{a0}0532\u{a0}0130\u{a0}00",
            "IBAN_CODE",
            "DE89\u{a0}3704\u{a0}0044\u{a0}0532\u{a0}0130\u{a0}00",
        ),
        (
            "DE89\u{202f}3704\u{202f}0044\u{202f}0532\u{202f}0130\u{202f}00.",
            "IBAN_CODE",
            "DE89\u{202f}3704\u{202f}0044\u{202f}0532\u{202f}0130\u{202f}00",
        ),
        ("bob＠test.org", "EMAIL_ADDRESS", "bob＠test.org"),
    ]);
}

#[test]
fn no_space_need_stand_around() {
    check_each(&[
        (
            "请联系alice@example.org或致电",
            "EMAIL_ADDRESS",
            "alice@example.org",
        ),
        (
            "пишитенаivan@example.ru",
            "EMAIL_ADDRESS",
            "ivan@example.ru",
        ),
        (
            "Contact аlice@example.com",
            "EMAIL_ADDRESS",
            "аlice@example.com",
        ),
        (
            "\"john doe\"@example.com",
            "EMAIL_ADDRESS",
            "\"john doe\"@example.com",
        ),
        (
            "我的手机号是13812345678，微信同号",
            "PHONE_NUMBER",
            "13812345678",
        ),
        (
            "银联卡号 6223241488316209913",
            "CREDIT_CARD",
            "6223241488316209913",
        ),
    ]);
    for text in ["Pwd=P@ssw0rd.Final", "P@ssword.de", "the P@ssw0rd!"] {
        check(text, &[]);
    }
}

#[test]
fn the_whole_of_a_number_is_found_however_it_is_grouped() {
    check_each(&[
        (
            "Tel. +49 (0)89 / 1234 56-0",
            "PHONE_NUMBER",
            "+49 (0)89 / 1234 56-0",
        ),
        ("OFFICE-1(516)733-3989", "PHONE_NUMBER", "1(516)733-3989"),
        ("call 030-90 18-20 44", "PHONE_NUMBER", "030-90 18-20 44"),
        (
            "+49 30\n901820\n12 apples",
            "PHONE_NUMBER",
            "+49 30\n901820",
        ),
        ("+49 30 901820\n12 apples", "PHONE_NUMBER", "+49 30 901820"),
        (
            "https://wa.me/4915112345678",
            "PHONE_NUMBER",
            "4915112345678",
        ),
        (
            "an IBAN DE89 3704 0044\n0532 0130 00",
            "IBAN_CODE",
            "DE89 3704 0044\n0532 0130 00",
        ),
        (
            "DE89  3704  0044  0532  0130  00",
            "IBAN_CODE",
            "DE89  3704  0044  0532  0130  00",
        ),
        (
            "IBAN DE89.3704.0044.0532.0130.00",
            "IBAN_CODE",
            "DE89.3704.0044.0532.0130.00",
        ),
        (
            "DE89 37040044 0532013000",
            "IBAN_CODE",
            "DE89 37040044 0532013000",
        ),
        (
            "PAN=4487085919329966/0127/123",
            "CREDIT_CARD",
            "4487085919329966",
        ),
        (
            "4487 0859\n1932 9966",
            "CREDIT_CARD",
            "4487 0859\n1932 9966",
        ),
        ("card_4487085919329966", "CREDIT_CARD", "4487085919329966"),
        (
            "%B4487085919329966^DOE/JANE^2712101000000000000?",
            "CREDIT_CARD",
            "4487085919329966",
        ),
    ]);
    for text in [
        "order_4487085919329966",
        "4487 0859 12\n1932 9966 13",
        "1234\n5678\n9012\n3456",
    ] {
        check(text, &[]);
    }
}
