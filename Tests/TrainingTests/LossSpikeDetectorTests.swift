import Testing
import Training

@Suite struct LossSpikeDetectorTests {
  /// Losses that fall slowly and waver.
  private func loss(_ step: Int) -> Double {
    0.02 + 0.03 / Double(1 + step) + 0.002 * Double(step * 7 % 5 - 2)
  }

  @Test func onlyALeapIsOne() throws {
    var level = LossSpikeDetector()
    for step in 0..<400 {
      let leapt = level.isSpike(loss(step))
      #expect(!leapt, "step \(step)")
    }
    var other = try #require(LossSpikeDetector(json: level.json))
    #expect(other == level, "a checkpoint keeps it to the bit")
    let unknown = [other.isSpike(.nan), other.isSpike(.infinity)]
    #expect(unknown == [false, false] && other == level)
    let leaps = [level.isSpike(0.06), other.isSpike(0.06), level.isSpike(loss(401))]
    #expect(leaps == [true, true, false], "the next ordinary step is none")
  }

  @Test func theFirstStepsLeapFreely() {
    var level = LossSpikeDetector()
    let leaps = (0..<40).map { level.isSpike($0 == 20 ? 5 : 0.1) }
    #expect(!leaps.contains(true))
  }
}
