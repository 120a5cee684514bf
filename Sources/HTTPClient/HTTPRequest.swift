/// A request, with what it may cost.
public struct HTTPRequest: Sendable {
    public enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// A part of an open file, read by position, so that it can be sent again. The descriptor is borrowed.
        case file(CInt, offset: Int64, length: Int64)
    }

    public var method: String
    public var url: String
    /// Sent as they are, besides those that the transport adds itself (Host, Content-Length, Accept).
    public var headers: [(name: String, value: String)]
    public var body: Body

    public init(_ method: String, _ url: String, headers: [(name: String, value: String)] = [], body: Body = .none) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// The status line and the header fields of a response.
public struct HTTPHead: Sendable, Equatable {
    public internal(set) var status = 0
    /// Names in lower case, in the order received.
    public internal(set) var fields: [Field] = []

    public init(status: Int = 0, fields: [Field] = []) {
        self.status = status
        self.fields = fields
    }

    public struct Field: Sendable, Equatable {
        public let name: String
        public let value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The first field of that name, which is given in lower case.
    public subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    public var isSuccess: Bool { (200..<300).contains(status) }
}

/// A response whose body was kept in memory, or went to the receiver.
public struct HTTPResponse: Sendable {
    public let head: HTTPHead
    /// Empty where a receiver took it.
    public let body: [UInt8]
    /// After redirects.
    public let url: String
    /// The address that answered.
    public let address: String?
}
