import Database
import Simulation

/// Very many connections that are opened at once, and held: what a fleet of restarted applications does.
final class ConnectionStorm: Strike {
  let victims: [String]
  let endsByItself = false
  private let id: String
  private let simulation: Simulation
  private var connections: [DatabaseConnection] = []
  private var refused = 0
  private var isOver = false

  init(id: String, connections count: Int, to instances: [String], in world: World) {
    (self.id, victims, simulation) = (id, instances, world.simulation)
    simulation.emit(FaultStarted(fault: id, targets: instances))
    let console = world.console
    for target in instances.compactMap({ world.instance($0) }) {
      for _ in 0..<count {
        console.process.spawn { [self] in
          do {
            let connection = try await console.connect(to: target.host.id)
            if isOver { connection.close() } else { connections.append(connection) }
          } catch let error as ProcessEnded {
            throw error
          } catch {
            refused += 1
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

  var tookEffect: Bool { connections.count + refused > 0 }
  var evidence: String { "\(connections.count) connections opened, \(refused) refused" }
}
