import Simulation
import Testing

@testable import ControlPlane

@Suite struct `A host agent's supervisor` {
  /// A supervisor without a host: lines in, lines out.
  ///
  /// ```
  ///   1s order promote term 2 number 7       a command; `for run 9` if it is meant for another
  ///   1s engine writer open                  what the engine says
  ///   1s tick / tick dead                    the clock, and whether the process table lists the engine
  ///   1s answered                            the control plane is to be heard
  /// ```
  private struct Harness {
    var supervisor: EngineSupervisor

    init(engineIsAlive: Bool = false, timing: ClusterTiming = ClusterTiming()) {
      supervisor = EngineSupervisor(
        instance: "w", incarnation: 3, timing: timing, engineIsAlive: engineIsAlive, at: .start)
    }

    mutating func run(_ now: Instant, _ words: [String]) -> [String] {
      switch words[0] {
      case "order": supervisor.receive(command(words), at: now).map(Self.line)
      case "engine":
        supervisor.receive(
          EngineStatus(state: state(words[2]), role: words[1] == "writer" ? .writer : .reader),
          at: now
        ).map(Self.line)
      case "tick":
        supervisor.tick(at: now, engineIsAlive: words.count == 1).map(Self.line)
      case "answered": contact(now)
      default: ["what is '\(words[0])'?"]
      }
    }

    private mutating func contact(_ now: Instant) -> [String] {
      supervisor.receiveContact(at: now)
      return []
    }

    private func state(_ word: String) -> EngineStatus.State {
      switch word {
      case "open": .available
      case "recovering": .recovering
      case "fenced": .fenced
      default: .starting
      }
    }

    private func command(_ words: [String]) -> Command {
      let order: Command.Order =
        switch words[1] {
        case "promote": .promote
        case "restart": .restart
        default:
          .follow(
            value("host", in: words).flatMap { Int($0) }.map {
              Address(host: HostID(index: $0), port: 7200)
            })
        }
      return Command(
        instance: "w", incarnation: UInt32(value("run", in: words) ?? "3") ?? 3,
        term: UInt64(value("term", in: words) ?? "1") ?? 1,
        sequence: UInt64(value("number", in: words) ?? "1") ?? 1, order: order)
    }

    private static func line(_ action: EngineSupervisor.Action) -> String {
      switch action {
      case .start(.writer): "start as writer"
      case .start(.reader(let writer)): "start as reader of \(text(writer))"
      case .promote: "promote"
      case .follow(let writer): "follow \(text(writer))"
      case .stop: "stop"
      case .probe: "probe"
      case .heartbeat: "heartbeat"
      case .limitCapacity(let range): "capacity \(range)"
      case .note(let note): "note \(note)"
      }
    }

    private static func text(_ writer: Address?) -> String {
      writer.map { "host \($0.host.index)" } ?? "nobody"
    }
  }

  private func expect(
    _ script: String, _ harness: Harness = Harness(),
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var harness = harness
    expectTranscript(script, sourceLocation: sourceLocation) { harness.run($0, $1) }
  }

  @Test func `does nothing until it is told, then starts the engine and watches it`() {
    expect(
      """
      0s tick
      1s order promote
        heartbeat
      2.9s tick
      3s tick
        start as writer
        heartbeat
      3.1s engine writer recovering
        heartbeat
      4s tick
        probe
      4s engine writer open
        heartbeat
      4.5s engine writer open
      5s tick
        probe
      """)
  }

  @Test func `carries out a command once, and none that is stale`() {
    expect(
      """
      1s order promote term 4 number 10
        heartbeat
      3s tick
        start as writer
        heartbeat
      3s engine writer open
        heartbeat
      # Twice, late, of an older election, and for an earlier run of this agent.
      4s order promote term 4 number 10
        heartbeat
      4s order follow host 2 term 4 number 9
        heartbeat
      4s order follow host 2 term 3 number 11
        heartbeat
      4s order follow host 2 term 5 number 12 for run 2
      5s order follow host 2 term 5 number 12
        note demoted
        stop
        heartbeat
      5s order promote term 4 number 13
        heartbeat
      7s tick
        start as reader of host 2
        heartbeat
      """)
  }

