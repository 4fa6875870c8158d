// swift-tools-version: 6.0
import Foundation
import PackageDescription

// The vector kernels are compiled for the processor that builds them. For a cluster of unlike
// machines set DDP_TRAIN_MARCH to the oldest of them, for example x86-64-v3.
let march = ProcessInfo.processInfo.environment["DDP_TRAIN_MARCH"] ?? "native"
#if arch(x86_64)
  let processor = "-march=\(march)"
#else
  let processor = "-mcpu=\(march)"
#endif
let vectorSettings: [SwiftSetting] = [
  .unsafeFlags(["-Xcc", processor]),
  .unsafeFlags(["-O"], .when(configuration: .debug)),
]

// oneDNN brings the bf16 matrix products where there are no tiles, and the faster fp32 ones where
// there is AVX-512. It is used where its header is found at build time, unless
// DDP_TRAIN_WITHOUT_ONEDNN is set.
let hasOneDNN =
  ProcessInfo.processInfo.environment["DDP_TRAIN_WITHOUT_ONEDNN"] == nil
  && ["/usr/include", "/usr/local/include", "/opt/homebrew/include"].contains {
    FileManager.default.fileExists(atPath: "\($0)/oneapi/dnnl/dnnl.h")
  }
let oneDNNSettings: [SwiftSetting] = hasOneDNN ? [.define("HAVE_ONEDNN")] : []
let oneDNNTargets: [Target] =
  hasOneDNN ? [.target(name: "COneDNN", linkerSettings: [.linkedLibrary("dnnl")])] : []

// The fuzzers exist where launch/fuzz asks for them: they are linked with libFuzzer's own `main`.
let isFuzzing = ProcessInfo.processInfo.environment["DDP_TRAIN_FUZZ"] != nil
let fuzzTargets: [Target] =
  isFuzzing
  ? [
    .target(name: "FuzzSupport", path: "Tests/Fuzz/Support"),
    .executableTarget(
      name: "fuzz-safetensors", dependencies: ["Storage", "Memory"], path: "Tests/Fuzz/Safetensors"),
    .executableTarget(
      name: "fuzz-rows", dependencies: ["Data", "Text", "FuzzSupport"], path: "Tests/Fuzz/Rows"),
    .executableTarget(
      name: "fuzz-tokenizer", dependencies: ["Text", "FuzzSupport"], path: "Tests/Fuzz/Tokenizer"),
    .executableTarget(name: "fuzz-features", dependencies: ["Text"], path: "Tests/Fuzz/Features"),
  ] : []

