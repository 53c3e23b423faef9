import Database
import Simulation

/// A statement that is sent to instances, each on a connection of its own, and what became of it.
final class SentStatement: Strike {
  let victims: [String]
  private(set) var tookEffect = false
  private(set) var evidence = "no answer by the end of the run"
  let endsByItself = true
  private var sources: [Address] = []

  /// - Parameter onEnd: called at each answer.
  init(
    id: String, text: String, to instances: [String], in world: World,
    onEnd: @escaping () -> Void
  ) {
    victims = instances
    let simulation = world.simulation
    simulation.emit(FaultStarted(fault: id, targets: instances))
    let console = world.console
    for target in instances.compactMap({ world.instance($0) }) {
      console.process.spawn { [self] in
        do {
          let connection = try await console.connect(to: target.host.id)
          sources.append(connection.local)
          let answer = try await connection.query(text)
          connection.close()
          (tookEffect, evidence) = (true, "answered \(answer.tag)")
        } catch let error as ProcessEnded {
          throw error
        } catch {
          let failure = FailureKind(error)
          // A statement that crashes the server is answered by the end of the connection.
          (tookEffect, evidence) = (failure.losesConnection, failure.name)
        }
        simulation.emit(FaultEnded(fault: id, tookEffect: tookEffect, evidence: evidence))
        onEnd()
      }
    }
  }

  func finish() {}

  /// Whether it was sent on a connection from this address.
  func hasSent(from source: Address) -> Bool { sources.contains(source) }
}
