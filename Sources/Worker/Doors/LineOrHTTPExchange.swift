/// One door for both: HTTP's requests begin with a capital letter, and no line of JSON does.
struct LineOrHTTPExchange: Exchange {
    let lines: LineExchange
    let http: HTTPExchange

    var tooSlow: [UInt8] { lines.tooSlow }

    func read(_ bytes: [UInt8], isEnd: Bool) -> ExchangeStep {
        let isHTTP = bytes.first.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) } ?? false
        return isHTTP ? http.read(bytes, isEnd: isEnd) : lines.read(bytes, isEnd: isEnd)
    }
}
