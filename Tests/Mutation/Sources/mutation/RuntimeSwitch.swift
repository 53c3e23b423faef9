/// What is added to each module that holds edits.
enum RuntimeSwitch {
  /// The number of the edit that is in force; none if it is not set.
  static let variable = "BOREALIS_DEFECT"
  /// A file to which a line is added with the number of each edit whose place is reached: that of the one that is in
  /// force, or of all if none is. It is written as soon as that happens, as the run may end in a trap.
  static let noteVariable = "BOREALIS_DEFECT_NOTE"

  static func source(count: Int) -> String {
    """
    import Glibc

    /// Which of the planted edits is in force.
    public enum Planted {
      private static let chosen = getenv("\(variable)").flatMap { Int(String(cString: $0)) } ?? 0
      private static let notePath = getenv("\(noteVariable)").map { String(cString: $0) }
      /// Of each edit, whether there is something to be done when its place is reached: 1 to note it, 2 if it is
      /// in force.
      nonisolated(unsafe) private static var states: [UInt8] = {
        var states = [UInt8](repeating: notePath != nil && chosen == 0 ? 1 : 0, count: \(count + 1))
        if chosen > 0 { states[chosen] = 2 | (notePath == nil ? 0 : 1) }
        return states
      }()

      public static func isChosen(_ edit: Int) -> Bool {
        let state = states[edit]
        if state == 0 { return false }
        if state & 1 != 0 { note(edit) }
        return state & 2 != 0
      }

      @inline(never)
      private static func note(_ edit: Int) {
        states[edit] &= ~1
        guard let notePath, let file = fopen(notePath, "a") else { return }
        fputs("\\(edit)\\n", file)
        fclose(file)
      }
    }

    """
  }
}
