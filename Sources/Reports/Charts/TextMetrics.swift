/// How wide a text will be, near enough to keep labels apart.
///
/// The page asks for Helvetica or a font of the same widths, which are published with the font.
enum TextMetrics {
  /// Advance widths of the characters from U+0020 to U+007E, in thousandths of the font size.
  private static let widths: [Int] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,  // space to /
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,  // 0 to ?
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,  // @ to O
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,  // P to _
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,  // ` to o
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,  // p to ~
  ]

  /// The width in pixels; bold type is about six per cent wider.
  static func width(of text: String, size: Double, isBold: Bool = false) -> Double {
    let units = text.unicodeScalars.reduce(0) { sum, scalar in
      let place = Int(scalar.value) - 0x20
      return sum + (widths.indices.contains(place) ? widths[place] : 556)
    }
    return Double(units) / 1_000 * size * (isBold ? 1.06 : 1)
  }
}
