import Foundation

/// Standard output and standard error, and whether a person is looking.
enum Terminal {
  /// Whether standard error is a terminal, which can show a line that changes in place.
  static let isInteractive = isatty(FileHandle.standardError.fileDescriptor) == 1

  /// Writes a line about what is wrong.
  static func complain(_ text: String) { writeError(text.hasSuffix("\n") ? text : text + "\n") }

  /// Replaces the changing line at the bottom of the terminal.
  static func showStatus(_ text: String) { writeError("\r\u{1B}[K" + text) }

  /// Writes a line above the changing line.
  static func tell(_ text: String) { writeError((isInteractive ? "\r\u{1B}[K" : "") + text + "\n") }

  static func clearStatus() { if isInteractive { writeError("\r\u{1B}[K") } }

  private static func writeError(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
