internal import Jobs
internal import Objects
internal import Site

/// A file produced by an attempt. It has a work name until it is published.
struct Artifact {
    /// Its role in the row. Further renditions are further roles.
    enum Role {
        /// What the site plays: `path`.
        case output
        case poster
        /// The upload without its metadata: `original_path`.
        case original
    }

    let role: Role
    let work: WorkObject
}

/// The files of one attempt, with other values for the row.
struct Artifacts {
    let output: WorkObject
    private var others: [Artifact] = []
    /// No `original_path` may name the upload.
    var hidesOriginal = false
    var provenance: Provenance?

    init(output: WorkObject) { self.output = output }

    var list: [Artifact] { [Artifact(role: .output, work: output)] + others }

    mutating func add(_ role: Artifact.Role, _ work: WorkObject) { others.append(Artifact(role: role, work: work)) }

    subscript(role: Artifact.Role) -> WorkObject? { list.first { $0.role == role }?.work }

    func discard() { for artifact in list { artifact.work.discard() } }
}

extension FileResult {
    /// The name under which an artifact is published; nil if the row does not name it.
    func path(of role: Artifact.Role) -> String? {
        switch role {
        case .output: newPath
        case .poster: posterPath
        case .original: if case .replaced(let path) = original { path } else { nil }
        }
    }
}

extension Artifact.Role {
    /// The points at which a test kills the process.
    var failpoints: (durable: Failpoint, named: Failpoint, published: Failpoint)? {
        switch self {
        case .output: (.outputDurable, .outputNamed, .outputPublished)
        case .poster: (.posterDurable, .posterNamed, .posterPublished)
        case .original: nil
        }
    }
}
