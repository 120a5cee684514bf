/// One key: its name, allowed values, meaning, and the field it sets. The documentation, the
/// example file, the reader and the environment are all generated from this.
struct ConfigurationKey<Root: Sendable>: Sendable {
    /// With dots between levels: `retry.attempts`.
    let name: String
    /// As in "must be …".
    let typeName: String
    let document: String
    /// The value must not be shown.
    let isSecret: Bool
    /// It may be written as a list.
    let isList: Bool
    private let setter: @Sendable (inout Root, String) -> Bool
    private let getter: @Sendable (Root) -> String
    private let copier: @Sendable (Root, inout Root) -> Void
    private let comparer: @Sendable (Root, Root) -> Bool

    init<Value: Equatable>(
        _ name: String, _ path: any WritableKeyPath<Root, Value> & Sendable, _ type: ValueType<Value>,
        _ document: String
    ) {
        self.name = name
        self.typeName = type.name
        self.document = document
        isSecret = type.isSecret
        isList = type.isList
        setter = { root, text in
            guard let value = type.parse(text) else { return false }
            root[keyPath: path] = value
            return true
        }
        getter = { type.format($0[keyPath: path]) }
        copier = { $1[keyPath: path] = $0[keyPath: path] }
        comparer = { $0[keyPath: path] == $1[keyPath: path] }
    }

    /// An optional value, written as the word `absent` if there is none.
    init<Value: Equatable>(
        _ name: String, _ path: any WritableKeyPath<Root, Value?> & Sendable, _ type: ValueType<Value>,
        absent: String, _ document: String
    ) {
        self.init(name, path, type.orAbsent(absent), document)
    }

    /// The environment variable that overrides it, with a prefix.
    func environmentName(prefix: String) -> String {
        prefix + name.uppercased().replacing(".", with: "_")
    }

    func set(_ text: String, in root: inout Root, source: String) throws(ConfigurationError) {
        guard setter(&root, text) else {
            // The value is not quoted: a password may be in the wrong line.
            throw ConfigurationError("\(source) must be \(typeName).")
        }
    }

    func copy(from root: Root, to other: inout Root) { copier(root, &other) }

    func isSame(in root: Root, and other: Root) -> Bool { comparer(root, other) }

    /// The value as written in the file; dots for a secret.
    func text(in root: Root) -> String { getter(root) }
}
