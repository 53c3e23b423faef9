import Scenarios
import Testing

@testable import Reports

@Suite struct `The colours of the pages` {
  /// Relative luminance of `#rrggbb`. Source: WCAG 2.2, definition of relative luminance.
  private static func luminance(_ hex: String) throws -> Double {
    let value = try #require(Int(hex.dropFirst(), radix: 16))
    let channels = [16, 8, 0].map { shift -> Double in
      let share = Double((value >> shift) & 0xff) / 255
      if share <= 0.04045 { return share / 12.92 }
      // ((share + 0.055) / 1.055) ^ 2.4 by the fifth root, which Newton finds.
      let base = (share + 0.055) / 1.055
      var root = base
      for _ in 0..<60 {
        root -= (root * root * root * root * root - base) / (5 * root * root * root * root)
      }
      return base * base * root * root
    }
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
  }

  private static func contrast(_ one: String, _ other: String) throws -> Double {
    let (a, b) = (try luminance(one), try luminance(other))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
  }

  private static func color(_ name: String) throws -> Theme.Color {
    try #require(Theme.colors.first { $0.name == name }, "no colour is called \(name)")
  }

  @Test func `are told apart as the guidelines compute it`() throws {
    #expect((try Self.contrast("#000000", "#ffffff") * 100).rounded() == 2100)
    #expect((try Self.contrast("#767676", "#ffffff") * 100).rounded() == 454)
  }

  @Test func `give all text a contrast of 4.5 to 1, on a light and on a dark screen`() throws {
    for (text, grounds) in Theme.texts {
      for ground in grounds {
        let (front, back) = (try Self.color(text), try Self.color(ground))
        let light = try Self.contrast(front.light, back.light)
        let dark = try Self.contrast(front.dark, back.dark)
        #expect(light >= 4.5, "\(text) on \(ground), light: \(light)")
        #expect(dark >= 4.5, "\(text) on \(ground), dark: \(dark)")
      }
    }
  }

  /// Whatever is text in the style sheet or on a page is in the table that is computed above.
  @Test func `are named in one table only, with every colour that text has`() throws {
    let texts = Theme.texts.map(\.text)
    let rules = StyleSheet.text.replacing(Theme.styles, with: "")
    #expect(!rules.contains("#"), "a colour of its own")
    for rule in rules.split(separator: "}") {
      let parts = rule.split(separator: "{")
      guard parts.count >= 2, let declarations = parts.last else { continue }
      for declaration in declarations.split(separator: ";") {
        let words = declaration.split(separator: ":").map { $0.trimmed }
        guard words.count == 2, words[1].hasPrefix("var(--") else { continue }
        let name = String(words[1].dropFirst(6).prefix { $0 != ")" })
        _ = try Self.color(name)
        if words[0] == "color" { #expect(texts.contains(name), "\(declaration)") }
      }
    }
    for result in [SampleResult.passing, SampleResult.failing, SampleResult.crowded] {
      let page = HTMLReport(result).markup.replacing(StyleSheet.text, with: "")
      #expect(!page.contains("fill=\"#") && !page.contains("background:#"), "a colour of its own")
      for use in page.split(separator: "var(--").dropFirst() {
        _ = try Self.color(String(use.prefix { $0 != ")" }))
      }
    }
  }
}

extension Substring {
  fileprivate var trimmed: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
