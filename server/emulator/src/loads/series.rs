//! What a run measured, in steps of five seconds for each request name: in memory while it runs, and in a file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use load::{Sample, Tally};

/// The shortest grain of metrics, in seconds.
pub const STEP_S: u32 = 5;

/// The requests of one name in one step.
#[derive(Clone, Debug, Default)]
pub struct Point {
    pub tally: Tally,
    /// The highest number of users of each engine.
    pub users: BTreeMap<u32, u32>,
}

impl Point {
    fn add(&mut self, sample: &Sample) {
        self.tally.merge(&sample.tally);
        let users = self.users.entry(sample.engine).or_default();
        *users = (*users).max(sample.users);
    }
}

/// What a run measured.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// When second 0 was, in Unix milliseconds.
    pub base_ms: i64,
    /// By step and name.
    points: BTreeMap<(u32, String), Point>,
}

impl Series {
    /// An empty series.
    pub fn new(base_ms: i64) -> Self {
        Self { base_ms, points: BTreeMap::new() }
    }

    pub fn add(&mut self, sample: &Sample) {
        let key = (sample.second / STEP_S, sample.name.clone());
        self.points.entry(key).or_default().add(sample);
    }

    /// The points with their times in Unix milliseconds, in order.
    pub fn points(&self) -> impl Iterator<Item = (i64, &str, &Point)> {
        self.points.iter().map(|((step, name), point)| {
            let at = self.base_ms + i64::from(*step) * i64::from(STEP_S) * 1000;
            (at, name.as_str(), point)
        })
    }

    pub fn names(&self) -> BTreeSet<&str> {
        self.points.keys().map(|(_, name)| name.as_str()).collect()
    }

    /// Everything by name, and the seconds from the beginning to the end of the last step.
    pub fn totals(&self) -> (BTreeMap<String, Tally>, f64) {
        let mut by_name: BTreeMap<String, Tally> = BTreeMap::new();
        for ((_, name), point) in &self.points {
            by_name.entry(name.clone()).or_default().merge(&point.tally);
        }
        let steps = self.points.keys().last().map_or(0, |(step, _)| step + 1);
        (by_name, f64::from(steps * STEP_S))
    }

    /// Reads what a [`Recorder`] wrote. A line that the end of the emulator cut off is left out.
    pub fn read(path: &Path, base_ms: i64) -> Self {
        let mut series = Self::new(base_ms);
        let Ok(file) = File::open(path) else { return series };
        for line in BufReader::new(file).lines() {
            let Ok(line) = line else { break };
            if let Ok(sample) = serde_json::from_str::<Sample>(&line) {
                series.add(&sample);
            }
        }
        series
    }
}

/// Writes samples to a file, one a line.
#[derive(Debug)]
pub struct Recorder(BufWriter<File>);

impl Recorder {
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(Self(BufWriter::new(File::create(path)?)))
    }

    pub fn write(&mut self, sample: &Sample) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, sample)?;
        self.0.write_all(b"\n")
    }

    pub fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(second: u32, engine: u32, users: u32, count: u64) -> Sample {
        let tally = Tally { count, ..Tally::default() };
        Sample { second, engine, name: "score".to_owned(), users, tally }
    }

    #[test]
    fn seconds_are_joined_to_steps_and_a_torn_line_is_left_out() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("samples");
        let mut recorder = Recorder::create(&path).expect("a file");
        let samples =
            [sample(0, 0, 3, 10), sample(4, 1, 2, 5), sample(3, 0, 1, 1), sample(5, 0, 4, 7)];
        samples.iter().for_each(|one| recorder.write(one).expect("a line"));
        recorder.0.write_all(b"{\"second\":6,").expect("a torn line");
        recorder.flush().expect("written");
        let series = Series::read(&path, 1_000);
        let points: Vec<_> = series
            .points()
            .map(|(at, name, point)| (at, name, point.tally.count, point.users.values().sum()))
            .collect();
        assert_eq!(points, [(1_000, "score", 16, 5_u32), (6_000, "score", 7, 4)]);
        let (by_name, seconds) = series.totals();
        assert_eq!((by_name["score"].count, seconds), (23, 10.0));
        assert_eq!(Series::read(&dir.path().join("absent"), 0).points().count(), 0);
    }
}
