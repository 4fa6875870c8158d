// Where the command line hands over.

/// Trains.
public func runTraining(_ options: TrainOptions) throws {
  _ = try Configuration(contentsOf: options.configuration, overrides: options.overrides)
  throw Failure(.fault, "train is not built in")
}

/// Evaluates a saved model.
public func runEvaluation(_ options: EvaluateOptions) throws {
  throw Failure(.fault, "evaluate is not built in")
}

/// Predicts with a saved model.
public func runPrediction(_ options: PredictOptions) throws {
  throw Failure(.fault, "predict is not built in")
}

/// Tokenizes standard input.
public func runTokenization(_ options: TokenizeOptions) throws {
  throw Failure(.fault, "tokenize is not built in")
}

/// Examines the machine.
public func runDoctor() throws {
  throw Failure(.fault, "doctor is not built in")
}
