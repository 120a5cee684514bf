import Foundation

/// White flashes and a beep at the same moments: what is seen and heard together must stay together.
struct SyncClip {
    /// Seconds.
    var moments: [Double]
    var seconds: Double
    var rate = "30"
    var soundRate = 44_100
    static let length = 0.2

    static let minute = SyncClip(moments: [1, 30, 58], seconds: 60)
    static let short = SyncClip(moments: [1, 3, 5], seconds: 6)

    private var isOn: String { moments.map { "between(t\\,\($0)\\,\($0 + Self.length - 0.001))" }.joined(separator: "+") }

    /// As two inputs of ffmpeg: 0 is the picture, 1 the sound.
    var inputs: String { "\(picture) \(sound)" }
    var picture: String { "-f lavfi -i color=c=black:s=96x64:r=\(rate):d=\(seconds),drawbox=t=fill:c=white:enable='\(isOn)'" }
    var sound: String { "-f lavfi -i aevalsrc='0.5*sin(2*PI*1000*t)*(\(isOn))':s=\(soundRate):d=\(seconds)" }

    /// When each flash and each beep of an output begins; nil where one is missing.
    /// The moments count from the beginning of what is first, sound or picture.
    static func read(_ file: URL, near moments: [Double]) throws -> [(flash: Double?, beep: Double?)] {
        let video = try DecodedVideo(file, gray: true), sound = try DecodedSound(file)
        let start = min(video.times.first ?? 0, sound.start)
        return moments.map { moment in
            let near = moment + start - 0.5..<moment + start + 0.5
            let flash = video.times.indices.first {
                near.contains(video.times[$0]) && video.luma(picture: $0, x: 40, y: 24, width: 16, height: 16) > 128
            }
            let beep = sound.onset(from: near.lowerBound, to: near.upperBound, level: 0.08)
            return (flash.map { video.times[$0] - start }, beep.map { $0 - start })
        }
    }
}
