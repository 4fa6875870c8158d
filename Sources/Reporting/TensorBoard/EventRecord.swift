// What TensorBoard reads: messages of tensorflow/core/util/event.proto and
// tensorflow/core/framework/summary.proto, with the numbers of their fields.

/// A message `Event`.
struct EventRecord {
  private var message = ProtobufMessage()

  /// - Parameters:
  ///   - time: seconds since 1970.
  ///   - step: updates done.
  private init(time: Double, step: Int) {
    message.set(1, time)
    if step != 0 { message.set(2, step) }
  }

  /// The first event of a file.
  static func version(time: Double) -> EventRecord {
    var event = EventRecord(time: time, step: 0)
    event.message.set(3, "brain.Event:2")
    return event
  }

  /// Values of a step.
  static func summary(time: Double, step: Int, _ values: [SummaryValue]) -> EventRecord {
    var event = EventRecord(time: time, step: step)
    event.message.set(
      5, ProtobufMessage { summary in for value in values { summary.set(1, value.message) } })
    return event
  }

  /// The event as a TFRecord: the length of the message with its check, the message with its own.
  var record: [UInt8] {
    let count = UInt64(message.bytes.count)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * UInt64($0))) }
    return length + Self.littleEndian(CRC32C.masked(length)) + message.bytes
      + Self.littleEndian(CRC32C.masked(message.bytes))
  }

  private static func littleEndian(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
  }
}

/// A message `Summary.Value`.
struct SummaryValue {
  let message: ProtobufMessage

  /// A number.
  static func scalar(_ tag: String, _ value: Double) -> SummaryValue {
    SummaryValue(
      message: ProtobufMessage {
        $0.set(1, tag)
        $0.set(2, Float(value))
      })
  }

  /// How values between 0 and 1 are spread, in bins of 1/30.
  static func histogram(_ tag: String, _ values: [Double]) -> SummaryValue {
    let bins = 30
    var counts = [Double](repeating: 0, count: bins)
    for value in values { counts[min(max(Int(value * Double(bins)), 0), bins - 1)] += 1 }
    return SummaryValue(
      message: ProtobufMessage {
        $0.set(1, tag)
        $0.set(
          5,
          ProtobufMessage {
            $0.set(1, values.min() ?? 0)
            $0.set(2, values.max() ?? 0)
            $0.set(3, Double(values.count))
            $0.set(4, values.reduce(0, +))
            $0.set(5, values.reduce(0) { $0 + $1 * $1 })
            $0.set(6, (1...bins).map { Double($0) / Double(bins) })
            $0.set(7, counts)
          })
      })
  }

  /// What the HParams dashboard reads: a message `HParamsPluginData` as the metadata of a value
  /// that means nothing.
  static func hyperparameters(_ tag: HyperparameterTag, _ content: ProtobufMessage) -> SummaryValue
  {
    let plugin = ProtobufMessage {
      $0.set(1, "hparams")
      $0.set(2, ProtobufMessage { $0.set(tag.field, content) })
    }
    return SummaryValue(
      message: ProtobufMessage {
        $0.set(1, tag.rawValue)
        $0.set(9, ProtobufMessage { $0.set(1, plugin) })
        $0.set(8, Self.nothing)
      })
  }

  /// A `TensorProto` of one float, 0.
  private static let nothing = ProtobufMessage {
    $0.set(1, 1)
    $0.set(2, ProtobufMessage { $0.set(2, ProtobufMessage { $0.set(1, 1) }) })
    $0.set(5, [UInt8](repeating: 0, count: 4))
  }
}

/// The tags under which the HParams dashboard looks, with the field of their content.
enum HyperparameterTag: String {
  case start = "_hparams_/session_start_info"
  case end = "_hparams_/session_end_info"

  var field: Int { self == .start ? 3 : 4 }
}
