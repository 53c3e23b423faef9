// Statistics: what a run's samples come to, and how it is written down.
//
// Every number that a report states can be recomputed from the samples, means the same wherever it
// appears, and is written with the same bytes on every machine. `LatencyHistogram` (HdrHistogram)
// holds times without keeping samples: its quantiles are within 0.1 % and never beyond the largest
// sample, and histograms add up exactly, so that shards merge in any order. `Summary`,
// `ConfidenceInterval` and `LinearRegression` are GSL's functions on plain arrays; an interval for
// which there are too few samples is `nil`, never a guess. `FixedPoint` is the only way to text.
