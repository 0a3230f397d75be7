//! Which capitalised words are names, of people, places, firms and products: those of a list, and within a
//! sentence whatever is no common word.

use super::buckets::floor_boundary;

/// NameFinder that stand in many texts, in the order of the alphabet.
#[rustfmt::skip]
const KNOWN_NAMES: &[&str] = &[
    "aaron", "abdul", "abigail", "acme", "ada", "adam", "adobe", "adrian", "ahmed", "airbnb", "aisha", "akira", "alan", "albert", "alejandro", "alessandro", "alex", "alexander",
    "alexandra", "ali", "alibaba", "alice", "alicia", "alina", "alison", "amanda", "amazon", "amelia", "amina", "amir", "amit", "amsterdam", "amy", "ana", "anders", "andre",
    "andrea", "andreas", "andrei", "andrew", "andrey", "android", "angela", "anil", "anita", "anja", "anna", "anne", "annette", "annie", "anthony", "antoine", "anton", "antonio",
    "arjun", "arthur", "asana", "asha", "astrid", "atlassian", "austin", "aziz", "azure", "barbara", "barcelona", "beatrice", "beijing", "ben", "benjamin", "berlin", "bernd",
    "bernhard", "beth", "betty", "bianca", "bill", "bing", "birgit", "bitbucket", "bjorn", "bob", "boris", "boston", "brad", "brandon", "brenda", "brian", "bruce", "bruno",
    "brussels", "cairo", "caleb", "camila", "camille", "carl", "carla", "carlos", "carmen", "carol", "caroline", "catherine", "cecilia", "chad", "charles", "charlie",
    "charlotte", "chen", "chicago", "chloe", "chris", "christian", "christina", "christine", "christoph", "christopher", "cindy", "cisco", "claire", "clara", "claudia",
    "clemens", "cloudflare", "colin", "confluence", "connor", "contoso", "copenhagen", "craig", "cynthia", "dallas", "dan", "daniel", "daniela", "darius", "datadog",
    "dave", "david", "dean", "deborah", "deepak", "delhi", "denis", "dennis", "denver", "derek", "deutsche", "diana", "diane", "diego", "dieter", "dimitri", "discord", "disney",
    "dmitri", "docker", "dominik", "donald", "donna", "dora", "doris", "dorothy", "douglas", "dropbox", "dubai", "dublin", "dylan", "ebay", "edinburgh", "eduardo", "edward",
    "eileen", "elaine", "elena", "eleni", "elias", "elif", "elisa", "elizabeth", "ella", "ellen", "elliot", "emil", "emily", "emir", "emma", "enrique", "eric", "erik", "erika",
    "ernest", "esther", "ethan", "eugene", "eva", "evan", "eve", "evelyn", "evernote", "expensify", "fabian", "facebook", "fatima", "federico", "fedex", "felipe", "felix",
    "fernando", "figma", "filip", "finn", "firefox", "florian", "frances", "francesco", "francis", "francisco", "francois", "frank", "frankfurt", "franz", "fred",
    "frederik", "fritz", "gabriel", "gabriela", "gareth", "gary", "geneva", "geoff", "georg", "george", "gerald", "gerhard", "gianni", "gina", "giovanni", "github", "gitlab",
    "giulia", "giuseppe", "gloria", "gmail", "google", "gordon", "graham", "greg", "gregory", "greta", "guido", "gustavo", "hamburg", "hana", "hannah", "hans", "harald",
    "harold", "harriet", "harry", "hassan", "heather", "heathrow", "hector", "heidi", "heike", "helen", "helena", "helga", "helmut", "helsinki", "henrik", "henry", "herbert",
    "hiroshi", "holger", "hubspot", "hugo", "ian", "ibm", "ibrahim", "igor", "ilse", "imran", "ines", "ingrid", "instagram", "intel", "irena", "irina", "isaac", "isabel",
    "isabella", "isla", "istanbul", "ivan", "jack", "jacob", "jacques", "jakarta", "jake", "james", "jamie", "jan", "jana", "jane", "janet", "janine", "jasmine", "jason", "javier",
    "jay", "jeff", "jeffrey", "jelena", "jenkins", "jenna", "jennifer", "jenny", "jens", "jeremy", "jerome", "jerry", "jesse", "jessica", "jill", "jim", "jira", "joan", "joanna",
    "joao", "jochen", "joe", "joel", "johan", "johanna", "johannes", "john", "johnny", "jon", "jonas", "jonathan", "jordan", "jorge", "jose", "josef", "joseph", "josh", "joshua",
    "juan", "judith", "judy", "julia", "julian", "julie", "juliet", "jun", "jurgen", "justin", "karen", "karim", "karin", "karl", "kate", "katharina", "katherine", "kathleen",
    "kathy", "katja", "kayla", "keith", "kelly", "ken", "kenji", "kenneth", "kevin", "khalid", "kim", "klaus", "konrad", "kristen", "kristin", "kubernetes", "kumar", "kurt", "kyle",
    "kyoto", "lagos", "lars", "laura", "lauren", "lea", "leah", "lee", "leila", "lena", "lenovo", "leo", "leon", "leonard", "leonardo", "leonie", "leticia", "liam", "lilian", "lily",
    "lina", "linda", "linkedin", "lisa", "lisbon", "liu", "london", "lorenzo", "louis", "louise", "luca", "lucas", "lucia", "lucy", "luigi", "luis", "lukas", "luke", "luna", "lydia",
    "lynn", "lyon", "madrid", "magda", "magnus", "mai", "mailchimp", "maja", "malik", "manchester", "manfred", "manuel", "marcel", "marco", "marcus", "margaret", "maria",
    "mariam", "marie", "marina", "mario", "marion", "markus", "marriott", "marta", "martha", "martin", "martina", "marvin", "mary", "mastercard", "mateo", "matt", "matthew",
    "matthias", "maurice", "max", "maximilian", "maya", "megan", "mehmet", "mei", "melanie", "melissa", "mexico", "mia", "michael", "michaela", "michel", "michelle",
    "microsoft", "miguel", "mikael", "mike", "mila", "milan", "mina", "miranda", "miriam", "mohamed", "mohammed", "mona", "monica", "monika", "monzo", "morgan", "moritz",
    "moscow", "muhammad", "mumbai", "munich", "nadia", "nadine", "nairobi", "nancy", "naomi", "natalia", "natalie", "natasha", "nathan", "neha", "neil", "netflix", "nicholas",
    "nick", "nicola", "nicolas", "nicole", "nike", "nikolai", "nils", "nina", "noah", "nora", "norman", "notion", "nuno", "nvidia", "okta", "olaf", "oleg", "olga", "oliver", "olivia",
    "omar", "oracle", "oscar", "oslo", "otto", "outlook", "owen", "pablo", "pagerduty", "pamela", "paolo", "paris", "pascal", "patricia", "patrick", "paul", "paula", "pavel",
    "paypal", "pedro", "peggy", "peter", "petra", "phil", "philip", "philipp", "pia", "pierre", "pinterest", "piotr", "porto", "prague", "priya", "quickbooks", "rachel",
    "rafael", "raj", "rajesh", "ralf", "ralph", "ramon", "raul", "ravi", "raymond", "rebecca", "reddit", "reiner", "renate", "revolut", "ricardo", "richard", "rita", "robert",
    "roberto", "robin", "rodrigo", "roger", "roland", "roman", "rome", "ron", "ronald", "rosa", "ruben", "rudolf", "ruth", "ryan", "sabine", "sabrina", "salesforce", "sally", "sam",
    "samantha", "samsung", "samuel", "sandra", "sanjay", "santander", "sara", "sarah", "sasha", "scott", "sean", "seattle", "sebastian", "selma", "sentry", "seoul", "serge",
    "sergei", "sergio", "shanghai", "shannon", "sharon", "shirley", "shopify", "siemens", "silke", "silvia", "simon", "simone", "singapore", "slack", "snowflake", "sofia",
    "sonia", "sony", "sophia", "sophie", "spotify", "starbucks", "stefan", "stefanie", "stella", "stephan", "stephanie", "stephen", "steve", "steven", "stockholm",
    "stripe", "stuart", "sue", "susan", "susanne", "sven", "svetlana", "sydney", "sylvia", "takashi", "tamara", "tania", "tanja", "tanya", "tara", "tatiana", "ted", "teresa",
    "tesla", "theo", "theresa", "thomas", "tiktok", "tim", "timothy", "tina", "tobias", "todd", "tokyo", "tom", "tomas", "tony", "toronto", "torsten", "toyota", "tracy", "travis",
    "trello", "trevor", "twilio", "twitter", "tyler", "uber", "udo", "ulrich", "ulrike", "uma", "ups", "ursula", "ute", "uwe", "valentina", "valerie", "vanessa", "venice", "venmo",
    "vera", "veronica", "victor", "victoria", "vienna", "vijay", "viktor", "vincent", "virginia", "vladimir", "walter", "wanda", "wang", "warsaw", "wayne", "webex", "wei",
    "wendy", "werner", "whatsapp", "wikipedia", "wilhelm", "william", "wolfgang", "workday", "xavier", "xero", "yahoo", "yara", "yasmin", "youtube", "yuki", "yuri", "yusuf",
    "yves", "yvonne", "zalando", "zapier", "zara", "zendesk", "zhang", "zoe", "zoom", "zurich",
];

