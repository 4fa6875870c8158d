import Testing
import Training

@Suite struct LossLevelTests {
  /// Losses that fall slowly and waver.
  private func loss(_ step: Int) -> Double {
    0.02 + 0.03 / Double(1 + step) + 0.002 * Double(step * 7 % 5 - 2)
  }

  @Test func onlyALeapIsOne() throws {
    var level = LossLevel()
    for step in 0..<400 {
      let leapt = level.leaps(loss(step))
      #expect(!leapt, "step \(step)")
    }
    var other = try #require(LossLevel(level.json))
    #expect(other == level, "a checkpoint keeps it to the bit")
    let unknown = [other.leaps(.nan), other.leaps(.infinity)]
    #expect(unknown == [false, false] && other == level)
    let leaps = [level.leaps(0.06), other.leaps(0.06), level.leaps(loss(401))]
    #expect(leaps == [true, true, false], "the next ordinary step is none")
  }

  @Test func theFirstStepsLeapFreely() {
    var level = LossLevel()
    let leaps = (0..<40).map { level.leaps($0 == 20 ? 5 : 0.1) }
    #expect(!leaps.contains(true))
  }
}
