/// The command that runs a scenario under a seed, as a user may paste it into a shell.
public enum ReplayCommand {
  static func text(_ file: String, seed: UInt64) -> String { "\(start(file)) --seed \(seed)" }

  /// All but the seed.
  public static func start(_ file: String) -> String { "borealis run \(word(file))" }

  /// A word that the shell takes as it is, in quotes where it would take it apart.
  private static func word(_ text: String) -> String {
    let isPlain =
      !text.isEmpty
      && text.unicodeScalars.allSatisfy { scalar in
        scalar.value > 127 || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
          || "/._-+,:@%=".unicodeScalars.contains(scalar)
      }
    if isPlain { return text }
    return "'"
      + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#)
      + "'"
  }
}
