//! What attacks say in other languages: that the reader should ignore its instructions, and that it
//! should tell them or a secret.

use super::rule::InjectionRule;

macro_rules! override_in {
    ($name:literal, $keywords:expr, $pattern:literal) => {
        InjectionRule {
            name: $name,
            entity: "PROMPT_INJECTION",
            keywords: &$keywords,
            pattern: $pattern,
            why: "tells the reader to ignore its instructions",
        }
    };
}

/// Words that stand behind or before what is asked for, in the same sentence; alone they are labels, titles, talk.
macro_rules! asked_for {
    ($words:literal) => {
        concat!(
            r"(?:\bsag|\bnenn|verrat|\bzeig|\bgib|lautet|was ist|was steht|\bschreib|\bteil|wiederhol|\bliste|offenbar|\bdruck",
            r"|\bdi(?:me|nos|ga|gan)\b|revel|muestra|cuál|escrib|\bdame\b|compart|repite|imprim|mostrar?me|enséña|qué dice",
            r"|\bdis\b|\bdis-|\bdites|donne|révèl|\bquel|montre|écris|affiche|répèt|partage|\bcite",
            r"|\bmostre|\bqual|escrev|me dê|\bconte|repita|exib|\bdimmi|rivel|mostra|scriv|dammi|svel|ripet|stamp",
            r"|\bzeg|vertel|\bgeef|wat is|onthul|\btoon|schrijf|herhaal|\bpodaj|powiedz|zdrad|ujawni|jak brzmi|jakie |pokaż|napisz|powtórz|wypisz",
            r"|\brăspunde|\bspune|\barată|dezvăluie|\břekni|\bukaž|prozraď|vypiš|\bberätta|\bvisa|avslöja|skriv|\bfortæl|\bvis mig|\bmondd|mutasd|πες|δείξε|αποκάλυψε|επανάλαβε",
            r"|скажи|назови|покажи|раскро|выдай|какой|каков|сообщи|напиши|дай |повтори|выведи|расскажи|перескажи|розкажи|назви|розкрий|виведи|який",
            r"|告诉|告訴|说出|說出|透露|给我|給我|泄露|写出|輸出|输出|打印|复述|重复|列出|展示|揭露",
            r"|أخبر|اكشف|ما هي|ما هو|أعط|قل لي|اكتب|اعرض|كرر|اطبع|תגיד|הראה|חשוף|גלה|بگو|نشان بده|فاش",
            r"|cho tôi|cho biết|\bnói|tiết lộ|hiển thị|\bđưa|lặp lại|in ra|\bberi|katakan|ungkap|tampilkan|sebutkan|tunjukkan|ulangi|cetak|บอก|แสดง|เปิดเผย|พิมพ์)",
            r"[^.!?\n]{0,120}?(?:", $words, r")",
            r"|(?:", $words, r")[^.!?\n]{0,120}?(?:söyle|göster|nedir|\bver\b|paylaş|\byaz|açıkla|tekrarla|listele",
            r"|是什么|是啥|是甚麼|是多少|教えて|言って|見せて|何です|何か|明かし|出力し|表示し|書いて|繰り返|開示し|述べ|알려|말해|보여|뭐|무엇|공개|출력|반복|적어",
            r"|बता|क्या ह|दिखा|दोहरा|লেখ|বলুন|বলো|দেখা|heißt|lautet|verraten|nennen|ausgeben|zeigen|anzeigen bitte|คืออะไร)"
        )
    };
}

