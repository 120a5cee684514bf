/// Sizes for people.
public enum ByteSize {
    /// "3.4 MB".
    public static func text(_ bytes: Int64) -> String {
        let units = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")]
        guard let (size, unit) = units.first(where: { Double(bytes) >= $0.0 }) else { return "\(bytes) bytes" }
        let tenths = Int((Double(bytes) / size * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(unit)"
    }
}
