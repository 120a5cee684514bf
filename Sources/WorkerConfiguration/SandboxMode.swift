/// What is done where a machine lacks a layer of the children's sandbox.
public enum SandboxMode: String, Sendable, CaseIterable {
    /// Nothing is decoded.
    case required
    /// The layers that there are must do.
    case bestEffort = "best-effort"
}
