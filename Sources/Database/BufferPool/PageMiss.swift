import Volume

/// A page was needed that is not in memory: fetch it and run the operation again.
struct PageMiss: Error {
  let page: PageNumber
}
