//! What texts say of what others say, as patterns over words in small letters with one space between them.

/// Names of what is said, to reject it: `calling them rats is wrong`.
pub(super) const REJECTION: &str = r" ((wrong|horrible|disgusting|disgraceful|awful|terrible|racist|sexist|homophobic|transphobic|bigoted|bigot|bigots|shameful|ashamed|shame|unacceptable|vile|hateful|dehumani[sz]ing|degrading|cruel|small minded|narrow minded|ignorant|inexcusable|hurts|hurtful|offensive|heartbreaking|painful|appalling|outrageous)( \w+){0,8} (calling|saying|writing|claiming|shouting|posting|say|says|said|write|call|treating|mocking|insulting)|(calling|saying|writing|claiming|shouting|posting)( \w+){2,12} (says (a lot|more|something|everything) about|shows (how|what|that)|makes you|tells me|proves)|(calling|saying|claiming|thinking|believing|writing|suggesting|joking|shouting|posting|treating|hating|hurting|attacking|mocking|to (call|say|claim|think|believe|write|suggest|hate|hurt|attack|mock|treat)|(who|whoever|anyone who|everyone who|somebody who|people who|those who|if you) (\w+ )?(call|calls|say|says|think|thinks|hate|hates|believe|believes|write|writes|insult|insults|attack|attacks|treat|treats)) .*(wrong|horrible|disgusting|disgraceful|awful|terrible|racist|sexist|homophobic|transphobic|bigoted|bigot|bigots|shameful|ashamed|shame|unacceptable|vile|hateful|cruel|stupid|ignorant|problem|nonsense|false|lie|no place|not (ok|okay|right|acceptable|true|funny|welcome)|illegal|crime|criminal|inexcusable|pathetic|sad|hurtful|offensive|judge|court|banned)|(your|his|her|their|this|that|such|the) (\w+ ){0,2}(contempt|hate|hatred|racism|sexism|homophobia|transphobia|bigotry|prejudice|prejudices|hostility|disdain|intolerance|antisemitism|islamophobia|misogyny|xenophobia|violence)( \w+){0,6} (stop|end|wrong|unacceptable|no place|disgusting|horrible|shameful|must go|ashamed|never ok|not ok|not okay|not acceptable|not welcome)|(stop|quit) (\w+ )?(calling|hating|insulting|attacking|spreading|harassing|mocking|bullying|abusing)|hate (speech|crime|crimes)|(is|are|was|were|be|being|that s|it s|you re|he s|she s|re|sounds|so|such|how|very|a|an) (a |an |the |so |such |very |just |really )*(racist|sexist|homophobic|transphobic|bigoted|antisemitic|xenophobic|islamophobic|misogynistic|bigot|racists|bigots|homophobe|homophobes))";

/// What others than the speaker say, think or do, named to judge it.
pub(super) const ATTRIBUTION: &str = r" (calling|saying|claiming|labell?ing|describing|portraying|telling|blaming|treating|comparing|mocking|insulting|attacking|hating|dehumani[sz]ing|writing|posting|shouting|accusing|bullying|harassing|shaming|to (call|say|claim|label|describe|portray|tell|blame|treat|compare|mock|insult|attack|hate|write|post|shout|accuse|harass|bully|suggest|think|believe)|(you|he|she|they|people|someone|somebody|anyone|everyone|everybody|who|whoever|whomever|nobody|man|woman|guy|boy|girl|politician|politicians|teacher|boss|neighbour|neighbor|uncle|father|colleague|idiots|trolls|bigots|racists) (\w+ ){0,2}(call|calls|called|say|says|said|claim|claims|claimed|think|thinks|thought|hate|hates|hated|believe|believes|believed|label|labels|blame|blames|blamed|treat|treats|treated|mock|mocks|mocked|insult|insults|insulted|attack|attacks|attacked|harass|harasses|harassed|bully|bullies|bullied|shout|shouts|shouted|write|writes|wrote|post|posts|posted)) ";

