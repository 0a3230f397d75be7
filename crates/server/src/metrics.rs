//! Counters, gauges and histograms, as Prometheus reads them. Each metric is declared once, in [`Metric`].

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A metric of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Requests by route, method and status.
    Requests,
    /// Seconds until the head of an answer, by route.
    RequestSeconds,
    /// Requests that are worked on.
    RequestsInFlight,
    /// Event streams that are open.
    Streams,
    /// Requests that use the archive or wait for it.
    ArchiveJobs,
    /// Requests without a valid credential.
    Unauthorized,
    /// Requests that came too often, by what limited them (`key` or `address`).
    RateLimited,
    /// Turns by how they ended.
    Turns,
    /// Requests to models by provider and outcome.
    ModelRequests,
    /// Tokens by model and direction (`prompt` or `completion`).
    ModelTokens,
    /// Seconds until a model's first token, by model.
    FirstTokenSeconds,
    /// Findings of guards by kind and action.
    GuardFindings,
}

/// What kind of metric one is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum MetricKind {
    Counter,
    Gauge,
    Histogram,
}

impl Metric {
    /// All metrics.
    pub const ALL: [Self; 12] = [
        Self::Requests,
        Self::RequestSeconds,
        Self::RequestsInFlight,
        Self::Streams,
        Self::ArchiveJobs,
        Self::Unauthorized,
        Self::RateLimited,
        Self::Turns,
        Self::ModelRequests,
        Self::ModelTokens,
        Self::FirstTokenSeconds,
        Self::GuardFindings,
    ];

    /// Its name, its help and the names of its labels.
    #[must_use]
    pub fn describe(self) -> (&'static str, &'static str, &'static [&'static str]) {
        match self {
            Self::Requests => (
                "lorekeep_http_requests_total",
                "Requests by route, method and status.",
                &["route", "method", "status"],
            ),
            Self::RequestSeconds => (
                "lorekeep_http_request_seconds",
                "Seconds until the head of an answer, by route.",
                &["route"],
            ),
            Self::RequestsInFlight => (
                "lorekeep_http_requests_in_flight",
                "Requests that are worked on.",
                &[],
            ),
            Self::Streams => ("lorekeep_http_streams", "Event streams that are open.", &[]),
            Self::ArchiveJobs => (
                "lorekeep_archive_jobs",
                "Requests that use the archive or wait for it.",
                &[],
            ),
            Self::Unauthorized => (
                "lorekeep_http_unauthorized_total",
                "Requests without a valid credential.",
                &[],
            ),
            Self::RateLimited => (
                "lorekeep_http_rate_limited_total",
                "Requests that came too often, by what limited them.",
                &["by"],
            ),
            Self::Turns => (
                "lorekeep_turns_total",
                "Turns by how they ended.",
                &["outcome"],
            ),
            Self::ModelRequests => (
                "lorekeep_model_requests_total",
                "Requests to models by provider and outcome.",
                &["provider", "outcome"],
            ),
            Self::ModelTokens => (
                "lorekeep_model_tokens_total",
                "Tokens by model and direction.",
                &["model", "direction"],
            ),
            Self::FirstTokenSeconds => (
                "lorekeep_model_first_token_seconds",
                "Seconds until a model's first token, by model.",
                &["model"],
            ),
            Self::GuardFindings => (
                "lorekeep_guard_findings_total",
                "Findings of guards by kind and action.",
                &["kind", "action"],
            ),
        }
    }

    fn kind(self) -> MetricKind {
        match self {
            Self::RequestSeconds | Self::FirstTokenSeconds => MetricKind::Histogram,
            Self::RequestsInFlight | Self::Streams | Self::ArchiveJobs => MetricKind::Gauge,
            _ => MetricKind::Counter,
        }
    }
}

/// Upper bounds of a histogram's buckets, in seconds.
const BUCKETS_SECONDS: [f64; 12] = [
    0.001, 0.002, 0.005, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 120.0,
];

/// Combinations of labels of one metric: names of models come from outside.
const MAX_SERIES: usize = 1000;

/// The values of all metrics.
#[derive(Debug, Default)]
pub struct ServerMetrics {
    series: Mutex<BTreeMap<Metric, BTreeMap<Vec<String>, SeriesValue>>>,
}

#[derive(Debug, Default)]
struct SeriesValue {
    /// The value of a counter or gauge, the sum of a histogram.
    value: f64,
    count: u64,
    buckets: [u64; BUCKETS_SECONDS.len()],
}

