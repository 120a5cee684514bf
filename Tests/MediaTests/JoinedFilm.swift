import Foundation

/// Films and recordings that were joined out of parts of different kinds, as recorders, broadcasters and `cat` do.
enum JoinedFilm {
    /// Parts by their recipes, each of so many seconds, one behind the other in a transport stream.
    static func transportStream(_ recipes: [String], each seconds: Double = 1) throws -> URL {
        try transportStream(recipes.enumerated().map { number, recipe in
            try GeneratedMedia.make("part.ts", "\(recipe) -output_ts_offset \(Double(number) * seconds)")
        })
    }

    static func transportStream(_ parts: [URL]) throws -> URL {
        try GeneratedMedia.write("joined.ts", parts.flatMap { try Array(Data(contentsOf: $0)) })
    }

    /// Parts that hold no times, end to end.
    static func plain(_ name: String, _ recipes: [String]) throws -> URL {
        try GeneratedMedia.write(name, recipes.flatMap { try Array(Data(contentsOf: GeneratedMedia.make(name, $0))) })
    }

    /// Parts in one FLV: each brings the sequence header of its codec with it.
    static func flash(_ recipes: [String], each seconds: Double = 1) throws -> URL {
        var bytes: [UInt8] = []
        for (number, recipe) in recipes.enumerated() {
            let part = try Array(Data(contentsOf: GeneratedMedia.make("part.flv", recipe)))
            if bytes.isEmpty { bytes += part.prefix(13) }
            var place = 13
            // A tag: its kind, 3 bytes of length, 3 and 1 of its time in milliseconds, a stream; the length of all behind it.
            while place + 11 <= part.count {
                let length = part[place + 1...place + 3].reduce(0) { $0 << 8 | Int($1) } + 15
                var tag = Array(part[place..<min(part.count, place + length)])
                place += length
                let time = Int(tag[4]) << 16 | Int(tag[5]) << 8 | Int(tag[6]) + number * Int(seconds * 1000)
                (tag[4], tag[5], tag[6]) = (UInt8(time >> 16 & 255), UInt8(time >> 8 & 255), UInt8(time & 255))
                if tag[0] != 18 || number == 0 { bytes += tag }
            }
        }
        return try GeneratedMedia.write("joined.flv", bytes)
    }
}
