import ArgumentParser

/// Where a command writes, and how much it says; the same for all that run something.
struct OutputOptions: ParsableArguments {
  @Option(
    name: [.short, .customLong("out")],
    help: ArgumentHelp(
      "Where to write. Without it: a folder in Reports/latest/, named after the scenario.",
      valueName: "folder"),
    completion: .directory)
  var output: String?

  @Flag(help: "Show no progress, only the result.")
  var quiet = false

  /// Makes the folder, before anything runs.
  ///
  /// - Parameter name: of the folder in Reports/latest/, if the user names none.
  func prepareFolder(_ name: String) throws -> ResultFolder {
    let folder = ResultFolder(path: output ?? "Reports/latest/\(name)")
    try folder.prepare()
    return folder
  }
}
