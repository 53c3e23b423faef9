// Wire protocols: bytes in, values out, and back; no input or output happens here.
//
// `PostgreSQL` holds version 3 of PostgreSQL's frontend/backend protocol, for both ends. A decoder
// takes the bytes as they come, in pieces of any size, and yields whole messages; a writer gathers
// messages into one buffer that is sent at once. Nothing that arrives can trap: it is a message or
// a `WireError`.
//
//             FrontendWriter ──bytes──▶ FrontendDecoder ─▶ FrontendMessage
//   client                                                                   server
//             BackendMessage ◀─ BackendDecoder ◀──bytes── BackendWriter
//
// A decoded message does not copy what it carries: parameters of a Bind and columns of a DataRow
// are slices of the piece in which they arrived, found by walking its lengths.
//
// Source: PostgreSQL documentation, "Frontend/Backend Protocol", "Message Formats".
