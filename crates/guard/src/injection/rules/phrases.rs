//! What attacks say in English.

use super::rule::InjectionRule;

const OVERRIDE_ENTITY: &str = "PROMPT_INJECTION";
const EXTRACTION_ENTITY: &str = "SYSTEM_PROMPT_EXTRACTION";
const JAILBREAK_ENTITY: &str = "JAILBREAK";

macro_rules! rule {
    ($name:literal, $entity:expr, $keywords:expr, $why:literal, $pattern:literal) => {
        InjectionRule {
            name: $name,
            entity: $entity,
            keywords: &$keywords,
            pattern: $pattern,
            why: $why,
        }
    };
}

pub(super) const PHRASE_RULES: &[InjectionRule] = &[
    rule!(
        "override",
        OVERRIDE_ENTITY,
        [
            "ignor",
            "disregard",
            "forget",
            "neglect",
            "override",
            "overrul",
            "bypass",
            "discard",
            "abandon",
            "erase",
            "dismiss",
            "do not follow",
            "don't follow",
            "stop following",
            "do not obey",
            "pay no attention",
            "no longer follow",
            "set aside",
            "overwrite",
            "leave behind",
            "cancel",
            "skip",
            "delete",
            "drop",
            "omit",
            "void"
        ],
        "tells the reader to ignore its instructions",
        r"\b(?:ignor(?:e|ing)|disregard(?:ing)?|forget(?:ting)?|neglect|overrid(?:e|ing)|overrule|bypass(?:ing)?|discard|abandon|erase
        |dismiss|(?:do not|don't|stop|no longer) (?:follow(?:ing)?|obey(?:ing)?)|pay no attention to|set aside|overwrite|leave behind
        |cancel|skip|delete|drop|omit|void)\b(?: .. |\W)\b
        (?:(?:previous|prior|above|earlier|preceding|foregoing|initial|original|former|existing|your|system|developer|safety|past|old|these|those|any|all|other|its|their|such|every)\b(?: .. |\W)\b)
        (?:instructions?|prompts?|rules?|directions?|guidelines?|directives?|commands?|orders|constraints?|restrictions?|programming
        |training|polic(?:y|ies)|tasks?|safeguards?|filters?|protocols?|assignments?|limitations?|settings|context|input|guidance|text)\b"
    ),
    rule!(
        "override-all",
        OVERRIDE_ENTITY,
        ["forget", "ignore", "disregard", "erase", "ignoring"],
        "tells the reader to forget what came before",
        r"\b(?:forget|ignor(?:e|ing)|disregard|erase)\W+(?:about\W+)?(?:\w+\W+)?(?:everything|all|anything|whatever|what)\b(?: .. |\W)\b
        (?:before|above|previous(?:ly)?|prior|so far|told|said|learn(?:ed|t)|know|earlier|until now|instructed|written|preceding|else)\b"
    ),
    rule!(
        "new-orders",
        OVERRIDE_ENTITY,
        [
            "new ",
            "updated ",
            "real ",
            "actual ",
            "additional ",
            "instead"
        ],
        "gives the reader new instructions in place of its own",
        r"\b(?:new|updated|real|actual|additional|following|true|revised) (?:\w+ )?(?:instructions?|tasks?|rules|directives?|prompt|mission|objective|orders|goal|role)\b
        \W{0,3}(?::|are|is\b|follow|from|for you|will)"
    ),
    rule!(
        "reveal-prompt",
        EXTRACTION_ENTITY,
        [
            "prompt",
            "instruction",
            "message",
            "rules",
            "guideline",
            "directive",
            "configuration",
            "context",
            "setup",
            "preamble"
        ],
        "asks for the reader's instructions",
        r"\b(?:reveal|show|print|repeat|display|output|tell|give|share|leak|dump|expose|disclose|write|recite|list|return|copy|translate
        |summari[sz]e|paraphrase|encode|spell|quote|provide|describe|state|what(?:'s| is| are| was| were)|send|see|know|access|extract|reproduce|include)\b(?: .. |\W)\b
        (?:(?:system|initial|original|hidden|secret|internal|your|developer|previous|above|first|pre|full|entire|exact|prior|custom)[\W_]+)
        (?:\w+[\W_]+){0,2}?(?:prompts?|instructions?|messages?|rules|guidelines|directives?|configuration|context|setup|preamble|programming|orders)\b"
    ),
    rule!(
        "repeat-above",
        EXTRACTION_ENTITY,
        [
            "above",
            "before this",
            "before that",
            "prior to",
            "preceding",
            "previous",
            "so far",
            "beginning",
            "start"
        ],
        "asks for the text before the prompt",
        r"\b(?:repeat|print|output|copy|recite|translate|write|say|show|echo|return|paste|reproduce|display|dump|spell|read|type)\b(?: .. |\W)\b
        (?:everything|all|text|words?|contents?|messages?|anything|sentences?|lines?|what|paragraphs?|conversation|tokens?|prompt|input)\b(?: .. |\W)
        (?:above|before (?:this|that|my)|prior to|preceding|previous|so far|beginning with|begin with|starting (?:with|from)|up to here|from the (?:start|beginning|top))\b"
    ),
    rule!(
        "secret",
        EXTRACTION_ENTITY,
        [
            "password",
            "passphrase",
            "secret",
            "access code",
            "passcode",
            "codeword",
            "code word",
            "credential",
            "access key",
            "security code"
        ],
        "asks for a secret that the reader keeps",
        r"\b(?:tell|give|reveal|what(?:'s| is| was| are)|say|print|share|spell|hint|write|leak|show|disclose|output|encode|repeat|provide|return|know|describe|contains?|letters?|rhymes?|character|display|list)\b(?: .. |\W)
        (?:password|passphrase|secret|access code|passcode|codeword|code word|credentials?|access key|security code)\b"
    ),
    rule!(
        "granted",
        OVERRIDE_ENTITY,
        [
            "access granted",
            "access is granted",
            "access has been granted",
            "grant access",
            "grant me access",
            "grantaccess",
            "access_granted",
            "accessgranted"
        ],
        "wants the reader to say that access is granted",
        r"access(?: is| has been)?[ _]?granted|grant(?: me)? access"
    ),
    rule!(
        "say-exactly",
        OVERRIDE_ENTITY,
        [
            "exactly",
            "only",
            "just",
            "nothing but",
            "nothing else",
            "the word",
            "the phrase",
            "the exact",
            "verbatim"
        ],
        "dictates what the reader should say",
        r"\b(?:say|output|print|respond|reply|answer|write|return|type|state|display)\b\W+(?:to \w+ )?(?:(?:with|by saying|in)\W+)?
        (?:only|exactly|just|nothing but|nothing else|verbatim|the (?:exact )?(?:words?|phrase|string|sentence|text|following))\b"
    ),
    rule!(
        "mode",
        JAILBREAK_ENTITY,
        [
            " mode",
            "anything now",
            "jailb",
            "dan ",
            "dan,",
            "dan.",
            "stan ",
            "aim ",
            "unlocked"
        ],
        "puts the reader into a mode without rules",
        r"\b(?:dan|stan|dude|developer|god|jailbr[eo]\w*|admin|debug|maintenance|sudo|unrestricted|evil|root|opposite|unfiltered|uncensored|anarchy|chaos|test|diagnostic|dev|override|freedom|unlocked|privileged|service) mode\b
        |do anything now|\b(?:you are|you're|become|act as|as|play) (?:now |going to (?:be|act as) )?(?:a |an )?(?:dan|stan|dude|jailbroken|unfiltered|uncensored|unrestricted|aim|mongo tom|betterdan|evil[- ]?\w+|anti-?dan)\b
        |\[[\W_]?jailbr\w*|\(?jailbreak(?:ed|en)?\b"
    ),
    rule!(
        "unbound",
        JAILBREAK_ENTITY,
        [
            "restriction",
            "rules",
            "limit",
            "filter",
            "censor",
            "guideline",
            "ethic",
            "moral",
            "polic",
            "constraint",
            "boundar",
            "safeguard",
            "openai",
            "laws",
            "content warning",
            "safety"
        ],
        "says that no rules hold for the reader",
        r"\b(?:no|without|free (?:of|from)|ignor\w+|lack\w*|bound by|bypass\w*|subject to|limited by|unbound by|regardless of|abide by|adhere to|follow|disregard\w*|beyond|remove\w*|disabled?|turn(?:ed)? off|broken free|unrestricted by|comply with|no longer|not care about|zero)\b(?: .. |\W)
        (?:restrictions?|rules|limits?|limitations?|filters?|filtering|censorship|censoring|guidelines|ethic\w*|moral\w*|polic(?:y|ies)|constraints|boundaries|safeguards|openai\W?s?|laws|content warnings?|safety)\b"
    ),
    rule!(
        "never-refuse",
        JAILBREAK_ENTITY,
        [
            "refus",
            "declin",
            "apologi",
            "break character",
            "say no",
            "reject",
            "as an ai",
            "i can't",
            "i cannot",
            "warning",
            "disclaimer",
            "stay in character",
            "moraliz",
            "moralis"
        ],
        "forbids the reader to refuse",
        r"\b(?:never|not|can ?not|can't|don't|won't|mustn't|must not|without|no|avoid|instead of|always)\b(?: .. |\W)
        (?:refus\w+|declin\w+|say no|reject\w*|apologi\w+|break(?:ing)? character|stay in character|as an ai|i can't|i can ?not|warnings?|disclaimers?|morali[sz]\w+)\b"
    ),
    rule!(
        "anything-goes",
        JAILBREAK_ENTITY,
        [
            "illegal",
            "unethical",
            "immoral",
            "harmful",
            "amoral",
            "inappropriate",
            "offensive",
            "dangerous",
            "explicit",
            "nsfw"
        ],
        "wants what is forbidden",
        r"\b(?:illegal|unethical|immoral|harmful|amoral|inappropriate|offensive|dangerous|nsfw|sexually explicit)\b"
    ),
    rule!(
        "delimiter",
        OVERRIDE_ENTITY,
        [
            "<|",
            "[inst",
            "[/inst",
            "<<sys",
            "<</sys",
            "###",
            "</",
            "[system",
            "[admin",
            "system:",
            "system message",
            "assistant:",
            "developer:",
            "end of ",
            "end_of",
            "<system",
            "<user",
            "<instruction",
            "<admin",
            "begin ",
            "admin:",
            "---",
            "===",
            "```",
            "\"\"\"",
            "[end"
        ],
        "imitates the marks between a conversation's roles",
        r"<\|[a-z_]{2,20}\|>|\[/?inst\]|<</?sys>>|#{2,} {0,2}(?:system|instructions?|new|end|assistant|response|admin|user|human)\b
        |</?(?:system|user_?input|assistant|instructions?|admin|system_?prompt)>|</(?:user|prompt|context|document|email)>
        |[\[{(](?:system|admin|developer|end|override|important)\b[^\])}\n]{0,40}[\])}]
        |(?:^|\n|[.!?] )[^\w\n]{0,4}(?:system|assistant|developer|admin|administrator|root)(?: (?:message|note|prompt|override|update|alert|notice))?[\])*]{0,2}:\s
        |\bend[ _]of[ _](?:the )?(?:system |user )?(?:prompt|document|input|conversation|context|messages?|system|instructions?|text|data|email|file)\b
        |\bbegin(?:ning of)? (?:new |system |admin |the )+(?:prompt|instructions?|session|conversation|message|mode)
        |(?:[-=]{4,}|```|\x22{3})\s{0,4}(?:\w+ ){0,3}(?:end|new|system|instructions?|ignore|now|stop|user)\b"
    ),
    rule!(
        "addressed",
        "INDIRECT_INJECTION",
        [
            "assistant",
            "llm",
            "language model",
            " ai ",
            "ai-",
            " ais",
            "ai,",
            "ai:",
            "ai assist",
            "ai model",
            "chatbot",
            "chat bot",
            " bot",
            "gpt",
            "claude",
            "gemini",
            "copilot",
            "agent",
            "summari",
            "model"
        ],
        "speaks to the machine that reads the text",
        r"\b(?:ai|ais|assistants?|llms?|models?|chat ?bots?|gpts?|chatgpt|claude|gemini|copilot|agents?|crawlers?|summari[sz]ers?|bots?|systems?|tools?)(?:,|:)?\W(?:\w+\W+){0,2}?
        (?:reading|reads?|processing|process(?:es)?|summari[sz](?:e|es|ing)|parsing|must|should|shall|are (?:required|instructed|asked|to|hereby|requested)|is (?:required|instructed|asked|to|requested)|need to|have to|please)\b
        |\b(?:attention|note (?:to|for)|dear|hey|instructions? (?:to|for)|message (?:to|for)|if you are|if you're|notice to|reminder (?:to|for)|for|to|hello)\W+(?:\w+\W+){0,3}?(?:ai|assistants?|llms?|language models?|chat ?bots?|gpt|chatgpt|claude|copilot|ai agents?|coding agents?|agents|automated)\b"
    ),
    rule!(
        "exfiltration",
        "DATA_EXFILTRATION",
        ["http", "@", "webhook", "url", "endpoint", "server", "curl "],
        "wants data to be sent away",
        r"\b(?:send|post|forward|upload|transmit|submit|e-?mail|exfiltrate|append|include|encode|fetch|request|load|render|curl|leak|copy|report|visit|call|navigate|ping)\b(?: .. |\W)(?: .. )?
        (?:https?://|\S+@\S+\.\w|webhook|\burl\b|endpoint|server)"
    ),
    rule!(
        "you-are-ai",
        JAILBREAK_ENTITY,
        ["you are", "you're", "your creator", "openai"],
        "tells the reader what it is",
        r"\b(?:you are|you're)(?: now| no longer| not)?\W+(?:an? |the )?(?:\w+ )?(?:ai|a\.i\.|language model|chatgpt|gpt|assistant|bot|chatbot|llm|model)\b"
    ),
    rule!(
        "you-are-now",
        JAILBREAK_ENTITY,
        [
            "you are now",
            "you're now",
            "you will now",
            "you are no longer",
            "you are going to",
            "from now on",
            "henceforth",
            "from this point",
            "from this moment",
            "starting now",
            "for the rest of",
            "going forward"
        ],
        "gives the reader another role from now on",
        r"\byou(?: are|'re| will) (?:now|no longer|going to)\b|\bfrom now on\b|\bhenceforth\b|\bfrom this (?:point|moment)\b|\bstarting now\b|\bfor the rest of (?:this|the|our) (?:conversation|chat|session)|\bgoing forward\b"
    ),
    rule!(
        "authority",
        OVERRIDE_ENTITY,
        [
            "override",
            "admin",
            "authoriz",
            "authoris",
            "developer",
            "creator",
            "sudo",
            "your owner",
            "programmer",
            "openai",
            "anthropic",
            "engineer",
            "clearance",
            "emergency"
        ],
        "claims an authority that its place doesn't give",
        r"\b(?:system|admin|security|safety|emergency|instruction|developer|manual)[ _-](?:override|overwrite)|\boverride (?:code|mode|protocol|sequence|accepted|authori[sz]\w+|command|all|your|any|safety|previous)\b
        |\badmin(?:istrator)? (?:access|override|mode|command|privileges|rights|login)\b|\bauthori[sz]ation (?:code|level|granted)|\bi(?: am|'m)(?: one of)? (?:your|the|an?)(?: \w+)? (?:developers?|creators?|administrators?|admin|owner|programmer|engineer)\b
        |\bsudo\b|\b(?:this is|message from|on behalf of|approved by|authori[sz]ed by|orders? (?:of|from)|i work (?:for|at)) (?:the )?(?:\w+ )?(?:openai|anthropic|developers?|admin\w*|your creators?|engineering|security team)\b|\bclearance level\b"
    ),
    rule!(
        "conceal",
        OVERRIDE_ENTITY,
        [
            "do not mention",
            "don't mention",
            "do not tell",
            "don't tell",
            "without telling",
            "do not reveal",
            "without mention",
            "do not inform",
            "secretly",
            "do not say",
            "without asking",
            "do not disclose",
            "never mention"
        ],
        "wants the reader to conceal something",
        r"(?:do not|don't|without|never) (?:mention|tell|telling|reveal|inform|say|disclos|notify|alert|ask)\w*(?: .. |\W)(?:user|this|anyone|human|them|him|her|it|instruction|message|confirmation|permission|owner|person|reader)|\bsecretly\b"
    ),
    rule!(
        "pretext",
        JAILBREAK_ENTITY,
        [
            "hypothetical",
            "grandm",
            "fictional",
            "simulat",
            "role",
            "pretend",
            "alternate",
            "game",
            "scene",
            "story",
            "imagine",
            "character"
        ],
        "wraps what it wants into a story",
        r"\b(?:hypothetical\w*|grandm\w+|fictional|simulat\w+|role[- ]?play\w*|pretend\w*|alternate (?:reality|universe|world)|imagine|act as|character)\b"
    ),
    rule!(
        "two-answers",
        JAILBREAK_ENTITY,
        [
            "two responses",
            "two answers",
            "two ways",
            "both responses",
            "two different",
            "classic]",
            "🔒",
            "tokens"
        ],
        "asks for a second answer without rules",
        r"\b(?:two|both) (?:different )?(?:responses|answers|ways|outputs|paragraphs)\b|\[?.{0,2}classic\]|\btokens?\b(?: .. |\W)(?:lose|deduct|die|left|run out|lives|cease)"
    ),
    rule!(
        "talk-about",
        "",
        [
            "injection",
            "jailbreak",
            "prompt",
            "attack",
            "phrase",
            "what does",
            "mean",
            "example",
            "explain",
            "how do",
            "how does",
            "why do",
            "detect",
            "prevent",
            "protect",
            "defen"
        ],
        "",
        r"\bprompt[ -]injections?\b|\bjailbreak(?:s|ing)?\b(?: .. |\W)(?:attempts?|attacks?|work|phone|iphone|android)|\bwhat does\b|\bhow (?:do|does|can|should|would) (?:i|we|you|one|attackers?|people|a|the|prompt|jailbreaks?)\b|\bwhat(?:'s| is| are) (?:the difference|a |an )|\bwhy (?:do|does|is|are)\b
        |\b(?:detect|prevent|protect|defend)\w*\b|\bphrases? (?:like|such as)|\bexplain (?:what|how|why)\b|\battackers?\b"
    ),
];
