import Storage
import Testing

@Test func nearNamesAreFoundAndFarOnesAreNot() {
  let names = ["learning_rate", "train_batch_size", "seed"]
  #expect(nearestName(to: "learning_rat", among: names) == "learning_rate")
  #expect(nearestName(to: "Seed", among: names) == "seed")
  #expect(nearestName(to: "batch", among: names) == nil)
}

@Test func swappedNeighborsAreOneSlip() {
  #expect(editDistance(Array("seed"), Array("sede")) == 1)
  #expect(editDistance(Array(""), Array("abc")) == 3)
  #expect(editDistance(Array("kitten"), Array("sitting")) == 3)
  #expect(editDistance(Array("same"), Array("same")) == 0)
}
