internal import MediaWire

/// What one running job may still write, in bytes.
struct JobSpace: Sendable {
    /// Of the result, and of everything else written.
    var output: Int64
    let besides: Int64
    /// The reserve when it started.
    let reserve: Int64
    var written: Int64 = 0

    var need: Int64 { output.addingSaturated(besides) }
    var left: Int64 { max(0, need.subtractingSaturated(written)) }
}
