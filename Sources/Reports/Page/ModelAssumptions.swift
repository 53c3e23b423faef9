/// What a reader must know of the model before believing a number: the last section of a page.
enum ModelAssumptions {
  static let all = [
    "SQL, transactions, locks, redo, quorums, recovery and PostgreSQL's protocol are executed; time, the "
      + "network, disks and CPUs are simulated.",
    "How quickly the service around the database detects, elects, restarts and renames is not published. The "
      + "defaults give the outcomes that are; a scenario can set them under parameters.",
    "Latency, loss and bandwidth of the network and of disks are drawn from distributions of the scenario's, "
      + "not measured on one cluster.",
    "The CPU time of a statement, a row or a message is a constant of the model. Throughput at saturation is "
      + "an estimate; ratios between two runs are worth more than either number.",
    "Buckets are one second of virtual time. A quantile is rounded up by at most 0.1 %.",
    "One run is one sample: what its seed drew. How far results scatter is told by borealis check, over many "
      + "seeds.",
  ]
}
