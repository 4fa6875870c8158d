/// Numbers of which the smallest is taken first: a binary heap.
struct Heap: Sendable {
  private var items: [UInt64] = []

  mutating func removeAll() { items.removeAll(keepingCapacity: true) }

  mutating func push(_ item: UInt64) {
    items.append(item)
    var place = items.count - 1
    while place > 0, items[(place - 1) / 2] > item {
      items[place] = items[(place - 1) / 2]
      place = (place - 1) / 2
    }
    items[place] = item
  }

  mutating func pop() -> UInt64? {
    guard let last = items.popLast() else { return nil }
    guard let first = items.first else { return last }
    var place = 0
    while 2 * place + 1 < items.count {
      var child = 2 * place + 1
      if child + 1 < items.count, items[child + 1] < items[child] { child += 1 }
      if items[child] >= last { break }
      items[place] = items[child]
      place = child
    }
    items[place] = last
    return first
  }
}
