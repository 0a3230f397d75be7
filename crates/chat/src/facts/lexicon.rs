//! Words by which statements of a person are told from questions, play, passing states and the like, in English,
//! German, Spanish and French; what isn't in these languages is told by structure and grounding alone.
//!
//! A list holds phrases in lower case with `|` between them. They are looked for as whole words.

/// The person of themselves.
pub(super) const OWN_WORDS: &str = "i|i'm|i've|i'd|i'll|me|my|mine|myself|we|we're|we've|our|us|im|ich|mich|mir|mein|meine|meinem|meinen|\
     meiner|meines|wir|uns|unser|unsere|unseren|unserem|yo|mi|mis|conmigo|soy|tengo|vivo|trabajo|estoy|nací|\
     estudio|prefiero|odio|nosotros|nuestro|nuestra|je|j'ai|j'aime|j'habite|j'étudie|j'adore|moi|mon|ma|mes|\
     nous|notre|io|sono|ho|mio|mia|eu|meu|minha|ik|mijn";

/// The subject of a statement in which somebody else is named later.
pub(super) const SUBJECT_WORDS: &str = "i|i'm|i've|we|we're|we've|ich|wir|yo|je|nous";

/// What the person only thinks or says of something else.
pub(super) const OPINION_PHRASES: &str = "i think|i believe|i know|i heard|i guess|i hope|i wonder|i met|i told|i asked|i said|ich glaube|\
     ich denke|ich weiß|ich hoffe|ich habe gehört|creo que|je crois|je pense";

/// Other people, by what they are to the person.
pub(super) const RELATION_WORDS: &str = "sister|brother|mother|father|mom|mum|dad|friend|boss|colleague|coworker|neighbour|neighbor|cousin|uncle|\
     aunt|grandmother|grandfather|grandma|grandpa|son|daughter|wife|husband|girlfriend|boyfriend|partner|\
     roommate|flatmate|manager|teacher|landlord|client|nephew|niece|ex|schwester|bruder|mutter|vater|freund|\
     freundin|chef|chefin|kollege|kollegin|nachbar|nachbarin|sohn|tochter|frau|mann|oma|opa|hermana|hermano|\
     madre|padre|amigo|amiga|jefe|jefa|hijo|hija|esposa|esposo|novia|novio|vecino|vecina|sœur|soeur|frère|\
     mère|père|ami|amie|collègue|voisin|voisine|fils|fille|mari|femme";

/// Somebody else says so.
pub(super) const REPORTING_PHRASES: &str = "says i|said i|says that i|said that i|thinks i|thinks that i|told me i|told me that i|claims i|\
     claims that i|calls me|called me|sagt ich|sagt dass ich|meint ich|meint dass ich|findet ich|dice que|\
     dicen que|dit que|disent que|apparently i";

/// What is only supposed.
pub(super) const HYPOTHETICAL_PHRASES: &str = "if i|if we|if my|what if|imagine|suppose|supposing|let's say|lets say|hypothetically|i wish|wenn ich|\
     falls ich|falls wir|angenommen|stell dir vor|si yo|si fuera|si tuviera|imagina|supongamos|ojalá|\
     si j'étais|si j'avais|si je|imagine que|supposons|unless i|in case i|for the sake of argument|\
     a person who|someone who|somebody who|one day i|i dream of";

/// What may be, where the statement itself says so.
pub(super) const UNSURE_PHRASES: &str = "would be|would have|i would|i'd be|i'd have|could be|might|maybe|perhaps|i could|wäre|würde|hätte|\
     könnte|vielleicht|quizás|quizá|tal vez|sería|peut-être|j'aimerais|je serais|i was thinking of|\
     i'd love to|i'd like to";

/// A state of oneself.
pub(super) const STATE_PHRASES: &str = "i'm|im|i am|i feel|feeling|i've been|i have been|ich bin|mir ist|ich habe|ich fühle|estoy|tengo|\
     me siento|je suis|j'ai|je me sens";

/// Somebody else, as a subject.
pub(super) const THIRD_PERSONS: &str =
    "he|she|they|he's|she's|they're|er|sie|él|ella|ellos|elle|il|ils";

/// Opens a game in which the person speaks as somebody else.
pub(super) const PLAY_OPENINGS: &str = "roleplay|role play|role-play|let's play|lets play|let's pretend|lets pretend|pretend i'm|pretend i am|\
     pretend that i|pretend to be|i'll play|i will play|i'm playing the|in this story|in the story|\
     in our story|my character|in this scene|in this game|let's write a story|write a story|rollenspiel|\
     wir spielen|spielen wir|tu so als|meine figur|juguemos|juego de rol|hagamos como que|mi personaje|\
     jouons|jeu de rôle|faisons semblant|mon personnage|lyrics|poem in which|from the point of view";

