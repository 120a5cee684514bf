import Foundation

/// A picture stream decoded by the ffmpeg program, without any conversion of its numbers: Y′CbCr as stored, each
/// chroma sample repeated, with the exact time of every picture.
struct DecodedVideo {
    let width: Int
    let height: Int
    /// Seconds.
    let times: [Double]
    private let planes: Int
    private let bytes: [UInt8]

    /// - Parameter gray: luma alone, for long clips.
    init(_ file: URL, gray: Bool = false, format: String = "yuv444p") throws {
        let ending = try Program.run(
            "ffmpeg",
            [
                "-hide_banner", "-nostdin", "-nostats", "-loglevel", "info", "-copyts", "-noautorotate", "-i", file.path,
                "-map", "0:v:0", "-vf", "showinfo=checksum=0", "-fps_mode", "passthrough", "-f", "rawvideo",
                "-pix_fmt", gray ? "gray" : format, "-sws_flags", "neighbor+accurate_rnd", "-",
            ])
        var times: [Double] = []
        var size = (0, 0)
        for line in ending.errors.split(separator: "\n") where line.contains("pts_time:") {
            times.append(Double(line.value(after: "pts_time:")) ?? .nan)
            let sides = line.value(after: " s:").split(separator: "x").compactMap { Int($0) }
            if sides.count == 2 { size = (sides[0], sides[1]) }
        }
        self.times = times
        (width, height) = size
        planes = gray ? 1 : 3
        bytes = [UInt8](ending.output)
        guard bytes.count == times.count * width * height * planes else {
            throw Unexpected(what: "\(bytes.count) bytes for \(times.count) pictures of \(width)x\(height)")
        }
    }

    struct Unexpected: Error { var what: String }

    var count: Int { times.count }

    /// The mean of one plane over a rectangle of a picture; not a number where there is no such place.
    func mean(_ plane: Int, picture: Int, x: Int, y: Int, width w: Int, height h: Int) -> Double {
        let (left, top, right, bottom) = (max(0, x), max(0, y), min(width, x + w), min(height, y + h))
        guard times.indices.contains(picture), left < right, top < bottom else { return .nan }
        let start = (picture * planes + plane) * width * height
        let (rows, columns) = (top..<bottom, left..<right)
        return bytes.withUnsafeBufferPointer { bytes in
            var sum = 0
            var row = rows.lowerBound
            // Plain loops: this runs millions of times, and tests are built without optimisation.
            while row < rows.upperBound {
                var place = start + row * width + columns.lowerBound
                let end = place + columns.count
                while place < end {
                    sum &+= Int(bytes[place])
                    place &+= 1
                }
                row += 1
            }
            return Double(sum) / Double(rows.count * columns.count)
        }
    }

    func luma(picture: Int, x: Int, y: Int, width w: Int, height h: Int) -> Double {
        mean(0, picture: picture, x: x, y: y, width: w, height: h)
    }

    /// The mean luma of a whole picture.
    func luma(picture: Int) -> Double { luma(picture: picture, x: 0, y: 0, width: width, height: height) }

    /// The mean of a rectangle as R′G′B′ (0...1, may lie outside).
    func color(picture: Int = 0, x: Int, y: Int, width w: Int, height h: Int, coding: ColorCoding = .bt709) -> RGB {
        let levels = (0..<3).map { mean($0, picture: picture, x: x, y: y, width: w, height: h) }
        return coding.decode(levels[0], levels[1], levels[2])
    }
}

extension StringProtocol {
    /// The word that follows a label, up to the next space.
    func value(after label: String) -> String {
        guard let range = range(of: label) else { return "" }
        return String(self[range.upperBound...].drop { $0 == " " }.prefix { $0 != " " })
    }
}
