//! Which words call a number what: terms in small letters, with one space between words and none
//! of the signs.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// A set of things that a number can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Topics(u64);

macro_rules! topics {
    ($($name:ident = $bit:literal, $terms:literal;)*) => {
        impl Topics {
            $(pub(super) const $name: Self = Self(1 << $bit);)*
        }
        /// Each topic's terms, with commas between them.
        const TOPIC_TERMS: &[(Topics, &str)] = &[$((Topics::$name, $terms)),*];
    };
}

impl Topics {
    pub(super) const NO_TOPICS: Self = Self(0);

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }
}

/// Words that stand between what calls a number something and the number; nothing, if a sign does.
pub(super) const CONNECTOR_WORDS: &[&str] = &[
    "", "at", "on", "is", "me", "us", "to", "him", "her", "them", "number", "numbers", "no", "nr",
    "nummer", "n", "num", "via", "under", "unter", "au", "al", "an", "op", "på", "pod", "para",
    "o", "the", "this", "or", "and", "und", "oder", "et", "ou", "y", "ist", "est", "es", "è", "é",
    "är", "er", "to", "lautet", "le", "el", "il", "het", "från", "from", "with", "using", "dial",
    "below", "sur", "auf", "sul", "el", "número", "numéro", "numero", "was", "being", "as", "now",
    "please", "bitte", "directly",
];

/// What a term is about.
pub(super) fn lookup(term: &str) -> Option<Topics> {
    TERM_TABLE.terms.get(term).copied()
}

/// How many words the longest term has that ends with this word.
pub(super) fn longest(word: &str) -> usize {
    TERM_TABLE.ends.get(word).copied().unwrap_or(0)
}

struct TermTable {
    terms: FxHashMap<&'static str, Topics>,
    ends: FxHashMap<&'static str, usize>,
}

static TERM_TABLE: LazyLock<TermTable> = LazyLock::new(|| {
    let mut table = TermTable {
        terms: FxHashMap::default(),
        ends: FxHashMap::default(),
    };
    for (topic, terms) in TOPIC_TERMS {
        let terms = terms.split(',').map(str::trim);
        for term in terms.filter(|term| !term.is_empty()) {
            let topics = table.terms.entry(term).or_insert(Topics::NO_TOPICS);
            *topics = topics.or(*topic);
            let last = term.rsplit(' ').next().unwrap_or(term);
            let longest = table.ends.entry(last).or_insert(0);
            *longest = (*longest).max(term.split(' ').count());
        }
    }
    table
});

