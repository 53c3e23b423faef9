import ArgumentParser

@main
struct Borealis: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "borealis",
    abstract: "A whole Aurora in one process, on a virtual clock.")
}
