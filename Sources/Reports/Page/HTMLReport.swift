import Mustache
public import Scenarios

/// One run as one page that needs nothing else: no other file, no network, no script to be read.
public struct HTMLReport {
  private let result: RunResult

  public init(_ result: RunResult) { self.result = result }

  /// The page; equal for equal results, byte for byte.
  public var markup: String {
    do {
      let page = try MustacheTemplate(string: PageTemplate.text)
      let table = try MustacheTemplate(string: PageTemplate.table)
      let library = MustacheLibrary(templates: ["table": table])
      return page.render(PageContent(result), library: library)
    } catch {
      preconditionFailure("the page's own template does not parse: \(error)")
    }
  }
}
