//! Keys that their own form gives away, by family.
//!
//! The forms are those that the providers publish or that their keys show. Lengths are a little
//! wider than today's where the prefix alone leaves no doubt, since providers lengthen their keys.

mod checksum;
mod cloud;
mod code;
mod messages;
mod models;
mod money;
mod services;

use super::rule::KeyRule;

/// Every key; of two that match in one place the longer counts, then the first.
pub(super) fn all() -> impl Iterator<Item = &'static KeyRule> {
    let families: [&'static [KeyRule]; 6] = [
        cloud::CLOUD_KEYS,
        code::CODE_KEYS,
        models::MODELS_KEYS,
        messages::MESSAGES_KEYS,
        money::MONEY_KEYS,
        services::SERVICES_KEYS,
    ];
    families.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use crate::secrets::rule::KeyRule;
    use crate::secrets::{SecretsGuard, named, shape};

    /// Where chance comes from: the same numbers in each run.
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, most: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 >> 33).unwrap() % most
        }
    }

    fn found(secrets: &SecretsGuard, text: &str, value: &str) -> bool {
        let mut findings = Vec::new();
        secrets.find(text, &mut findings);
        let start = text.find(value).unwrap();
        let covers = |finding: &crate::finding::Finding| {
            finding.start < start + value.len() && finding.end >= start + value.len()
        };
        findings.iter().any(covers)
    }

    fn contexts(name: &str, value: &str) -> Vec<String> {
        let json = serde_json::json!({ format!("{name}_token"): value }).to_string();
        vec![
            format!("{}_API_KEY={value}\n", name.to_uppercase()),
            format!("export {name}_token='{value}'"),
            format!("{name}_secret: {value}\n"),
            serde_json::json!({ "content": json }).to_string(),
            json,
            format!("-old\n+{name}Token = \"{value}\""),
            format!("  12  tool --{name}-token {value} -v"),
            format!("https://host/x?{name}_token={value}&y=1"),
            format!("const {name}Key = `{value}`;"),
        ]
    }

    fn check(secrets: &SecretsGuard, key: &KeyRule, chance: &mut Chance) -> Option<String> {
        let value = shape::make(key.shape, &mut |most| chance.below(most), 0);
        let mut texts = contexts("my", &value);
        texts.push(format!("Use {value} for that."));
        texts.push(format!("{{\"a\":\"x\\n{value}\\ny\"}}"));
        let missed = texts
            .into_iter()
            .find(|text| !found(secrets, text, &value))?;
        Some(format!("{}: {missed}", key.id))
    }

    #[test]
    fn each_key_is_found_wherever_it_stands() {
        let secrets = SecretsGuard::new();
        let mut chance = Chance(0x1234_5678_9abc_def1);
        let missed: Vec<String> = super::all()
            .filter_map(|key| check(&secrets, key, &mut chance))
            .collect();
        assert!(missed.is_empty(), "{}", missed.join("\n"));
    }

    #[test]
    fn each_key_with_a_name_is_found_by_it() {
        let secrets = SecretsGuard::new();
        let mut chance = Chance(0x9234_5678_9abc_def1);
        let mut missed = Vec::new();
        // One has letters that end a value without quotes.
        for named in named::all().filter(|named| named.id != "freemius-secret-key") {
            let value = shape::make(named.shape, &mut |most| chance.below(most), 0);
            for name in named.names {
                let name = name.replace(' ', "_");
                let name = if name.ends_with(['_', '-']) {
                    name + "app"
                } else {
                    name
                };
                let texts = contexts(&name, &value).into_iter();
                missed.extend(
                    texts
                        .filter(|text| !found(&secrets, text, &value))
                        .map(|text| format!("{}: {text}", named.id)),
                );
            }
        }
        assert!(missed.is_empty(), "{}", missed.join("\n"));
    }

    /// Keys of which a shorter form is a key as well.
    const LOOSE: &[&str] = &["openai-api-key", "anthropic-api-key", "slack-app-token"];

    #[test]
    fn a_key_that_is_cut_off_is_none() {
        let secrets = SecretsGuard::new();
        let mut chance = Chance(0x5234_5678_9abc_def1);
        let mut wrong = Vec::new();
        for key in super::all() {
            let value = shape::make(key.shape, &mut |most| chance.below(most), 0);
            let start = if key.shape.starts_with('[') { 3 } else { 0 };
            let end = value.len() - if start == 0 { 9 } else { 0 };
            let mut findings = Vec::new();
            secrets.find(
                &format!("Use {} for that.", &value[start..end]),
                &mut findings,
            );
            if findings.iter().any(|finding| finding.rule == key.id) && !LOOSE.contains(&key.id) {
                wrong.push(format!("{}: {}", key.id, &value[start..end]));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
