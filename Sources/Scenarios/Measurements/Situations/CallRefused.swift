import ControlPlane
import Simulation

extension Scenario.Situation {
  /// The control plane refuses a call of the management API.
  public static let callRefused = Self(
    "call_refused",
    impossibility: { scenario in
      let isCalled = scenario.faults.contains {
        if case .call = $0.action { true } else { false }
      }
      return isCalled || scenario.chaos != nil
        ? nil : "no fault of the scenario is a call of the API"
    },
    blindSpot: { measurement in
      let isHeard = measurement.record.events.contains {
        $0.payload is ManagementCallTaken || $0.payload is ManagementCallRefused
      }
      return isHeard ? nil : "no call reached the control plane"
    },
    sightings: { measurement in
      measurement.record.events.all(ManagementCallRefused.self).map { instant, refusal in
        Sighting(instant: instant, text: "\(refusal.call) was refused with \(refusal.code)")
      }
    })
}
