/// What to do if a machine lacks a layer of the sandbox.
public enum SandboxMode: String, Sendable, CaseIterable {
    /// Nothing is decoded.
    case required
    /// The available layers are used.
    case bestEffort = "best-effort"
}