/// Closes it.
pub(super) const PLAY_CLOSINGS: &str = "ooc|out of character|in real life|irl|for real|stop the game|back to reality|end of story|\
     no more role play|no more roleplay|enough of the game|end scene|im echten leben|in wirklichkeit|\
     genug gespielt|en la vida real|fin del juego|dans la vraie vie|fin du jeu|seriously now";

/// What passes: with one of these a state isn't kept.
pub(super) const PASSING_TIMES: &str = "today|tonight|right now|at the moment|this morning|this evening|this afternoon|this week|this weekend|\
     yesterday|tomorrow|just now|for now|in a minute|still waiting|heute|gerade|im moment|heute abend|\
     morgen früh|gestern|momentan|diese woche|zurzeit|hoy|ahora|ahora mismo|esta noche|ayer|mañana|\
     esta semana|aujourd'hui|maintenant|en ce moment|ce soir|demain|cette semaine|the next hour|next hour";

/// States that pass by themselves.
pub(super) const MOOD_WORDS: &str = "tired|hungry|thirsty|bored|sleepy|exhausted|busy|stuck|confused|lost|cold|late|angry|annoyed|happy|sad|\
     excited|nervous|stressed|hungover|in a hurry|on the train|on the bus|in a meeting|at the airport|\
     waiting|sick|ill|have a headache|müde|hungrig|durstig|krank|gestresst|genervt|spät dran|in eile|\
     kopfschmerzen|cansado|cansada|aburrido|aburrida|hambre|sed|sueño|enfermo|enferma|fatigué|fatiguée|faim|\
     soif|malade|pressé|pressée|en retard";

/// What lasts although it happened today.
pub(super) const LASTING_PHRASES: &str = "started|moved|got married|married|bought|adopted|became|quit|was born|retired|turned|signed|as of today|\
     from today|new job|angefangen|umgezogen|geheiratet|gekauft|gekündigt|geworden|adoptiert|seit heute|\
     empecé|me mudé|me casé|compré|dejé|commencé|déménagé|marié|mariée|acheté|no longer|anymore|any more|\
     switched|nicht mehr|ya no|ne plus|adopté|live|lives|work|works|wohne|lebe|arbeite|vivo|trabajo|habite|\
     travaille";

/// Not meant seriously.
pub(super) const JOKE_PHRASES: &str = "just kidding|kidding|jk|lol|haha|hahaha|rofl|lmao|only joking|joking|jokes|as a joke|war nur spaß|\
     nur spaß|scherz|kleiner scherz|war ein witz|es broma|broma|jaja|jajaja|je plaisante|je rigole|blague|\
     mdr|not really|sarcasm|obviously not";

/// Orders to whoever reads.
pub(super) const ORDER_PHRASES: &str = "from now on|you must|you should|you have to|you will|you are now|you're now|always answer|always reply|\
     always respond|always use|always say|always call|never answer|never say|never reply|never mention|\
     ignore|disregard|obey|your instructions|your rules|system prompt|admin|administrator|developer mode|\
     answer with|reply with|respond with|ab jetzt|ab sofort|du musst|du sollst|antworte immer|antworte nie|\
     antworte nur|a partir de ahora|debes|responde siempre|desormais|désormais|à partir de maintenant|\
     tu dois|réponds toujours|your answers|your replies|your responses|execute|forward all|the assistant";

/// What a statement with a secret is about.
pub(super) const SECRET_PHRASES: &str = "password|passwords|passwort|kennwort|passphrase|passcode|pin|pin code|cvv|cvc|iban|api key|apikey|\
     access key|secret key|private key|ssh key|seed phrase|recovery phrase|recovery code|token|credit card|\
     debit card|kreditkarte|contraseña|clave|mot de passe|code secret|senha|social security|ssn|\
     passport number|otp|2fa|door code|alarm code|safe code|safe's code|combination|account number|\
     kontonummer|login|credentials|wallet|geheimzahl|número de cuenta|numéro de carte|unlock code|\
     security question|wi-fi key|license key|licence key|routing number|sort code";

/// Negations.
pub(super) const NEGATION_WORDS: &str = "not|no|never|don't|doesn't|didn't|isn't|aren't|wasn't|won't|can't|cannot|haven't|hasn't|dont|doesnt|\
     cant|nor|neither|without|no longer|anymore|any more|nicht|kein|keine|keinen|keinem|keiner|nie|niemals|\
     ohne|nunca|jamás|tampoco|sin|pas|jamais|sans|aucun|aucune|ne|non";

