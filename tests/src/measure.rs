//! Measuring side by side: each figure is a ratio to a baseline taken in the same run, turn about, so that a busy
//! or slow machine moves both.

use std::path::Path;
use std::time::Instant;

/// Times of both sides in microseconds.
#[derive(Default)]
pub struct Pairs {
    ours: Vec<f64>,
    baseline: Vec<f64>,
}

impl Pairs {
    pub fn ours(&mut self, work: impl FnOnce()) {
        self.ours.push(timed(work));
    }

    pub fn baseline(&mut self, work: impl FnOnce()) {
        self.baseline.push(timed(work));
    }

    /// Adds times that were measured elsewhere, in microseconds.
    pub fn both(&mut self, ours: Vec<f64>, baseline: Vec<f64>) {
        self.ours.extend(ours);
        self.baseline.extend(baseline);
    }

    pub fn own(&self) -> &[f64] {
        &self.ours
    }
}

pub fn timed(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1e6
}

/// The value below which `share` of the samples lie.
pub fn quantile(samples: &[f64], share: f64) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = ((sorted.len() as f64 - 1.0) * share).round() as usize;
    sorted.get(place).copied().unwrap_or(f64::NAN)
}

/// A 95 % interval of the ratio of medians, by drawing the samples again 400 times.
fn interval(pairs: &Pairs) -> (f64, f64) {
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut draw = |samples: &[f64]| -> Vec<f64> {
        (0..samples.len())
            .map(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                samples[(seed >> 33) as usize % samples.len()]
            })
            .collect()
    };
    let ratios: Vec<f64> = (0..400).map(|_| quantile(&draw(&pairs.ours), 0.5) / quantile(&draw(&pairs.baseline), 0.5)).collect();
    (quantile(&ratios, 0.025), quantile(&ratios, 0.975))
}

/// One line of the table.
struct Row {
    goal: &'static str,
    what: String,
    figure: String,
    target: String,
    met: Option<bool>,
    json: serde_json::Value,
}

/// The table of a run.
#[derive(Default)]
pub struct Report {
    rows: Vec<Row>,
}

impl Report {
    /// Ratio of medians with its interval, and of p99s; met when both are within their limits.
    pub fn ratio(&mut self, goal: &'static str, what: &str, pairs: &Pairs, most_p50: f64, most_p99: f64) {
        let half = pairs.baseline.len() / 2;
        let (first, second) = pairs.baseline.split_at(half);
        let drift = quantile(first, 0.5) / quantile(second, 0.5);
        let p50 = quantile(&pairs.ours, 0.5) / quantile(&pairs.baseline, 0.5);
        let p99 = quantile(&pairs.ours, 0.99) / quantile(&pairs.baseline, 0.99);
        let (low, high) = interval(pairs);
        let noisy = !(0.85..=1.0 / 0.85).contains(&drift);
        let note = if noisy { " (noisy: the baseline drifted)" } else { "" };
        self.push(Row {
            goal,
            what: what.to_owned(),
            figure: format!(
                "p50 {p50:.2}× [{low:.2}, {high:.2}], p99 {p99:.2}×; {:.0} µs over {:.0} µs{note}",
                quantile(&pairs.ours, 0.5),
                quantile(&pairs.baseline, 0.5)
            ),
            target: format!("≤ {most_p50}× / ≤ {most_p99}×"),
            met: Some(p50 <= most_p50 && p99 <= most_p99),
            json: serde_json::json!({ "p50_ratio": p50, "p50_low": low, "p50_high": high, "p99_ratio": p99, "noisy": noisy }),
        });
    }

    /// A figure that is counted or has its own limit.
    pub fn figure(&mut self, goal: &'static str, what: &str, figure: String, target: &str, met: Option<bool>, json: serde_json::Value) {
        self.push(Row { goal, what: what.to_owned(), figure, target: target.to_owned(), met, json });
    }

    /// Each row is told as soon as it is known: the whole takes minutes.
    fn push(&mut self, row: Row) {
        let verdict = match row.met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "",
        };
        println!("{:4} {:62} {:>7}  {}  (target {})", row.goal, row.what, verdict, row.figure, row.target);
        self.rows.push(row);
    }

    /// Writes the table's machine-readable twin, and tells whether every target was met.
    pub fn finish(&self, file: &Path) -> bool {
        let rows: Vec<serde_json::Value> = self
            .rows
            .iter()
            .map(|row| serde_json::json!({ "goal": row.goal, "what": row.what, "met": row.met, "target": row.target, "figures": row.json }))
            .collect();
        if let Err(error) = std::fs::write(file, format!("{:#}\n", serde_json::json!({ "rows": rows }))) {
            eprintln!("{}: {error}", file.display());
        }
        println!("The same for machines: {}", file.display());
        self.rows.iter().all(|row| row.met != Some(false))
    }
}
