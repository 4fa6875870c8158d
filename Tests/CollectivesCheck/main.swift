print("collectives-check")
