internal import Objects

/// The names of a job's work files; nil where its store gives them none.
struct WorkNames: Sendable {
    let output: String?
    let poster: String?

    init(beside path: String, in store: any ObjectStore) throws(ObjectError) {
        output = try store.workName(beside: path)
        poster = try store.workName(beside: path)
    }

    var all: [String] { [output, poster].compactMap(\.self) }
}
