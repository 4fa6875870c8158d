/// The program as it names itself.
public enum Program {
  /// The name of the executable.
  public static let name = "ddp-train"
  /// The version, as `--version` and saved files state it.
  public static let version = "0.1.0"
}
