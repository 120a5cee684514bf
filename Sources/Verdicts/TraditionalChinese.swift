internal import Platform

/// All sentences about files in Traditional Chinese, in the words of Taiwan.
enum TraditionalChinese {
    static func sentence(_ failure: Failure) -> String {
        switch failure {
        case .emptyFile: "檔案是空的。"
        case .notMedia: "此檔案不是音訊或影片。"
        case .text: "此檔案是文字檔，不是音訊或影片。"
        case .image: "此檔案是圖片，不是音訊或影片。"
        case .animatedWebP: "此檔案是 WebP 動畫圖片，尚不支援，請上傳影片。"
        case .playlist: "此檔案是播放清單，請直接上傳影片或音訊檔案。"
        case .flashProgram: "此檔案是 Flash 程式，不是音訊或影片。"
        case .unsupportedFormat(let name): "不支援此檔案的格式（\(short(name))）。"
        case .encrypted: "此檔案已加密（DRM），無法轉換。"
        case .noAudio: "此檔案中沒有音訊。"
        case .noAudioOrVideo: "此檔案中沒有影片或音訊。"

        case .indexMissing: "檔案不完整：缺少索引，上傳可能已中斷，請重新上傳。"
        case .damagedHeader: "檔案已損毀：無法讀取檔頭。"
        case .damagedClock: "檔案已損毀：檔頭中缺少某個軌道的時間基準。"
        case .unreadable: "檔案已損毀，無法讀取。"
        case .unreadableTrack(let part, let codec): "檔案已損毀：無法讀取其中的\(name(part))（\(short(codec))）。"
        case .undecodable: "檔案已損毀：無法解碼。"
        case .undecodableVideo: "檔案已損毀：無法解碼其中的影片。"
        case .undecodableTracks(let codecs): "檔案已損毀：無法解碼其中的串流（\(short(codecs))）。"
        case .mostlyUndecodable(let percent): "檔案已損毀：只有 \(percent)% 的內容可以解碼。"
        case .noDuration: "檔案已損毀：內容沒有長度。"
        case .notConvertible: "檔案已損毀，無法轉換。"

        case .unsupportedCodec(let name): "此檔案使用了不支援的編碼（\(short(name))）。"
        case .dolbyVision5: "此影片為杜比視界 Profile 5，只有取得授權的播放器才能正常顯示，請改用其他格式上傳。"
        case .unsupportedColours(let matrix): "不支援此影片的色彩編碼方式（矩陣 \(matrix)）。"
        case .playbackSpeed: "此影片的編輯清單要求以不同速度播放部分內容，尚不支援。"
        case .unstrippableContainer(let name): "原始檔案的封裝格式（\(short(name))）不支援移除中繼資料後重新寫入。"
        case .unstrippableCodec: "原始檔案使用的編碼不支援移除中繼資料後重新寫入。"

        case .tooLong(let minutes): "檔案長度超過 \(minutes) 分鐘。"
        case .tooLarge(let bytes): "檔案大於 \(ByteSize.text(Int64(bytes)))。"
        case .tooManyPixels(let width, let height, let side, let megapixels):
            "畫面過大：\(width) × \(height)；每邊最多 \(side) 像素，總計最多 \(megapixels) 百萬像素。"
        case .tooManyFrames(let most): "影片超過 \(most) 個影格。"
        case .tooManyTracks(let allowed): "檔案中的串流過多，最多允許 \(allowed) 個。"
        case .resultTooLarge: "轉換結果會超過允許的大小。"
        case .resultLargerThanPlanned: "轉換結果超出預計的大小，已停止。"
        case .tooMuchMemory: "處理此檔案所需的記憶體超過限制。"
        case .tooMuchTime(let minutes): "處理此檔案的時間超過允許的 \(minutes) 分鐘。"
        case .tooMuchProcessorTime: "處理此檔案使用的處理器時間超過限制。"

        case .verification: "轉換結果未通過驗證。"
        case .crash(let signal): "媒體程式在處理此檔案時當機（\(signal)）。"
        case .noResult: "媒體程式結束，但沒有給出結果。"
        case .standstill(let seconds): "處理此檔案時 \(seconds) 秒沒有進展，已停止。"
        case .forbiddenAction: "媒體程式在處理此檔案時嘗試了被禁止的操作，已停止。"
        case .protocolViolation: "媒體程式對此檔案給出的回覆無效。"
        case .unexpected: "發生未預期的錯誤，無法轉換此檔案。"

        case .missing: "上傳的檔案已不存在。"
        case .notRegular: "上傳的不是一般檔案。"
        case .outsideStorage: "檔案的路徑指向站點儲存目錄之外。"
        case .changed: "上傳的檔案在轉碼期間被更改。"
        case .cancelled: "此檔案的轉碼已取消。"

        case .diskFull: "磁碟已滿。"
        case .noRoom(let need, let free, let reserve, let promised):
            "磁碟空間不足：最多需要 \(ByteSize.text(need))，可用 \(ByteSize.text(free))，其中保留 \(ByteSize.text(reserve))"
                + (promised > 0 ? "，已分配給進行中的工作 \(ByteSize.text(promised))。" : "。")
        case .diskError: "無法讀寫磁碟。"
        case .storageUnavailable: "站點的儲存空間無法使用。"
        case .sourceInaccessible: "執行轉碼服務的主機無法開啟或讀取此檔案。"
        case .foldersMissing(let paths): "所有排隊的檔案都在等待缺少的目錄：\(paths)。"
        case .machineOutOfMemory: "處理此檔案時主機記憶體不足。"
        case .noThreads: "執行轉碼服務的主機沒有可用的執行緒。"
        case .ffmpegTooOld(let why): "主機上的 FFmpeg 比建置 transcoder 時使用的版本舊：\(why)。"
        case .ffmpegLacks(let what): "主機上的 FFmpeg 缺少：\(what)。"
        case .programUnusable: "轉碼服務無法啟動媒體程式。"
        case .programKilled: "媒體程式在處理此檔案時被外部終止。"
        case .databaseUnreachable: "無法連線到資料庫。"
        case .drained: "轉碼此檔案時服務被停止。"
        case .takenOver: "另一個轉碼服務已接手此檔案。"
        case .interrupted(let times): "此檔案的轉碼被中斷了 \(times) 次。"
        }
    }

    static func sentence(_ remark: Remark) -> String {
        switch remark {
        case .cutShort(let converted, let promised):
            "檔案不完整：\(seconds(promised)) 秒中只轉換了 \(seconds(converted)) 秒。"
        case .unsupported(let part, let codec): "缺少\(name(part))：不支援其編碼（\(short(codec))）。"
        case .undecodable(let part, let codec): "缺少\(name(part))：已損毀，無法解碼（\(short(codec))）。"
        case .replaced(let part, let codec): "使用了另一個\(name(part))軌道：首選的軌道無法解碼（\(short(codec))）。"
        case .leftOutFrom(let part, let codec, let time):
            "從第 \(seconds(time)) 秒起，\(name(part))轉到另一個軌道，該部分未包含在內（\(short(codec))）。"
        case .joined(let time): "從第 \(seconds(time)) 秒起檔案轉到其他軌道，已將它們連接起來。"
        case .earlier(let text): text
        }
    }

    private static func name(_ part: Remark.Part) -> String {
        switch part {
        case .picture: "視訊"
        case .sound: "音訊"
        }
    }
}
