import Foundation

/// Inputs made by the ffmpeg program while the tests run, in a folder that goes with the process.
enum GeneratedMedia {
    private static let root: URL = {
        let root = FileManager.default.temporaryDirectory.appending(path: "generated-\(getpid())")
        try? FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(at: GeneratedMedia.root) }
        return root
    }()

    static func freshFolder() throws -> URL {
        let folder = root.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// Runs ffmpeg with a recipe whose words stand apart by single spaces; `@` is the folder of the inputs.
    static func make(_ name: String, _ recipe: String, from inputs: URL...) throws -> URL {
        let file = try freshFolder().appending(path: name)
        var arguments = ["-hide_banner", "-nostdin", "-loglevel", "error", "-y"]
        for word in namingColours(recipe.split(separator: " ").map(String.init)) {
            // @0, @1 … stand for the inputs, so that a path may hold anything.
            if word.first == "@", let number = Int(word.dropFirst()) {
                arguments.append(inputs[number].path)
            } else {
                arguments.append(word)
            }
        }
        try Program.run("ffmpeg", arguments + [file.path])
        return file
    }

    /// Colours that a recipe names for its output are written beside the pictures, which stay as they are: from 7 on, the program converts
    /// pictures to what its options name.
    private static func namingColours(_ words: [String]) -> [String] {
        let names = ["-color_primaries": "color_primaries", "-color_trc": "color_trc", "-colorspace": "colorspace", "-color_range": "range"]
        var (kept, parameters) = ([String](), [String]())
        var rest = words[...]
        while let word = rest.popFirst() {
            if let name = names[word], let value = rest.popFirst() { parameters.append("\(name)=\(value)") } else { kept.append(word) }
        }
        guard !parameters.isEmpty else { return words }
        let filter = "setparams=\(parameters.joined(separator: ":"))"
        if let place = kept.lastIndex(of: "-vf"), place + 1 < kept.count {
            kept[place + 1] += ",\(filter)"
        } else {
            kept += ["-vf", filter]
        }
        return kept
    }

    /// A file of these bytes.
    static func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> URL {
        let file = try freshFolder().appending(path: name)
        try Data(bytes).write(to: file)
        return file
    }

    static func write(_ name: String, text: String) throws -> URL {
        try write(name, Array(text.utf8))
    }

    /// The first share (0...1) of a file, as an upload that broke off.
    static func cut(_ file: URL, to share: Double) throws -> URL {
        let bytes = try Data(contentsOf: file)
        return try write(file.lastPathComponent, bytes.prefix(Int(Double(bytes.count) * share)))
    }

    static func hasEncoder(_ name: String) -> Bool { encoders.contains(name) }

    private static let encoders: Set<String> = {
        let list = try? Program.run("ffmpeg", ["-hide_banner", "-encoders"]).output
        let lines = String(decoding: list ?? Data(), as: UTF8.self).split(separator: "\n")
        return Set(lines.compactMap { $0.split(separator: " ").dropFirst().first.map(String.init) })
    }()
}

/// Lavfi sources that many tests share.
enum Lavfi {
    static func test(_ size: String = "160x120", rate: String = "25", seconds: Double = 1) -> String {
        "-f lavfi -i testsrc2=s=\(size):r=\(rate):d=\(seconds)"
    }

    static func tone(_ frequency: Int = 440, rate: Int = 48_000, seconds: Double = 1) -> String {
        "-f lavfi -i sine=frequency=\(frequency):sample_rate=\(rate):duration=\(seconds)"
    }

    /// x264 so that the profile has nothing to complain of.
    static let h264 = "-c:v libx264 -preset veryfast -profile:v high -pix_fmt yuv420p -g 50 -x264opts open_gop=0"
        + " -color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv"
    static let aac = "-c:a aac -b:a 128k"
}
