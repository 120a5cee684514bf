import Foundation

/// What ffprobe, and not our own code, says of a file.
struct ProbedFile: Decodable {
    struct Stream: Decodable {
        var index: Int
        var codec_type: String?
        var codec_name: String?
        var codec_tag_string: String?
        var profile: String?
        var width: Int?
        var height: Int?
        var pix_fmt: String?
        var level: Int?
        var sample_aspect_ratio: String?
        var color_range: String?
        var color_space: String?
        var color_transfer: String?
        var color_primaries: String?
        var field_order: String?
        var avg_frame_rate: String?
        var sample_rate: String?
        var channels: Int?
        var channel_layout: String?
        var start_time: String?
        var duration: String?
        var bit_rate: String?
        var extradata_size: Int?
        var nb_read_packets: String?
        var tags: [String: String]?
        var side_data_list: [SideData]?
    }

    struct SideData: Decodable { var side_data_type: String? }

    struct Format: Decodable {
        var format_name: String
        var duration: String?
        var start_time: String?
        var size: String?
        var tags: [String: String]?
    }

    struct Chapter: Decodable {}

    var streams: [Stream]
    var format: Format
    var chapters: [Chapter]

    init(_ file: URL) throws {
        let arguments = ["-v", "error", "-of", "json", "-count_packets", "-show_streams", "-show_format", "-show_chapters", file.path]
        self = try JSONDecoder().decode(ProbedFile.self, from: Program.run("ffprobe", arguments).output)
    }

    var kinds: [String] { streams.map { $0.codec_type ?? "?" } }
    var video: Stream? { streams.first { $0.codec_type == "video" } }
    var audio: Stream? { streams.first { $0.codec_type == "audio" } }
    var duration: Double { Double(format.duration ?? "") ?? -1 }

    /// What players need of a picture of the default profile.
    var isPlayableEverywhere: Bool {
        guard format.format_name.hasPrefix("mov,mp4") else { return false }
        let pictures = streams.filter { $0.codec_type == "video" }
        let sounds = streams.filter { $0.codec_type == "audio" }
        return streams.count == pictures.count + sounds.count && pictures.count <= 1 && sounds.count <= 1
            && pictures.allSatisfy {
                $0.codec_name == "h264" && $0.pix_fmt == "yuv420p" && $0.codec_tag_string == "avc1"
                    && ["1:1", nil].contains($0.sample_aspect_ratio) && ($0.width ?? 1) % 2 == 0
                    && ($0.height ?? 1) % 2 == 0 && ["tv", nil].contains($0.color_range)
            }
            && sounds.allSatisfy { $0.codec_name == "aac" && $0.profile == "LC" && (1...2).contains($0.channels ?? 0) }
    }
}