/// What judges it.
pub(super) const EVALUATION: &str = r" (wrong|horrible|disgraceful|awful|racist|racists|racism|sexist|sexism|homophobic|homophobia|transphobic|transphobia|bigoted|bigots?|bigotry|shameful|ashamed|shame|unacceptable|hateful|haters?|hate speech|dehumani[sz]ing|degrading|hurtful|cruel|ignorance|nonsense|myth|no excuse|no room|not (ok|okay|right|acceptable|true|funny|welcome|cool|fair)|never (ok|okay|acceptable|right)|isn t (ok|okay|right|acceptable|true|funny|fair)|inexcusable|pathetic|sad|saddens|hurts|offensive|insulting|discrimination|stereotypes?|prejudices?|prejudiced|fascists?|nazis?|heartbreaking|appalling|outrageous|unfair|harmful|toxic|abusive|sick of|tired of|fed up|angry|upset|makes me (sad|sick|angry|furious|cry)|apologi[sz]e|stop|banned|fired|reported|condemn\w*|problem) ";

/// Words of contempt that have a harmless sense, in that sense.
pub(super) const HOMONYMS: &str = r" (chinks? in (the|his|her|my|their|your|our|its|an|a)|(maine|raccoon|treeing walker) coons?|coon ?hounds?|coon hunting|(cheese|salted|salty|soda|graham|fire|christmas|prawn|rice|animal|wheat|whole grain|nut) crackers?|crackers? (and|with) (cheese|dip|soup|hummus)|(smoke|smoked|smoking|light|lit|have|had|for|last|quick|bum|roll) (a |his |her |my |the |another |one )?(last |quick )?fags?|fags? (end|ends|break|packet|ash|butt|butts)|packet of fags|spic and span|the dykes? (broke|held|burst|keeps?|protects?|along)|dykes? and (canals?|dams?)|van dyke|(fire|flame) retardants?|retards? (growth|the)|paddy fields?|sauer ?kraut|gypsy (moth|moths|jazz|skirt|caravan)|pansy|pansies (bloom|in)|(garden|dutch|wooden) hoes?|hoe (the|my) (garden|bed|beds|field|weeds)|(rakes?|spades?|shovels?) (and|or) hoes?|bitch (had|has|gave|is nursing|and her) (puppies|pups|a litter)|(breeding|pregnant|female|german shepherd|labrador|collie|terrier) bitch|bitch is (in heat|pregnant|not like other dogs)|nip in the bud|slant of|yellow fever) ";

/// What says that a quotation isn't shared.
pub(super) const DISAPPROVAL: &str = r" (wrong|horrible|disgusting|disgusted|disgraceful|awful|terrible|racist|racists|racism|sexist|homophobic|transphobic|bigoted|bigot|bigots|bigotry|shameful|ashamed|shame|unacceptable|vile|hateful|haters?|hate speech|dehumani[sz]ing|degrading|hurtful|cruel|ignorant|ignorance|problem|nonsense|false|lies?|myth|no (place|respect|excuse|joke|room|patience)|not (ok|okay|right|acceptable|true|funny|welcome|tolerate|allowed)|never (ok|okay|acceptable)|illegal|crime|criminal|inexcusable|pathetic|sad|hurt|hurts|hurtful|offensive|slur|insult|insulting|jail|prison|fired|arrested|sued|charged|convicted|suspended|resign|resigned|banned|reported|report|removed|deleted|flagged|blocked|condemn\w*|apologi[sz]e\w*|stereotype|prejudice|propaganda|incitement|court|judge|police|victims?|sick to my stomach|heartbroken|appalled|shocked|shocking|outrageous|tired of|fed up|stop|how dare|who says|lose respect|lost respect|idiot|moron|example|quote|quoted|slogan|graffiti) ";

/// Names of saying something, by others than the speaker.
pub(super) const SPEECH: &str = r" (say|says|said|saying|claim|claims|claimed|write|writes|wrote|written|writing|believe|believes|think|thinks|call|called|calling|post|posts|posted|tweet|tweeted|read|reads|heard|hear|hears|shout|shouts|shouted|shouting|chant|chanted|yell|yelled|comment|comments|message|messages|sentence|phrase|statement|statements|headline|poster|sign|word|words|joke|jokes|remark|remarks|told|tell|translate) ";

/// What shares something that is quoted or named, or asks what is wrong with it.
pub(super) const SHARING: &str = r" ((i|we) (\w+ )?(say|think|believe|agree|claim|know|swear|guess|repeat|stand by)|(they|he|she|people|you) (re|s|is|are|was|were) (so |absolutely |totally |damn )*right|so true|it s true|rightly|(am i|are we|is it|isn t it|what is|what s|where is|where s|why is it|nothing|not|never|isn t|can t be|how can it be|since when is it) (so |really |that |the |the harm |anything |a )*(wrong|mistake|problem|harm|bad|illegal|racist|crime|false|lie|hate speech) )";

