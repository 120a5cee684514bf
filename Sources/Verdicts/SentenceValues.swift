/// A name from a file, which may be of any length.
func short(_ name: String) -> String { String(name.prefix(60)) }

/// Microseconds as seconds with one decimal.
func seconds(_ time: Int) -> String {
    let tenths = max(0, time) / 100_000 + (max(0, time) % 100_000 >= 50_000 ? 1 : 0)
    return "\(tenths / 10).\(tenths % 10)"
}
