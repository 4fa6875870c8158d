import Objectives
import Testing

@Test func aConstantAnswerGivesTheMostFrequentLabels() {
  let training = TrainingCounts(rows: 10, positives: [1, 8, 6, 0])
  let answer = ConstantAnswer(training: training)
  #expect(answer.labels == [1, 2])
  // 14 hits of 20 decisions, 15 positives.
  #expect(abs(answer.microF1(on: training) - 28.0 / 35) < 1e-12)
  #expect(answer.microF1(on: TrainingCounts(rows: 4, positives: [4, 0, 0, 4])) == 0)
}

@Test func withoutPositivesAConstantAnswerIsEmpty() {
  let answer = ConstantAnswer(training: TrainingCounts(rows: 5, positives: [0, 0]))
  #expect(answer.labels.isEmpty)
  #expect(answer.microF1(on: TrainingCounts(rows: 5, positives: [0, 0])) == 0)
}