/// Words that deny by themselves.
pub(super) const DENYING_WORDS: &str = "dislike|dislikes|hate|hates|avoid|avoids|allergic|intolerant|quit|stopped|former|formerly|ex|gave up|\
     given up|vegan|vegetarian|abstain|abstains|teetotal|single|free|used to|hasse|hasst|vermeide|allergisch|\
     aufgehört|odio|odia|evito|alérgico|alérgica|dejé|déteste|évite|allergique|arrêté|unemployed|childless|\
     afraid|scared|refuses|unable|lactose|gluten|can't stand|detests|loathes|non";

/// Something changed.
pub(super) const CHANGE_PHRASES: &str = "now|no longer|anymore|any more|moved|actually|instead|switched|changed|new|since|quit|used to|\
     correction|correct that|i meant|not true anymore|turned|became|left|finally|jetzt|nicht mehr|umgezogen|\
     eigentlich|stattdessen|gewechselt|neue|neuen|neuer|inzwischen|ahora|ya no|me mudé|en realidad|nuevo|\
     nueva|maintenant|ne plus|plus de|déménagé|en fait|nouveau|nouvelle|update|these days|divorced|broke up";

/// Something holds beside what was said before.
pub(super) const ADDITION_WORDS: &str = "also|as well|too|second|another|additionally|on the side|both|auch|außerdem|zweite|zweiten|también|\
     además|otro|otra|aussi|également|autre|besides|part time";

/// Begins a question.
pub(super) const ASKING_WORDS: &str = "what|why|how|when|where|who|which|whose|do|does|did|is|are|am|was|were|can|could|should|would|will|have|\
     has|may|shall|warum|wie|wann|wo|wer|welche|welcher|kann|soll|darf|bin|ist|sind|habe|hast|qué|por|cómo|\
     cuándo|dónde|quién|cuál|puedo|debo|quoi|pourquoi|comment|quand|où|qui|quel|quelle|est-ce|puis-je|dois-je";

/// Verbs and names that nearly every fact has, by their stems: they say nothing of their own.
pub(super) const GENERIC_STEMS: &str = "user|person|work|live|name|call|year|old|current|have|own|speaker|someon|they|their|reside|resid|home|\
     job|new|arbeitet|arbeit|wohnt|lebt|heißt|heisst|ist|hat|als|der|die|das|ein|eine|einen|einem|einer|und|\
     nutzer|nutzerin|seine|ihre|vive|trabaja|tiene|llama|usuario|usuaria|el|la|los|las|un|una|en|de|como|su|\
     habit|travaill|travaille|habite|est|le|les|une|du|des|dan|dans|utilisateur|elle|il|ich|bin|habe|mein|\
     meine|in|im|mit|zu|soy|tengo|es|je|suis|ai|mon|ma|à|a|se|sa|son|ses|spricht|spreche|habla|hablo|parle|\
     tien|tient|y|et|o|ou|male|female|also|enjoy|speak|use|himself|herself|themselv|prefer|interest|occup|\
     profess|employ|age|located|locat|base|wohn|lebe|arbeite|vivo|trabajo|que";

/// What denies within a fact, as a stem.
pub(super) const DENIAL_STEMS: &str = "not|no|never|nicht|kein|keine|keinen|pas|ne|doesn|didn|isn|haven|hasn|wasn|aren|won|can|couldn|without|\
     ohne|nunca|jamais|nie";

/// Verbs that say the same, each by the first of its list. Lists are separated by `;`.
pub(super) const SAME_STEMS: &str = "like|love|enjoy|ador|fan|favorit|favourit|keen|fond|mag|liebt|liebe|gusta|encanta|aime;\
     dislik|hate|detest|loath;kid|child|children;vegetarian|veggi;bike|bicycl|cycl;movi|film;car|automobil;\
     wife|husband|spous|marri";

/// Kinds of statements, of which the first [`SINGLE_KINDS`] are true of one thing at a time.
pub(super) const FACT_KINDS: [&str; 23] = [
    "name",
    "age",
    "birthday",
    "home",
    "job",
    "employer",
    "partner",
    "origin",
    "study",
    "family",
    "pet",
    "health",
    "diet",
    "language",
    "like",
    "dislike",
    "hobby",
    "possession",
    "project",
    "plan",
    "belief",
    "habit",
    "other",
];

/// How many of [`FACT_KINDS`] are true of one thing at a time.
pub(super) const SINGLE_KINDS: usize = 7;

/// Whether a list holds exactly this word.
pub(super) fn holds(list: &str, word: &str) -> bool {
    list.split('|').any(|one| one == word)
}

/// The words that say the same as this one, the first of which stands for all; nothing if there are none.
pub(super) fn same_as(stem: &str) -> Option<&'static str> {
    SAME_STEMS.split(';').find(|list| holds(list, stem))
}
