import Memory

/// What a split knows of stored rows.
struct SplitKeys {
  /// Equal for rows that stay together `[N]`: those of one group, or with one text.
  let groups: Vector<UInt64>
  /// Seconds since 1970 by which rows are split `[N]`; nil where they are not.
  let dates: Vector<Int64>?
}
