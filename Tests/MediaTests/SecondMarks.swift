import Foundation
import Testing

/// All white flashes and beeps of a film that marks its seconds with both, as the films of `fixtures/reports` do.
struct SecondMarks {
    /// Seconds of the file's own clock at which each begins, in order.
    private(set) var flashes: [Double] = []
    private(set) var beeps: [Double] = []
    /// Where the picture's last frame begins, and the sound ends.
    private(set) var lastPicture = 0.0
    private(set) var soundEnd = 0.0

    /// - Parameter level: what is louder is a beep; between two there are 0.2 s at least.
    init(_ file: URL, level: Float = 0.05, hasPicture: Bool = true, hasSound: Bool = true) throws {
        if hasPicture {
            let video = try DecodedVideo(file, gray: true)
            var isBright = false
            for picture in video.times.indices {
                let luma = video.luma(
                    picture: picture, x: video.width / 4, y: video.height / 2, width: video.width / 2, height: video.height / 4)
                if luma > 200, !isBright { flashes.append(video.times[picture]) }
                isBright = luma > 200
            }
            lastPicture = video.times.last ?? 0
        }
        if hasSound {
            let sound = try DecodedSound(file)
            beeps = sound.onsets(level: level)
            soundEnd = sound.end
        }
    }

    /// Two inputs of ffmpeg that mark every second but the first: 0 is the picture, 1 the sound.
    static func inputs(seconds: Double, rate: String = "25", soundRate: Int = 48_000) -> String {
        "-f lavfi -i color=c=black:s=96x64:r=\(rate):d=\(seconds),drawbox=t=fill:c=white:enable='lt(mod(t\\,1)\\,0.039)*gte(t\\,0.9)'"
            + " -f lavfi -i aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t\\,1)\\,0.05)*gte(t\\,0.9)':s=\(soundRate):d=\(seconds)"
    }

    /// Largest distance of a beep from the nearest flash; nil where either is missing.
    var apart: Double? {
        beeps.compactMap { beep in flashes.map { abs($0 - beep) }.min() }.max()
    }

    /// The flashes and beeps are where they are expected, and together.
    func expect(
        flashes: [Double], beeps: [Double], within tolerance: Double, together: Double = 0.020,
        location: SourceLocation = #_sourceLocation
    ) {
        Self.expect(self.flashes, flashes, tolerance, "flashes", location)
        Self.expect(self.beeps, beeps, tolerance, "beeps", location)
        for flash in self.flashes where beeps.contains(where: { abs($0 - flash) < 0.4 }) {
            let distance = self.beeps.map { abs($0 - flash) }.min() ?? .infinity
            #expect(distance <= together, "flash at \(flash), beep \(distance) s from it", sourceLocation: location)
        }
    }

    private static func expect(
        _ found: [Double], _ wanted: [Double], _ tolerance: Double, _ name: String, _ location: SourceLocation
    ) {
        let agrees = found.count == wanted.count && zip(found, wanted).allSatisfy { abs($0 - $1) <= tolerance }
        #expect(agrees, "\(name) at \(found), not at \(wanted)", sourceLocation: location)
    }
}

extension DecodedSound {
    /// Seconds at which it becomes louder than a level after a while below it.
    func onsets(level: Float, quiet: Double = 0.2, channel: Int = 0) -> [Double] {
        var onsets: [Double] = []
        var last = -Int.max / 2
        samples[channel].withUnsafeBufferPointer { samples in
            for index in samples.indices where abs(samples[index]) > level {
                if index - last > Int(quiet * Double(rate)) { onsets.append(start + Double(index) / Double(rate)) }
                last = index
            }
        }
        return onsets
    }
}
