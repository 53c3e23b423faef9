extension StorageNode {
  /// How much of the hot log on disk is in use, from 0 to 1; `nil` while the node does not serve.
  public var hotLogFill: Double? {
    incarnation.map { Double($0.journal.used) / Double($0.journal.size) }
  }
}
