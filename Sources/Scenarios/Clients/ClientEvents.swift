import Simulation

// What the trace tells of client hosts.

/// The name server has sent a client host to another instance than before.
struct ClientResolved: TracePayload {
  static let name = "client.resolved"
  var host: String
  /// `nil` if the name stands for no instance.
  var instance: String?
  var subject: ResourceName { .host(host) }

  func encode(into fields: inout TraceFields) { fields.add("instance", instance ?? "") }
}