/// Words of German, in which every noun has a capital.
const GERMAN_WORDS: &[&str] = &[
    " der ", " die ", " das ", " und ", " nicht ", " ist ", " ich ", " du ", " ein ", " eine ",
    " sie ", " dem ", " den ", " alle ", " mit ", " mir ", " zu ",
];

/// The words that are no names, however they are written: hashes as the words of a text have
/// them, in rising order, of four bytes each, little endian.
const COMMON_WORDS: &[u8] = include_bytes!("../../weights/words.bin");

/// Tells the names in one text.
pub(super) struct NameFinder<'t> {
    /// The text before it was put in lower case.
    original: &'t str,
    /// Whether only listed names are told, since other words have capitals as well.
    only_known: bool,
}

impl<'t> NameFinder<'t> {
    /// Those of a text that is normalised as `plain`.
    pub(super) fn of(original: &'t str, plain: &str) -> Self {
        let start = &plain[..floor_boundary(plain, 4_000)];
        let german = GERMAN_WORDS.iter().filter(|word| start.contains(**word));
        Self {
            original,
            only_known: german.take(2).count() == 2,
        }
    }

    /// Whether a word, with the hash that it has, is a name; `from` is where it starts in the original.
    pub(super) fn has(&self, word: &str, hash: u32, opens: bool, from: usize) -> bool {
        let first = self.original[from..].chars().next();
        if !first.is_some_and(char::is_uppercase) {
            return false;
        }
        KNOWN_NAMES.binary_search(&word).is_ok()
            || (!opens && !self.only_known && word.len() > 1 && !is_common(hash))
    }
}

/// Whether a word stands in texts of many origins without a capital.
fn is_common(hash: u32) -> bool {
    let (words, _) = COMMON_WORDS.as_chunks::<4>();
    words
        .binary_search_by_key(&hash, |word| u32::from_le_bytes(*word))
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::KNOWN_NAMES;

    #[test]
    fn known_names_are_in_order() {
        assert!(KNOWN_NAMES.is_sorted());
    }
}
