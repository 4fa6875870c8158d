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

/// Label 1 is known of 8 rows, label 3 of 2: what is unknown is decided nowhere.
@Test func aConstantAnswerGoesByTheKnownRows() {
  let training = TrainingCounts(rows: 10, positives: [1, 6, 6, 2], known: [10, 8, 10, 2])
  let answer = ConstantAnswer(training: training)
  #expect(answer.labels == [3, 1, 2])
  // 14 hits of 20 decisions, 15 positives.
  #expect(abs(answer.microF1(on: training) - 28.0 / 35) < 1e-12)
  let nothing = TrainingCounts(rows: 10, positives: [0, 3, 0], known: [0, 5, 10])
  #expect(ConstantAnswer(training: nothing).labels == [1])
}

@Test func withoutPositivesAConstantAnswerIsEmpty() {
  let answer = ConstantAnswer(training: TrainingCounts(rows: 5, positives: [0, 0]))
  #expect(answer.labels.isEmpty)
  #expect(answer.microF1(on: TrainingCounts(rows: 5, positives: [0, 0])) == 0)
}
