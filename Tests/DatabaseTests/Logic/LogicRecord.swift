/// One record of a logic script: what is done, and what must come of it.
struct LogicRecord: Equatable {
  /// What the result of a statement must be.
  enum Outcome: Equatable {
    case ok
    /// So many rows inserted, updated, deleted or copied.
    case count(Int)
    case error(sqlState: String)
    /// Rows, with a letter for the type of each column.
    case rows(types: String, isSorted: Bool)
  }

  enum Action: Equatable {
    /// Runs `text` as a simple query.
    case run(Outcome)
    /// Sends `text`, which then waits for another session.
    case block
    /// The statement that waited goes on.
    case resume(Outcome)
    /// Runs `text`, a COPY, and sends it `data`.
    case copy(Outcome)
    /// Sends the messages in `text`, one a line; `expected` is every message that comes back.
    case exchange
    /// The records that follow are for the session of this name, which is opened if there is none.
    case connect(String)
    case disconnect(String)
    /// Asks the server to cancel what the session of this name does.
    case cancel(String)
    /// Lets milliseconds pass.
    case sleep(Int)
  }

  /// Where it begins in its file, from 1.
  var line: Int
  /// Comments and conditions before it, as they are written.
  var preamble: [String] = []
  /// The servers that leave the record out.
  var skipped: [String] = []
  var action: Action
  var text: [String] = []
  var data: [String] = []
  /// Rows, the words of an error, or notices.
  var expected: [String] = []

  var sql: String { text.joined(separator: "\n") }

  func isSkipped(by server: String) -> Bool { skipped.contains(server) }
}
