/// Why a run ended.
package enum RunEnd: String {
  case finished
  case stoppedEarly = "early_stop"
  /// It fell behind other runs of a sweep.
  case pruned
  case signaled
}
