import Simulation

/// Finds what needs no graph: what one reading, or one list, proves by itself.
struct ReadingInspection {
  let history: ListAppendHistory
  let orders: [VersionOrder]

  func inspect(into found: inout AnomalyList) {
    for number in history.transactions.indices { inspectInside(number, into: &found) }
    for order in orders {
      inspectElements(of: order, into: &found)
      inspectReadings(of: order, into: &found)
      inspectUpdates(of: order, into: &found)
    }
    inspectFinalReading(into: &found)
  }

  // MARK: Inside one transaction

  /// A transaction sees its own appends at the end of a list (it holds the row's lock since the
  /// first of them), none of them before it was made, and, but for read committed, nothing else
  /// that is new.
  private func inspectInside(_ number: Int, into found: inout AnomalyList) {
    let transaction = history.transactions[number]
    guard transaction.outcome == .committed, transaction.operations.count > 1 else { return }
    // What the transaction must find: its own appends, and what it read before the last of them.
    var known: [(list: Int, own: [Int], expected: [Int]?)] = []
    for (place, operation) in transaction.operations.enumerated() {
      let list = operation.list
      let index = known.firstIndex { $0.list == list } ?? known.count
      if index == known.count { known.append((list, [], nil)) }
      switch operation {
      case .append(_, let value):
        known[index].own.append(value)
        known[index].expected?.append(value)
      case .read(_, let values):
        let (_, own, expected) = known[index]
        if !values.suffix(own.count).elementsEqual(own) {
          found.add(.internalInconsistency, transactions: [number]) { wording in
            [
              "\(wording.name(number)) read list \(list) as \(wording.values(values)), which does "
                + "not end with its own \(wording.values(own))."
            ]
          }
        } else if let expected, expected != values {
          found.add(.unrepeatableRead, transactions: [number]) { wording in
            [
              "\(wording.name(number)) read list \(list) as \(wording.values(values)), where after "
                + "its reading before it had to be \(wording.values(expected))."
            ]
          }
        }
        known[index].expected = values
        for case .append(list, let value) in transaction.operations[(place + 1)...]
        where values.contains(value) {
          found.add(.internalInconsistency, transactions: [number]) { wording in
            [
              "\(wording.name(number)) read list \(list) as \(wording.values(values)), with the "
                + "\(value) that it appended only afterwards."
            ]
          }
        }
      }
    }
  }

  // MARK: Elements

  /// Looks at each value of a list once, however often it was read.
  private func inspectElements(of order: VersionOrder, into found: inout AnomalyList) {
    let first = order.firstReadings(in: history)
    var seen = LookupTable<Int, Bool>()
    for (place, value) in order.elements.enumerated() {
      let isNew = seen[value] == nil
      seen[value] = true
      if isNew && order.writers[place] != nil { continue }
      let reading = history.readings[order.list][first[place]]
      judge(value, isNew: isNew, in: reading, of: order.list, into: &found)
    }
  }

  /// Reports a value that should not be there.
  private func judge(
    _ value: Int, isNew: Bool, in reading: ListAppendHistory.Reading, of list: Int,
    into found: inout AnomalyList
  ) {
    let reader = reading.transaction
    let append = history.append(of: value, to: list)
    if !isNew {
      found.add(.duplicateElement, transactions: [reader]) { wording in
        [
          "\(wording.name(reader)) read \(wording.list(list)) as "
            + "\(wording.values(reading.values)), where \(value) stands twice."
        ]
      }
    } else if let append {
      guard history.transactions[append.transaction].outcome == .rolledBack else { return }
      found.add(.abortedRead, transactions: [append.transaction, reader]) { wording in
        [
          "\(wording.name(append.transaction)) appended \(value) to \(wording.list(list)) and was "
            + "rolled back, yet \(wording.name(reader)) read \(wording.values(reading.values))."
        ]
      }
    } else {
      found.add(.unknownElement, transactions: [reader]) { wording in
        [
          "\(wording.name(reader)) read \(wording.list(list)) as "
            + "\(wording.values(reading.values)), but nobody ever appended \(value) to it."
        ]
      }
    }
  }

  // MARK: Readings

