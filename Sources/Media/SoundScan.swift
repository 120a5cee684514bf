internal import CFFmpeg
internal import MediaWire

/// Decodes the sound of a file alone, from its beginning to its end, apart from the work.
enum SoundScan {
    /// Lends each frame that a chain of filters makes of it to `take`.
    ///
    /// - Parameters:
    ///   - source: at its beginning, and of no use afterwards.
    ///   - tick: called at every step.
    static func run(
        stream index: Int, source: Demuxer, through chain: String, tick: () throws -> Void,
        take: (Frame) throws -> Void
    ) throws {
        source.select([index])
        let decoder = try Decoder(stream: source.stream(index), threads: 1, allowed: AllowList.audioDecoders)
        let decoded = try Frame(), filtered = try Frame()
        var graph: FilterGraph?
        func drain(_ graph: FilterGraph) throws {
            while try graph.receive(into: filtered) == .ready {
                try take(filtered)
                filtered.unreference()
            }
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
                // Another format on the way: what was heard so far stands for the whole.
                guard graph?.fits(decoded) != false else {
                    decoded.unreference()
                    continue
                }
                let current =
                    try graph
                    ?? FilterGraph(
                        chain, like: decoded, timeBase: AVRational(num: 1, den: CInt(decoded.sampleRate)), threads: 1)
                graph = current
                try current.send(decoded)
                decoded.unreference()
                try drain(current)
                try tick()
            }
            if packet == nil { break }
        }
        if let graph {
            try graph.send(nil)
            try drain(graph)
        }
    }
}
