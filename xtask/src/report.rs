//! Tables of figures, for people and for programs.

use serde_json::{Value, json};

/// Rows of `what, measured, reach`, printed as Markdown or as JSON.
#[derive(Default)]
pub(crate) struct FigureTable {
    title: String,
    rows: Vec<FigureRow>,
}

struct FigureRow {
    what: String,
    value: f64,
    unit: &'static str,
    reach: Option<Reach>,
}

/// What a figure should be.
#[derive(Clone, Copy)]
pub(crate) enum Reach {
    /// At least this.
    AtLeast(f64),
    /// Less than this.
    Below(f64),
}

impl FigureTable {
    /// An empty table.
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            rows: Vec::new(),
        }
    }

    /// Adds a figure that has no aim.
    pub(crate) fn note(&mut self, what: impl Into<String>, value: f64, unit: &'static str) {
        self.rows.push(FigureRow {
            what: what.into(),
            value,
            unit,
            reach: None,
        });
    }

    /// Adds a figure and what it should be.
    pub(crate) fn aim(
        &mut self,
        what: impl Into<String>,
        value: f64,
        unit: &'static str,
        reach: Reach,
    ) {
        self.rows.push(FigureRow {
            what: what.into(),
            value,
            unit,
            reach: Some(reach),
        });
    }

    /// Prints all of it.
    pub(crate) fn print(&self, as_json: bool) {
        if as_json {
            println!("{}", self.json());
        } else {
            print!("{}", self.markdown());
        }
    }

    fn markdown(&self) -> String {
        let mut text = format!(
            "### {}\n\n| what | measured | reach | |\n|---|---|---|---|\n",
            self.title
        );
        for row in &self.rows {
            let measured = format!("{} {}", shown(row.value), row.unit);
            let (reach, verdict) = match row.reach {
                None => (String::new(), String::new()),
                Some(reach) => (reach.words(row.unit), reach.verdict(row.value)),
            };
            let cells = [row.what.as_str(), measured.trim(), &reach, &verdict];
            text.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        text.push('\n');
        text
    }

    fn json(&self) -> Value {
        let rows = self.rows.iter().map(|row| {
            let (at_least, below) = match row.reach {
                Some(Reach::AtLeast(least)) => (Some(least), None),
                Some(Reach::Below(most)) => (None, Some(most)),
                None => (None, None),
            };
            let met = row.reach.map(|reach| reach.met(row.value));
            json!({"what": row.what, "value": row.value, "unit": row.unit,
                "at_least": at_least, "below": below, "met": met})
        });
        json!({"title": self.title, "rows": rows.collect::<Vec<_>>()})
    }
}

impl Reach {
    fn met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::Below(most) => value < most,
        }
    }

    fn words(self, unit: &str) -> String {
        match self {
            Self::AtLeast(least) => format!("≥ {} {unit}", shown(least)).trim_end().to_owned(),
            Self::Below(most) => format!("< {} {unit}", shown(most)).trim_end().to_owned(),
        }
    }

    /// Whether it is met and by how much.
    fn verdict(self, value: f64) -> String {
        let (Self::AtLeast(aim) | Self::Below(aim)) = self;
        let mark = if self.met(value) { "met" } else { "**missed**" };
        if aim == 0.0 {
            mark.to_owned()
        } else {
            format!("{mark}, {:.2} of it", value / aim)
        }
    }
}

/// Three significant digits and no more.
fn shown(value: f64) -> String {
    match value.abs() {
        big if big >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        small if small >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// The value below which `share` of the values lie.
pub(crate) fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "an index: small and not negative"
    )]
    #[expect(clippy::cast_sign_loss, reason = "an index: small and not negative")]
    let at = (last as f64 * share).ceil() as usize;
    values.get(at).copied().unwrap_or_default()
}

/// A share of some, which are more than none, and Wilson's interval of 95% around it, all in percent
/// (<https://doi.org/10.1080/01621459.1927.10502953>).
#[expect(clippy::cast_precision_loss, reason = "counts")]
pub(crate) fn percent_with_interval(part: u64, all: u64) -> [f64; 3] {
    const Z: f64 = 1.959_964;
    let (n, share) = (all as f64, part as f64 / all as f64);
    let middle = share + Z * Z / (2.0 * n);
    let width = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    [share, (middle - width) / scale, (middle + width) / scale]
        .map(|part| 100.0 * part.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::{FigureTable, Reach, percentile};

    #[test]
    fn a_missed_aim_stands_out() {
        let mut report = FigureTable::new("import");
        report.aim("speed", 15.0, "MB/s", Reach::AtLeast(30.0));
        assert!(
            report
                .markdown()
                .contains("| speed | 15.0 MB/s | ≥ 30.0 MB/s | **missed**, 0.50")
        );
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        let mut values = vec![3.0, 1.0, 2.0, 4.0];
        assert!((percentile(&mut values, 0.5) - 3.0).abs() < 1e-9);
        assert!((percentile(&mut values, 0.95) - 4.0).abs() < 1e-9);
    }
}
