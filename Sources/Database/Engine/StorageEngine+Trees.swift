import Simulation
import Volume

/// Making trees and giving their pages back.
extension StorageEngine {
  /// Gives the description new, empty trees: all, or if there are some already and an index has none, that
  /// one.
  func plantTrees(_ description: inout TableDescription) async throws {
    let lacking = description.indexes.indices.filter {
      description.indexes[$0].tree.root == .none
    }
    let isPartial = description.tree.root != .none && !lacking.isEmpty
    if !isPartial { description.tree = try await plantTree() }
    for place in isPartial ? lacking : Array(description.indexes.indices) {
      description.indexes[place].tree = try await plantTree()
    }
  }

  private func plantTree() async throws -> TreeDescription {
    try await pool.withPages { () throws(PageMiss) in
      try space.reserve(1)
      let meta = try space.meta()
      let number = meta.nextObject
      let root = space.take(1)[0]
      space.editor.write(number + 1, at: MetaPage.Offset.nextObject, of: meta.frame)
      BTree.format(root, owner: number, with: space.editor)
      space.editor.finish()
      return TreeDescription(id: number, root: root.page)
    }
  }

  /// Frees the trees that the newest version of a catalog row names and the one before does not; that
  /// version is about to be taken back.
  func dropTreesOfNewest(_ key: [UInt8], _ kind: UndoRecord.Kind) async throws {
    let dropped = try await pool.withPages { () throws(PageMiss) -> [TreeDescription] in
      try key.withBytes { key throws(PageMiss) in
        let position = try catalog.table.tree.find(key)
        let header = RowHeader(position.value)
        let row = RowHeader.row(of: position.value)
        let newest = Catalog.description(from: row).trees
        if kind == .insert { return newest }
        var turn = 0
        guard let older = try versions.older(than: header, row, turn: &turn) else { return [] }
        let kept = Catalog.description(from: older.row).trees
        return newest.filter { !kept.contains($0) }
      }
    }
    for tree in dropped { try await drop(tree) }
  }

  /// Frees the trees that an outdated version of a catalog row names and no later one does.
  ///
  /// After a crash, undo is not purged in the order in which it was written: the row may be gone, and so may be undo
  /// that leads from its newest version to this one.
  ///
  /// - Parameter pointer: the undo record of the change that ended this version.
  func dropTrees(
    replacedAt pointer: UndoPointer, _ key: [UInt8], _ oldRow: [UInt8]
  ) async throws {
    let kept = try await pool.withPages { () throws(PageMiss) -> [TreeDescription] in
      try key.withBytes { key throws(PageMiss) in
        let position = try catalog.table.tree.find(key)
        if !position.isExact { return [] }
        var header = RowHeader(position.value)
        var row = RowHeader.row(of: position.value)
        var kept: [TreeDescription] = []
        var turn = 0
        while true {
          if !header.isDeleted { kept += Catalog.description(from: row).trees }
          if header.undo == pointer { return kept }
          guard let older = try versions.older(than: header, row, turn: &turn) else { return kept }
          (header, row) = older
        }
      }
    }
    let old = oldRow.withUnsafeBytes { Catalog.description(from: $0).trees }
    let dropped = old.filter { !kept.contains($0) }
    for tree in dropped { try await drop(tree) }
  }

  /// Frees all pages of a tree, leaf by leaf, the root last; a tree that is gone already is no matter.
  private func drop(_ tree: TreeDescription) async throws {
    let pages = BTree(root: tree.root, owner: tree.id, space: space)
    var isGone = false
    var owed = Interval.zero
    while !isGone {
      try await awaitRoom(for: nil)
      try await spend(costs.versionPurged, owed: &owed)
      isGone = try await pool.withPages { () throws(PageMiss) in try pages.dropFirstLeaf() }
    }
    try await settle(&owed)
  }
}
