import Simulation

/// A history with everything numbered: transactions, lists, and for each append its transaction.
///
/// Lists get places from 0 in the order of their labels, so that nothing depends on hashing.
struct ListAppendHistory {
  /// One value in one list.
  struct Element: Hashable, Comparable {
    let list: Int
    let value: Int

    static func < (lhs: Self, rhs: Self) -> Bool {
      (lhs.list, lhs.value) < (rhs.list, rhs.value)
    }
  }

  /// Where a value came from.
  struct Append {
    let transaction: Int
    /// Whether the same transaction appended nothing more to the list.
    let isLast: Bool
  }

  /// One reading by a transaction whose commit was acknowledged.
  struct Reading {
    let transaction: Int
    let values: [Int]
  }

  /// In order of invocation or as observed; a final reading, if there is one, comes last.
  let transactions: [ListAppendTransaction]
  /// The place of the reading after the end; `nil` if there was none.
  let finalReading: Int?
  /// The labels of the lists, ascending.
  let labels: [Int]
  /// Per list, in order of their transactions.
  let readings: [[Reading]]

  private let places: LookupTable<Int, Int>
  private let appends: LookupTable<Element, Append>

  /// - Parameter finalReadings: what the lists held when all was over; empty if nobody looked.
  /// - Precondition: no value was appended to a list twice.
  init(
    _ history: [ListAppendTransaction], finalReadings: [(list: Int, values: [Int])], end: Instant
  ) {
    var transactions = history
    if !finalReadings.isEmpty {
      let operations = finalReadings.sorted { $0.list < $1.list }.map { reading in
        ListAppendTransaction.Operation.read(list: reading.list, values: reading.values)
      }
      transactions.append(
        ListAppendTransaction(
          process: -1, operations: operations, outcome: .committed, invoked: end, completed: end))
    }
    self.transactions = transactions
    finalReading = finalReadings.isEmpty ? nil : history.count

    var places = LookupTable<Int, Int>()
    for transaction in transactions {
      for operation in transaction.operations { places[operation.list] = 0 }
    }
    labels = places.sortedByKey().map(\.key)
    for (place, label) in labels.enumerated() { places[label] = place }

    var readings = [[Reading]](repeating: [], count: labels.count)
    var appends = LookupTable<Element, Append>()
    for (number, transaction) in transactions.enumerated() {
      for (index, operation) in transaction.operations.enumerated() {
        let place = places[operation.list] ?? 0
        switch operation {
        case .append(let list, let value):
          let element = Element(list: place, value: value)
          precondition(appends[element] == nil, "\(value) was appended to list \(list) twice")
          let isLast = !transaction.operations[(index + 1)...].contains { $0.appends(to: list) }
          appends[element] = Append(transaction: number, isLast: isLast)
        case .read(_, let values):
          if transaction.outcome != .committed { continue }
          readings[place].append(Reading(transaction: number, values: values))
        }
      }
    }
    self.readings = readings
    self.places = places
    self.appends = appends
  }

  /// Who appended a value; `nil` if nobody did.
  func append(of value: Int, to list: Int) -> Append? {
    appends[Element(list: list, value: value)]
  }

  /// The place of a list; `nil` if no operation names it.
  func place(ofLabel label: Int) -> Int? { places[label] }

  /// When a transaction was over, or begun if it never was.
  func end(of transaction: Int) -> Instant {
    transactions[transaction].completed ?? transactions[transaction].invoked
  }
}

extension ListAppendTransaction.Operation {
  /// The label of the list.
  var list: Int {
    switch self {
    case .append(let list, _), .read(let list, _): list
    }
  }

  func appends(to label: Int) -> Bool {
    if case .append(let list, _) = self { list == label } else { false }
  }
}
