import CKernel

/// Whether tasks stop and go on as the kernel takes for granted of Swift's runtime and calling convention.
///
/// A few tasks wait, in calls of calls, with numbers of both kinds of registers, text and objects in their hands: they
/// must find them again, hear with which outcome they were woken, and leave by a result, by an error and by the end of
/// their process. It takes some ten microseconds, and is done once, before anything else; see `suspension.c`.
public struct RuntimeProof {
  /// A way in which suspension may be wrong, to see that the proof notices.
  public enum Mistake: String, CaseIterable, Sendable {
    /// A task is told the opposite of what it was woken with.
    case inverted
    /// What comes next is looked for in the wrong word of a context. The process crashes.
    case swapped
  }

  /// The release of Swift that built this program.
  public static var swiftRelease: String {
    #if compiler(>=6.5)
      "6.5 or later"
    #elseif compiler(>=6.4)
      "6.4"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

  private let simulation = Simulation(seed: 0)
  private let mistake: Mistake?

  private init(mistake: Mistake?) { self.mistake = mistake }

  /// Does it.
  ///
  /// - Parameters:
  ///   - mistake: that is made, if one is.
  ///   - explanation: said on standard error if the process crashes meanwhile, which then ends with `exitCode`.
  /// - Returns: what is not as it should be; `nil` if all is.
  public static func failure(
    making mistake: Mistake? = nil, explanation: String, exitCode: Int32
  ) -> String? {
    explanation.withCString { words in
      borealis_guard(words, exitCode)
      defer { borealis_unguard() }
      return RuntimeProof(mistake: mistake).failure()
    }
  }

  private struct Error: Swift.Error, Equatable { let number: Int }

  private func failure() -> String? {
    let host = simulation.addHost("proof", in: nil, capacity: 1)
    let (first, second, ended) = (host.start("first"), host.start("second"), host.start("ended"))
    var (kept, other, ending) = ("", "", "")
    first.spawn { kept = await keep(3, by: first) }
    second.spawn { other = await keep(4, by: second) }
    ended.spawn {
      do {
        try await ended.sleep(for: .seconds(1))
        ending = "slept"
      } catch is ProcessEnded {
        ending = "ended"
      }
    }
    simulation.loop.schedule(at: .start + .milliseconds(1)) { ended.end() }
    simulation.loop.run(until: .start + .seconds(2))
    simulation.shutDown()
    for (number, found) in [(3, kept), (4, other)] {
      let expected = expectation(number)
      if found != expected {
        return "expected a task that waits to come to \"\(expected)\", found \"\(found)\""
      }
    }
    return ending == "ended"
      ? nil
      : "expected a task to be woken by the end of its process, found that it has \"\(ending)\""
  }

  /// What a task must come to that has kept what it had.
  private func expectation(_ number: Int) -> String {
    "\(number * 15) \(Double(number) * 1.5) text \(number), error \(number)"
  }

  /// Waits with much in hand, and writes down what is left of it.
  private func keep(_ number: Int, by process: Process) async -> String {
    let fraction = Double(number) * 1.5
    let words = ["text", "\(number)"]
    let sum = await descend(number, depth: 4, by: process)
    guard await wait(by: process) else { return "an outcome that was not meant" }
    do {
      try await fail(number, by: process)
    } catch let error as Error {
      return "\(sum) \(fraction) \(words.joined(separator: " ")), error \(error.number)"
    } catch {
      return "another error"
    }
    return "no error"
  }

  /// Adds up multiples of a number, each in a call of its own, which waits before and after the next.
  private func descend(_ number: Int, depth: Int, by process: Process) async -> Int {
    let share = number << (depth - 1)
    guard await wait(by: process) else { return -1 }
    let rest = depth == 1 ? 0 : await descend(number, depth: depth - 1, by: process)
    guard await wait(by: process) else { return -1 }
    return share + rest
  }

  private func fail(_ number: Int, by process: Process) async throws {
    guard await wait(by: process) else { return }
    throw Error(number: number)
  }

  /// Waits for a microsecond.
  ///
  /// - Returns: whether that was over.
  private func wait(by process: Process) async -> Bool {
    let tasks = simulation.loop.tasks
    let task = tasks.current
    let token = tasks.token(of: task)
    simulation.loop.scheduleWake(at: simulation.now + .microseconds(1), token)
    let held = tasks.hold(token, in: process)
    #if !SupportedExecutor
      switch mistake {
      case nil: break
      case .inverted: return await suspendInverted(held)
      case .swapped: return await suspendSwapped(held)
      }
    #endif
    return await suspendTask(held)
  }
}

#if !SupportedExecutor
  @_silgen_name("borealis_suspend_task_inverted")
  private func suspendInverted(_ task: UnsafeMutableRawPointer) async -> Bool

  @_silgen_name("borealis_suspend_task_swapped")
  private func suspendSwapped(_ task: UnsafeMutableRawPointer) async -> Bool
#endif
