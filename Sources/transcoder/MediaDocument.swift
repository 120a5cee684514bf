internal import Foundation
internal import MediaWire
internal import Platform
internal import WorkerConfiguration

/// The output of `probe`. Times are in seconds, sizes in bytes, bitrates in bits per second.
struct MediaDocument: Encodable {
    struct Stream: Encodable {
        var index: Int
        var kind: String
        var codec: String
        var profile: String?
        var decodable: Bool
        var `default`: Bool
        var language: String?
        var start: Double?
        var duration: Double?
        var bitrate: Int?
        var picture: Picture?
        var sound: Sound?
    }

    struct Picture: Encodable {
        var width: Int
        var height: Int
        /// As "1:1".
        var sampleAspect: String
        /// The clockwise rotation to display it upright; mirroring comes first.
        var rotation: Int
        var mirrored: Bool
        var frameRate: Double?
        var pixelFormat: String
        var level: Int?
        var colorPrimaries: String?
        var colorTransfer: String?
        var colorMatrix: String?
        var fullRange: Bool
        var fieldOrder: String?
        var dolbyVisionProfile: Int?
    }

    struct Sound: Encodable {
        var sampleRate: Int
        var channels: Int
        var layout: String
    }

    var container: String
    var duration: Double?
    var start: Double
    var size: Int
    var chapters: Int
    var metadataKeys: [String]
    var streams: [Stream]

    init(_ info: MediaInfo) {
        container = info.container
        duration = info.duration.map(Self.seconds)
        start = Self.seconds(info.start)
        size = info.size
        chapters = info.chapters
        metadataKeys = info.metadataKeys
        streams = info.streams.map { stream in
            Stream(
                index: stream.index, kind: "\(stream.kind)", codec: stream.codec, profile: stream.profile,
                decodable: stream.isDecodable, default: stream.isDefault, language: stream.language,
                start: stream.start.map(Self.seconds), duration: stream.duration.map(Self.seconds),
                bitrate: stream.bitrate, picture: stream.picture.map(Picture.init), sound: stream.sound.map(Sound.init))
        }
    }

    private static func seconds(_ microseconds: Int) -> Double { Double(microseconds) / 1e6 }

    var text: String {
        var head = [container, ByteSize.text(Int64(size))]
        if let duration { head.append(String(format: "%.3f s", duration)) }
        if chapters > 0 { head.append("\(chapters) chapters") }
        return ([head.joined(separator: ", ")] + streams.map(Self.line)).joined(separator: "\n")
    }

    private static func line(_ stream: Stream) -> String {
        var parts = ["\(stream.kind) \(stream.codec)" + (stream.profile.map { " (\($0))" } ?? "")]
        if let picture = stream.picture {
            parts.append("\(picture.width)×\(picture.height)")
            if picture.rotation != 0 { parts.append("rotated by \(picture.rotation)°") }
            if let rate = picture.frameRate { parts.append(String(format: "%.2f fps", rate)) }
            parts.append(picture.pixelFormat)
            let colours = [picture.colorPrimaries, picture.colorTransfer, picture.colorMatrix].compactMap(\.self)
            if !colours.isEmpty { parts.append(colours.joined(separator: "/")) }
        }
        if let sound = stream.sound { parts.append("\(sound.sampleRate) Hz, \(sound.layout)") }
        if let bitrate = stream.bitrate { parts.append("\(bitrate / 1000) kbit/s") }
        if let language = stream.language { parts.append(language) }
        if !stream.decodable { parts.append("cannot be decoded") }
        return "  stream \(stream.index): " + parts.joined(separator: ", ")
    }
}

extension MediaDocument.Picture {
    init(_ picture: VideoInfo) {
        self.init(
            width: picture.width, height: picture.height,
            sampleAspect: "\(picture.sampleAspectWidth):\(picture.sampleAspectHeight)", rotation: picture.rotation,
            mirrored: picture.isMirrored, frameRate: picture.frameRate, pixelFormat: picture.pixelFormat,
            level: picture.level, colorPrimaries: picture.colorPrimaries, colorTransfer: picture.colorTransfer,
            colorMatrix: picture.colorMatrix, fullRange: picture.isFullRange, fieldOrder: picture.fieldOrder,
            dolbyVisionProfile: picture.dolbyVisionProfile)
    }
}

extension MediaDocument.Sound {
    init(_ sound: AudioInfo) {
        self.init(sampleRate: sound.sampleRate, channels: sound.channels, layout: sound.layout)
    }
}