  private func inspectReadings(of order: VersionOrder, into found: inout AnomalyList) {
    for (index, reading) in history.readings[order.list].enumerated() {
      inspectLast(of: reading, order: order, into: &found)
      guard !order.isPrefix[index], let other = order.reader else { continue }
      let reader = reading.transaction
      found.add(.incompatibleOrder, transactions: [reader, other]) { wording in
        [
          "\(wording.name(reader)) read \(wording.list(order.list)) as "
            + "\(wording.values(reading.values)), and \(wording.name(other)) read it as "
            + "\(wording.values(order.elements)): neither is the beginning of the other."
        ]
      }
      // The values beyond the common beginning were not looked at with the order's.
      var seen = LookupTable<Int, Bool>()
      let common = zip(reading.values, order.elements).prefix { $0 == $1 }.count
      for (place, value) in reading.values.enumerated() {
        let isNew = seen[value] == nil
        seen[value] = true
        if place < common { continue }
        judge(value, isNew: isNew, in: reading, of: order.list, into: &found)
      }
    }
  }

  /// A state that ends in the middle of another transaction's appends was never committed.
  private func inspectLast(
    of reading: ListAppendHistory.Reading, order: VersionOrder, into found: inout AnomalyList
  ) {
    guard let last = reading.values.last,
      let append = history.append(of: last, to: order.list), !append.isLast,
      append.transaction != reading.transaction,
      history.transactions[append.transaction].outcome != .rolledBack
    else { return }
    found.add(.intermediateRead, transactions: [append.transaction, reading.transaction]) {
      wording in
      [
        "\(wording.name(reading.transaction)) read \(wording.list(order.list)) as "
          + "\(wording.values(reading.values)), where \(last) is not the last that "
          + "\(wording.name(append.transaction)) appended to it."
      ]
    }
  }

  // MARK: Updates

  /// Two committed transactions that read the same state of a list first and both appended to it.
  private func inspectUpdates(of order: VersionOrder, into found: inout AnomalyList) {
    // The first transaction that read so many values before its own first append to the list.
    var updaters = [Int](repeating: -1, count: order.elements.count + 1)
    let label = history.labels[order.list]
    var previous = -1
    for (index, reading) in history.readings[order.list].enumerated() {
      if reading.transaction == previous { continue }
      previous = reading.transaction
      guard order.isPrefix[index] else { continue }
      let operations = history.transactions[reading.transaction].operations
      guard let first = operations.first(where: { $0.list == label }), !first.appends(to: label),
        operations.contains(where: { $0.appends(to: label) })
      else { continue }
      let count = reading.values.count
      if updaters[count] < 0 {
        updaters[count] = reading.transaction
        continue
      }
      let (one, two) = (updaters[count], reading.transaction)
      found.add(.lostUpdate, transactions: [one, two]) { wording in
        [
          "\(wording.name(one)) and \(wording.name(two)) both read "
            + "\(wording.list(order.list)) as \(wording.values(reading.values)) and both appended "
            + "to it, so one of them did not see what it changed."
        ]
      }
    }
  }

  // MARK: The end

  private func inspectFinalReading(into found: inout AnomalyList) {
    guard let final = history.finalReading else { return }
    // Per list, what is there at the end; `nil` if nobody looked.
    let contents = history.readings.map { readings -> LookupTable<Int, Bool>? in
      guard let last = readings.last, last.transaction == final else { return nil }
      var content = LookupTable<Int, Bool>()
      for value in last.values { content[value] = true }
      return content
    }
    for (number, transaction) in history.transactions.enumerated() {
      guard transaction.outcome == .committed, let completed = transaction.completed else {
        continue
      }
      for case .append(let list, let value) in transaction.operations {
        guard let place = history.place(ofLabel: list), let content = contents[place],
          content[value] == nil
        else { continue }
        let values = history.readings[place].last?.values ?? []
        found.add(.lostAppend, transactions: [number, final]) { wording in
          [
            "\(wording.name(number)) appended \(value) to list \(list) and was acknowledged at "
              + "\(completed), but \(wording.name(final)) found \(wording.values(values))."
          ]
        }
      }
    }
  }
}
