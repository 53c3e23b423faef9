/// A data type with its modifier, such as `integer` or `character(84)`.
public struct SQLType: Hashable, Sendable {
  /// A type without its modifier. Raw values are stored in catalogs: never renumber them.
  public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
    /// A quoted literal or a parameter whose type nothing has decided yet.
    case unknown = 0
    case boolean = 1
    case smallint = 2
    case integer = 3
    case bigint = 4
    case real = 5
    case double = 6
    case numeric = 7
    case text = 8
    case varchar = 9
    /// `character(n)`: blank-padded.
    case character = 10
    case name = 11
    case bytea = 12
    case timestamp = 13
    case timestampWithTimeZone = 14
    case date = 15
    case interval = 16
    case oid = 17
    case void = 18
  }

  public let kind: Kind
  /// PostgreSQL's type modifier: length + 4 for strings, (precision << 16 | scale) + 4 for numeric,
  /// -1 for none.
  public let modifier: Int32

  public init(_ kind: Kind, modifier: Int32 = -1) {
    self.kind = kind
    self.modifier = modifier
  }

  public static let unknown = SQLType(.unknown)
  public static let boolean = SQLType(.boolean)
  public static let smallint = SQLType(.smallint)
  public static let integer = SQLType(.integer)
  public static let bigint = SQLType(.bigint)
  public static let real = SQLType(.real)
  public static let double = SQLType(.double)
  public static let numeric = SQLType(.numeric)
  public static let text = SQLType(.text)
  public static let varchar = SQLType(.varchar)
  public static let name = SQLType(.name)
  public static let bytea = SQLType(.bytea)
  public static let timestamp = SQLType(.timestamp)
  public static let timestampWithTimeZone = SQLType(.timestampWithTimeZone)
  public static let date = SQLType(.date)
  public static let interval = SQLType(.interval)
  public static let oid = SQLType(.oid)
  public static let void = SQLType(.void)

  /// `character(length)`, length in characters.
  public static func character(_ length: Int) -> SQLType {
    SQLType(.character, modifier: Int32(length) + 4)
  }

  /// `character varying(length)`, length in characters.
  public static func varchar(_ length: Int) -> SQLType {
    SQLType(.varchar, modifier: Int32(length) + 4)
  }

  public static func numeric(precision: Int, scale: Int) -> SQLType {
    SQLType(.numeric, modifier: Int32(precision << 16 | scale) + 4)
  }

  /// The type without its modifier.
  public var withoutModifier: SQLType { SQLType(kind) }

  /// The declared length of a string type, in characters.
  public var length: Int? {
    guard modifier >= 4, kind == .character || kind == .varchar else { return nil }
    return Int(modifier) - 4
  }

  /// The declared precision and scale of a numeric, in digits.
  public var precisionAndScale: (precision: Int, scale: Int)? {
    guard modifier >= 4, kind == .numeric else { return nil }
    return (Int(modifier - 4) >> 16, Int(modifier - 4) & 0xFFFF)
  }
}

extension SQLType {
  /// PostgreSQL's object identifier of the type.
  public var oid: UInt32 {
    switch kind {
    case .unknown: 705
    case .boolean: 16
    case .smallint: 21
    case .integer: 23
    case .bigint: 20
    case .real: 700
    case .double: 701
    case .numeric: 1700
    case .text: 25
    case .varchar: 1043
    case .character: 1042
    case .name: 19
    case .bytea: 17
    case .timestamp: 1114
    case .timestampWithTimeZone: 1184
    case .date: 1082
    case .interval: 1186
    case .oid: 26
    case .void: 2278
    }
  }

  /// The type of this identifier; `nil` for types that the engine does not have.
  public init?(oid: UInt32, modifier: Int32 = -1) {
    guard let kind = Kind.allCases.first(where: { SQLType($0).oid == oid }) else { return nil }
    self.init(kind, modifier: modifier)
  }

  /// The size in bytes that PostgreSQL's row descriptions give: -1 for varying.
  public var wireSize: Int16 {
    switch kind {
    case .boolean: 1
    case .smallint: 2
    case .integer, .real, .date, .oid, .void: 4
    case .bigint, .double, .timestamp, .timestampWithTimeZone: 8
    case .interval: 16
    case .name: 64
    case .unknown: -2
    case .numeric, .text, .varchar, .character, .bytea: -1
    }
  }

  /// As `format_type` writes it in most messages, without the modifier.
  public var nameWithoutModifier: String {
    switch kind {
    case .unknown: "unknown"
    case .boolean: "boolean"
    case .smallint: "smallint"
    case .integer: "integer"
    case .bigint: "bigint"
    case .real: "real"
    case .double: "double precision"
    case .numeric: "numeric"
    case .text: "text"
    case .varchar: "character varying"
    case .character: "character"
    case .name: "name"
    case .bytea: "bytea"
    case .timestamp: "timestamp without time zone"
    case .timestampWithTimeZone: "timestamp with time zone"
    case .date: "date"
    case .interval: "interval"
    case .oid: "oid"
    case .void: "void"
    }
  }

  /// With the modifier, such as `character(84)`.
  public var name: String {
    if let length { return "\(nameWithoutModifier)(\(length))" }
    if let (precision, scale) = precisionAndScale { return "numeric(\(precision),\(scale))" }
    return nameWithoutModifier
  }

  public var isInteger: Bool {
    switch kind {
    case .smallint, .integer, .bigint, .oid: true
    default: false
    }
  }

  public var isNumber: Bool { numericRank != nil }

  public var isText: Bool {
    switch kind {
    case .text, .varchar, .character, .name: true
    default: false
    }
  }

  public var isDateOrTime: Bool {
    switch kind {
    case .date, .timestamp, .timestampWithTimeZone, .interval: true
    default: false
    }
  }

  var isTimestamp: Bool { kind == .timestamp || kind == .timestampWithTimeZone }

  /// The place in the order in which numbers are promoted implicitly.
  var numericRank: Int? {
    switch kind {
    case .smallint: 0
    case .integer: 1
    case .oid: 2
    case .bigint: 3
    case .numeric: 4
    case .real: 5
    case .double: 6
    default: nil
    }
  }

  /// The values of an integer type.
  var integerRange: ClosedRange<Int64> {
    switch kind {
    case .smallint: -32_768...32_767
    case .integer: -2_147_483_648...2_147_483_647
    case .oid: 0...4_294_967_295
    default: Int64.min...Int64.max
    }
  }
}
