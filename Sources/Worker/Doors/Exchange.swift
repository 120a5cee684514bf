/// How the bytes of one connection become a request, and that becomes an answer, after which the connection ends. Called on the
/// thread of the connections: quick, and never waiting.
protocol Exchange: Sendable {
    /// - Parameters:
    ///   - bytes: all that has come so far. An exchange says so when it is too much: nothing else bounds it.
    ///   - isEnd: no more will come.
    func read(_ bytes: [UInt8], isEnd: Bool) -> ExchangeStep

    /// What is said to whom took too long to ask.
    var tooSlow: [UInt8] { get }
}

enum ExchangeStep: Sendable {
    /// More is to come.
    case incomplete
    case answer([UInt8])
    /// To be awaited elsewhere. Must end by itself, in bounded time: the connection's place is taken until then.
    case work(@Sendable () async -> [UInt8])
}