impl ServerMetrics {
    /// Adds to a counter or gauge; `labels` in the order of [`Metric::describe`].
    pub fn add(&self, metric: Metric, labels: &[&str], by: f64) {
        self.change(metric, labels, |series| series.value += by);
    }

    /// Notes how long something took, in a histogram.
    pub fn took(&self, metric: Metric, labels: &[&str], took: Duration) {
        let seconds = took.as_secs_f64();
        self.change(metric, labels, |series| {
            series.value += seconds;
            series.count += 1;
            for (count, bound) in series.buckets.iter_mut().zip(BUCKETS_SECONDS) {
                *count += u64::from(seconds <= bound);
            }
        });
    }

    fn change(&self, metric: Metric, labels: &[&str], change: impl FnOnce(&mut SeriesValue)) {
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        let mut series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        let of = series.entry(metric).or_default();
        if of.len() < MAX_SERIES || of.contains_key(&labels) {
            change(of.entry(labels).or_default());
        }
    }

    /// All of them, in Prometheus's text format.
    #[must_use]
    pub fn text(&self) -> String {
        let series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = String::new();
        for metric in Metric::ALL {
            let (name, help, labels) = metric.describe();
            let kind = match metric.kind() {
                MetricKind::Counter => "counter",
                MetricKind::Gauge => "gauge",
                MetricKind::Histogram => "histogram",
            };
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
            let none = BTreeMap::new();
            let values = series.get(&metric).unwrap_or(&none);
            if values.is_empty() && labels.is_empty() {
                let _ = writeln!(out, "{name} 0");
            }
            for (of, value) in values {
                let labels: Vec<(&str, &str)> = labels
                    .iter()
                    .copied()
                    .zip(of.iter().map(String::as_str))
                    .collect();
                write_series(&mut out, metric, &labels, value);
            }
        }
        out
    }
}

fn write_series(out: &mut String, metric: Metric, labels: &[(&str, &str)], series: &SeriesValue) {
    let (name, _, _) = metric.describe();
    if metric.kind() != MetricKind::Histogram {
        let _ = writeln!(out, "{name}{} {}", written(labels), series.value);
        return;
    }
    for (count, bound) in series.buckets.iter().zip(BUCKETS_SECONDS) {
        let bound = bound.to_string();
        let labels = [labels, &[("le", bound.as_str())]].concat();
        let _ = writeln!(out, "{name}_bucket{} {count}", written(&labels));
    }
    let all = [labels, &[("le", "+Inf")]].concat();
    let _ = writeln!(out, "{name}_bucket{} {}", written(&all), series.count);
    let _ = writeln!(out, "{name}_sum{} {}", written(labels), series.value);
    let _ = writeln!(out, "{name}_count{} {}", written(labels), series.count);
}

fn written(labels: &[(&str, &str)]) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let escaped = |value: &str| {
        value
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n")
    };
    let pairs = labels
        .iter()
        .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_as_prometheus_reads_it() {
        let metrics = ServerMetrics::default();
        metrics.add(Metric::Requests, &["/a\"\n", "GET", "200"], 2.0);
        metrics.took(Metric::RequestSeconds, &["/a"], Duration::from_millis(20));
        let text = metrics.text();
        assert!(text.contains(
            "lorekeep_http_requests_total{route=\"/a\\\"\\n\",method=\"GET\",status=\"200\"} 2\n"
        ));
        assert!(
            text.contains("lorekeep_http_request_seconds_bucket{route=\"/a\",le=\"0.01\"} 0\n")
        );
        assert!(
            text.contains("lorekeep_http_request_seconds_bucket{route=\"/a\",le=\"0.03\"} 1\n")
        );
        assert!(text.contains("lorekeep_http_request_seconds_count{route=\"/a\"} 1\n"));
        assert!(text.contains("lorekeep_http_streams 0\n"));
    }

    #[test]
    fn labels_from_outside_are_bounded() {
        let metrics = ServerMetrics::default();
        for number in 0..2000 {
            metrics.add(Metric::Turns, &[&number.to_string()], 1.0);
        }
        let text = metrics.text();
        let lines = text
            .lines()
            .filter(|line| line.starts_with("lorekeep_turns_total{"));
        assert_eq!(lines.count(), MAX_SERIES);
    }
}
