public import Simulation

extension Scenario.Fault {
  /// Disks misbehave.
  public struct Disk: Equatable, Codable, Sendable {
    public enum Kind: Equatable, Codable, Sendable {
      /// Everything takes so many times as long.
      case slow(Factor)
      /// At the start of the fault and then once every period, nothing is answered for `stall`.
      case stall(Interval, every: Interval)
      /// Everything takes so much longer.
      case delay(LatencyDistribution.Shape)
      /// This share of reads and writes ends in an error.
      case failure(Percentage)
      /// Nothing more can be written.
      case full
      /// Flushes are acknowledged, and not carried out.
      case lostFlush
      /// So many bits flip, on each disk, at once.
      case bitRot(Int)
      /// This share of the writes lands somewhere else.
      case misdirectedWrite(Percentage)
      /// This share of the reads gives what stands somewhere else.
      case misdirectedRead(Percentage)
      /// Everything on it is gone; at the end the host boots with a blank one.
      case loss
    }

    public var target: Target
    public var kind: Kind

    public init(_ target: Target, _ kind: Kind) { (self.target, self.kind) = (target, kind) }
  }
}

extension Scenario.Fault.Disk: FaultFamily {
  enum Form: String, CaseIterable {
    case slow = "disk slow"
    case stall = "disk stall"
    case delay = "disk delay"
    case failure = "disk fail"
    case full = "disk_full"
    case lostFlush = "lost_fsync"
    case bitRot = "bit_rot"
    case misdirectedWrite = "misdirected_write"
    case misdirectedRead = "misdirected_read"
    case loss = "disk_loss"
  }

  init(reading field: Field, under keyword: String, names: TargetNames) throws(ScenarioError) {
    let parameters =
      switch keyword {
      case "disk": ["slow", "stall", "every", "delay", "fail"]
      case "bit_rot": ["bits"]
      case "misdirected_write", "misdirected_read": ["share"]
      default: [] as [String]
      }
    let section = try field.section(["on"] + parameters)
    target = try Field.target(
      on: section, names: names, expected: Target.diskExpectation, where: \.hasDisk)
    switch keyword {
    case "disk": kind = try Kind(reading: section)
    case "disk_full": kind = .full
    case "lost_fsync": kind = .lostFlush
    case "bit_rot": kind = .bitRot(try section.required("bits").value(in: 0...1_000_000))
    case "misdirected_write": kind = .misdirectedWrite(try section.required("share").value())
    case "misdirected_read": kind = .misdirectedRead(try section.required("share").value())
    default: kind = .loss
    }
  }

  var form: Form {
    switch kind {
    case .slow: .slow
    case .stall: .stall
    case .delay: .delay
    case .failure: .failure
    case .full: .full
    case .lostFlush: .lostFlush
    case .bitRot: .bitRot
    case .misdirectedWrite: .misdirectedWrite
    case .misdirectedRead: .misdirectedRead
    case .loss: .loss
    }
  }

  var parameters: PlanFields {
    let own: PlanFields =
      switch kind {
      case .slow(let factor): [("slow", .value(factor))]
      case .stall(let stall, let every): [("stall", .value(stall)), ("every", .value(every))]
      case .delay(let shape): [("delay", .value(shape))]
      case .failure(let share): [("fail", .value(share))]
      case .full, .lostFlush, .loss: []
      case .bitRot(let bits): [("bits", .value(bits))]
      case .misdirectedWrite(let share), .misdirectedRead(let share): [("share", .value(share))]
      }
    return [("on", .scalar(target.description))] + own
  }

  var targets: String { target.description }

  var description: String {
    switch kind {
    case .slow(let factor): "the disks of \(target) take \(factor.times) times as long"
    case .stall(let stall, let every): "the disks of \(target) hang for \(stall) every \(every)"
    case .delay(let shape): "everything on the disks of \(target) takes \(shape.scalar) longer"
    case .failure(let share): "\(share.scalar) of reads and writes on the disks of \(target) fail"
    case .full: "the disks of \(target) are full"
    case .lostFlush: "the disks of \(target) acknowledge flushes and forget them"
    case .bitRot(let bits): "\(bits) bits flip on each disk of \(target)"
    case .misdirectedWrite(let share):
      "\(share.scalar) of the writes to the disks of \(target) land elsewhere"
    case .misdirectedRead(let share):
      "\(share.scalar) of the reads from the disks of \(target) give what stands elsewhere"
    case .loss: "the disks of \(target) are lost"
    }
  }

  var duration: FaultDuration { if case .bitRot = kind { .none } else { .required } }
}

extension Scenario.Fault.Disk.Kind {
  /// What stands under `disk`.
  fileprivate init(reading section: Section) throws(ScenarioError) {
    let (kind, field) = try section.exactlyOne(of: ["slow", "stall", "delay", "fail"])
    if kind != "stall", let every = section["every"] {
      throw every.refusal(.contradiction("it belongs to 'stall', and this fault has '\(kind)'"))
    }
    switch kind {
    case "slow":
      self = .slow(try field.value())
    case "stall":
      let stall: Interval = try field.value(in: .nanoseconds(1)...(.longestInScenario))
      let everyField = try section.required("every")
      let every: Interval = try everyField.value()
      guard every > stall else {
        throw everyField.refusal(expected: "more than the stall, \(stall)")
      }
      self = .stall(stall, every: every)
    case "delay":
      self = .delay(try field.value())
    default:
      self = .failure(try field.value())
    }
  }
}
