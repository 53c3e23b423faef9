import Database
import Simulation
import Volume

/// Everything that the volume and the instances' memories hold at the end of a run, looked at page by page, in no time.
///
/// ```
///   volume ── image of each page at the VDL ──▶ DatabaseInspector ──▶ report
///                         │ LSN and checksum
///   instances ── each page in memory ──▶ the same? ──▶ cached
/// ```
struct DatabaseExamination {
  let report: DatabaseReport
  let cached: Caches
  /// What purge has left to do.
  let backlog: PurgeBacklog

  struct Caches {
    var pageCount = 0
    var instances: [String] = []
    var problems: [String] = []
    var problemCount = 0
  }

  /// - Returns: `nil` if nobody writes: the VDL is not known then.
  init?(of world: World) {
    guard let writer = world.writer, let backlog = writer.purgeBacklog else { return nil }
    self.backlog = backlog
    let inspector = VolumeInspector(geometry: world.geometry, nodes: world.storageNodes)
    let images = DurableImages(inspector.reading(at: writer.durableLSN))
    report = DatabaseInspector { images.image(of: $0) }.inspect()
    var cached = Caches()
    for instance in world.instances {
      let before = cached.pageCount
      var older: VolumeInspector.Reading?
      instance.visitCachedPages { page in
        var expected: PageVersion?
        if page.readPoint == images.reading.lsn {
          expected = images.version(of: page.page)
        } else {
          let reading = older ?? inspector.reading(at: page.readPoint)
          older = reading
          expected = reading.image(of: page.page)?.withUnsafeBytes { PageVersion($0) }
        }
        // A reader that lost its writer may be behind what the volume can still make.
        guard let expected else { return }
        cached.pageCount += 1
        let found = PageVersion(page.bytes)
        if found == expected { return }
        cached.problemCount += 1
        if cached.problems.count < Self.listed {
          cached.problems.append(
            "\(instance.identifier) has \(page.page) as of \(found.lsn), where the volume has it as of"
              + " \(expected.lsn)\(found.lsn == expected.lsn ? " with other contents" : "")")
        }
      }
      if cached.pageCount > before { cached.instances.append(instance.identifier) }
    }
    self.cached = cached
  }

  private static let listed = 10
}

/// What tells one state of a page from another: what is behind the volume's header counts, which only a page outside of
/// memory has in full.
private struct PageVersion: Equatable {
  let lsn: LSN
  private let checksum: UInt32

  init(_ page: UnsafeRawBufferPointer) {
    lsn = Page.lsn(of: page)
    checksum = Checksum.crc32(UnsafeRawBufferPointer(rebasing: page[Page.headerSize...]))
  }
}

/// The pages of a volume, of which it remembers versions and no images.
private final class DurableImages {
  let reading: VolumeInspector.Reading
  private var versions = LookupTable<PageNumber, PageVersion>()

  init(_ reading: VolumeInspector.Reading) { self.reading = reading }

  func image(of page: PageNumber) -> [UInt8]? {
    let image = reading.image(of: page)
    if let image { versions[page] = image.withUnsafeBytes { PageVersion($0) } }
    return image
  }

  func version(of page: PageNumber) -> PageVersion? {
    if versions[page] == nil { _ = image(of: page) }
    return versions[page]
  }
}
