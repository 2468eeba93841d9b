internal import HTTPTypes
internal import HummingbirdCore

extension Door {
    /// The static files, which show nothing until somebody is signed in. Each has its own line in the table of routes;
    /// no path is ever looked up anywhere.
    func addDashboardRoutes(to table: inout RouteTable) {
        for file in DashboardFiles().files {
            table.add(.get, file.path, isCheap: true) { request in
                Self.answer(with: file, to: request.request.headers)
            }
        }
    }

    private static func answer(with file: DashboardFiles.File, to headers: HTTPFields) -> Response {
        var fields = DashboardHeaders.all
        fields[.eTag] = file.tag
        fields[.cacheControl] = file.isPage ? "no-cache" : "public, max-age=31536000, immutable"
        let known = headers[values: .ifNoneMatch].flatMap { $0.split(separator: ",") }
        if known.contains(where: { $0.drop(while: { $0 == " " }).trimmingPrefix("W/").prefix(34) == file.tag[...] }) {
            return Response(status: .notModified, headers: fields)
        }
        fields[.contentType] = file.type
        return Response(status: .ok, headers: fields, body: ResponseBody(byteBuffer: file.content))
    }
}
