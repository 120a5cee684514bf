internal import Glibc
internal import MediaWire

/// The files that a child may write to, checked from outside: a compromised child would not report them, or lie.
struct WrittenFiles {
    private let source: CInt?
    private let output: CInt?
    private let poster: CInt?

    /// - Parameter descriptors: as the request's task requires them. Borrowed.
    init(_ task: MediaRequest.Task, _ descriptors: [CInt]) {
        source = descriptors.first
        output = descriptors.count > 1 ? descriptors[1] : nil
        poster = descriptors.count > 2 ? descriptors[2] : nil
    }

    /// Bytes; 0 if there is no such file.
    var sourceSize: Int64 { Self.size(of: source) }
    var outputSize: Int64 { Self.size(of: output) }
    var posterSize: Int64 { Self.size(of: poster) }

    private static func size(of descriptor: CInt?) -> Int64 {
        var status = stat()
        guard let descriptor, fstat(descriptor, &status) == 0 else { return 0 }
        return Int64(status.st_size)
    }
}