topics! {
    OTHER = 0, "order, orders, order number, order no, order id, order nr, bestellung, bestellnummer, pedido, commande, ordine, invoice, invoices, invoice number,
        invoice no, rechnung, rechnungsnummer, facture, factura, fattura, faktura, ticket, tickets, ticket number, case, case number, case id, reference,
        reference number, ref, ref no, referencia, référence, aktenzeichen, tracking, tracking number, tracking id, sendungsnummer, shipment, parcel, package,
        waybill, airwaybill, awb, consignment, build, build number, commit, commits, revision, rev, sha, hash, checksum, digest, md, crc, uuid, guid, sku,
        skus, upc, ean, gtin, asin, isbn, issn, doi, barcode, mpn, serial, serial number, serial no, sn, part, part number, part no, model, model number, item,
        item number, product, product id, product number, article, article number, artikel, artikelnummer, catalog, catalogue, lot, lot number, batch,
        batch number, batch id, version, versions, ver, port, ports, error, error code, errors, code, codes, exit code, status, status code, exception, errno,
        id, ids, uid, gid, pid, tid, ppid, identifier, key id, user id, customer id, customer number, kundennummer, client id, member number, session,
        session id, request, request id, trace, trace id, span, correlation, transaction, transaction id, transaction number, txn, tx, confirmation,
        confirmation number, confirmation code, reservation, booking, booking number, pnr, receipt, receipt number, voucher, coupon, promo, gift card, gift card no, gift card nr, gift card code, gift certificate, giftcard,
        gift card number, loyalty, rma, po, po number, purchase order, contract, contract number, vertragsnummer, process, process id, thread, job id, pr,
        jira, cve, rfc, pmid, arxiv, row, rows, column, offset, address space, memory, bytes, counter, subtotal, elevation, altitude, pressure, latitude,
        longitude, lat, lon, lng, long, coordinates, coordinate, gps, timestamp, timestamps, epoch, unix, unix time, unixtime, expires, exp, iat, nbf,
        duration, elapsed, millis, nanos, seconds, seed, dimension, dimensions, resolution, pixel, pixels, voltage, frequency, hz, rpm, flight, apartment, zip,
        zip code, zipcode, postcode, postal, postal code, plz, patent, patent number, docket, statute, regulation, din, vin, chassis, imei, imsi, iccid, meid,
        firmware, kernel, lottery, jackpot, numbers drawn, licence plate, license plate, registration number, inventory, warehouse, slot, block height,
        slot number, index, sequence, seq, iteration, epoch number, const, constant, enum, register, opcode, instruction, checksum value, inode, sector,
        record number, record id, row id, message id, chat id, channel id, thread id, device id, asset, asset tag, lookup, digits of pi, pi, prime, factorial,
        fibonacci, sequence number, build id, run id, run number, workflow, pipeline, artifact, snapshot, backup, partition, dataset, form number, license key,
        licence key, product key, nr, ziffer, rgb, pantone, catalog number, call number, dewey, shelf, locker, badge, employee id, student id, roll number,
        pin, otp, passcode, verification code, one time, 订单, 编号, stack, depth, function, method, meeting id, meeting number, meeting, webinar, zoom id,
        access code, conference id, participant id, claim, claim number, claim no, policy, rma number, gtin number, catalogue number, tracking code,
        tracking no, order code, order ref, invoice id, event id, event number, event, incident, incident number, incident id, change request, work order,
        work order number, requisition, delivery note, lieferschein, lieferscheinnummer, auftrag, auftragsnummer, auftragsnr, ticketnummer, vorgangsnummer,
        seriennummer, teilenummer, bon de commande, número de pedido, número de serie, numéro de commande, numéro de série, numéro de suivi, numero ordine,
        numero di serie, ordernummer, bestelnummer, factuurnummer, ordrenummer, fakturanummer, zamówienie, zamówienia, nr zamówienia, objednávka, tilausnumero,
        número da nota, nota fiscal, protocolo, protocol, protocol number, folio, expediente, lizenznummer, membership, membership number, member no,
        loyalty number, frequent flyer, frequent flyer number, points number, cas, cas number, ec number, nsn, ndc, hs code, tariff, cusip, isin, lei, sedol,
        figi, nonce, salt, etag, cursor, token count, tokens, port number, object id, post id, tweet id, video id, player id, game id, match id, steam id,
        discord id, telegram id, chatid, userid, orderid, hash code, hashcode, checksum is, crc32, build no, rev no, drawing number, drawing, blueprint, bom,
        casting, mold, frame number, engine number, meter, meter number, account id, tenant id, subscription id, project id, app id, appid, repo id, zip+4,
        barcode number, ballot, precinct, license no, permit, permit number, grant, award number, award, funding, cohort, specimen, accession,
        accession number, genbank, rs number, snp, chromosome, catalogue no, opus, plate number, prescription, prescription number, rx, bin number,
        issue number, story, epic id, sprint, accession no";
    VAGUE = 49, "user, users, customer, customers, device, devices, record, records, message, messages, client, member, employee, student, applicant number, branch, machine, vehicle, activation, amount, balance, between, bin, block, budget, bug, bus, channel, chapter, color, colour, cost, count, created, date, dates, distance, draw,
        edition, equals, equation, experiment, figure, float, floor, form, gate, height, hex, int, integer, integers, issue, items, job, length, level, line,
        lines, loss, modified, node, page, pages, parameter, parameters, percent, plate, points, population, price, pull, quote, random, rate, ratio, release,
        revenue, room, run, sample, samples, score, seat, section, size, standard, step, stock, sum, survey, table, task, temperature, time, times, total,
        train, trial, updated, value, values, vol, volume, weight";
    PHONE = 1, "cel, zap, zapzap, هاتف, هاتفي, الهاتف, جوال, جوالي, موبايل, تلفون, تلفن, موبایل, טלפון, הטלפון, נייד, फोन, फ़ोन, मोबाइल, ফোন, มือถือ, เบอร์, điện thoại, telepon, hp, phone, phones, phone number, phone numbers, phone no, phonenumber, phone nr, ph, telephone, telephone number, telephones, tel, tel no, tele, telefon, telefonnummer, telefonu, telefonem, telefonní číslo, telefonom, telefonum, numaram, numer telefonu, telefonszámom, puhelinnumeroni, telefono, teléfono,
        téléphone, telefone, telefoon, telefoonnummer, telefonní, telefonszám, puhelin, puhelinnumero, telefonnr, tlf, tlfnr, tfn nr, mobile, mobiles, mobile number, mobile no, mobil, mobilnummer, mobiltelefon, móvil, movil, cellulare, cellular, cell, cell number, cellphone,
        cell phone, celular, celulare, portable, gsm, handy, handynummer, fax, faxes, fax number, telefax, faks, whatsapp, whats app, signal number, viber, landline, landline number, hotline, helpline, voicemail, sms, pager, msisdn, contact number, contact no, contact numbers,
        callback number, call back number, emergency contact, rufnummer, festnetz, numéro de téléphone, número de teléfono, numero di telefono, caller id, caller, telf, komórka, komórkowy, mobitel, телефон, тел, мобильный, факс, τηλέφωνο, τηλ, κινητό, telepono, numara, cep, 電 話, 电 话, 電 話 番 号, 手 机, 座 机, 联 系, 手 機, 携 帯, 전 화, 전 화 번 호, 화 번 호, 휴 대 폰,
        โทร, phone num, tel nr, day phone, evening phone, telephone no, mob, toll free, toll free number, home phone, work phone, ext, extension";
    CALL = 2, "call, called, calls, calling, calling from, call me, reach, reachable, reached at, reach me, reach us, dial, dialed, dialled, dialing, dialling, ring, contact, contacts, text, texted, texting, answering, picking up, text me, message me, phoned, phoning, reach you, call you, anrufen, anruf, ruf, rufen,
        erreichbar, erreichen, appelez, appeler, appel, joindre, joignable, rappeler, llamar, llame, llámame, llama, contactar, chiama, chiamami, chiamare, chiamate, contattare, ligar, ligue, bel, bellen, bereikbaar, ring mig, ringe, ring meg, soita, zadzwoń, dzwoń, dzwonić, office, home, work, direct, switchboard, reception, is my number, is my new number, is my phone number, is my cell, is my mobile, is the number, support line, line at,
        desk, front desk, concierge, customer service, customer support, give us a call, give me a call, hit me up, phone me, missed call, unknown number, following number, this number, number below, pick up, text us, call us, sms to, stop to, reply stop";
    CARD = 3, "银 联, 银 行 卡, 卡 号, 借 记 卡, 信 用 卡 号, カ ー ド, カ ー ド 番 号, 카 드, 카 드 번 호, بطاقة, البطاقة, कार्ड, kartu, kart, kártya, card, cards, card number, card no, credit, credit card, credit card number, debit, debit card, creditcard, cc, ccn, cc number, visa, mastercard, master card, paid with, paid by, charged to, amex, american express, discover, diners, jcb, maestro, unionpay, union pay, payment card, cardnumber, kreditkarte, kreditkartennummer, karte, kartennummer, carte, carte bancaire, carte bleue,
        tarjeta, tarjeta de crédito, carta, carta di credito, cartão, cartao, creditcardnummer, kaart, kort, kortnummer, luottokortti, karta, karty, карта, 信 用 卡, pan, cvv, cvc, charge, charged, cardholder";
    BANK = 4, "bank account, bank account number, account number, account no, account nr, acct, acct no, acct number, acct nr, checking, savings, checking account, savings account, deposit account, bank, direct deposit, accountnumber, kontonummer, konto, numéro de compte, número de cuenta, cuenta bancaria, conto corrente, rekeningnummer, bban, bacs, sort code, account #";
    IBAN = 5, "iban, account, wire, transfer, wire transfer, bank details, bankverbindung, iban code, iban number, iban nr, swift, sepa, bic";
    ROUTING = 6, "routing, routing number, routing no, aba, aba number, rtn, transit number, ach, fedwire, bank routing, routing transit, aba routing number";
    SSN = 7, "ssn, ssns, social security, social security number, social security no, social security numbers, my social, his social, her social, their social, your social, social is, soc sec, social number, us ssn, ss number, sss, itin or ssn, seguro social, número de seguro social, numero de seguro social, sozialversicherungsnummer us";
    TAX = 8, "itin, itins, individual taxpayer, taxpayer, taxpayer id, taxpayer identification, taxpayer identification number, tin, tax id, tax identification, tax identification number, tax number, tax id number, tax file, tax file number, tax";
    PASSPORT = 9, "passport, passports, passport number, passport no, passport nr, passport id, pass number, travel document, travel document number, reisepass, reisepassnummer, passeport, numéro de passeport, pasaporte, número de pasaporte, passaporto, passaporte, paspoort, paspoortnummer, pass nr, passnummer, paszport, passi, pasaportu, pasaport, паспорт, 护 照, パ ス ポ ー ト, 여 권";
    LICENCE = 10, "driver license, drivers license, driver s license, driver licence, driver s licence, drivers licence, driving licence, driving license, driver license number, drivers license number, driver s license number, driver s licence number, driving licence number, driving license number, driver s license no, driver id number, dl, dl number, dl no, dln, license number, licence number, operator license, permis de conduire, führerschein, führerscheinnummer, fuehrerschein, patente, patente di guida, permiso de conducir,
        carnet de conducir, licencia de conducir, carta de condução, rijbewijs, rijbewijsnummer, körkort, førerkort, ajokortti, prawo jazdy, cnh, driverlicense, driverslicense, driver license id, driving permit";
    BIRTH = 11, "born, born on, birth, birthday, birthdate, birth date, date of birth, dates of birth, dob, d o b, bday, b day, birth day, geboren, geboren am, geburtsdatum, geb, geburtstag, né, née, né le, née le, date de naissance, naissance, nacido, nacida, nací, fecha de nacimiento, nacimiento, nato, nata, nato il, data di nascita, nascita, nascido, nascida, data de nascimento, nascimento, geboortedatum, geboren op, född, födelsedatum, født, fødselsdato, syntynyt,
        syntymäaika, urodzony, urodzona, data urodzenia, narozen, narozena, születési, doğum, doğum tarihi, рождения, родился, родилась, γέννησης, 生 年 月 日, 出 生, 생 년 월 일";
    RECORD = 12, "mrn, mrns, medical record, medical record number, medical record no, patient id, patient number, patient identifier, patient no, hospital number, chart number, health record, health record number, patientennummer, patient record, patient mrn, medical id";
    INSURANCE = 13, "insurance, insurance id, insurance number, insurance policy, policy number, policy no, policy id, member id, subscriber id, group number, health plan, health plan id, beneficiary, health insurance, health insurance number, medicaid, medicaid id, versicherungsnummer, versichertennummer, krankenversicherung, krankenkasse, krankenversichertennummer, egk, kvnr, egk nummer, insurance member id, health id, medical insurance";
    NPI = 14, "npi, npi number, national provider, national provider identifier, provider, provider id, provider identifier, prescriber";
    MEDICARE = 15, "medicare, medicare number, medicare card, medicare id, mbi, medicare beneficiary, medicare beneficiary identifier";
    DEA = 16, "dea, dea number, dea no, dea registration, certificate, certificate number, medical license, medical licence, medical license number, medical licence number, physician license, prescriber license";
    IP = 17, "src, dst, source ip, connecting from, connected from, from ip, route, prefix, broadcast, unspecified, loopback, private, mapped, tunnel, nat, ip, ips, ip address, ip addresses, ipv, address, host, server, gateway, client ip, remote addr, remote address, dns, subnet, ping, traceroute, whois";
    VERSION = 18, "version, versions, ver, v, release, rev, build, upgrade, upgraded, downgrade, firmware, driver version, file version, assembly version, bump, bumped, semver, package, chrome, safari, firefox, edge, opr, edg, section, chapter, oid, clause, paragraph, appendix, figure, sdk";
    CRYPTO = 19, "wallet, wallets, wallet address, btc, bitcoin, eth, ethereum, ether, crypto, metamask, erc, usdt, usdc, deposit address, payout address, donation address, ledger, cryptocurrency, coin address, polygon, coinbase, binance";
    MAC = 20, "mac, macs, mac address, mac addresses, hardware address, physical address, ethernet, bssid, hwaddr, ether address, bluetooth address";
    IDENTITY = 21, "resident number, permanent resident number, identity, identity number, identity card, identity code, identification, identification number, national id, national id number, national identification, national identification number, national identity, national number, id number, id card, id no, id card number, personal id, personal id number, personal identity, personal number, personal code, personal identity code, government id, citizen id, citizen card, resident id, residence permit, identity document, identity no, personalausweis, ausweis, ausweisnummer, personalausweisnummer, carte d identité, documento de identidad, documento, carta d identità, carta identità, cédula, cedula, bilhete de identidade, identiteitskaart, dowód osobisty, swedish id, finnish id, id kortti, national insurance, social security number, id code, refugee id";
    NHS = 22, "nhs, nhs number, nhs no, national health service, nhs id";
    NINO = 23, "nino, ni number, ni no, national insurance, national insurance number, national insurance no, nin";
    AADHAAR = 24, "aadhaar, aadhar, adhaar, uidai, aadhaar number, aadhar number, aadhaar card, aadhar card, आधार";
    INDIA = 25, "pan, pan card, pan number, pan no, permanent account number, permanent account, voter, voter id, epic, epic number, voter id card, voter card, elector, gstin, gst, gst number, gst registration, income tax pan, vote";
    PESEL = 26, "pesel, numer pesel, nr pesel";
    BSN = 27, "bsn, burgerservicenummer, sofinummer, bsn nummer, bsn number, burger service nummer, citizen service number";
    BRAZIL = 28, "cpf, cnpj, cpf number, cpf cnpj, cadastro de pessoas físicas, cadastro, receita federal, inscrito, inscrita, nº cpf, cpf nº";
    KOREA = 29, "rrn, frn, resident registration, resident registration number, korean rrn, foreigner registration, foreigner registration number, jumin, jumin number, korean id, korean, 주 민, 주 민 등 록, 주 민 번 호, 등 록 번 호";
    THAILAND = 30, "tnin, thai id, thai national id, thai, thai id card, thai citizen, เลขประจำตัวประชาชน, บัตรประชาชน";
    SOUTH_AFRICA = 31, "south african id, sa id, rsa id, south african, id nommer, south africa, za id, identity number";
    AUSTRALIA = 32, "abn, acn, tfn, australian business number, australian company number, tax file number, tax file no, australian business, australian company, abn number, acn number, tfn number, business number, company number, tax file, medicare, medicare number, medicare card";
    CANADA = 33, "sin, social insurance number, social insurance, sin number, sin no, nas, numéro d assurance sociale, assurance sociale, sin card";
    SWEDEN = 34, "personnummer, samordningsnummer, swedish id code, swedish personal, personal identity number, swedish id, pnr, persnr, pers nr";
    NORWAY = 35, "fødselsnummer, fodselsnummer, fnr, personnummer, d nummer, norwegian id, norwegian national, birth number";
    DENMARK = 36, "cpr, cpr nummer, cpr nr, cprnr, personnummer, danish id, cpr number, cpr no";
    FINLAND = 37, "hetu, henkilötunnus, henkilotunnus, finnish id code, personbeteckning, sotu, finnish id, finnish personal";
    SPAIN = 38, "nif, dni, nie, documento nacional de identidad, número de identificación de extranjero, identificación de extranjero, número de identificación, dni nie";
    ITALY = 39, "codice fiscale, cod fiscale, fiscal code, c f, cf, codicefiscale, tessera sanitaria, tax code";
    FRANCE = 40, "nir, numéro de sécurité sociale, sécurité sociale, numero de securite sociale, securite sociale, numéro sécu, n de sécurité sociale, insee, numéro ss, carte vitale, no sécu, sécu";
    BELGIUM = 41, "rijksregisternummer, numéro de registre national, registre national, rijksregister, insz, niss, nrn, belgian national, belgian national number, national register number, nationaal nummer, numéro national";
    TURKEY = 42, "tc kimlik, tc kimlik no, kimlik, kimlik no, kimlik numarası, t c kimlik no, tckn, tckimlik, tc, turkish id, turkish national, birinci kişi, ikinci kişi, kişi";
    SINGAPORE = 43, "nric, fin, nric fin, nric number, nric no, fin number, singapore id, identification card, ic number, ic no";
    GERMANY_TAX = 44, "id nr, steuer id nr, steuer id, steuer identifikationsnummer, steueridentifikationsnummer, steuerid, steuer idnr, steuernummer, idnr, identifikationsnummer, tin, german tax, german tax id, steuerliche identifikationsnummer, steuerliche, tax id, tax identification number, idnr";
    GERMANY_SOCIAL = 45, "sozialversicherungsnummer, rentenversicherungsnummer, svnr, sv nummer, rvnr, versicherungsnummer, sv nr, social security, sozialversicherung, rentenversicherung, sozialversicherungs nr";
    SWITZERLAND = 46, "ahv, avs, ahv nummer, ahv nr, numéro avs, oasi, sozialversicherungsnummer, avs nr, numero avs";
    CHINA = 47, "身 份 证, 身 份 证 号, 份 证 号 码, 公 民 身 份, resident identity card, chinese id, shenfenzheng, resident identity";
    PORTUGAL = 48, "nif, contribuinte, número de contribuinte, número de identificação fiscal, número fiscal, nº contribuinte, numero de contribuinte";
    STREET = 50, "street, lane, road, parkway, avenue, court, drive, boulevard, st, rd, ave, blvd, straße, strasse, terrace, highway";
}
