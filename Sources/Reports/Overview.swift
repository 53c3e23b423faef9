// Reports: a `RunResult` as something to read.
//
// `ReportWriter` gives the files of a run: one self-contained page (`Page`, with the drawings of
// `Charts`) and tables for machines (`CSV`); `TerminalSummary` gives the lines at the end of a run.
// Everything is made from the result alone, by fixed-point formatting, so that equal results give
// equal bytes; nothing here measures, judges, or touches a disk.
