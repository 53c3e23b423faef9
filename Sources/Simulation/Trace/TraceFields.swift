/// Takes in the fields of an event one after another, for the digest of the run or as text.
///
/// An event lists its fields once, in ``TracePayload/encode(into:)``, so that the digest covers exactly what
/// a reader sees. Folding allocates nothing.
public struct TraceFields {
  private(set) var digest: Digest
  /// `name subject key=value …`
  private(set) var text: String
  private let isWriting: Bool

  init(foldingInto digest: Digest) { (self.digest, text, isWriting) = (digest, "", false) }

  init(writingAfter heading: String) {
    (digest, text, isWriting) = (Digest(), heading, true)
  }

  public mutating func add(_ key: StaticString, _ value: Int64) {
    if isWriting {
      write(key, "\(value)")
    } else {
      fold(key)
      digest.fold(UInt64(bitPattern: value))
    }
  }

  public mutating func add(_ key: StaticString, _ value: String) {
    if isWriting {
      write(key, value)
    } else {
      fold(key)
      digest.fold(value)
    }
  }

  public mutating func add(_ key: StaticString, _ value: Int) { add(key, Int64(value)) }
  public mutating func add(_ key: StaticString, _ value: UInt32) { add(key, Int64(value)) }
  public mutating func add(_ key: StaticString, _ value: UInt64) {
    add(key, Int64(bitPattern: value))
  }

  /// As `yes` or `no`.
  public mutating func add(_ key: StaticString, _ value: Bool) { add(key, value ? "yes" : "no") }

  public mutating func add<Word: RawRepresentable<String>>(_ key: StaticString, _ value: Word) {
    add(key, value.rawValue)
  }

  /// In nanoseconds, which the key should say.
  public mutating func add(_ key: StaticString, _ value: Interval) { add(key, value.nanoseconds) }
  /// In nanoseconds since the start of the run, which the key should say.
  public mutating func add(_ key: StaticString, _ value: Instant) { add(key, value.nanoseconds) }

  /// As one text, with a comma between two.
  public mutating func add(_ key: StaticString, _ values: [String]) {
    if isWriting {
      write(key, values.joined(separator: ","))
    } else {
      fold(key)
      digest.fold(UInt64(values.count))
      for value in values { digest.fold(value) }
    }
  }

  private mutating func fold(_ key: StaticString) {
    key.withUTF8Buffer { bytes in
      digest.fold(UInt64(bytes.count))
      for byte in bytes { digest.fold(UInt64(byte)) }
    }
  }

  private mutating func write(_ key: StaticString, _ value: String) {
    text += " \(key)=\(value)"
  }
}
