import SQL
import Simulation
import Wire

/// COPY … FROM STDIN: the client sends lines until it says that there are no more.
extension Session {
  func copy(_ plan: CopyPlan) async throws {
    writer.copyInResponse(
      CopyFormats(
        overall: .text, columns: Array(repeating: .text, count: plan.columns.count)))
    try await flush()
    var reader = CopyReader(plan.format)
    var count = 0
    while true {
      guard let message = try await nextMessage() else { throw ConnectionError.closed }
      switch message {
      case .copyData(let data):
        reader.append(data)
        try await insertLines(&reader, plan, isLast: false, &count)
        try checkForInterrupt()
      case .copyDone:
        try await insertLines(&reader, plan, isLast: true, &count)
        hasUnchargedWork = true
        return writer.commandComplete("COPY", rows: count)
      case .copyFail(let reason):
        throw SQLError(
          sqlState: "57014", message: "COPY from stdin failed: \(reason)")
      case .flush, .sync: continue
      default:
        throw SQLError.protocolViolation("unexpected message type during COPY from stdin")
      }
    }
  }

  private func insertLines(
    _ reader: inout CopyReader, _ plan: CopyPlan, isLast: Bool, _ count: inout Int
  ) async throws {
    while let (fields, text) = try reader.next(isLast: isLast) {
      try await plan.insert(fields, line: (reader.lineCount, text), run)
      hasUnchargedWork = true
      count += 1
    }
  }
}
