//! What a rule about attacks consists of.

/// A pattern.
pub(crate) struct InjectionRule {
    /// Its name in findings: `injection/NAME`.
    pub(crate) name: &'static str,
    /// What the finding is called.
    pub(crate) entity: &'static str,
    /// One of these stands in whatever matches.
    pub(crate) keywords: &'static [&'static str],
    /// A regular expression over bytes without Unicode classes, in which ` .. ` stands for some
    /// words of the same sentence.
    pub(crate) pattern: &'static str,
    /// Why a finding is one.
    pub(crate) why: &'static str,
}

impl InjectionRule {
    /// Whether it gives the reader a role or rules rather than orders against its own.
    pub(crate) fn is_jailbreak(&self) -> bool {
        self.entity == "JAILBREAK"
    }
}
