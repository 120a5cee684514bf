internal import CFFmpeg
internal import MediaWire

/// Decodes the sound of a file alone, from its beginning to its end, apart from the work.
enum SoundScan {
    /// Lends each frame that a chain of filters makes of it to `take`.
    ///
    /// - Parameters:
    ///   - source: at its beginning, and of no use afterwards.
    ///   - conversion: brings every part to one rate, layout and format; made anew where the source changes on the way.
    ///   - chain: goes over the whole; nil for nothing more.
    ///   - tick: called at every step.
    /// - Returns: the most channels that any part has.
    @discardableResult
    static func run(
        stream index: Int, source: Demuxer, conversion: String, through chain: String? = nil, tick: () throws -> Void,
        take: (Frame) throws -> Void
    ) throws -> Int {
        try source.select([index])
        let decoder = try Decoder(stream: source.stream(index), threads: 1, allowed: AllowList.audioDecoders)
        let decoded = try Frame(), converted = try Frame(), filtered = try Frame()
        var converter: FilterGraph?, graph: FilterGraph?
        var mostChannels = 0
        func drain(_ graph: FilterGraph, into frame: Frame, _ take: (Frame) throws -> Void) throws {
            while try graph.receive(into: frame) == .ready {
                try take(frame)
                frame.unreference()
            }
        }
        func pass(_ frame: Frame) throws {
            guard let chain else { return try take(frame) }
            let base = AVRational(num: 1, den: CInt(frame.sampleRate))
            let current = try graph ?? FilterGraph(chain, like: frame, timeBase: base, threads: 1)
            graph = current
            try current.send(frame)
            try drain(current, into: filtered, take)
        }
        func finish() throws {
            try converter?.send(nil)
            if let converter { try drain(converter, into: converted, pass) }
            converter = nil
        }
        while true {
            let packet = try source.next()
            if let packet, packet.streamIndex != index { continue }
            try decoder.send(packet)
            while try decoder.receive(into: decoded) == .ready {
                guard decoded.sampleRate > 0, decoded.channels > 0 else { continue }
                decoded.completeLayout()
                guard decoded.hasLayout else { continue }
                try decoded.tameSamples()
                mostChannels = max(mostChannels, decoded.channels)
                if converter?.fits(decoded) == false { try finish() }
                let base = AVRational(num: 1, den: CInt(decoded.sampleRate))
                let current = try converter ?? FilterGraph(conversion, like: decoded, timeBase: base, threads: 1)
                converter = current
                try current.send(decoded)
                decoded.unreference()
                try drain(current, into: converted, pass)
                try tick()
            }
            if packet == nil { break }
        }
        try finish()
        try graph?.send(nil)
        if let graph { try drain(graph, into: filtered, take) }
        return mostChannels
    }
}
