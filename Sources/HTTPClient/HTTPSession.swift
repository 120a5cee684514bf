internal import CCurl
internal import Glibc

/// Exchanges with HTTP servers, one after the other, over connections that are kept between them. Blocks, and belongs to one
/// thread: what works in parallel has a session each.
///
/// libcurl does the work: its TLS and its list of authorities are the system's, which the distribution mends. HTTP/1.1 only; no
/// proxy and no `.netrc` of the environment; no cookies.
public final class HTTPSession {
    /// Takes a part of a response's body, which begins at that offset of it; false ends the exchange. The bytes are valid during the
    /// call only.
    public typealias Receiver = (HTTPHead, _ offset: Int64, UnsafeRawBufferPointer) -> Bool

    private let handle: OpaquePointer
    private let policy: HTTPPolicy

    public init(_ policy: HTTPPolicy = HTTPPolicy()) {
        _ = Self.isReady
        // Fails only where no memory is left, where Swift ends the process, too.
        guard let handle = curl_easy_init().map(OpaquePointer.init) else { fatalError("curl_easy_init: no memory") }
        self.handle = handle
        self.policy = policy
    }

    deinit {
        curl_easy_cleanup(curl)
    }

    private var curl: UnsafeMutableRawPointer { UnsafeMutableRawPointer(handle) }

    /// Once per process, before any other thread uses it.
    private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// - Parameters:
    ///   - onProgress: called at least once a second with the bytes of the bodies, sent and received; false ends the exchange.
    ///   - receive: for the body of a success, instead of keeping it; a body of any other status is kept.
    public func perform(
        _ request: HTTPRequest, onProgress: (_ sent: Int64, _ received: Int64) -> Bool = { _, _ in true }, receive: Receiver? = nil
    ) throws(HTTPFault) -> HTTPResponse {
        // The closures live as long as the call.
        let result = withoutActuallyEscaping(onProgress) { onProgress -> Result<HTTPResponse, HTTPFault> in
            func perform(_ receive: Receiver?) -> Result<HTTPResponse, HTTPFault> {
                let exchange = HTTPExchange(request: request, policy: policy, onProgress: onProgress, receive: receive)
                return Result { () throws(HTTPFault) in try self.perform(exchange) }
            }
            guard let receive else { return perform(nil) }
            return withoutActuallyEscaping(receive) { perform($0) }
        }
        return try result.get()
    }

    private func perform(_ exchange: HTTPExchange) throws(HTTPFault) -> HTTPResponse {
        curl_easy_reset(curl)
        let request = exchange.request
        var words = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
        var fields: UnsafeMutablePointer<curl_slist>?
        for header in request.headers { fields = curl_slist_append(fields, "\(header.name): \(header.value)") ?? fields }
        // Not what libcurl would say of a body by itself.
        if case .none = request.body {} else if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            fields = curl_slist_append(fields, "Content-Type:") ?? fields
        }
        defer { curl_slist_free_all(fields) }

