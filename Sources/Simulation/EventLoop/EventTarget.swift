/// What a plain event calls: an object that reacts, without a task and without an allocation.
public protocol EventTarget: AnyObject {
  /// - Parameter token: what the scheduler of the event gave along, to tell events apart.
  func fire(_ token: UInt64)
}
