import Foundation
import Memory
import Testing

struct AlignedMemoryTests {
  @Test(arguments: [0, 1, 4_095, 4_096, 4_097, 256 << 10, 5 << 20])
  func isZeroAndAlignedToACacheLine(byteCount: Int) {
    let bytes = Vector<UInt8>(zeros: byteCount)
    #expect(bytes.count == byteCount)
    #expect(bytes.array.allSatisfy { $0 == 0 })
    #expect(Int(bitPattern: bytes.pointer) % 64 == 0)
  }

  @Test func whatIsNotTouchedCostsNoMemory() {
    // A terabyte of address space; only two pages of it are ever real.
    let vector = Vector<Float>(zeros: 1 << 38)
    vector[0] = 1
    vector[(1 << 38) - 1] = 2
    #expect(vector[0] == 1 && vector[(1 << 38) - 1] == 2 && vector[1 << 37] == 0)
  }

  @Test func aViewKeepsItsMemoryAlive() {
    weak var owner: AlignedMemory?
    var view: Vector<Float>?
    do {
      let whole = Vector<Float>((0..<2_000).map(Float.init))
      owner = whole.owner as? AlignedMemory
      view = whole[1_000..<1_010]
    }
    #expect(owner != nil)
    #expect(view?.array == (1_000..<1_010).map(Float.init))
    view = nil
    #expect(owner == nil)
  }
}
