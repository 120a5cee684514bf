internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

extension Response {
    static func json(_ status: HTTPResponse.Status, _ bytes: [UInt8], headers: HTTPFields = [:]) -> Response {
        .bytes(status, "application/json", bytes, headers: headers)
    }

    /// - Parameter type: the value of `Content-Type`.
    static func bytes(_ status: HTTPResponse.Status, _ type: String, _ bytes: [UInt8], headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.contentType] = type
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
