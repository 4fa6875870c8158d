import Kernels
import Testing

@Suite struct ProcessorKernelsTests {
  private let avx2: Set<Substring> = ["sse2", "avx", "avx2", "fma"]
  private let avx512: Set<Substring> = [
    "sse2", "avx", "avx2", "fma", "avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl",
  ]

  @Test func anUnknownProcessorGetsTheKernelsOfItsVectors() {
    for chosen in ["Prescott", "Core2", "Nehalem", "Sandybridge"] {
      #expect(neglectedKernels(chosen: chosen, processorFlags: avx2) == "Haswell")
      #expect(neglectedKernels(chosen: chosen, processorFlags: avx512) == "SkylakeX")
    }
    // The first processors with AVX-512 lack a part of it that the kernels use.
    let early = avx512.subtracting(["avx512bw", "avx512vl"])
    #expect(neglectedKernels(chosen: "Prescott", processorFlags: early) == "Haswell")
  }

  @Test func theLibrarysChoiceStandsWhereItKnewTheProcessor() {
    for chosen in ["Haswell", "ZEN", "SkylakeX", "Cooperlake", "SapphireRapids"] {
      #expect(neglectedKernels(chosen: chosen, processorFlags: avx512) == nil)
    }
    #expect(neglectedKernels(chosen: "Prescott", processorFlags: ["sse2", "sse3"]) == nil)
    #expect(neglectedKernels(chosen: "armv8", processorFlags: ["fp", "asimd"]) == nil)
  }

  @Test func chosenKernelsKeepTheLibrariesToTheirInstructions() {
    #expect(
      libraryLevels(of: .v3) == ["DNNL_MAX_CPU_ISA": "AVX2", "OPENBLAS_CORETYPE": "Haswell"])
    #expect(
      libraryLevels(of: .v4)
        == ["DNNL_MAX_CPU_ISA": "AVX512_CORE", "OPENBLAS_CORETYPE": "SkylakeX"])
  }
}
