/// The sandbox that a child has set up before it reads anything.
public struct SandboxReport: WireCodable, Equatable {
    /// The kernel's Landlock version; 0 if unsupported.
    public var landlock = 0
    public var hasSeccomp = false

    public init() {}

    /// Layers that may be missing. Limits and dropped privileges are always there, or the child does not start.
    public var missing: [String] {
        (landlock > 0 ? [] : ["landlock"]) + (hasSeccomp ? [] : ["seccomp"])
    }

    /// A sentence for people; nil if nothing is missing.
    public var shortcoming: String? {
        guard !missing.isEmpty else { return nil }
        return "This machine lacks \(missing.joined(separator: " and ")): the kernel does not support it, or a container blocks it."
    }

    /// For people and the status file, from the outermost in.
    public var layers: [String] {
        (landlock > 0 ? ["landlock"] : []) + (hasSeccomp ? ["seccomp"] : []) + ["no-new-privileges", "limits"]
    }

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        try wire.code(&landlock)
        try wire.code(&hasSeccomp)
    }
}
