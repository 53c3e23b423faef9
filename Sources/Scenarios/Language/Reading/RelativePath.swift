/// A path as one file gives it for another: counted from the folder of the file that names it.
struct RelativePath {
  /// Without `.`, and without `..` after a folder: equal texts are one file, unless links lead elsewhere.
  let text: String

  /// - Parameter file: the path of the file that names it; empty for a path that stands as it is.
  init(_ name: String, from file: String) {
    let isAbsolute = name.hasPrefix("/")
    let folder = isAbsolute ? [] : file.split(separator: "/").dropLast()
    var steps: [Substring] = []
    for step in folder + name.split(separator: "/") where step != "." {
      if step == "..", let last = steps.last, last != ".." {
        steps.removeLast()
      } else {
        steps.append(step)
      }
    }
    let isRooted = isAbsolute || file.hasPrefix("/")
    text = (isRooted ? "/" : "") + steps.joined(separator: "/")
  }
}
