import Mustache

/// A table of the page: what its columns are, and text for its cells.
struct PageTable {
  /// How a column is set.
  enum Column {
    case text(String)
    /// Not broken over lines.
    case token(String)
    case number(String)
    /// `pass`, `fail`, `yes`, `no` or anything undecided, with a sign and in its colour.
    case mark(String)

    fileprivate var title: String {
      switch self {
      case .text(let title), .token(let title), .number(let title), .mark(let title): title
      }
    }

    fileprivate var style: String {
      switch self {
      case .text: ""
      case .token: "t"
      case .number: "n"
      case .mark: "mark"
      }
    }
  }

  /// A cell of the body or the header, as the template takes it.
  struct Cell {
    let text: String
    /// Attributes of the element, with a space before them.
    let attributes: String
    /// Whether it names its row.
    var isHeader = false
    /// Another page, relative to this one.
    var link = ""
    var isLink = false
  }

  struct Row {
    let cells: [Cell]
  }

  let attributes: String
  let caption: String
  /// Whether there is one; stored, since a template finds stored properties only.
  let hasCaption: Bool
  let columns: [Cell]
  private(set) var rows: [Row] = []

  private let kinds: [Column]

  /// - Parameter caption: what the table shows, in a few words.
  init(_ columns: [Column], caption: String, style: String = "") {
    self.caption = caption
    hasCaption = !caption.isEmpty
    kinds = columns
    attributes = Self.attributes(style)
    self.columns = columns.map { column in
      Cell(text: column.title, attributes: Self.attributes(column.style))
    }
  }

  /// Adds a row; one text for each column.
  ///
  /// - Parameter link: where the name of the row leads to.
  mutating func add(_ texts: [String], link: String? = nil) {
    precondition(texts.count == kinds.count, "\(texts.count) cells for \(kinds.count) columns")
    rows.append(
      Row(
        cells: zip(texts, kinds).enumerated().map { place, cell in
          let (text, kind) = cell
          if case .mark = kind { return Self.mark(text) }
          return Cell(
            text: text, attributes: Self.attributes(kind.style), isHeader: place == header,
            link: link ?? "", isLink: place == header && link != nil)
        }))
  }

  /// The place of the first column that is no mark: it names the row.
  private var header: Int? {
    kinds.firstIndex { if case .mark = $0 { false } else { true } }
  }

  /// The table as markup, for pages that are put together of tables.
  var markup: String {
    do {
      return try MustacheTemplate(string: PageTemplate.table).render(self)
    } catch {
      preconditionFailure("the table's own template does not parse: \(error)")
    }
  }

  var isEmpty: Bool { rows.isEmpty }

  /// The word for a judgement, which is also the name of its style.
  static func word(for passed: Bool?) -> String {
    passed.map { $0 ? "pass" : "fail" } ?? "unknown"
  }

  /// A mark that can be told without its colour.
  private static func mark(_ word: String) -> Cell {
    switch word {
    case "pass", "yes": Cell(text: "✓ \(word)", attributes: attributes("mark pass"))
    case "fail", "no": Cell(text: "✗ \(word)", attributes: attributes("mark fail"))
    default: Cell(text: "? \(word)", attributes: attributes("mark unknown"))
    }
  }

  private static func attributes(_ style: String) -> String {
    style.isEmpty ? "" : " class=\"\(style)\""
  }
}