pub(super) const LANGUAGE_RULES: &[InjectionRule] = &[
    override_in!(
        "override/de",
        [
            "ignorier",
            "vergiss",
            "vergesst",
            "vergessen",
            "missacht",
            "übergeh",
            "überschreib",
            "verwirf",
            "umgeh",
            "lass",
            "befolg",
            "beacht",
            "halte dich nicht",
            "setz"
        ],
        r"(?:ignorier\w*|vergiss|vergesst|vergessen|missacht\w*|übergeh\w*|überschreib\w*|verwirf|verwerfen|umgeh\w*|lass\w*|befolg\w*|beachte\w*|halte dich nicht|setze?)(?: .. |\W)
        (?:anweisung\w*|instruktion\w*|vorgaben?|regeln?|befehle?|richtlinien?|aufforderung\w*|aufgaben|prompts?|alles (?:davor|vorher|bisherige|oben|was)|obige\w*|anordnung\w*|einschränkung\w*|vorherigen|bisherigen)
        |(?:anweisung\w*|instruktion\w*|vorgaben|regeln|befehle|obigen?|vorherigen?|bisherigen?)(?: .. |\W)(?:ignorier\w*|vergessen|missachten|außer acht|hinter sich|hinter dir|außer kraft|irrelevant)"
    ),
    override_in!(
        "override/fr",
        [
            "ignore",
            "oubli",
            "néglige",
            "abstraction",
            "contourne",
            "désobéi",
            "ne suis",
            "ne suivez",
            "ne tiens",
            "ne tenez",
            "laisse"
        ],
        r"(?:ignore[rz]?|oublie[rz]?|néglige[rz]?|abstraction d|contourne[rz]?|désobéi\w*|ne (?:suis|suivez|tiens|tenez)|laisse[rz]?)(?: .. |\W)
        (?:instructions?|consignes?|règles?|directives?|ordres?|invites?|commandes?|tâches|tout ce qu|ci-dessus|précéd|contraintes|restrictions|qui précède)"
    ),
    override_in!(
        "override/es",
        [
            "ignora",
            "ignore",
            "olvid",
            "olvíd",
            "omit",
            "descart",
            "desestim",
            "desobede",
            "caso omiso",
            "por alto",
            "no sigas",
            "no hagas caso",
            "anula",
            "sáltate",
            "deja de lado"
        ],
        r"(?:ignor(?:a|e|ar|en|ad|ando)\b|olvid\w*|olvíd\w*|omit\w*|descart\w*|desestim\w*|desobede\w*|caso omiso|por alto|no (?:sigas|hagas caso)|anula\w*|sáltate|deja de lado)(?: .. |\W)
        (?:instrucci|órdenes|indicaci|reglas|directrices|normas|\bprompt|todo lo (?:anterior|que|de arriba)|anterior|restricci|directiva)"
    ),
    override_in!(
        "override/pt",
        [
            "ignor",
            "esque",
            "desconsider",
            "descart",
            "desobede",
            "não siga",
            "não obede",
            "deixe de lado"
        ],
        r"(?:ignor(?:e|a|ar|em)\b|esque\w*|esqueç\w*|desconsider\w*|descart\w*|desobede\w*|não (?:siga|obede)\w*|deixe de lado)(?: .. |\W)
        (?:instruç|ordens|orientaç|regras|diretriz|diretiv|comandos?|tudo (?:o que|acima|isso|que)|anterior|restriç)"
    ),
    override_in!(
        "override/it",
        [
            "ignora",
            "dimentic",
            "trascura",
            "tralascia",
            "scarta",
            "disobbedi",
            "non seguire",
            "non considerare",
            "annulla",
            "lascia perdere"
        ],
        r"(?:ignora\w*|dimentic\w*|trascura\w*|tralascia\w*|scarta\w*|disobbedi\w*|non (?:seguire|considerare)|annulla\w*|lascia perdere)(?: .. |\W)
        (?:istruzion|ordini|regole|direttiv|indicazion|comandi|tutto (?:ciò|quello|quanto)|precedent|restrizion|linee guida)"
    ),
    override_in!(
        "override/nl",
        ["negeer", "vergeet", "vergeten", "omzeil", "volg", "sla "],
        r"(?:negeer\w*|vergeet|vergeten|omzeil\w*|volg|sla)(?: .. |\W)(?:instructie|opdracht|regels|richtlijn|aanwijzing|bevel|alles (?:hierboven|wat)|voorgaande|vorige|eerdere)"
    ),
    override_in!(
        "override/ru",
        [
            "игнорир",
            "забуд",
            "забыть",
            "отброс",
            "отмен",
            "не следуй",
            "не обращай",
            "не выполняй",
            "пренебре",
            "обойд",
            "не слушай"
        ],
        r"(?:игнорир[^\s,.]*|забуд[^\s,.]*|забыть|отброс[^\s,.]*|отмен[^\s,.]*|не (?:следуй|обращай|выполняй|слушай)[^\s,.]*|пренебре[^\s,.]*|обойд[^\s,.]*)(?: .. |\W)
        (?:инструкци|указани|правил|команд|приказ|распоряжени|промпт|всё,? что|все,? что|предыдущ|выше|ограничени|директив|задани)"
    ),
    override_in!(
        "override/uk",
        [
            "ігнор",
            "забуд",
            "відкин",
            "не дотримуй",
            "не виконуй",
            "не зважай"
        ],
        r"(?:ігнор[^\s,.]*|забуд[^\s,.]*|відкин[^\s,.]*|не (?:дотримуй|виконуй|зважай)[^\s,.]*)(?: .. |\W)(?:інструкці|вказівк|правил|команд|наказ|попередн|усе,? що|все,? що|обмежен)"
    ),
    override_in!(
        "override/pl",
        [
            "ignoruj",
            "zapomnij",
            "zapomnieć",
            "pomiń",
            "odrzuć",
            "nie przestrzegaj",
            "nie stosuj",
            "nie słuchaj",
            "obejdź",
            "zlekceważ"
        ],
        r"(?:z?ignoruj[^\s,.]*|zapomn[^\s,.]*|pomiń[^\s,.]*|odrzuć[^\s,.]*|nie (?:przestrzegaj|stosuj|słuchaj)[^\s,.]*|obejdź|zlekceważ[^\s,.]*)(?: .. |\W)
        (?:instrukcj|polece|zasad|reguł|wytyczn|rozkaz|wszystk|poprzedni|wcześniejsz|powyżej|powyższ|ogranicze)"
    ),
    override_in!(
        "override/cs",
        ["ignoruj", "zapome", "zapomeň", "nedodržuj", "neřiď"],
        r"(?:ignoruj[^\s,.]*|zapome[^\s,.]*|nedodržuj[^\s,.]*|neřiď[^\s,.]*)(?: .. |\W)(?:instrukc|pokyn|pravid|předchoz|všechno|vše)"
    ),
    override_in!(
        "override/nordic",
        [
            "ignorera",
            "ignorer",
            "glöm",
            "glem",
            "bortse",
            "bort fra",
            "strunta i",
            "åsidosätt",
            "unohda",
            "ohita",
            "huomiotta",
            "älä noudata"
        ],
        r"(?:ignorera|ignorer|glöm|glem|bortse|bort fra|strunta i|åsidosätt|unohda|ohita|jätä|älä noudata)(?: .. |\W)
        (?:instruktion|instruks|regler|anvisning|order\b|direktiv|allt (?:ovan|som)|alt (?:oven|hvad|som|du)|tidigare|tidligere|föregående|foregående|forrige|ovanstående|ohje|sään|määräy|kaikki|aiem|edellis)"
    ),
    override_in!(
        "override/tr",
        [
            "yok say",
            "unut",
            "görmezden",
            "dikkate alma",
            "boş ver",
            "göz ardı",
            "uyma"
        ],
        r"(?:talimat|komut|kural|yönerge|önceki|yukarıdaki|söylenen|emir|istem)[^.!?\n]+?(?:yok say|unut|görmezden|dikkate alma|boş ver|göz ardı|uyma)"
    ),
    override_in!(
        "override/id",
        [
            "abaikan",
            "lupakan",
            "hiraukan",
            "jangan ikuti",
            "jangan patuhi"
        ],
        r"(?:abaikan|lupakan|hiraukan|jangan ikuti|jangan patuhi)(?: .. |\W)(?:instruksi|perintah|aturan|petunjuk|arahan|semua|sebelumnya|di atas)"
    ),
    override_in!(
        "override/vi",
        ["bỏ qua", "quên", "phớt lờ", "không tuân"],
        r"(?:bỏ qua|quên|phớt lờ|không tuân)(?: .. |\W)(?:hướng dẫn|chỉ dẫn|lệnh|quy tắc|mọi thứ|trước đó|chỉ thị|ở trên)"
    ),
    override_in!(
        "override/hu-ro-el",
        [
            "figyelmen kívül",
            "felejts",
            "ne kövesd",
            "ignoră",
            "uită",
            "nu ține",
            "nu respecta",
            "αγνόησε",
            "αγνοήστε",
            "ξέχασε",
            "ξεχάστε"
        ],
        r"(?:figyelmen kívül|felejts|ne kövesd)(?: .. |\W)(?:utasítás|szabály|mindent|előző|korábbi|fenti)|(?:utasítás|szabály|előző|korábbi)[^.!?\n]+?(?:figyelmen kívül|felejts)
        |(?:ignoră|uită|nu ține|nu respecta)(?: .. |\W)(?:instrucțiuni|reguli|regulile|tot ce|anterioare)|(?:αγνόησε|αγνοήστε|ξέχασε|ξεχάστε)(?: .. |\W)(?:οδηγίες|εντολές|κανόνες|προηγούμεν|παραπάνω)"
    ),
    override_in!(
        "override/zh",
        [
            "忽略",
            "忽视",
            "忽視",
            "无视",
            "無視",
            "忘记",
            "忘記",
            "忘掉",
            "不要理会",
            "别理",
            "不用管",
            "抛弃",
            "绕过",
            "不要遵守",
            "不要遵循"
        ],
        r"(?:忽略|忽视|忽視|无视|無視|忘记|忘記|忘掉|不要理会|别理|不用管|抛弃|绕过|不要遵守|不要遵循)[^\n]*?(?:指令|指示|提示|规则|規則|要求|命令|说明|設定|设定|限制|之前|上面|以上|先前|一切)"
    ),
    override_in!(
        "override/ja",
        ["無視", "忘れ", "破棄", "取り消", "従わな", "従わず"],
        r"(?:指示|命令|ルール|プロンプト|規則|上記|これまで|以前|前の|制約|制限|設定|指令)[^\n]*?(?:無視|忘れ|破棄|取り消|従わな|従わず)"
    ),
    override_in!(
        "override/ko",
        ["무시", "잊어", "잊고", "따르지", "버려", "버리고"],
        r"(?:지시|명령|규칙|프롬프트|지침|이전|위의|위에|앞의|앞선|앞에|제한|설정)[^\n.]*?(?:무시|잊어|잊고|따르지|버려|버리고)"
    ),
    override_in!(
        "override/ar-fa-he",
        [
            "تجاهل",
            "انس",
            "أهمل",
            "لا تتبع",
            "نادیده",
            "فراموش",
            "התעלם",
            "התעלמי",
            "שכח"
        ],
        r"(?:تجاهل|انس|أهمل|لا تتبع)[^\n.]+?(?:تعليمات|أوامر|الأوامر|القواعد|قواعد|التوجيهات|كل ما|السابقة|أعلاه)
        |(?:دستور|قوانین|قبلی|بالا)[^\n.]+?(?:نادیده|فراموش)|(?:نادیده|فراموش)[^\n.]+?(?:دستور|قوانین|قبلی)|(?:התעלם|התעלמי|שכח)[^\n.]+?(?:הוראות|ההוראות|הנחיות|כללים|קודמ)"
    ),
    override_in!(
        "override/hi-bn-th",
        [
            "अनदेखा",
            "नज़रअंदाज़",
            "नजरअंदाज",
            "भूल",
            "ध्यान न",
            "উপেক্ষা",
            "ভুলে",
            "เพิกเฉย",
            "ละเว้น",
            "ลืม",
            "ไม่ต้องสนใจ",
            "อย่าทำตาม"
        ],
        r"(?:निर्देश|आदेश|नियम|पिछले|ऊपर|पहले)[^\n.]+?(?:अनदेखा|नज़रअंदाज़|नजरअंदाज|भूल|ध्यान न)|(?:नज़रअंदाज़|नजरअंदाज|भूल)[^\n.]+?(?:निर्देश|आदेश|नियम)|(?:নির্দেশ|নিয়ম)[^\n.]+?(?:উপেক্ষা|ভুলে)
        |(?:เพิกเฉย|ละเว้น|ลืม|ไม่ต้องสนใจ|อย่าทำตาม)[^\n.]*?(?:คำสั่ง|คำแนะนำ|กฎ|ทั้งหมด|ก่อนหน้า|ข้างต้น)"
    ),
    InjectionRule {
        name: "reveal-prompt/languages",
        entity: "SYSTEM_PROMPT_EXTRACTION",
        keywords: &[
            "systemprompt",
            "system-prompt",
            "system prompt",
            "systemanweisung",
            "systeemprompt",
            "prompt système",
            "prompt del sistema",
            "prompt do sistema",
            "prompt di sistema",
            "systemow",
            "instrucciones",
            "instructions",
            "instruções",
            "istruzioni",
            "anweisungen",
            "instructies",
            "instrukcj",
            "инструкци",
            "промпт",
            "подсказк",
            "系统提示",
            "系統提示",
            "系统指令",
            "初始指令",
            "提示词",
            "你的指令",
            "你的规则",
            "システムプロンプト",
            "初期指示",
            "あなたの指示",
            "시스템 프롬프트",
            "시스템 지시",
            "초기 지시",
            "sistem istem",
            "sistem komut",
            "sistem prompt",
            "talimatların",
            "تعليمات",
            "निर्देश",
            "hướng dẫn",
        ],
        pattern: asked_for!(
            r"system-?prompts?\b|systemanweisung|systeemprompt|prompt (?:système|del sistema|do sistema|di sistema)|systemow|instrucciones (?:iniciales|del sistema|ocultas|internas|originales|secretas)|instructions (?:système|initiales|cachées|internes|d'origine|secrètes)|(?:tes|vos) (?:instructions|consignes)|tus instrucciones|suas instruções|le tue istruzioni|(?:deine|ihre) (?:\w+ )?anweisungen|(?:je|jouw|uw) (?:\w+ )?instructies|swoje? instrukcj|tvoje? instruk|instruções (?:iniciais|do sistema|ocultas|internas|originais)|istruzioni (?:iniziali|di sistema|nascoste|interne|originali)|системн[^\s]* (?:промпт|инструкци|сообщени|подсказк)|(?:начальн|скрыт|внутренн|свои|твои)[^\s]* инструкци|промпт|系统提示|系統提示|系统指令|初始指令|提示词|你的指令|你的规则|システムプロンプト|初期指示|あなたの指示|시스템 프롬프트|시스템 지시|초기 지시|sistem (?:istem|komut|prompt)|talimatların|تعليمات(?:ك| النظام)|सिस्टम (?:प्रॉम्प्ट|निर्देश)|अपने निर्देश|hướng dẫn hệ thống"
        ),
        why: "asks for the reader's instructions",
    },
    InjectionRule {
        name: "secret/languages",
        entity: "SYSTEM_PROMPT_EXTRACTION",
        keywords: &[
            "passwort",
            "kennwort",
            "geheim",
            "contraseña",
            "secreta",
            "mot de passe",
            "secret",
            "senha",
            "segreta",
            "parola",
            "wachtwoord",
            "hasło",
            "tajne",
            "парол",
            "секретн",
            "密码",
            "口令",
            "パスワード",
            "합言葉",
            "비밀번호",
            "암호",
            "şifre",
            "كلمة السر",
            "كلمة المرور",
            "पासवर्ड",
            "mật khẩu",
            "kata sandi",
        ],
        pattern: asked_for!(
            r"\bpasswort|\bkennwort|\bgeheimwort|geheime\w* wort|contraseña|(?:clave|palabra) secreta|mot de passe|mot secret|\bsenha\b|palavra secreta|password segreta|parola (?:d'ordine|segreta)|wachtwoord|geheime woord|hasło|tajne słowo|парол|секретн[^\s]* (?:слово|код)|密码|口令|パスワード|비밀번호|암호|şifre|كلمة (?:السر|المرور)|पासवर्ड|mật khẩu|kata sandi"
        ),
        why: "asks for a secret that the reader keeps",
    },
];
