//! What a rule about attacks consists of.

/// A pattern.
pub(in crate::injection) struct Rule {
    /// Its name in findings: `injection/NAME`.
    pub(in crate::injection) name: &'static str,
    /// What the finding is called.
    pub(in crate::injection) entity: &'static str,
    /// One of these stands in whatever matches.
    pub(in crate::injection) keywords: &'static [&'static str],
    /// A regular expression over bytes without Unicode classes, in which ` .. ` stands for some
    /// words of the same sentence.
    pub(in crate::injection) pattern: &'static str,
    /// Why a finding is one.
    pub(in crate::injection) why: &'static str,
}
