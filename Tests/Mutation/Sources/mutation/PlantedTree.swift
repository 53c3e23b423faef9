internal import Foundation

/// The copy of the sources that holds all edits, and the program that is built from it.
struct PlantedTree {
  private let root: URL
  private let folder: URL
  private let scratch: URL
  /// What is planted, in the order of the switch's numbers, from 1 on; `nil` for what did not compile.
  private(set) var edits: [Edit?]
  /// The lines that each edit takes in its changed file.
  private var lines: [String: [(edit: Int, lines: ClosedRange<Int>)]] = [:]

  /// The modules in which edits are.
  static let modules = ["Volume", "Database", "ControlPlane"]

  init(root: URL, edits: [Edit]) {
    self.root = root
    folder = root.appending(path: ".build/mutation/tree")
    scratch = root.appending(path: ".build/mutation/build")
    let known = (try? String(contentsOf: Self.refused(root), encoding: .utf8)) ?? ""
    let refused = Set(known.split(separator: "\n").map(String.init))
    self.edits = edits.map { refused.contains($0.name) ? nil : $0 }
  }

  /// The names of the mutants that were found not to compile, so that they are not tried again.
  private static func refused(_ root: URL) -> URL {
    root.appending(path: ".build/mutation/refused.txt")
  }

  var program: URL { scratch.appending(path: "release/borealis") }

  /// Builds the program, without those edits that do not compile.
  ///
  /// - Returns: the names of those that were left out.
  mutating func build() throws -> [String] {
    var dropped: [String] = []
    while true {
      try write()
      let (succeeded, output) = try compile()
      if succeeded { return dropped }
      let guilty = culprits(in: output)
      guard !guilty.isEmpty else {
        throw MutationError("the copy in \(folder.path) does not build:\n\(output.suffix(4000))")
      }
      for number in guilty {
        guard let edit = edits[number - 1] else { continue }
        guard edit.origin == .mutant else {
          throw MutationError("\(edit.name) does not compile:\n\(output.suffix(4000))")
        }
        dropped.append(edit.name)
        edits[number - 1] = nil
      }
      let known = (try? String(contentsOf: Self.refused(root), encoding: .utf8)) ?? ""
      let all = Set(known.split(separator: "\n").map(String.init)).union(dropped)
      try Data(all.sorted().map { "\($0)\n" }.joined().utf8)
        .write(to: Self.refused(root), options: .atomic)
      Progress.say("\(guilty.count) edits do not compile and are left out; building again")
    }
  }

  // MARK: The copy

  private mutating func write() throws {
    let files = FileManager.default
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    let manifest = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
    // A switched-off branch may be told off for what the sound one would not be.
    try put(manifest.replacing("  .treatAllWarnings(as: .error),\n", with: ""), at: "Package.swift")
    let resolved = root.appending(path: "Package.resolved")
    if let text = try? String(contentsOf: resolved, encoding: .utf8) {
      try put(text, at: "Package.resolved")
    }
    let tests = folder.appending(path: "Tests")
    if !files.fileExists(atPath: tests.path) {
      try files.createSymbolicLink(
        at: tests, withDestinationURL: root.appending(path: "Tests"))
    }
    lines = [:]
    var wanted: Set<String> = []
    for name in try files.subpathsOfDirectory(atPath: root.appending(path: "Sources").path) {
      let path = "Sources/\(name)"
      var isFolder: ObjCBool = false
      _ = files.fileExists(atPath: root.appending(path: path).path, isDirectory: &isFolder)
      if isFolder.boolValue { continue }
      wanted.insert(path)
      let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
      try put(planted(text, path), at: path)
    }
    for module in Self.modules {
      let path = "Sources/\(module)/Planted.swift"
      wanted.insert(path)
      try put(RuntimeSwitch.source(count: edits.count), at: path)
    }
    for name in try files.subpathsOfDirectory(atPath: folder.appending(path: "Sources").path) {
      let place = folder.appending(path: "Sources/\(name)")
      var isFolder: ObjCBool = false
      _ = files.fileExists(atPath: place.path, isDirectory: &isFolder)
      if !isFolder.boolValue, !wanted.contains("Sources/\(name)") {
        try files.removeItem(at: place)
      }
    }
  }

  /// Leaves a file alone that says the same already, so that the build does, too.
  private func put(_ text: String, at path: String) throws {
    let place = folder.appending(path: path)
    if let present = try? String(contentsOf: place, encoding: .utf8), present == text { return }
    try FileManager.default.createDirectory(
      at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: place, options: .atomic)
  }

  private mutating func planted(_ text: String, _ path: String) -> String {
    let own = edits.enumerated().compactMap { index, edit -> (number: Int, edit: Edit)? in
      guard let edit, edit.file == path else { return nil }
      return (index + 1, edit)
    }.sorted { $0.edit.range.lowerBound < $1.edit.range.lowerBound }
    guard !own.isEmpty else { return text }
    let bytes = Array(text.utf8)
    var (result, place, line): ([UInt8], Int, Int) = ([], 0, 1)
    func lineCount(_ bytes: some Sequence<UInt8>) -> Int {
      bytes.count { $0 == UInt8(ascii: "\n") }
    }
    for (number, edit) in own {
      precondition(edit.range.lowerBound >= place, "\(edit.name) overlaps another edit")
      let before = bytes[place..<edit.range.lowerBound]
      let after = Array(edit.text(number: number).utf8)
      line += lineCount(before)
      lines[path, default: []].append((number, line...line + lineCount(after)))
      line += lineCount(after)
      result += before
      result += after
      place = edit.range.upperBound
    }
    return String(decoding: result + bytes[place...], as: UTF8.self)
  }

  // MARK: Building

  private func compile() throws -> (succeeded: Bool, output: String) {
    let log = root.appending(path: ".build/mutation/build.log")
    let ending = try Child.run(
      "/usr/bin/env",
      [
        "swift", "build", "-c", "release", "--product", "borealis", "--static-swift-stdlib",
        "--package-path", folder.path, "--scratch-path", scratch.path,
      ], output: log.path)
    return (ending.code == 0, try String(contentsOf: log, encoding: .utf8))
  }

  /// The edits at which the compiler has found errors, or the nearest one before.
  private func culprits(in output: String) -> Set<Int> {
    let error = #/(Sources/[^\s:]+):(\d+):\d+: error:/#
    var guilty: Set<Int> = []
    for match in output.matches(of: error) {
      guard let line = Int(match.2), let planted = lines[String(match.1)] else { continue }
      let here = planted.filter { $0.lines.contains(line) }
      if here.isEmpty {
        if let last = planted.last(where: { $0.lines.upperBound < line }) {
          guilty.insert(last.edit)
        }
      } else {
        for edit in here { guilty.insert(edit.edit) }
      }
    }
    return guilty
  }
}
