/// One run: time, randomness, places, network and disks, all from one seed.
///
/// Everything that happens passes through here. That is what makes a run repeatable, any fault
/// injectable, and any cost measurable.
public final class Simulation {
  public let seed: UInt64
  public let loop: EventLoop
  public let trace: Trace
  public private(set) var regions: [Region] = []
  public private(set) var hosts: [Host] = []
  private let root: RandomStream
  private var streams: [RandomStream] = []
  public private(set) lazy var network = Network(simulation: self, profile: networkProfile)
  public private(set) lazy var faultPoints = FaultPoints(simulation: self)
  public let probes = Probes()
  public let meters = Meters()
  /// Mistakes to be made on purpose; to be set before anything runs.
  public var plantedDefects = PlantedDefects()
  private let networkProfile: NetworkProfile
  /// Who writes down what takes time; `nil` unless somebody asked for it.
  public private(set) var activities: ActivityRecorder?

  public init(seed: UInt64, network: NetworkProfile = NetworkProfile()) {
    self.seed = seed
    networkProfile = network
    trace = Trace()
    loop = EventLoop(trace: trace)
    root = RandomStream(seed: seed)
  }

  public var now: Instant { loop.now }
  public var clock: VirtualClock { VirtualClock(loop: loop) }

  /// The stream of this name. Ask once and keep it: asking again starts it anew.
  public func random(_ name: String) -> RandomStream {
    let stream = root.fork(name)
    streams.append(stream)
    return stream
  }

  public func addRegion(_ name: String, zones: [String]) -> Region {
    let region = Region(name: name, zones: zones)
    regions.append(region)
    return region
  }

  /// - Parameters:
  ///   - zone: `nil` for a regional service that outlives any one zone.
  ///   - capacity: in vCPUs.
  ///   - memory: in bytes.
  ///   - bandwidth: of its network interface, in bytes per second; `nil` for the network's usual one.
  public func addHost(
    _ name: String, in zone: AvailabilityZone?, capacity: Double, memory: Int = Memory.endless,
    bandwidth: Int64? = nil
  ) -> Host {
    precondition(!hosts.contains { $0.name == name }, "two hosts are called \(name)")
    let host = Host(
      id: HostID(index: hosts.count), name: name, zone: zone, capacity: capacity, memory: memory,
      simulation: self)
    hosts.append(host)
    zone?.hosts.append(host)
    network.admit(host, bandwidth: bandwidth)
    return host
  }

  public func host(named name: String) -> Host? { hosts.first { $0.name == name } }

  /// Tells of something that happens now.
  public func emit(_ payload: some TracePayload) { trace.emit(payload, at: now) }

  /// Writes down what takes time from now on; disks and sessions that come into being later are included.
  public func record(_ recorder: ActivityRecorder) {
    activities = recorder
    network.recorder = recorder
    for disk in hosts.flatMap(\.disks) { disk.record(recorder) }
  }

  /// The fingerprint of everything so far: events, trace and the position of every random stream.
  public var digest: Digest {
    var digest = trace.digest
    digest.fold(loop.eventCount)
    for stream in streams { stream.fold(into: &digest) }
    return digest
  }

  /// Ends every process, so that every waiting task unwinds, and lets go of what holds the run's parts
  /// together: their memory goes with the last reference from outside. Nothing can be run afterwards.
  public func shutDown() {
    for host in hosts { host.dismantle() }
    loop.run(until: now)
    loop.forgetEverything()
    network.forgetEverything()
    for zone in regions.flatMap(\.zones) { zone.hosts.removeAll() }
    trace.forgetObservers()
  }
}
