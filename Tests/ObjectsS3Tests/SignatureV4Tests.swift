import Foundation
import ObjectsS3
import Testing

/// Against botocore, the signature's reference: two hundred requests with every kind of character.
@Suite(.enabled(if: TestServers.python != nil, "scripts/object-stores.sh starts the servers"))
struct SignatureV4Tests {
    struct Case: Codable {
        var method: String
        var host: String
        var path: String
        var query: [[String]]
        var headers: [[String]]
        var payload: String
        var time: String
        var region: String
        var keyID: String
        var secret: String
        var token: String?
        var expires: Int
    }

    struct Answer: Codable {
        var authorization: String
        var query: String
    }

    @Test func agreesWithBotocore() throws {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("abcXYZ019-._~ /+%&=?#:;,!*'()[]@$äß文🎬\"<>\\^`{|}")
        func word(_ range: ClosedRange<Int>, _ letters: [Character]) -> String {
            String((0..<Int.random(in: range, using: &generator)).map { _ in letters.randomElement(using: &generator)! })
        }
        let plain = Array("abcdefXYZ0189-_/")
        var cases: [Case] = []
        var times: [Int] = []
        for index in 0..<200 {
            let seconds = Int.random(in: 0...4_000_000_000, using: &generator)
            times.append(seconds)
            cases.append(
                Case(
                    method: ["GET", "PUT", "HEAD", "DELETE", "POST"][index % 5], host: index % 2 == 0 ? "media.example.org" : "127.0.0.1:8333",
                    path: "/media/" + word(1...20, alphabet),
                    query: (0..<(index % 4)).map { ["n\($0)" + word(0...4, alphabet), word(0...8, alphabet)] },
                    headers: index % 3 == 0 ? [["Content-Type", "video/mp4"], ["X-Amz-Meta-Note", "two  words"]] : [],
                    payload: index % 2 == 0 ? SignatureV4.unsignedPayload : SignatureV4.emptyPayload,
                    time: SigningTime(seconds).text, region: ["us-east-1", "auto", "cn-north-1"][index % 3], keyID: word(4...20, plain),
                    secret: word(8...40, plain), token: index % 5 == 0 ? word(5...40, plain) : nil, expires: Int.random(in: 1...604_800, using: &generator)))
        }
        let answers = try botocore(cases)
        #expect(answers.count == cases.count)
        for (index, (one, answer)) in zip(cases, answers).enumerated() {
            let signature = SignatureV4(S3Credentials(keyID: one.keyID, secret: one.secret, sessionToken: one.token), region: one.region)
            let pairs = { (list: [[String]]) in list.map { (name: $0[0], value: $0[1]) } }
            let request = SignatureV4.Request(
                one.method, host: one.host, path: one.path, query: pairs(one.query), headers: pairs(one.headers))
            let fields = signature.headers(for: request, payload: one.payload, at: SigningTime(times[index]))
            #expect(fields.first { $0.name == "Authorization" }?.value == answer.authorization, "\(one)")
            var bare = request
            bare.headers = []
            #expect(signature.presignedQuery(for: bare, expiresAfter: one.expires, at: SigningTime(times[index])) == answer.query, "\(one)")
        }
    }

    /// Amazon's own example of a presigned address.
    @Test func agreesWithThePublishedExample() {
        let signature = SignatureV4(
            S3Credentials(keyID: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), region: "us-east-1")
        let query = signature.presignedQuery(
            for: SignatureV4.Request("GET", host: "examplebucket.s3.amazonaws.com", path: "/test.txt"), expiresAfter: 86400,
            at: SigningTime(1_369_353_600))
        #expect(query.hasSuffix("&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"))
    }

    private func botocore(_ cases: [Case]) throws -> [Answer] {
        let process = Process()
        process.executableURL = URL(filePath: TestServers.python!)
        process.arguments = ["-c", Self.script]
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        // The script reads all before it writes.
        try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(cases))
        try input.fileHandleForWriting.close()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return try JSONDecoder().decode([Answer].self, from: bytes)
    }

    private static let script = """
        import datetime, json, sys
        from urllib.parse import quote
        import botocore.auth
        from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials
        moment = None
        botocore.auth.get_current_datetime = lambda *a, **k: moment
        answers = []
        for case in json.load(sys.stdin):
            moment = datetime.datetime.strptime(case['time'], '%Y%m%dT%H%M%SZ').replace(tzinfo=datetime.timezone.utc)
            keys = Credentials(case['keyID'], case['secret'], case.get('token'))
            # As botocore serializes a request: the path once, the query's parts each.
            url = 'https://' + case['host'] + quote(case['path'], safe='/~')
            query = '&'.join(quote(n, safe='-_.~') + '=' + quote(v, safe='-_.~') for n, v in case['query'])
            def request(headers):
                made = AWSRequest(case['method'], url + ('?' + query if query else ''), headers)
                made.context['timestamp'] = case['time']
                return made
            class Header(S3SigV4Auth):
                def payload(self, request): return case['payload']
            class Query(S3SigV4QueryAuth):
                def payload(self, request): return 'UNSIGNED-PAYLOAD'
            headers = {n: v for n, v in case['headers']}
            signed = request(headers)
            Header(keys, 's3', case['region']).add_auth(signed)
            presigned = request({})
            Query(keys, 's3', case['region'], expires=case['expires']).add_auth(presigned)
            # The order of a presigned address's parameters is free.
            text = presigned.url.split('?', 1)[1]
            signature = text.rsplit('X-Amz-Signature=', 1)[1]
            parts = sorted((p for p in text.split('&') if not p.startswith('X-Amz-Signature=')), key=lambda p: p.split('=', 1))
            answers.append({'authorization': signed.headers['Authorization'], 'query': '&'.join(parts) + '&X-Amz-Signature=' + signature})
        json.dump(answers, sys.stdout)
        """
}