let package = Package(
  name: "ddp-train",
  products: [.library(name: "fault-shim", type: .dynamic, targets: ["FaultShim"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-crypto", "3.0.0"..<"5.0.0"),
  ],
  targets: [
    .executableTarget(
      name: "ddp-train",
      dependencies: [
        "Tools", "Configuration", "Reporting", "Data", "Storage", "Kernels", "ProcessControl",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "product-ceiling",
      dependencies: ["Collectives", "Kernels", "Memory", "ProcessControl"],
      path: "Benchmarks/ProductCeiling"),
    .executableTarget(
      name: "interval-coverage", dependencies: ["Objectives", "Memory"],
      path: "Benchmarks/IntervalCoverage"),
    .executableTarget(
      name: "threshold-comparison", dependencies: ["Objectives", "Storage", "Memory"],
      path: "Benchmarks/Thresholds", exclude: ["linear_scores.py"]),
    .target(
      name: "Tools",
      dependencies: [
        "Runs", "Report", "Training", "Configuration", "Reporting", "Models", "Objectives", "Data",
        "Text",
        "Storage", "Collectives", "Kernels", "Memory",
      ]),
    .target(
      name: "Runs",
      dependencies: [
        "Training", "Report", "Configuration", "Reporting", "Models", "Objectives", "Data", "Text",
        "Storage",
        "Collectives", "Kernels", "Memory",
      ]),
    .target(
      name: "Training",
      dependencies: [
        "Configuration", "Reporting", "Models", "Objectives", "Data", "Text", "Storage",
        "Collectives", "Kernels", "Memory", "ProcessControl",
      ]),
    .target(
      name: "Report",
      dependencies: ["Configuration", "Reporting", "Objectives", "Data", "Storage", "Memory"],
      resources: [
        .embedInCode("Resources/page.html"), .embedInCode("Resources/style.css"),
        .embedInCode("Resources/basics.js"), .embedInCode("Resources/charts.js"),
        .embedInCode("Resources/sections.js"), .embedInCode("Resources/rows.js"),
        .embedInCode("Resources/labels.js"), .embedInCode("Resources/main.js"),
      ]),
    .target(
      name: "Configuration",
      dependencies: [
        "Reporting", "Models", "Objectives", "Data", "Text", "Storage", "Collectives",
      ]),
    .target(name: "Reporting", dependencies: ["Objectives", "Storage", "Memory"]),
    .target(
      name: "Models", dependencies: ["Kernels", "Collectives", "Objectives", "Data", "Storage"],
      resources: [
        .embedInCode("Resources/modeling_ddp_train_bert.py"),
        .embedInCode("Resources/modeling_ddp_train_tfidf_bert.py"),
      ]),
    .target(name: "Objectives", dependencies: ["Kernels", "Memory"]),
    .target(name: "Data", dependencies: ["Text", "Storage", "Memory"]),
    .target(
      name: "Text", dependencies: ["Storage", "Memory"],
      swiftSettings: [.unsafeFlags(["-O"], .when(configuration: .debug))]),
    .target(
      name: "Storage",
      dependencies: ["Memory", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: [.unsafeFlags(["-O"], .when(configuration: .debug))]),
    .target(
      name: "Collectives", dependencies: ["CMPIShim", "Kernels", "Memory", "ProcessControl"],
      swiftSettings: vectorSettings),
    .target(
      name: "Kernels",
      dependencies: [
        "COpenBLAS", "CVector", "CRandom", "CTiles", "CKernelClock", "Memory", "ProcessControl",
      ] + (hasOneDNN ? ["COneDNN"] : []),
      swiftSettings: vectorSettings + oneDNNSettings),
    .target(
      name: "Memory", dependencies: ["CGzip", "CMappedFiles"], swiftSettings: vectorSettings),
    .target(name: "ProcessControl", dependencies: ["CProcessor"]),

    .target(name: "CMPIShim", dependencies: ["COpenMPI"]),
    .target(name: "CMappedFiles"),
    .target(name: "CGzip", linkerSettings: [.linkedLibrary("z")]),
    .target(name: "CVector"),
    .target(name: "CRandom"),
    .target(name: "CTiles"),
    .target(name: "CKernelClock"),
    .target(name: "CKernelLevel", cSettings: [.unsafeFlags([processor])]),
    .target(name: "CProcessor", dependencies: ["CKernelLevel"]),
    .systemLibrary(name: "COpenMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),

    .testTarget(name: "MemoryTests", dependencies: ["Memory"]),
    .testTarget(
      name: "KernelsTests", dependencies: ["Kernels", "CRandom", "CTiles"],
      swiftSettings: vectorSettings),
    .testTarget(name: "TextTests", dependencies: ["Text"], resources: [.copy("Fixtures")]),
    .testTarget(
      name: "DataTests", dependencies: ["Data", "Storage", "Text"], resources: [.copy("Fixtures")]),
    .testTarget(name: "StorageTests", dependencies: ["Storage"]),
    .testTarget(
      name: "ReportingTests", dependencies: ["Reporting", "Objectives", "Storage", "Memory"]),
    .testTarget(name: "CollectivesTests", dependencies: ["Collectives", "Kernels", "Memory"]),
    .testTarget(
      name: "ObjectivesTests", dependencies: ["Objectives", "Kernels", "Memory"],
      resources: [.copy("Fixtures")]),
    .target(
      name: "ReferenceCases", dependencies: ["Models", "Objectives"], path: "Tests/ReferenceCases"),
    .testTarget(name: "ModelsTests", dependencies: ["Models", "Objectives", "ReferenceCases"]),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Training", "Configuration", "Data", "Objectives", "Reporting", "Storage", "ReferenceCases",
      ]),
    .testTarget(
      name: "ConfigurationTests",
      dependencies: ["Configuration", "Objectives", "Reporting", "Storage"]),
    .testTarget(name: "CommandTests"),
    // What tests load in front of the program, so that its system calls fail.
    .target(name: "FaultShim", path: "Tests/FaultShim"),
    .executableTarget(
      name: "collectives-check", dependencies: ["Collectives", "Kernels", "Memory"],
      path: "Tests/CollectivesCheck",
      swiftSettings: [.unsafeFlags(["-O"], .when(configuration: .debug))]),
  ] + oneDNNTargets + fuzzTargets,
  swiftLanguageModes: [.v6]
)
