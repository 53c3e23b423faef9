/// One change of a source file, put beside what it changes: a switch chooses between the two at run time.
struct Edit: Sendable {
  enum Origin: String, Sendable {
    case defect
    case mutant
  }

  let origin: Origin
  /// Unique among all; of a mutant a digest of what it changes and where, so that it outlives shifted lines.
  let name: String
  /// From the root of the package.
  let file: String
  let kind: String
  /// For the table: what is wrong, or what stands in the place of what.
  let change: String
  /// Of a defect: whether its author thinks that a user would notice; empty otherwise.
  let guess: String
  /// In bytes of the file as it is.
  let range: Range<Int>
  /// With ``placeholder`` where the switch is looked at.
  let replacement: String

  static let placeholder = "$chosen"

  /// The text that takes the place of `range`.
  ///
  /// - Parameter number: from 1 on.
  func text(number: Int) -> String {
    replacement.replacing(Self.placeholder, with: "Planted.isChosen(\(number))")
  }
}

/// Why nothing could be planted or searched for.
struct MutationError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
