import Foundation

/// A film that counts its pictures (`FrameCounter`), flashes white below the counter at each whole second for 0.1 s, and
/// beeps then.
enum MarkedFilm {
    static let rate = 25

    /// As two inputs of ffmpeg: 0 is the picture, 1 the sound.
    static func inputs(seconds: Double = 6, soundRate: Int = 48_000) -> String {
        "-f lavfi -i \(FrameCounter.source(rate: "\(rate)", seconds: seconds)),drawbox=y=32:h=32:t=fill:c=black,"
            + "drawbox=y=32:h=32:t=fill:c=white:enable='lt(mod(t\\,1)\\,0.0999)'"
            + " -f lavfi -i aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t\\,1)\\,0.1)':s=\(soundRate):d=\(seconds) -map 0:v -map 1:a"
    }

    static func make(_ file: String, _ encoding: String, seconds: Double = 6) throws -> URL {
        try GeneratedMedia.make(file, "\(inputs(seconds: seconds)) \(encoding)")
    }
}
