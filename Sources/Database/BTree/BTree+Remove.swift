import Simulation
import Volume

/// Taking out, and giving back pages that have become empty.
extension BTree {
  struct RemovalPlan {
    let position: Position
    /// The leaf and the ancestors that have no other child; empty if the leaf keeps an entry.
    let emptied: [Frame]
    /// The node that loses an entry along with them; `nil` if the whole tree becomes empty.
    let survivor: Step?
    let left: Frame?
    let right: Frame?
  }

  /// Plans to take out the entry at `position`.
  func planRemove(at position: Position) throws(PageMiss) -> RemovalPlan {
    let leaf = position.frame
    if position.page.slotCount > 1 || leaf.page == root {
      return RemovalPlan(
        position: position, emptied: [], survivor: nil, left: nil, right: nil)
    }
    var path = try path(to: position.key)
    let left = leaf.left == .none ? nil : try space.frame(of: leaf.left)
    let right = leaf.right == .none ? nil : try space.frame(of: leaf.right)
    _ = try space.meta()
    var emptied = [leaf]
    while let step = path.popLast() {
      if step.page.slotCount > 1 {
        return RemovalPlan(
          position: position, emptied: emptied, survivor: step, left: left, right: right)
      }
      if step.frame.page != root { emptied.append(step.frame) }
    }
    return RemovalPlan(
      position: position, emptied: emptied, survivor: nil, left: left, right: right)
  }

  /// Performs a plan; the caller frees the pages that become empty, in the same mini-transaction.
  func perform(_ plan: RemovalPlan) {
    let editor = space.editor
    guard let leaf = plan.emptied.first else {
      editor.removeCell(at: plan.position.slot, of: plan.position.frame)
      paranoid(
        plan.position.page.spaceProblem == nil,
        "\(plan.position.frame.page): \(plan.position.page.spaceProblem ?? "")")
      return
    }
    if let left = plan.left { editor.write(leaf.right.value, at: PageOffset.right, of: left) }
    if let right = plan.right { editor.write(leaf.left.value, at: PageOffset.left, of: right) }
    if let survivor = plan.survivor {
      editor.removeCell(at: survivor.slot, of: survivor.frame)
    } else if let root = space.pool.resident(root) {
      editor.format(root, level: 0, owner: owner, left: .none, right: .none, isBlank: false)
    }
  }
}

/// Giving back a tree that nobody looks at any more.
extension BTree {
  /// Frees the first leaf, and the ancestors that had no other child.
  ///
  /// - Returns: whether the whole tree is gone.
  func dropFirstLeaf() throws(PageMiss) -> Bool {
    var page = SlottedPage(try space.frame(of: root))
    guard page.frame.kind == .tree, page.frame.owner == owner else { return true }
    _ = try space.meta()
    var path: [Frame] = []
    while page.level > 0 {
      path.append(page.frame)
      page = SlottedPage(try space.frame(of: page.child(at: 0)))
    }
    var emptied = [page.frame]
    while let parent = path.popLast() {
      if SlottedPage(parent).slotCount > 1 {
        space.editor.removeCell(at: 0, of: parent)
        break
      }
      emptied.append(parent)
    }
    let isGone = emptied[emptied.count - 1].page == root
    space.free(emptied)
    space.editor.finish()
    return isGone
  }
}
