public import Scenarios

/// Every file of a run's report.
///
/// It writes nothing itself: the command is the door to the disk. Equal results give equal files.
public struct ReportWriter {
  private let result: RunResult

  /// The name of the page among ``files``.
  public static let pageName = "report.html"

  public init(_ result: RunResult) { self.result = result }

  /// The page first, then the tables; names are relative and without folders.
  public var files: [(name: String, contents: String)] {
    [(Self.pageName, HTMLReport(result).markup)] + CSVReport(result).files
  }
}
