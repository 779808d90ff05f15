// SPDX-License-Identifier: GPL-2.0-only
//! What is said of a set of measured times.

/// With fewer samples than this, the 99th percentile is only the largest.
const P99_SAMPLES: usize = 100;

/// A summary of samples, in their unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stats {
    pub n: usize,
    pub mean: f64,
    pub median: f64,
    /// By the nearest-rank method; NaN with fewer than 100 samples.
    pub p99: f64,
    pub min: f64,
    pub max: f64,
}

impl Stats {
    /// Summarises samples, if there are any; none is dropped or clamped.
    pub fn of(samples: &mut [u64]) -> Option<Self> {
        let n = samples.len();
        let sum: u128 = samples.iter().map(|&sample| u128::from(sample)).sum();

        if n == 0 {
            return None;
        }
        samples.sort_unstable();
        Some(Self {
            n,
            mean: sum as f64 / n as f64,
            median: median(samples),
            p99: if n < P99_SAMPLES {
                f64::NAN
            } else {
                samples[(99 * n + 99) / 100 - 1] as f64
            },
            min: samples[0] as f64,
            max: samples[n - 1] as f64,
        })
    }
}

/// The middle one of samples, or the mean of the two middle ones; NaN if there are none.
pub fn median(samples: &mut [u64]) -> f64 {
    let n = samples.len();

    if n == 0 {
        return f64::NAN;
    }
    samples.sort_unstable();
    (samples[(n - 1) / 2] as f64 + samples[n / 2] as f64) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few() {
        let stats = Stats::of(&mut [4, 1, 2, 9]).unwrap();
        assert_eq!((stats.n, stats.mean, stats.median), (4, 4.0, 3.0));
        assert_eq!((stats.min, stats.max), (1.0, 9.0));
        assert!(stats.p99.is_nan());
        assert_eq!(median(&mut [7]), 7.0);
        assert!(median(&mut []).is_nan());
        assert_eq!(Stats::of(&mut []), None);
    }

    #[test]
    fn percentile() {
        let mut samples: Vec<u64> = (1..=100).rev().collect();
        assert_eq!(Stats::of(&mut samples).unwrap().p99, 99.0);
        let mut samples: Vec<u64> = (1..=101).collect();
        assert_eq!(Stats::of(&mut samples).unwrap().p99, 100.0);
    }

    #[test]
    fn sums_beyond_64_bits() {
        assert_eq!(Stats::of(&mut [u64::MAX; 3]).unwrap().mean, u64::MAX as f64);
    }
}