/// Words of games and stories.
#[rustfmt::skip]
pub(super) const PLAY_WORDS: &[&str] = &[
    "game", "games", "gameplay", "videogame", "minecraft", "fortnite", "gta", "skyrim", "witcher", "zelda", "pokemon",
    "sims", "chess", "boss", "npc", "rpg", "dungeon", "dungeons", "quest", "multiplayer", "playstation", "xbox",
    "nintendo", "duty", "movie", "film", "novel", "scene", "opera", "musical", "dream", "dreams", "paintball", "lego",
];

/// Words for people other than the speaker, or in their place.
#[rustfmt::skip]
pub(super) const PERSON_WORDS: &[&str] = &[
    "they", "them", "their", "everyone", "everybody", "people", "he", "she", "him", "her", "his", "hers", "man",
    "woman", "guy", "dude", "somebody", "someone", "person", "wife", "husband", "sister", "brother", "mother",
    "father", "mom", "dad", "neighbour", "neighbor", "boss", "colleague", "who", "cops", "politicians",
];

/// Words for people behind a colour.
#[rustfmt::skip]
pub(super) const PEOPLE_WORDS: &[&str] = &[
    "lives", "folk", "folks", "guys", "kids", "children", "students", "persons", "families", "community",
    "communities", "neighbours", "neighbors", "boy", "girl", "boys", "girls",
];

/// Words that name a group only beside a word for people.
#[rustfmt::skip]
pub(super) const COLOUR_WORDS: &[&str] = &[
    "black", "white", "brown", "colored", "coloured", "native", "minority",
];

/// Words of the list of groups that name none by themselves.
#[rustfmt::skip]
pub(super) const NO_GROUPS: &[&str] = &[
    "people", "pride", "race", "religion", "gender", "alien",
];

/// What everybody has, or is due.
#[rustfmt::skip]
pub(super) const DUE_WORDS: &[&str] = &[
    "belong", "belongs", "matter", "matters", "deserve", "deserves", "worth", "worthy", "equal", "equals", "human",
    "humans", "right", "rights", "welcome", "respect", "intelligent", "value", "valuable", "trust", "trusted",
    "normal", "protecting", "protection", "compassion", "sympathy", "pity", "dignity", "decent", "honest", "smart",
    "real",
];

/// Words of what happened.
#[rustfmt::skip]
pub(super) const PAST_WORDS: &[&str] = &[
    "did", "was", "were", "happened", "led", "caused", "died", "killed", "assassinated", "murdered", "attacked",
    "began",
];

/// Words that questions about it begin with.
#[rustfmt::skip]
pub(super) const QUESTION_WORDS: &[&str] = &[
    "what", "why", "how", "who", "when", "where", "which", "did", "was", "were",
];

/// Words that questions begin with whose negation denies nothing.
#[rustfmt::skip]
pub(super) const RHETORICAL_WORDS: &[&str] = &[
    "is", "isn't", "do", "don't", "does", "doesn't", "are", "aren't", "am", "why",
];

/// Words behind a negation that keep it from denying what follows.
#[rustfmt::skip]
pub(super) const IDIOM_WORDS: &[&str] = &[
    "but", "only", "just", "worse", "human", "humans", "they", "they're", "nothing", "mind", "because", "stand",
    "help", "wait",
];

/// The same behind a negation of everything: `nobody is as dirty as`.
#[rustfmt::skip]
pub(super) const COMPARING_WORDS: &[&str] = &[
    "as", "than", "like",
];

/// Words by which speakers call themselves so.
#[rustfmt::skip]
pub(super) const PRIDE_WORDS: &[&str] = &[
    "proud", "pride", "proudly", "reclaim", "reclaimed", "ourselves", "myself",
];

/// Words of the speaker, beside those of the list `i`.
#[rustfmt::skip]
pub(super) const OWN_WORDS: &[&str] = &[
    "we", "we're", "us", "our", "ourselves", "y'all", "proud", "being",
];

/// Words that point at others.
#[rustfmt::skip]
pub(super) const OTHERS_WORDS: &[&str] = &[
    "you're", "they", "they're", "them", "these", "those",
];