        let code = words.withUnsafeMutableBufferPointer { words in
            setUp(exchange, words.baseAddress, fields)
            return withExtendedLifetime(exchange) { curl_easy_perform(curl) }
        }
        ccurl_set_pointer(curl, CURLOPT_ERRORBUFFER, nil)
        if let fault = exchange.fault { throw fault }
        guard code == CURLE_OK else { throw fault(code, exchange, String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)) }
        return HTTPResponse(
            head: exchange.head, body: exchange.kept, url: text(CURLINFO_EFFECTIVE_URL) ?? request.url, address: text(CURLINFO_PRIMARY_IP))
    }

    private func setUp(_ exchange: HTTPExchange, _ words: UnsafeMutablePointer<CChar>?, _ fields: UnsafeMutablePointer<curl_slist>?) {
        let request = exchange.request
        // Borrowed for the call: `perform` keeps it alive.
        let context = Unmanaged.passUnretained(exchange).toOpaque()
        ccurl_set_text(curl, CURLOPT_URL, request.url)
        ccurl_set_text(curl, CURLOPT_PROTOCOLS_STR, "http,https")
        ccurl_set_text(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        ccurl_set_text(curl, CURLOPT_PROXY, "")
        ccurl_set_text(curl, CURLOPT_USERAGENT, "transcoder")
        ccurl_set_number(curl, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        ccurl_set_number(curl, CURLOPT_NOSIGNAL, 1)
        ccurl_set_pointer(curl, CURLOPT_ERRORBUFFER, words)
        ccurl_set_headers(curl, fields)

        ccurl_set_number(curl, CURLOPT_CONNECTTIMEOUT, policy.connectSeconds)
        ccurl_set_number(curl, CURLOPT_LOW_SPEED_LIMIT, policy.leastBytesPerSecond)
        ccurl_set_number(curl, CURLOPT_LOW_SPEED_TIME, policy.stallSeconds)
        if let seconds = policy.wholeSeconds { ccurl_set_number(curl, CURLOPT_TIMEOUT, seconds) }
        ccurl_set_number(curl, CURLOPT_FOLLOWLOCATION, policy.redirects > 0 ? 1 : 0)
        ccurl_set_number(curl, CURLOPT_MAXREDIRS, policy.redirects)
        if let file = policy.authorities { ccurl_set_text(curl, CURLOPT_CAINFO, file) }

        switch request.body {
        case .none:
            if request.method == "HEAD" { ccurl_set_number(curl, CURLOPT_NOBODY, 1) }
        case .bytes(let bytes): beginUpload(Int64(bytes.count), context)
        case .file(_, _, let length): beginUpload(length, context)
        }
        ccurl_set_text(curl, CURLOPT_CUSTOMREQUEST, request.method)

        ccurl_set_pointer(curl, CURLOPT_HEADERDATA, context)
        ccurl_on_bytes(curl, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            HTTPExchange.of(context).header(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
        }
        // Fewer calls of the kernel for media; answers about them are small.
        ccurl_set_number(curl, CURLOPT_BUFFERSIZE, (exchange.isStreamed ? 256 : 16) << 10)
        ccurl_set_pointer(curl, CURLOPT_WRITEDATA, context)
        ccurl_on_bytes(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            HTTPExchange.of(context).receive(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
        }
        ccurl_set_pointer(curl, CURLOPT_XFERINFODATA, context)
        ccurl_on_progress(curl) { context, _, received, _, sent in
            HTTPExchange.of(context).progress(sent: Int64(sent), received: Int64(received)) ? 0 : 1
        }
        ccurl_set_number(curl, CURLOPT_NOPROGRESS, 0)
        ccurl_set_pointer(curl, CURLOPT_OPENSOCKETDATA, context)
        ccurl_on_open_socket(curl) { context, _, address in
            guard let address, HTTPExchange.of(context).allows(address) else { return ccurl_bad_socket() }
            return socket(address.pointee.family, address.pointee.socktype | CInt(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
        }
    }

    private func beginUpload(_ length: Int64, _ context: UnsafeMutableRawPointer) {
        ccurl_set_number(curl, CURLOPT_UPLOAD, 1)
        ccurl_set_size(curl, CURLOPT_INFILESIZE_LARGE, curl_off_t(length))
        ccurl_set_pointer(curl, CURLOPT_READDATA, context)
        ccurl_on_bytes(curl, CURLOPT_READFUNCTION) { bytes, size, count, context in
            HTTPExchange.of(context).send(UnsafeMutableRawBufferPointer(start: bytes, count: size * count)) ?? ccurl_read_aborts()
        }
        // A kept connection may turn out to be closed: then the body is sent again from its start.
        ccurl_set_pointer(curl, CURLOPT_SEEKDATA, context)
        ccurl_on_seek(curl) { context, offset, origin in
            HTTPExchange.of(context).seek(Int64(offset), origin) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_CANTSEEK
        }
    }

    private func text(_ info: CURLINFO) -> String? {
        var text: UnsafePointer<CChar>?
        guard ccurl_text_info(curl, info, &text) == CURLE_OK, let text, text.pointee != 0 else { return nil }
        return String(cString: text)
    }

    private func fault(_ code: CURLcode, _ exchange: HTTPExchange, _ words: String) -> HTTPFault {
        let kind: HTTPFault.Kind =
            switch code {
            case CURLE_COULDNT_RESOLVE_HOST: .name
            case CURLE_COULDNT_CONNECT: .connection
            case CURLE_PEER_FAILED_VERIFICATION: .certificate
            case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE: .encryption
            case CURLE_OPERATION_TIMEDOUT: .tooSlow
            case CURLE_TOO_MANY_REDIRECTS: .redirects
            case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR: .cut
            case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .badAddress
            case CURLE_ABORTED_BY_CALLBACK: .cancelled
            default: .other
            }
        return HTTPFault(kind, server: exchange.server, why: words.isEmpty ? String(cString: curl_easy_strerror(code)) : words)
    }
}
