import Foundation

/// Standard output and standard error, and whether a person is looking.
enum Terminal {
  /// Whether standard error is a terminal, which can show a line that changes in place.
  static let isInteractive = isatty(FileHandle.standardError.fileDescriptor) == 1

  /// Whether a person types, who wants to be asked.
  static let isPrompting = isatty(FileHandle.standardInput.fileDescriptor) == 1

  /// Reads a line, and not one byte more: what follows may be for another process.
  ///
  /// - Parameter prompt: shown to a person.
  /// - Returns: the line without its end; `nil` at the end of the input.
  static func readLine(prompt: String) -> String? {
    if isPrompting { print(prompt, terminator: "") }
    fflush(nil)
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while true {
      let size = read(FileHandle.standardInput.fileDescriptor, &byte, 1)
      if size < 0, errno == EINTR { continue }
      if size <= 0 { return line.isEmpty ? nil : String(decoding: line, as: UTF8.self) }
      if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
      line.append(byte)
    }
  }

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
