import Simulation

/// What an agent tells the engine beside it, once a second and whenever something changes: to answer, and
/// what to be.
struct EngineProbe: Hashable {
  /// Which run of the agent speaks; grows with each restart.
  var agent: UInt32
  /// Counts the probes of that run, from 1.
  var number: UInt64
  /// What the engine is to be; `nil` to leave that as it is.
  var role: EngineRole?
  /// What a serverless engine has to get by with.
  var capacity: ServerlessCapacity?
}

/// What an engine tells the agent beside it.
struct EngineReport: Hashable {
  /// The incarnation of the engine's process: what an earlier one said no longer counts.
  var process: UInt32
  /// The probe that this answers; 0 if nobody asked.
  var probe: UInt64
  var status: EngineStatus
  /// By which its memory goes, if it was told one.
  var capacity: ServerlessCapacity?
}
