/// Plans the subqueries of expressions; a planner implements it.
public protocol SubqueryBinder: AnyObject {
  /// Binds a subquery and remembers it under a number.
  ///
  /// - Returns: the number with what the subquery reads of the row around it, and the types of its
  ///   columns.
  func bind(
    subquery: Query, parameters: ParameterTypes
  ) throws(SQLError) -> (subquery: BoundSubquery, columns: [SQLType])

  /// Has the only column of a subquery converted.
  func convert(_ subquery: BoundSubquery, from source: SQLType, to target: SQLType)
}

/// Gives the names of an expression their columns, and its operators their types.
///
/// One binder serves one row: the expressions it binds are evaluated over the columns of its scope.
/// ```
/// Expression ──bind──▶ typed, perhaps `unknown` ──coerce──▶ BoundExpression ──fold──▶ shorter
/// ```
/// A quoted literal and a parameter without a type are `unknown` until an operator, a function or a
/// column decides; what nothing decides is `text`, as in PostgreSQL.
public struct Binder {
  /// What an aggregate is, where it stands.
  enum AggregatePlace {
    case collected
    /// In this clause there may be none.
    case forbidden(String)
    /// Within another aggregate.
    case nested
  }

  public let scope: Scope
  public let parameters: ParameterTypes
  let subqueries: (any SubqueryBinder)?
  var aggregatePlace = AggregatePlace.forbidden("expressions")
  /// The aggregates met so far, each once.
  var aggregates: [BoundAggregate] = []

  public init(
    scope: Scope, parameters: ParameterTypes, subqueries: (any SubqueryBinder)? = nil
  ) {
    self.scope = scope
    self.parameters = parameters
    self.subqueries = subqueries
  }

  /// Binds an expression without aggregates.
  ///
  /// - Parameter clause: where it stands, for messages, such as `VALUES`.
  public mutating func bind(
    _ expression: Expression, in clause: String
  ) throws(SQLError) -> BoundExpression {
    aggregatePlace = .forbidden(clause)
    return try decided(try bindOperand(expression))
  }

  /// Binds a condition.
  ///
  /// - Parameter clause: such as `WHERE`, or `JOIN/ON`.
  /// - Throws: `42804` if it is not boolean.
  public mutating func bindCondition(
    _ expression: Expression, in clause: String
  ) throws(SQLError) -> BoundExpression {
    aggregatePlace = .forbidden(clause == "JOIN/ON" ? "JOIN conditions" : clause)
    return try condition(expression, in: clause)
  }

  /// Binds a value that is stored in a column of `type`.
  ///
  /// - Throws: `42804` if the types do not fit, and what the conversion of a constant throws.
  public mutating func bindAssigned(
    _ expression: Expression, to type: SQLType, column: String, in clause: String
  ) throws(SQLError) -> BoundExpression {
    aggregatePlace = .forbidden(clause)
    let bound = try bindOperand(expression)
    return try assigned(bound, to: type, column: column, position: expression.position)
  }

  /// Binds LIMIT or OFFSET to a bigint; neither may read a column.
  public mutating func bindLimit(
    _ expression: Expression, in clause: String
  ) throws(SQLError) -> BoundExpression {
    aggregatePlace = .forbidden(clause)
    let bound = try bindOperand(expression)
    guard bound.columns.isEmpty else {
      throw SQLError(
        sqlState: "42P10", message: "argument of \(clause) must not contain variables",
        position: expression.position)
    }
    guard let limit = try coerced(bound, to: .bigint, .assignment, expression.position) else {
      throw .datatypeMismatch(
        "argument of \(clause) must be type bigint, not type \(bound.type.nameWithoutModifier)",
        position: expression.position)
    }
    return limit
  }

  /// Binds the rows of a VALUES that stands alone; each column has the common type of its values.
  public mutating func bindValues(
    _ rows: [[Expression]]
  ) throws(SQLError) -> (columns: [Scope.Column], rows: [[BoundExpression]]) {
    aggregatePlace = .forbidden("VALUES")
    guard let width = rows.first?.count, rows.allSatisfy({ $0.count == width }) else {
      throw .syntax(
        "VALUES lists must all be the same length",
        position: rows.first { $0.count != rows[0].count }?.first?.position)
    }
    var bound: [[BoundExpression]] = []
    for row in rows {
      bound.append(try row.map { (value) throws(SQLError) in try bindOperand(value) })
    }
    var columns: [Scope.Column] = []
    for column in 0..<width {
      let type = try common(
        bound.map { $0[column] }, "VALUES", position: rows[0][column].position)
      for row in bound.indices {
        bound[row][column] = try converted(
          bound[row][column], to: type, rows[row][column].position)
      }
      columns.append(Scope.Column(name: "column\(column + 1)", type: type))
    }
    return (columns, bound)
  }

  /// Converts a bound value for a column of `type`.
  public func assigned(
    _ bound: BoundExpression, to type: SQLType, column: String, position: Int? = nil
  ) throws(SQLError) -> BoundExpression {
    guard let value = try coerced(bound, to: type, .assignment, position) else {
      var error = SQLError.datatypeMismatch(
        "column \"\(column)\" is of type \(type.nameWithoutModifier) but expression is of type "
          + bound.type.nameWithoutModifier, position: position)
      error.hint = "You will need to rewrite or cast the expression."
      throw error
    }
    return value
  }

  mutating func condition(
    _ expression: Expression, in clause: String
  ) throws(SQLError) -> BoundExpression {
    let bound = try bindOperand(expression)
    guard let condition = try coerced(bound, to: .boolean, .implicit, expression.position) else {
      throw .datatypeMismatch(
        "argument of \(clause) must be type boolean, not type \(bound.type.nameWithoutModifier)",
        position: expression.position)
    }
    return condition
  }

  func column(
    _ reference: ColumnReference
  ) throws(SQLError) -> BoundExpression {
    let (index, type) = try scope.resolve(reference)
    return .column(index, type)
  }
}
