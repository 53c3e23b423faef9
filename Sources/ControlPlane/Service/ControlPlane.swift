public import Simulation

/// The control plane of one cluster: watches its instances, replaces a writer that is gone, keeps the DNS
/// names right.
///
/// Models a regional service that outlives any one zone, as one process on a host of its own with one
/// disk; the real one is replicated. What it decides is in ``HealthMonitor``, ``FailoverCoordinator``,
/// `CommandLedger` and `ZonePublisher`; `ControlService` moves their bytes. It is reached by messages alone:
/// agents' and name servers' datagrams at ``address``, operators' calls at ``management`` (see
/// ``ManagementClient``). This object outlives its crashes, and shows who looks from outside of the run what
/// it holds for true.
public final class ControlPlane {
  public let configuration: ClusterConfiguration
  /// Where host agents and name servers reach it.
  public let address: Address
  /// Where operators reach it.
  public var management: Address { Address(host: address.host, port: Ports.management) }
  private var service: ControlService?

  /// The program's name among the processes of its host.
  public static let programName = "control-plane"

  /// Installs the control plane of a cluster on a host, which starts it again when it crashes.
  ///
  /// - Parameters:
  ///   - disk: of that host; holds the term and the topology.
  ///   - nameServers: who is to know the cluster's names.
  @discardableResult
  public static func install(
    on host: Host, disk: Disk, for configuration: ClusterConfiguration, nameServers: [Address]
  ) -> ControlPlane {
    let controlPlane = ControlPlane(
      configuration: configuration, address: Address(host: host.id, port: Ports.controlPlane))
    host.install(programName, restartDelay: configuration.timing.serviceRestart) { process in
      let store = ControlStore(disk: disk, process: process)
      process.onEnd { controlPlane.service = nil }
      store.load { record in
        let service = ControlService(
          process: process, configuration: configuration, nameServers: nameServers,
          store: store, record: record)
        controlPlane.service = service
        service.start()
      }
    }
    return controlPlane
  }

  private init(configuration: ClusterConfiguration, address: Address) {
    (self.configuration, self.address) = (configuration, address)
  }

  // MARK: What it holds for true

  /// Who is what; `nil` while the control plane is down.
  public var topology: ClusterTopology? { service?.coordinator.topology }

  /// Its instances, in order of creation; none while the control plane is down.
  public var members: [ClusterMember] { service?.members ?? [] }

  public var status: ClusterStatus? { service?.status }

  public func status(of instance: String) -> InstanceStatus? {
    service?.lifecycle(of: instance)?.status
  }

  /// The zone that it wants the name servers to have.
  public var zone: Zone? { service?.publisher.zone }
}
