import Database
import Simulation
import Wire

/// Very many connections that are opened at once, and held: what a fleet of restarted applications does.
///
/// It acts on a server that has to bear it: one that takes connections, or refuses them for being full. A
/// server that is not to be heard, or does not listen, never knew of the storm.
final class ConnectionStorm: Strike {
  let victims: [String]
  let endsByItself = false
  private let id: String
  private let simulation: Simulation
  private let count: Int
  private var connections: [DatabaseConnection] = []
  /// Refused by a server that had no more room.
  private var turnedAway = 0
  /// Everything else, by what it was.
  private var failures = LookupTable<String, Int>()
  private(set) var acted: Instant?
  private var isOver = false

  init(id: String, connections count: Int, to instances: [String], in world: World) {
    (self.id, victims, simulation, self.count) = (id, instances, world.simulation, count)
    simulation.emit(FaultStarted(fault: id, targets: instances))
    let console = world.console
    for target in instances.compactMap({ world.instance($0) }) {
      for _ in 0..<count {
        console.process.spawn { [self] in
          do {
            let connection = try await console.connect(to: target.host.id)
            if isOver { connection.close() } else { connections.append(connection) }
            acted = acted ?? simulation.now
          } catch let error as ProcessEnded {
            throw error
          } catch let error as ErrorFields where error.sqlState == "53300" {
            turnedAway += 1
            acted = acted ?? simulation.now
          } catch {
            failures[FailureKind(error).name, default: 0] += 1
          }
        }
      }
    }
  }

  func finish() {
    isOver = true
    for connection in connections { connection.close() }
    simulation.emit(FaultEnded(fault: id, tookEffect: tookEffect, evidence: evidence))
  }

  var tookEffect: Bool { connections.count + turnedAway > 0 }

  var evidence: String {
    if victims.isEmpty { return "there was nobody to connect to" }
    let failed = failures.sortedByKey().map { ", \($0.value) \($0.key)" }.joined()
    return
      "\(connections.count) connections opened, \(turnedAway) refused for want of room\(failed)"
  }
}
