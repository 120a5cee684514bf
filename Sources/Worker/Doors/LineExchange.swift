/// One line, or all that comes before the end, is answered with one line.
struct LineExchange: Exchange {
    let longest: Int
    let tooLong: [UInt8]
    let tooSlow: [UInt8]
    let respond: @Sendable ([UInt8]) async -> [UInt8]

    func read(_ bytes: [UInt8], isEnd: Bool) -> ExchangeStep {
        let line = bytes.firstIndex(of: UInt8(ascii: "\n")).map { Array(bytes[..<$0]) }
        if (line ?? bytes).count > longest { return .answer(tooLong) }
        guard let request = line ?? (isEnd ? bytes : nil) else { return .incomplete }
        // Somebody who came and went, as a look whether we are there does.
        if request.isEmpty, isEnd { return .answer([]) }
        return .work { [respond] in await respond(request) }
    }
}