  @Test func `promotes a reader, and points it at another writer, without a restart`() {
    expect(
      """
      0s order follow host 1
        heartbeat
      2s tick
        start as reader of host 1
        heartbeat
      3s engine reader open
        heartbeat
      4s order follow host 2 term 2 number 2
        follow host 2
        heartbeat
      5s order promote term 3 number 3
        promote
        heartbeat
      5s engine writer recovering
        heartbeat
      5.1s order promote term 3 number 4
        heartbeat
      """)
  }

  @Test func `starts a crashed engine again, later each time`() {
    expect(
      """
      0s order promote
        heartbeat
      2s tick
        start as writer
        heartbeat
      3s tick dead
        note crashed(restartsAfter: 500ms)
        heartbeat
      3.5s tick
        heartbeat
      5.5s tick
        start as writer
        heartbeat
      6.5s tick dead
        note crashed(restartsAfter: 1s)
        heartbeat
      6.6s answered
      7.5s tick
        heartbeat
      9.5s tick
        start as writer
        heartbeat
      # It has been well for a minute: the row is over.
      69.5s tick dead
        note crashed(restartsAfter: 500ms)
        heartbeat
      """)
  }

  @Test func `kills an engine that does not answer`() {
    expect(
      """
      0s order promote
        heartbeat
      2s tick
        start as writer
        heartbeat
      2.5s engine writer open
        heartbeat
      3s tick
        probe
      3s engine writer open
      4s tick
        probe
      5s tick
        probe
      6s tick
        probe
      7s tick
        note hung
        stop
        note crashed(restartsAfter: 500ms)
        heartbeat
      """)
  }

  @Test func `brings a fenced writer back as a reader of nobody`() {
    expect(
      """
      0s order promote
        heartbeat
      2s tick
        start as writer
        heartbeat
      2.5s engine writer open
        heartbeat
      9s engine writer fenced
        note fenced
        stop
        heartbeat
      # What the old process had still to say does not count.
      9s engine writer fenced
      11s tick
        start as reader of nobody
        heartbeat
      12s order follow host 4 term 2 number 2
        follow host 4
        heartbeat
      """)
  }

  @Test func `may be told to be the writer again after it was fenced`() {
    expect(
      """
      0s order promote
        heartbeat
      2s tick
        start as writer
        heartbeat
      9s engine writer fenced
        note fenced
        stop
        heartbeat
      9.5s order promote term 1 number 2
        heartbeat
      11s tick
        start as writer
        heartbeat
      """)
  }

  @Test func `finds an engine that survived it, and leaves it alone`() {
    expect(
      """
      0s tick
        probe
      0s order promote
        heartbeat
      0.1s engine writer open
        note adopted
        heartbeat
      1s tick
        probe
      """, Harness(engineIsAlive: true))
  }

  @Test func `demotes an engine that survived it as a writer of old`() {
    expect(
      """
      0s tick
        probe
      0s order follow host 2 term 5
        heartbeat
      0.1s engine writer open
        note adopted
        note demoted
        stop
        heartbeat
      2.1s tick
        start as reader of host 2
        heartbeat
      """, Harness(engineIsAlive: true))
  }

  @Test func `holds a crashed writer back while nobody is to be heard`() {
    expect(
      """
      0s order promote
        heartbeat
      2s tick
        start as writer
        heartbeat
      10s tick dead
        note crashed(restartsAfter: 500ms)
        heartbeat
      10.5s tick
        note heldBack
      11.5s tick
      12s answered
      12.5s tick
        heartbeat
      14.5s tick
        start as writer
        heartbeat
      """)
  }

  @Test func `does not hold it back for ever, nor a reader at all`() {
    expect(
      """
      0s order promote
        heartbeat
      2s tick
        start as writer
        heartbeat
      10s tick dead
        note crashed(restartsAfter: 500ms)
        heartbeat
      39.9s tick
        note heldBack
      40s tick
        heartbeat
      42s tick
        start as writer
        heartbeat
      """)
    expect(
      """
      0s order follow
        heartbeat
      2s tick
        start as reader of nobody
        heartbeat
      10s tick dead
        note crashed(restartsAfter: 500ms)
        heartbeat
      10.5s tick
        heartbeat
      """)
  }

  @Test func `restarts an engine on demand without counting it as a crash`() {
    expect(
      """
      0s order promote
        heartbeat
      2s tick
        start as writer
        heartbeat
      3s order restart term 1 number 2
        stop
        heartbeat
      5s tick
        start as writer
        heartbeat
      6s tick dead
        note crashed(restartsAfter: 500ms)
        heartbeat
      """)
  }
}
