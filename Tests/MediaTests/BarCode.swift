import Foundation

/// The number of each picture, as the films of `fixtures/reports` and `Lavfi.counted` show it: 12 bits along the top, each a
/// twelfth of the width wide (rounded down), in the uppermost tenth; bright is 1, the least bit first.
enum BarCode {
    static let bits = 12

    /// Of one picture of a film that is shown as a whole, upright; nil where a bit is neither bright nor dark.
    static func number(_ video: DecodedVideo, picture: Int) -> Int? {
        let (width, height) = (max(1, video.width / bits), max(2, video.height / 10))
        var number = 0
        for bit in 0..<bits {
            // The middle of the cell: its borders are blurred.
            let level = video.luma(
                picture: picture, x: bit * width + width / 4, y: height / 4, width: max(1, width / 2), height: max(1, height / 2))
            if level > 150 { number |= 1 << bit } else if !(level < 100) { return nil }
        }
        return number
    }

    /// Of all pictures in their order.
    static func numbers(_ video: DecodedVideo) -> [Int?] { (0..<video.count).map { number(video, picture: $0) } }
}

extension Lavfi {
    /// A grey film whose pictures are numbered from 0 by a bar code.
    static func counted(_ size: String = "320x240", rate: String = "25", seconds: Double = 2) -> String {
        "-f lavfi -i nullsrc=s=\(size):r=\(rate):d=\(seconds),format=yuv420p,"
            + "geq=lum='if(lt(Y\\,floor(H/10))\\,if(mod(floor(N/pow(2\\,floor(X/floor(W/12))))\\,2)\\,235\\,16)\\,60+60*X/W)':cb=128:cr=128"
    }
}

/// The films and recordings of `fixtures/reports`.
enum Reports {
    static func file(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../fixtures/reports/\(name)").standardized
    }
}
