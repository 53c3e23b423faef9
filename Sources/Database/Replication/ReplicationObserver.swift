public import Volume

/// Whoever measures how long commits take to be seen on readers: told by the engines, and heard by none of them.
///
/// It is told what happens at the instant at which it does; which clock it reads is its own affair.
public protocol ReplicationObserver: AnyObject {
  /// The commit with this LSN is durable, and its client is about to be told. In order of LSNs.
  func commitBecameDurable(_ lsn: LSN)
  /// A reader shows everything up to an LSN; told again and again.
  ///
  /// - Parameter number: of the instance in its cluster.
  func reader(_ number: Int, shows lsn: LSN)
  /// An instance is no open reader any more, if it was one.
  func readerLeft(_ number: Int)
}
