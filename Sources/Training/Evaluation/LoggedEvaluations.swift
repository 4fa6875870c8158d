import Collectives
import Objectives
import Reporting
import Storage

extension Communicator {
  /// A metric at each evaluation of a run so far, on every rank, as rank 0 reads it in
  /// the run's log.
  package func evaluations(of metric: MetricName, in directory: RunDirectory) throws -> [Double] {
    var text: [UInt8] = []
    try rootOnly {
      let values = try MetricsLog(path: directory.metrics).events(EvaluationEvent.self)
        .compactMap { MetricValues($0.metrics)[metric] }
      text = Array(JSONValue.array(values.map { .double($0) }).text().utf8)
    }
    return try JSONValue(parsing: broadcast(text)).array?.compactMap(\.number) ?? []
  }
}
